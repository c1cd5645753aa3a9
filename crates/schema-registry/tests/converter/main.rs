//! The converters as the runtime uses them: against the registry of this repository, and against servers that fail.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod choice;
mod faults;
mod round_trip;

use api::config::{Config, RawConfig};
use api::converter::BuildConverter;
use api::data::{Bytes, Datum, Kind, Schema, SchemaRef, Struct, Value};
use api::{Converter, DecodeContext, EncodeContext, Prepare, RawHeader, Usage};
use registry::log::MemoryLog;
use sluice_schema_registry::AvroConverter;

pub(crate) async fn server() -> registry::Server {
    registry::Server::start(registry::Options::default(), MemoryLog::new()).await.unwrap()
}

pub(crate) fn config(url: &str, more: &[(&str, &str)]) -> RawConfig {
    let mut raw = RawConfig::new().with("schema.registry.url", url);
    for (key, value) in more {
        raw.set(*key, *value);
    }
    raw
}

pub(crate) fn converter(url: &str, more: &[(&str, &str)]) -> AvroConverter {
    built(&config(url, more)).unwrap()
}

pub(crate) fn built(raw: &RawConfig) -> api::Result<AvroConverter> {
    AvroConverter::build(<AvroConverter as BuildConverter>::Config::parse(raw)?, Usage::Value)
}

/// Prepares and encodes, as the runtime does: the bytes and the headers that were added.
pub(crate) async fn encode(
    converter: &mut AvroConverter,
    topic: &str,
    datum: &Datum,
) -> api::Result<(Option<Bytes>, Vec<RawHeader>)> {
    let need = Prepare::Encode { topic, schema: datum.schema.as_ref() };
    if !datum.value.is_null() && converter.lacks(&need) {
        converter.prepare(need).await?;
        assert!(!converter.lacks(&need), "it still lacks what it prepared");
    }
    let (mut headers, mut out) = (Vec::new(), Vec::new());
    let some = converter.encode(&mut EncodeContext { topic, headers: &mut headers }, datum, &mut out)?;
    Ok((some.then(|| Bytes::from(out)), headers))
}

pub(crate) async fn decode(
    converter: &mut AvroConverter,
    topic: &str,
    headers: &[RawHeader],
    bytes: &Bytes,
) -> api::Result<Datum> {
    let need = Prepare::Decode { topic, bytes, headers };
    if converter.lacks(&need) {
        converter.prepare(need).await?;
        assert!(!converter.lacks(&need), "it still lacks what it prepared");
    }
    converter.decode(DecodeContext { topic, headers }, Some(bytes))
}

pub(crate) fn order_schema() -> SchemaRef {
    let fields = [("id", Schema::required(Kind::Int64)), ("note", Schema::optional(Kind::String))];
    Schema::structure(fields).unwrap().to_builder().name("shop.Order").build()
}

pub(crate) fn order(schema: &SchemaRef, id: i64) -> Datum {
    let values = vec![Value::Int64(id), Value::string("n")];
    Datum::new(schema.clone(), Value::Struct(Struct::new(schema.clone(), values).unwrap()))
}
