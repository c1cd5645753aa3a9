//! `MaskField`: a harmless value instead of the real one.

use std::marker::PhantomData;

use api::config::{Config, Report, Validator};
use api::data::{Decimal, Map, Record, Struct, Text, Value};
use api::{Error, Origin, Result, Transform};

use crate::cast::{Target, number};
use crate::entry::Entry;
use crate::error::{require_map, require_struct};
use crate::required_list;
use crate::schema_cache::{SchemaCache, replace_nulls};
use crate::side::Side;

/// Keys of [`MaskField`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct MaskFieldConfig {
    /// Names of fields to mask.
    #[config(key = "fields", importance = High)]
    pub fields: Vec<String>,
    /// Custom value replacement, that will be applied to all `fields` values (numeric or non-empty string values only).
    #[config(key = "replacement", importance = Low, validator = Validator::NonEmpty)]
    pub replacement: Option<String>,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &MaskFieldConfig, report: &mut Report) {
    required_list::require("fields", &config.fields, report);
}

/// Replaces fields by the zero of their type, or by a text that is read as their type. Null stays null; the schema stays.
///
/// Under a schema a decimal keeps its scale; Java's zero has scale 0, and a schema with another scale then refuses it.
#[derive(Debug)]
pub struct MaskField<S> {
    fields: Vec<Entry>,
    replacement: Option<Replacement>,
    replace_null: bool,
    schemas: SchemaCache<Vec<usize>>,
    side: PhantomData<fn(S)>,
}

/// The text, and the number that it is.
#[derive(Debug)]
struct Replacement {
    text: Text,
    number: Option<Decimal>,
}

const PURPOSE: &str = "mask fields";

// `schema` says whether the value is under a schema.
fn masked(replacement: Option<&Replacement>, value: &Value, schema: bool) -> Result<Value> {
    match (replacement, value) {
        (_, Value::Null) => Ok(Value::Null),
        (None, Value::Decimal(decimal)) => {
            Ok(Value::Decimal(Decimal::from_i64(0, if schema { decimal.scale() } else { 0 })))
        }
        (None, value) => zero(value),
        (Some(replacement), value) => replaced(replacement, value, schema),
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
            return Err(Error::bad_record(format!(
                "Cannot mask value of type: class {}",
                value.java_class()
            )));
        }
    })
}

// As in Java every number is read as a decimal and then narrowed: whole numbers keep their low bits.
fn replaced(replacement: &Replacement, value: &Value, schema: bool) -> Result<Value> {
    let target = match value {
        Value::String(_) => return Ok(Value::String(replacement.text.clone())),
        Value::Int8(_) => Target::Int8,
        Value::Int16(_) => Target::Int16,
        Value::Int32(_) => Target::Int32,
        Value::Int64(_) => Target::Int64,
        Value::Float32(_) => Target::Float32,
        Value::Float64(_) => Target::Float64,
        Value::Decimal(decimal) => {
            let number = replacement.number.as_ref().ok_or_else(|| unable(&replacement.text, "number"))?;
            if !schema {
                return Ok(Value::Decimal(number.clone()));
            }
            let scaled = number.with_scale(decimal.scale());
            return scaled.map(Value::Decimal).ok_or_else(|| {
                unable(&replacement.text, "number").hint("it has more digits than the scale of the field")
            });
        }
        _ => {
            return Err(Error::bad_record(format!(
                "Cannot mask value of type class {} with custom replacement.",
                value.java_class()
            )));
        }
    };
    let number = replacement.number.as_ref().ok_or_else(|| unable(&replacement.text, "a number"))?;
    Ok(number::of_decimal(number, target))
}

#[cold]
fn unable(text: &str, what: &str) -> Error {
    Error::bad_record(format!("Unable to convert {text} (class java.lang.String) to {what}"))
}

impl<S: Side> Transform for MaskField<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.MaskField$Key"
    } else {
        "org.apache.kafka.connect.transforms.MaskField$Value"
    };
    type Config = MaskFieldConfig;

    fn build(config: MaskFieldConfig) -> Result<Self> {
        let replacement = config.replacement.map(|text| {
            let number = text.parse().ok();
            Replacement { text: Text::from(text), number }
        });
        Ok(Self {
            fields: config.fields.iter().map(|name| Entry::new(name)).collect(),
            replacement,
            replace_null: config.replace_null_with_default,
            schemas: SchemaCache::new(),
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        let value = std::mem::take(&mut datum.value);
        let replacement = self.replacement.as_ref();
        datum.value = if datum.schema.is_none() {
            let mut entries = require_map(value, PURPOSE)?.into_entries();
            for entry in &mut self.fields {
                let name = entry.name().clone();
                let mask =
                    |old| masked(replacement, &old, false).map_err(|error| error.with("field", &*name));
                entry.change(&mut entries, mask)?;
            }
            Value::Map(Map::from_distinct(entries))
        } else {
            let mut row = require_struct(value, PURPOSE)?;
            if self.replace_null {
                replace_nulls(&mut row);
            }
            let names = &self.fields;
            let positions = self.schemas.get(row.schema(), |schema| {
                let fields = schema.fields().map_or(&[][..], |fields| fields);
                let is_named =
                    |position: &usize| names.iter().any(|entry| **entry.name() == *fields[*position].name);
                Ok::<_, Error>((0..fields.len()).filter(is_named).collect())
            })?;
            for position in positions.iter() {
                let old = row.values().get(*position).unwrap_or(&Value::Null);
                let masked = masked(replacement, old, true);
                let masked = masked.map_err(|error| error.with("field", name_of(&row, *position)))?;
                if let Some(value) = row.values_mut().get_mut(*position) {
                    *value = masked;
                }
            }
            Value::Struct(row)
        };
        Ok(Some(record))
    }
}

fn name_of(row: &Struct, position: usize) -> &str {
    row.schema().fields().and_then(|fields| fields.get(position)).map_or("?", |field| &field.name)
}
