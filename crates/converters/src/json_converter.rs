//! `org.apache.kafka.connect.json.JsonConverter`.

use std::sync::Arc;

use api::Error;
use api::config::{Config, Report, Validator, config_enum};
use api::data::{Bytes, Datum, SchemaRef};
use json::{Reader, Writer};

use crate::both::{Codec, converter};

config_enum! {
    /// How decimals are written.
    pub enum DecimalFormat {
        /// As base64 text of the unscaled value.
        Base64 = "BASE64",
        /// As a number.
        Numeric = "NUMERIC",
    }
}

/// Keys of [`JsonConverter`].
#[derive(Debug, Clone, Config)]
#[config(group = "Schemas", check = check)]
pub struct JsonConfig {
    /// Include schemas within each of the serialized values and keys.
    #[config(key = "schemas.enable", default = "true", importance = High, width = Medium, display = "Enable Schemas")]
    pub schemas_enable: bool,
    /// The maximum number of schemas that can be cached in this converter instance.
    #[config(key = "schemas.cache.size", default = "1000", importance = High, width = Medium, display = "Schema Cache Size")]
    pub schemas_cache_size: i32,
    /// When set, this is used as the schema for all messages that are read, and the messages have no envelope.
    /// Otherwise, the schema should be in the contents of each message.
    #[config(key = "schema.content", importance = High, width = Medium, display = "Schema Content")]
    pub schema_content: Option<String>,
    /// Controls which format this converter will serialize decimals in. This value is case insensitive and can be
    /// either `BASE64` or `NUMERIC`.
    #[config(key = "decimal.format", default = "BASE64", importance = Low, group = "Serialization", width = Medium, display = "Decimal Format")]
    pub decimal_format: DecimalFormat,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true,
    /// the default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true", importance = Low, group = "Serialization", width = Medium, display = "Replace null with default")]
    pub replace_null_with_default: bool,
    /// How this converter will be used: `key`, `value` or `header`. Set by the framework.
    #[config(key = "converter.type", importance = Low, group = "Schemas", validator = Validator::OneOf(&["key", "value", "header"]))]
    pub usage: Option<String>,
}

fn check(config: &JsonConfig, report: &mut Report) {
    if let Err(error) = config.fixed_schema() {
        report
            .add("schema.content", format!("schema.content is not a schema in Connect's JSON form: {error}"));
    }
}

impl JsonConfig {
    // The schema for everything that is read; no text, or the JSON text null, is none.
    fn fixed_schema(&self) -> Result<Option<SchemaRef>, json::Error> {
        match self.schema_content.as_deref() {
            None | Some("") => Ok(None),
            Some(text) => Reader::new().parse_schema(&Bytes::copy_from_slice(text.as_bytes())),
        }
    }
}

/// JSON, with or without an envelope `{"schema":…,"payload":…}`.
///
/// A datum without schema and value is null in Kafka; a null with a schema is `{"schema":…,"payload":null}`, or the
/// text `null` without envelopes. Differences from Java are listed at [`json::Reader`].
#[derive(Debug)]
pub struct JsonConverter {
    envelope: bool,
    fixed_schema: Option<SchemaRef>,
    writer: Writer,
    reader: Reader,
}

impl JsonConverter {
    /// A converter of this config.
    ///
    /// # Errors
    /// `schema.content` is not a schema.
    pub fn new(config: JsonConfig) -> api::Result<Self> {
        let fixed_schema = config.fixed_schema().map_err(|error| {
            Error::misconfigured("schema.content is not a schema in Connect's JSON form").caused_by(error)
        })?;
        let decimal = match config.decimal_format {
            DecimalFormat::Base64 => json::DecimalFormat::Base64,
            DecimalFormat::Numeric => json::DecimalFormat::Numeric,
        };
        let cached = usize::try_from(config.schemas_cache_size).unwrap_or(0);
        Ok(Self {
            envelope: config.schemas_enable,
            fixed_schema: fixed_schema.filter(|_| config.schemas_enable),
            writer: Writer::new(decimal)
                .replace_null_with_default(config.replace_null_with_default)
                .remember_schemas(cached),
            reader: Reader::new()
                .replace_null_with_default(config.replace_null_with_default)
                .remember_schemas(cached),
        })
    }
}

impl Codec for JsonConverter {
    fn write(&mut self, datum: &Datum, out: &mut Vec<u8>) -> api::Result<bool> {
        if datum.schema.is_none() && datum.value.is_null() {
            return Ok(false);
        }
        let written = match self.envelope {
            true => self.writer.write_envelope(datum, out),
            false => self.writer.write_datum(datum, out),
        };
        written.map_err(|error| Error::bad_record(error.to_string()))?;
        Ok(true)
    }

    fn read(&mut self, bytes: Option<&Bytes>) -> api::Result<Datum> {
        let Some(bytes) = bytes else {
            return Ok(Datum::NULL);
        };
        // Jackson takes a byte order mark.
        let bytes = &if bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.slice(BYTE_ORDER_MARK.len()..)
        } else {
            bytes.clone()
        };
        let datum = match (&self.fixed_schema, self.envelope) {
            (Some(schema), _) => {
                self.reader.parse_as(schema, bytes).map(|value| Datum::new(Arc::clone(schema), value))
            }
            (None, true) => self.reader.parse_envelope(bytes),
            // Jackson finds no value there, and Kafka Connect takes that for null.
            (None, false) if bytes.iter().all(|byte| b" \t\r\n".contains(byte)) => return Ok(Datum::NULL),
            (None, false) => self.reader.parse(bytes).map(Datum::schemaless),
        };
        datum.map_err(unreadable)
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[cold]
fn unreadable(error: json::Error) -> Error {
    match error {
        json::Error::Mismatch { .. } => Error::bad_record(error.to_string()),
        _ => Error::bad_record(format!(
            "Converting byte[] to Kafka Connect data failed due to serialization error: {error}"
        )),
    }
}

converter!(JsonConverter, "org.apache.kafka.connect.json.JsonConverter", JsonConfig, JsonConverter::new);
