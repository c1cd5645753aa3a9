//! `ToJSON`: rows and maps as JSON texts.

use std::fmt;
use std::marker::PhantomData;

use api::config::{Config, config_enum};
use api::data::{Bytes, Datum, Kind, Record, Schema, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};
use json::{DecimalFormat, Writer};

use super::base::unsupported;
use super::class;
use crate::side::Side;

config_enum! {
    /// What the text becomes.
    pub enum OutputType {
        /// A text.
        String = "STRING",
        /// Bytes in UTF-8.
        Bytes = "BYTES",
    }
}

config_enum! {
    /// How decimals are written.
    pub enum DecimalText {
        /// Base64 of the unscaled number.
        Base64 = "BASE64",
        /// A number.
        Numeric = "NUMERIC",
    }
}

/// Keys of [`ToJson`].
#[derive(Debug, Clone, Config)]
pub struct ToJsonConfig {
    /// What the text becomes: `STRING` or `BYTES`.
    #[config(key = "output.schema.type", default = "STRING")]
    pub output: OutputType,
    /// Whether the schema is written too, as `{"schema":…,"payload":…}`.
    #[config(key = "schemas.enable", default = "false")]
    pub schemas: bool,
    /// How decimals are written: `BASE64` or `NUMERIC`.
    #[config(key = "decimal.format", default = "BASE64", importance = Low)]
    pub decimals: DecimalText,
    /// Whether a null is written as the field's default, where it has one.
    #[config(key = "replace.null.with.default", default = "true", importance = Low)]
    pub replace_null_with_default: bool,
}

/// Writes rows and maps as JSON, a null that has a row's schema too. Texts and bytes pass.
pub struct ToJson<S> {
    config: ToJsonConfig,
    writer: Writer,
    schema: SchemaRef,
    side: PhantomData<fn(S)>,
}

impl<S> fmt::Debug for ToJson<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToJson").field("config", &self.config).finish_non_exhaustive()
    }
}

impl<S: Side> Transform for ToJson<S> {
    const CLASS: &'static str = class!("ToJSON", S);
    type Config = ToJsonConfig;

    fn build(config: ToJsonConfig) -> Result<Self> {
        let format = match config.decimals {
            DecimalText::Base64 => DecimalFormat::Base64,
            DecimalText::Numeric => DecimalFormat::Numeric,
        };
        let kind = if config.output == OutputType::String { Kind::String } else { Kind::Bytes };
        Ok(Self {
            writer: Writer::new(format).replace_null_with_default(config.replace_null_with_default),
            schema: Schema::optional(kind),
            config,
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let kind = part.schema.as_ref().map(|schema| schema.kind());
        let plain = part.schema.as_ref().is_none_or(|schema| schema.logical().is_none());
        match (&part.value, kind) {
            (Value::Null, None) => {}
            (Value::Null, Some(Kind::String | Kind::Bytes)) if plain => {}
            (Value::String(_) | Value::Bytes(_), Some(_)) => {}
            // Java finds an optional schema for a value without one.
            (Value::String(_), None) => part.schema = Some(Schema::optional(Kind::String)),
            (Value::Bytes(_), None) => part.schema = Some(Schema::optional(Kind::Bytes)),
            (Value::Map(_) | Value::Struct(_), _) | (Value::Null, Some(Kind::Struct(_))) => {
                let mut out = Vec::new();
                let written = match self.config.schemas {
                    true => self.writer.write_envelope(part, &mut out),
                    false => self.writer.write(part.schema.as_ref(), &part.value, &mut out),
                };
                written.map_err(|error| {
                    Error::bad_record("the record cannot be written as JSON").caused_by(error)
                })?;
                let value = match self.config.output {
                    OutputType::Bytes => Value::Bytes(Bytes::from(out)),
                    OutputType::String => Value::string(
                        String::from_utf8(out)
                            .map_err(|_| Error::bad_record("the JSON text is not UTF-8"))?,
                    ),
                };
                *part = Datum::new(self.schema.clone(), value);
            }
            (other, _) => return Err(unsupported(other.type_name())),
        }
        Ok(Some(record))
    }
}
