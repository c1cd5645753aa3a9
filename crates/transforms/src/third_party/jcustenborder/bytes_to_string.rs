//! `BytesToString`: bytes as texts.

use std::marker::PhantomData;

use api::config::{Config, Parsed, Validator};
use api::data::{Datum, Kind, Record, Schema, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};
use literal::charset::Charset;

use super::base::{Input, side_name, take_as_it_is, unsupported, unsupported_value};
use super::class;
use crate::schema_cache::{SchemaCache, replace_by_default};
use crate::side::Side;
use crate::third_party::rows::{datum, fields_of, named_with};

/// Keys of [`BytesToString`].
#[derive(Debug, Clone, Config)]
pub struct BytesToStringConfig {
    /// The bytes' encoding.
    #[config(key = "charset", default = "UTF-8", importance = High, validator = Validator::With(check_charset))]
    pub charset: String,
    /// Fields of a row to change. Bytes that are the whole key or value need none.
    #[config(key = "fields", default = "", importance = High)]
    pub fields: Vec<String>,
}

fn check_charset(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::String(name) => Charset::parse(name).map(drop),
        _ => Ok(()),
    }
}

/// Decodes bytes.
#[derive(Debug)]
pub struct BytesToString<S> {
    charset: Charset,
    fields: Vec<String>,
    schemas: SchemaCache<(SchemaRef, Vec<usize>)>,
    side: PhantomData<fn(S)>,
}

fn text_schema(bytes: &Schema) -> SchemaRef {
    Schema::builder(Kind::String).set_optional(bytes.is_optional()).build()
}

impl<S> BytesToString<S> {
    fn decoded(&self, value: Value) -> Result<Value> {
        match value {
            Value::Null => Ok(Value::Null),
            Value::Bytes(bytes) => Ok(Value::String(self.charset.decode(&bytes))),
            other => {
                Err(Error::bad_record(format!("fields: bytes are expected, found {}", other.type_name())))
            }
        }
    }
}

impl<S: Side> Transform for BytesToString<S> {
    const CLASS: &'static str = class!("BytesToString", S);
    type Config = BytesToStringConfig;

    fn build(config: BytesToStringConfig) -> Result<Self> {
        let charset = Charset::parse(&config.charset).map_err(Error::misconfigured)?;
        Ok(Self { charset, fields: config.fields, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        *part = match take_as_it_is(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Map(_) => return Err(unsupported("map")),
            Input::Other(Datum { schema: Some(schema), value: value @ Value::Bytes(_) }) => {
                Datum::new(text_schema(&schema), self.decoded(value)?)
            }
            // Java finds an optional schema for a value without one.
            Input::Other(Datum { schema: None, value: value @ Value::Bytes(_) }) => {
                Datum::new(Schema::optional(Kind::String), self.decoded(value)?)
            }
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Row(row) => {
                let names = &self.fields;
                let (schema, changed) = self.schemas.get(row.schema(), |schema| {
                    let mut fields = fields_of(schema).to_vec();
                    let mut changed = Vec::new();
                    for (position, field) in fields.iter_mut().enumerate() {
                        if !names.iter().any(|name| **name == *field.name) {
                            continue;
                        }
                        if *field.schema.kind() != Kind::Bytes {
                            let found = field.schema.schema_type().name();
                            return Err(Error::bad_record(format!(
                                "fields: {} is {found}, not bytes",
                                field.name
                            )));
                        }
                        field.schema = text_schema(&field.schema);
                        changed.push(position);
                    }
                    Ok((named_with(schema, fields, "decoding bytes")?, changed))
                })?;
                let (schema, changed) = (schema.clone(), changed.clone());
                let (old, mut values) = row.into_parts();
                for (position, (field, value)) in fields_of(&old).iter().zip(&mut values).enumerate() {
                    // Of bytes the default is lost with their type.
                    match changed.contains(&position) {
                        true => *value = self.decoded(std::mem::take(value))?,
                        false => replace_by_default(&field.schema, value),
                    }
                }
                datum(&schema, values)?
            }
        };
        Ok(Some(record))
    }
}
