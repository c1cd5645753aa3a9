//! `org.apache.kafka.connect.storage.StringConverter`.

use api::Result;
use api::config::{Config, Validator};
use api::data::{Bytes, Datum, Kind, Schema, SchemaRef, Value};

use crate::both::{Codec, converter};
use crate::charset::Charset as Name;
use literal::charset::Charset;
use literal::java;

/// Keys of [`StringConverter`].
#[derive(Debug, Clone, Config)]
pub struct StringConfig {
    /// The name of the character set to use for encoding strings: `UTF-8`, `US-ASCII`, `ISO-8859-1`, `UTF-16`,
    /// `UTF-16BE` or `UTF-16LE`.
    #[config(key = "converter.encoding", default = "UTF-8", importance = High, width = Medium, display = "Encoding")]
    pub encoding: Name,
    /// How this converter will be used: `key`, `value` or `header`. Set by the framework.
    #[config(key = "converter.type", importance = Low, validator = Validator::OneOf(&["key", "value", "header"]))]
    pub usage: Option<String>,
}

/// The text of any value, as [`literal::java`] writes it; what is read is optional text. Schemas are ignored.
#[derive(Debug)]
pub struct StringConverter {
    charset: Charset,
    schema: SchemaRef,
}

impl StringConverter {
    /// A converter of this config.
    ///
    /// # Errors
    /// None.
    pub fn new(config: StringConfig) -> Result<Self> {
        Ok(Self { charset: config.encoding.set(), schema: Schema::optional(Kind::String) })
    }
}

impl Codec for StringConverter {
    fn write(&mut self, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
        match (&datum.value, self.charset) {
            (Value::Null, _) => return Ok(false),
            (Value::String(text), charset) => charset.encode(text, out),
            (value, Charset::Utf8) => java::write(value, out),
            (value, charset) => charset.encode(&java::to_string(value), out),
        }
        Ok(true)
    }

    fn read(&mut self, bytes: Option<&Bytes>) -> Result<Datum> {
        let value = bytes.map_or(Value::Null, |bytes| Value::String(self.charset.decode(bytes)));
        Ok(Datum::new(self.schema.clone(), value))
    }
}

converter!(
    StringConverter,
    "org.apache.kafka.connect.storage.StringConverter",
    StringConfig,
    StringConverter::new
);
