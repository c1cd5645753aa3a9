//! `org.apache.kafka.connect.storage.SimpleHeaderConverter`, the default for headers.

use api::Result;
use api::converter::BuildHeaderConverter;
use api::data::{Bytes, Datum, Kind, Schema, Value};
use api::{HeaderConverter, config};

/// This converter has no keys.
#[derive(Debug, Clone, config::Config)]
pub struct NoConfig {}

/// Text, from which the type is found again: see [`literal`]. The schema is not kept.
///
/// Bytes that are no UTF-8 are read as bytes; Java replaces what is no text and loses it.
#[derive(Debug)]
pub struct SimpleHeaderConverter;

impl HeaderConverter for SimpleHeaderConverter {
    fn encode(&mut self, _topic: &str, _key: &str, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
        if datum.value.is_null() {
            return Ok(false);
        }
        literal::write(&datum.value, out);
        Ok(true)
    }

    fn decode(&mut self, _topic: &str, _key: &str, bytes: Option<&Bytes>) -> Result<Datum> {
        let Some(bytes) = bytes else {
            return Ok(Datum::NULL);
        };
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => literal::parse(text),
            Err(_) => Datum::new(Schema::required(Kind::Bytes), Value::Bytes(bytes.clone())),
        })
    }
}

impl BuildHeaderConverter for SimpleHeaderConverter {
    const CLASS: &'static str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self)
    }
}
