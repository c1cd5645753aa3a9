//! Transforms and predicates as the runtime uses them: made by class name of a config.
#![allow(clippy::unwrap_used)]

mod around_the_value;
mod conversions;
mod fields;

use std::sync::Arc;

use api::config::RawConfig;
use api::data::{Datum, Header, Kind, Logical, Map, Record, Schema, SchemaRef, Struct, Value};
use api::{ErrorKind, Origin, Registry, Result};

const PACKAGE: &str = "org.apache.kafka.connect.transforms";
const SINK: Origin = Origin::Sink { offset: 42 };

fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    registry
}

fn transform(class: &str, config: &[(&str, &str)]) -> Result<Box<dyn api::dynamic::DynTransform>> {
    let raw: RawConfig = config.iter().copied().collect();
    registry().build_transform(&format!("{PACKAGE}.{class}"), &raw)
}

fn run(class: &str, config: &[(&str, &str)], record: Record) -> Result<Option<Record>> {
    transform(class, config)?.apply(record, &SINK)
}

fn changed(class: &str, config: &[(&str, &str)], record: Record) -> Record {
    run(class, config, record).unwrap().unwrap()
}

fn record(value: Datum) -> Record {
    Record {
        topic: "t".into(),
        partition: Some(3),
        key: Datum::NULL,
        value,
        timestamp: Some(7),
        headers: Vec::new(),
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(Map::from_distinct(
        entries.into_iter().map(|(key, value)| (Value::string(key), value)).collect(),
    ))
}

fn schemaless<const N: usize>(entries: [(&str, Value); N]) -> Record {
    record(Datum::schemaless(map(entries)))
}

fn structure<const N: usize>(fields: [(&str, SchemaRef, Value); N]) -> Datum {
    let schema = Schema::structure(fields.iter().map(|(name, schema, _)| (*name, schema.clone()))).unwrap();
    let values = fields.into_iter().map(|(_, _, value)| value).collect();
    Datum::new(schema.clone(), Value::Struct(Struct::new(schema, values).unwrap()))
}

fn int(n: i32) -> (SchemaRef, Value) {
    (Schema::required(Kind::Int32), Value::Int32(n))
}

fn a_and_b() -> Record {
    let ((int, one), text) = (int(1), Schema::optional(Kind::String));
    record(structure([("a", int, one), ("b", text, Value::string("x"))]))
}

fn message(result: Result<Option<Record>>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRecord, "{error}");
    error.message().to_owned()
}

fn refused(class: &str, config: &[(&str, &str)]) -> String {
    let error = transform(class, config).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    error.to_string()
}
