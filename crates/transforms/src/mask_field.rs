//! `MaskField`: a harmless value instead of the real one.

use std::marker::PhantomData;

use api::config::{Config, Validator};
use api::data::{Decimal, Map, Record, Text, Value};
use api::{Error, Origin, Result, Transform};

use crate::error::{require_map, require_struct};
use crate::required_list::NOT_EMPTY;
use crate::schema_cache::replace_by_default;
use crate::side::Side;

/// Keys of [`MaskField`].
#[derive(Debug, Clone, Config)]
pub struct MaskFieldConfig {
    /// Names of fields to mask.
    #[config(key = "fields", importance = High, validator = NOT_EMPTY)]
    pub fields: Vec<String>,
    /// Custom value replacement, that will be applied to all `fields` values (numeric or non-empty string values only).
    #[config(key = "replacement", importance = Low, validator = Validator::NonEmpty)]
    pub replacement: Option<String>,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

/// Replaces fields by the zero of their type, or by a text that is read as their type. Null stays null; the schema stays.
///
/// A text becomes an integer by its whole part, as wide as the field, as in Java: `1.5` becomes 1. A decimal keeps its
/// scale; Java's zero has scale 0, and a schema with another scale then refuses it.
#[derive(Debug)]
pub struct MaskField<S> {
    fields: Vec<String>,
    replacement: Option<Text>,
    replace_null: bool,
    side: PhantomData<fn(S)>,
}

const PURPOSE: &str = "mask fields";

impl<S> MaskField<S> {
    fn masked(&self, value: &Value) -> Result<Value> {
        match (&self.replacement, value) {
            (_, Value::Null) => Ok(Value::Null),
            (None, value) => zero(value),
            (Some(text), value) => replaced(text, value),
        }
    }

    fn is_masked(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }
}

fn zero(value: &Value) -> Result<Value> {
    Ok(match value {
        Value::Boolean(_) => Value::Boolean(false),
        Value::Int8(_) => Value::Int8(0),
        Value::Int16(_) => Value::Int16(0),
        Value::Int32(_) => Value::Int32(0),
        Value::Int64(_) => Value::Int64(0),
        Value::Float32(_) => Value::Float32(0.0),
        Value::Float64(_) => Value::Float64(0.0),
        Value::String(_) => Value::String(Text::new()),
        Value::Decimal(decimal) => Value::Decimal(Decimal::from_i64(0, decimal.scale())),
        Value::Date(_) => Value::Date(0),
        Value::Time(_) => Value::Time(0),
        Value::Timestamp(_) => Value::Timestamp(0),
        Value::Array(_) => Value::Array(Vec::new()),
        Value::Map(_) => Value::Map(Map::new()),
        Value::Null => Value::Null,
        Value::Bytes(_) | Value::Struct(_) => {
            return Err(Error::bad_record(format!("Cannot mask value of type: {}", value.type_name())));
        }
    })
}

fn replaced(text: &Text, value: &Value) -> Result<Value> {
    let unable = || Error::bad_record(format!("Unable to convert {text} ({}) to number", value.type_name()));
    macro_rules! number {
        ($variant:ident) => {
            text.parse().map(Value::$variant).map_err(|_| unable())
        };
    }
    let integer = || text.parse::<Decimal>().map(|number| number.to_i64_low_bits()).map_err(|_| unable());
    match value {
        Value::String(_) => Ok(Value::String(text.clone())),
        Value::Int8(_) => integer().map(|number| Value::Int8(number as i8)),
        Value::Int16(_) => integer().map(|number| Value::Int16(number as i16)),
        Value::Int32(_) => integer().map(|number| Value::Int32(number as i32)),
        Value::Int64(_) => integer().map(Value::Int64),
        Value::Float32(_) => number!(Float32),
        Value::Float64(_) => number!(Float64),
        Value::Decimal(decimal) => {
            let number: Decimal = text.parse().map_err(|_| unable())?;
            number.with_scale(decimal.scale()).map(Value::Decimal).ok_or_else(unable)
        }
        _ => Err(Error::bad_record(format!(
            "Cannot mask value of type {} with custom replacement.",
            value.type_name()
        ))),
    }
}

impl<S: Side> Transform for MaskField<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.MaskField$Key"
    } else {
        "org.apache.kafka.connect.transforms.MaskField$Value"
    };
    type Config = MaskFieldConfig;

    fn build(config: MaskFieldConfig) -> Result<Self> {
        Ok(Self {
            fields: config.fields,
            replacement: config.replacement.map(Text::from),
            replace_null: config.replace_null_with_default,
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        let value = std::mem::take(&mut datum.value);
        datum.value = if datum.schema.is_none() {
            let mut map = require_map(value, PURPOSE)?;
            for name in &self.fields {
                let masked = self.masked(map.get_str(name).unwrap_or(&Value::Null));
                map.insert(Value::string(name.as_str()), masked.map_err(|error| error.with("field", name))?);
            }
            Value::Map(map)
        } else {
            let mut row = require_struct(value, PURPOSE)?;
            let schema = row.schema().clone();
            let fields = schema.fields().map_or(&[][..], |fields| fields);
            for (field, value) in fields.iter().zip(row.values_mut()) {
                if self.replace_null {
                    replace_by_default(&field.schema, value);
                }
                if self.is_masked(&field.name) {
                    *value = self.masked(value).map_err(|error| error.with("field", &field.name))?;
                }
            }
            Value::Struct(row)
        };
        Ok(Some(record))
    }
}
