//! Connect's schemas and values as Protobuf. Bytes and schemas marked Java are the answers of Confluent's
//! ProtobufConverter 7.0.16.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod cases;
mod properties;
mod read;
mod refused;
mod written;

use cases::{MANY, everything};
use data::{Bytes, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use sluice_protobuf::Schema as File;
use sluice_protobuf::connect::{Config, Decoder, Encoder, Error, from_connect, read_indexes};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Bytes {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
        .collect::<Vec<_>>()
        .into()
}

fn optional(schema: &SchemaRef) -> SchemaRef {
    schema.to_builder().optional().build()
}

fn row(schema: &SchemaRef, values: Vec<Value>) -> Value {
    Value::Struct(Struct::new(schema.clone(), values).unwrap())
}

fn encode(schema: &SchemaRef, value: &Value, config: &Config) -> (File, Vec<u8>) {
    let text = from_connect(schema, config).unwrap();
    let file = File::parse(&text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut encoder = Encoder::new(schema, &file, &Encoder::indexes(schema), config).unwrap();
    let mut out = encoder.prefix().to_vec();
    encoder.encode(value, &mut out).unwrap();
    (file, out)
}

fn decode(file: &File, record: &[u8], config: &Config) -> data::Datum {
    let (indexes, length) = read_indexes(record).unwrap();
    let decoder = Decoder::new(file, &indexes, config, Some(1)).unwrap();
    decoder.decode(&Bytes::copy_from_slice(&record[length..])).unwrap()
}
