//! The converters as the runtime uses them: against the registry of this repository, and against servers that fail.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod choice;
mod contexts;
mod faults;
mod python;
mod recursion;
mod references;
mod round_trip;
mod tls;

use api::config::{Config, RawConfig};
use api::converter::BuildConverter;
use api::data::{Bytes, Datum, Kind, Schema, SchemaRef, Struct, Value};
use api::{Converter, DecodeContext, EncodeContext, Prepare, RawHeader, Usage};
use registry::log::MemoryLog;
use serde_json::{Value as Json, json};
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

pub(crate) fn built<C: BuildConverter>(raw: &RawConfig) -> api::Result<C> {
    C::build(C::Config::parse(raw)?, Usage::Value)
}

/// A converter of any format.
pub(crate) fn converter_of<C: BuildConverter>(url: &str, more: &[(&str, &str)]) -> C {
    built(&config(url, more)).unwrap()
}

/// Sends a request to the registry, as somebody with `curl` would; the answer must be a good one.
pub(crate) async fn send(method: reqwest::Method, url: String, body: Json) -> Json {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let answer = reqwest::Client::new().request(method, &url).body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{url}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// Registers a schema and gives its id. References are (name, subject), at their first version.
pub(crate) async fn register(
    url: &str,
    subject: &str,
    schema_type: &str,
    schema: &str,
    references: &[(&str, &str)],
) -> i64 {
    let references: Vec<Json> = references
        .iter()
        .map(|(name, subject)| json!({"name": name, "subject": subject, "version": 1}))
        .collect();
    let body = json!({"schema": schema, "schemaType": schema_type, "references": references});
    let answer = send(reqwest::Method::POST, format!("{url}/subjects/{subject}/versions"), body).await;
    answer["id"].as_i64().unwrap()
}

/// Prepares and encodes, as the runtime does: the bytes and the headers that were added.
pub(crate) async fn encode(
    converter: &mut impl Converter,
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
    converter: &mut impl Converter,
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
