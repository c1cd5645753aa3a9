//! `KeyToValue`: parts of the key as fields of the value.

use api::config::{Config, Report};
use api::data::{Datum, Field, Record, SchemaRef, Struct, Value};
use api::{Error, Origin, Result, Transform};

use super::class;
use super::key_value_fields::{Copy, copies};
use crate::required_list::NOT_EMPTY;
use crate::schema_cache::{replace_by_default, values_of};
use crate::third_party::rows::{datum, field, fields_of, named, optional_string, same_with, schema_of};

/// Keys of [`KeyToValue`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct KeyToValueConfig {
    /// The key's fields to copy; `*` is the whole key.
    #[config(key = "key.fields", importance = High, validator = NOT_EMPTY)]
    pub key_fields: Vec<String>,
    /// What they are called in the value, by position; without a name a field keeps its own, and `*` becomes `_key`.
    #[config(key = "value.fields", default = "", importance = High)]
    pub value_fields: Vec<String>,
}

fn check(config: &KeyToValueConfig, report: &mut Report) {
    if let Err(why) = copies(&config.key_fields, &config.value_fields) {
        report.add("value.fields", why);
    }
}

/// Copies parts of the key into the value.
#[derive(Debug)]
pub struct KeyToValue {
    copies: Vec<Copy>,
    /// The value's new schema, by its old one and those of the copied parts.
    schemas: Vec<(SchemaRef, Vec<SchemaRef>, SchemaRef)>,
}

// So many schemas are remembered.
const SCHEMAS_MAX: usize = 16;

impl Transform for KeyToValue {
    const CLASS: &'static str = class!("KeyToValue");
    type Config = KeyToValueConfig;

    fn build(config: KeyToValueConfig) -> Result<Self> {
        let copies = copies(&config.key_fields, &config.value_fields).map_err(Error::misconfigured)?;
        Ok(Self { copies, schemas: Vec::new() })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        match std::mem::take(&mut record.value.value) {
            Value::Map(mut map) => {
                for copy in &self.copies {
                    let part = part(&record.key, copy)?.value;
                    map.insert(Value::string(copy.to.as_str()), part);
                }
                record.value.value = Value::Map(map);
            }
            Value::Struct(row) => record.value = self.row_with_key(row, &record.key)?,
            other => {
                return Err(Error::bad_record(format!(
                    "value.fields: the value must be a struct or a map, found: {}",
                    other.type_name()
                )));
            }
        }
        Ok(Some(record))
    }
}

// A part of the key. A map has no schema, and lacks a field as null.
fn part(key: &Datum, copy: &Copy) -> Result<Datum> {
    match (&copy.from, &key.value) {
        (None, _) => Ok(key.clone()),
        (Some(name), Value::Struct(row)) => match named(row, name) {
            Some((schema, value)) => {
                let mut value = value.clone();
                replace_by_default(schema, &mut value);
                Ok(Datum::new(schema.clone(), value))
            }
            None => Err(Error::bad_record(format!("key.fields: the key has no field {name}"))),
        },
        (Some(name), Value::Map(map)) => {
            Ok(Datum::schemaless(map.get_str(name).cloned().unwrap_or_default()))
        }
        (Some(name), other) => Err(Error::bad_record(format!(
            "key.fields: field {name} is wanted of a key that is neither a struct nor a map, but {}",
            other.type_name()
        ))),
    }
}

// The schema that a part has in a row.
fn schema_for(part: &Datum, copy: &Copy) -> Result<SchemaRef> {
    match (&part.schema, &part.value) {
        (Some(schema), _) => Ok(schema.clone()),
        (None, Value::Null) => Ok(optional_string()),
        (None, Value::Map(_)) if copy.from.is_none() => {
            Err(Error::bad_record("key.fields: a whole key that is a map has no schema to be put into a row"))
        }
        (None, value) => schema_of(value)
            .ok_or_else(|| Error::bad_record(format!("key.fields: no schema can be found for {}", copy.to))),
    }
}

impl KeyToValue {
    fn row_with_key(&mut self, row: Struct, key: &Datum) -> Result<Datum> {
        let parts = self.copies.iter().map(|copy| part(key, copy)).collect::<Result<Vec<_>>>()?;
        let schemas = self.copies.iter().zip(&parts).map(|(copy, part)| schema_for(part, copy));
        let schemas = schemas.collect::<Result<Vec<_>>>()?;
        let known = self
            .schemas
            .iter()
            .find(|(value, parts, _)| std::sync::Arc::ptr_eq(value, row.schema()) && *parts == schemas);
        let schema = match known {
            Some((.., schema)) => schema.clone(),
            None => {
                let mut fields: Vec<Field> = fields_of(row.schema()).to_vec();
                for (copy, schema) in self.copies.iter().zip(&schemas) {
                    match fields.iter_mut().find(|field| *field.name == *copy.to) {
                        Some(field) => field.schema = schema.clone(),
                        None => fields.push(field(&copy.to, schema.clone())),
                    }
                }
                let schema = same_with(row.schema(), fields, "copying fields from key to value")?;
                if self.schemas.len() >= SCHEMAS_MAX {
                    self.schemas.clear();
                }
                self.schemas.push((row.schema().clone(), schemas, schema.clone()));
                schema
            }
        };
        let mut values = values_of(row, true);
        values.resize(fields_of(&schema).len(), Value::Null);
        for (copy, part) in self.copies.iter().zip(parts) {
            let position = schema.fields().and_then(|fields| fields.position(&copy.to));
            if let Some(value) = position.and_then(|position| values.get_mut(position)) {
                *value = part.value;
            }
        }
        datum(&schema, values)
    }
}
