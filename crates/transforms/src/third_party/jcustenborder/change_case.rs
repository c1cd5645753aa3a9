//! `ChangeCase`: names of fields in another case.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Datum, Field, Kind, Record, Schema, SchemaRef, Struct, Value};
use api::{Error, Origin, Result, Transform};

use super::base::{Input, side_name, take, unsupported, unsupported_value};
use super::class;
use crate::schema_cache::{SchemaCache, distinct, values_of};
use crate::side::Side;
use crate::third_party::case_format::CaseFormat;
use crate::third_party::rows::fields_of;

/// Keys of [`ChangeCase`] and `ChangeTopicCase`.
#[derive(Debug, Clone, Config)]
pub struct ChangeCaseConfig {
    /// How names are written.
    #[config(key = "from", importance = High)]
    pub from: CaseFormat,
    /// How they shall be written.
    #[config(key = "to", importance = High)]
    pub to: CaseFormat,
}

/// Writes names of fields in another case, those of nested rows and of rows in lists too.
#[derive(Debug)]
pub struct ChangeCase<S> {
    config: ChangeCaseConfig,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

// Nothing that a record holds is nested deeper.
const DEPTH_MAX: usize = 200;

fn changed(schema: &SchemaRef, config: &ChangeCaseConfig, depth: usize) -> Result<SchemaRef> {
    if depth > DEPTH_MAX {
        return Err(Error::bad_record(format!("the record is nested deeper than {DEPTH_MAX} levels")));
    }
    let kind = match schema.kind() {
        Kind::Struct(fields) => {
            let mut list = Vec::with_capacity(fields.len());
            for field in fields.iter() {
                let name = config.from.convert(config.to, &field.name);
                let schema = changed(&field.schema, config, depth + 1)?;
                list.push(Field { name: name.into(), schema });
            }
            Kind::Struct(distinct(list)?)
        }
        Kind::Array(items) => {
            let items = changed(items, config, depth + 1)?;
            return Ok(Schema::builder(Kind::Array(items)).set_optional(schema.is_optional()).build());
        }
        _ => return Ok(schema.clone()),
    };
    // Documentation, version and parameters are lost in the original too, and a list's name.
    let mut builder = Schema::builder(kind).set_optional(schema.is_optional());
    if let Some(name) = schema.name() {
        builder = builder.name(name);
    }
    Ok(builder.build())
}

fn holds_rows(schema: &Schema) -> bool {
    match schema.kind() {
        Kind::Struct(_) => true,
        Kind::Array(items) => holds_rows(items),
        _ => false,
    }
}

// The same values under the new names. A null stays null.
fn renamed(schema: &SchemaRef, value: Value) -> Result<Value> {
    match (schema.kind(), value) {
        (Kind::Struct(_), Value::Struct(row)) => {
            let values = values_of(row, true);
            let fields = fields_of(schema);
            if fields.len() != values.len() {
                return Err(Error::bad_record("a row has another schema than its field says"));
            }
            let values = fields.iter().zip(values).map(|(field, value)| renamed(&field.schema, value));
            let row = Struct::new(schema.clone(), values.collect::<Result<_>>()?);
            Ok(row.map_or(Value::Null, Value::Struct))
        }
        (Kind::Array(items), Value::Array(list)) if holds_rows(items) => {
            Ok(Value::Array(list.into_iter().map(|item| renamed(items, item)).collect::<Result<_>>()?))
        }
        (_, value) => Ok(value),
    }
}

impl<S: Side> Transform for ChangeCase<S> {
    const CLASS: &'static str = class!("ChangeCase", S);
    type Config = ChangeCaseConfig;

    fn build(config: ChangeCaseConfig) -> Result<Self> {
        Ok(Self { config, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Map(_) => return Err(unsupported("map")),
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Row(row) => {
                let config = &self.config;
                let schema = self.schemas.get(row.schema(), |schema| changed(schema, config, 0))?;
                Datum::new(schema.clone(), renamed(schema, Value::Struct(row))?)
            }
        };
        Ok(Some(record))
    }
}
