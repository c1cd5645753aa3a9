//! `HeaderToField`: headers as fields of a given type.

use std::marker::PhantomData;

use api::config::{Config, Parsed, Validator};
use api::data::{Datum, Record, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use super::base::{Input, side_name, take, unsupported, unsupported_value};
use super::class;
use super::header_mapping::Mapping;
use super::header_value::convert;
use crate::schema_cache::SchemaCache;
use crate::side::Side;
use crate::third_party::rows::{datum, field, fields_of, same_with};

/// Keys of [`HeaderToField`].
#[derive(Debug, Clone, Config)]
pub struct HeaderToFieldConfig {
    /// A list of `header:TYPE` or `header:TYPE:field`. Types: STRING, BOOLEAN, INT8 to INT64, FLOAT32, FLOAT64,
    /// INT64(Timestamp), INT32(Date), INT32(Time), BYTES(Decimal[scale=n]).
    #[config(key = "header.mappings", importance = High, validator = Validator::With(check_mappings))]
    pub mappings: Vec<String>,
}

fn check_mappings(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::List(items) if items.is_empty() => Err("Empty list".to_owned()),
        Parsed::List(items) => items.iter().try_for_each(|item| Mapping::parse(item).map(drop)),
        _ => Ok(()),
    }
}

/// Appends headers as fields.
#[derive(Debug)]
pub struct HeaderToField<S> {
    mappings: Vec<Mapping>,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for HeaderToField<S> {
    const CLASS: &'static str = class!("HeaderToField", S);
    type Config = HeaderToFieldConfig;

    fn build(config: HeaderToFieldConfig) -> Result<Self> {
        let mappings = config.mappings.iter().map(|item| Mapping::parse(item));
        let mappings = mappings.collect::<std::result::Result<_, _>>().map_err(Error::misconfigured)?;
        Ok(Self { mappings, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let headers = std::mem::take(&mut record.headers);
        let part = S::of(&mut record);
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Map(_) => return Err(unsupported("map")),
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Row(row) => {
                let mappings = &self.mappings;
                let schema = self.schemas.get(row.schema(), |schema| {
                    let mut fields = fields_of(schema).to_vec();
                    fields
                        .extend(mappings.iter().map(|mapping| field(&mapping.field, mapping.schema.clone())));
                    same_with(schema, fields, "header to field")
                })?;
                let schema = schema.clone();
                let (_, mut values) = row.into_parts();
                for mapping in &self.mappings {
                    let header = headers.iter().rev().find(|header| *header.key == *mapping.header);
                    let value = match header {
                        None => Value::Null,
                        Some(header) => convert(&header.value.value, mapping.target).map_err(|why| {
                            Error::bad_record(format!("header.mappings: header {}: {why}", mapping.header))
                        })?,
                    };
                    values.push(value);
                }
                datum(&schema, values)?
            }
        };
        record.headers = headers;
        Ok(Some(record))
    }
}
