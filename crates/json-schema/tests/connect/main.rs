//! Connect's schemas and values as JSON Schema and JSON.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod foreign;
mod limits;
mod properties;
mod several_types;
mod written;

use data::{Bytes, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use sluice_json_schema::Schema as JsonSchema;
use sluice_json_schema::connect::{
    Config, DecimalFormat, Decoder, Encoder, ONE_OF, from_connect, to_connect,
};

fn text(schema: &SchemaRef, config: &Config) -> String {
    from_connect(schema, config).unwrap()
}

fn read(text: &str, config: &Config) -> SchemaRef {
    let schema = JsonSchema::parse(text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"));
    to_connect(&schema, config).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn encode(schema: &SchemaRef, value: &Value, config: &Config) -> String {
    let mut out = Vec::new();
    Encoder::new(schema, config).unwrap().encode(value, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn decode(schema: &SchemaRef, document: &str) -> Value {
    Decoder::new(schema).unwrap().decode(&Bytes::copy_from_slice(document.as_bytes())).unwrap()
}

fn check(schema: &SchemaRef, json_schema: &str, value: &Value, document: &str, config: &Config) {
    assert_eq!(text(schema, config), json_schema);
    assert_eq!(*read(json_schema, config), **schema, "{json_schema}");
    assert_eq!(encode(schema, value, config), document);
    assert_eq!(decode(schema, document), *value, "{document}");
}

fn row(schema: &SchemaRef, values: Vec<Value>) -> Value {
    Value::Struct(Struct::new(schema.clone(), values).unwrap())
}
