//! `ExtractNestedField`: a field of a nested row, copied into the row around it.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Datum, Record, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use super::base::{Input, no_field, side_name, take, unsupported, unsupported_value};
use super::class;
use crate::schema_cache::{SchemaCache, replace_by_default};
use crate::side::Side;
use crate::third_party::rows::{datum, field, fields_of, named_with};

/// Keys of [`ExtractNestedField`].
#[derive(Debug, Clone, Config)]
pub struct ExtractNestedFieldConfig {
    /// The field that holds the nested row.
    #[config(key = "input.outer.field.name", importance = High)]
    pub outer: String,
    /// The field of the nested row.
    #[config(key = "input.inner.field.name", importance = High)]
    pub inner: String,
    /// The field that the copy becomes.
    #[config(key = "output.field.name", importance = High)]
    pub output: String,
}

/// Copies a nested field to the top.
#[derive(Debug)]
pub struct ExtractNestedField<S> {
    config: ExtractNestedFieldConfig,
    schemas: SchemaCache<(SchemaRef, SchemaRef)>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for ExtractNestedField<S> {
    const CLASS: &'static str = class!("ExtractNestedField", S);
    type Config = ExtractNestedFieldConfig;

    fn build(config: ExtractNestedFieldConfig) -> Result<Self> {
        Ok(Self { config, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let side = side_name::<S>();
        *part = match take(part, side)? {
            Input::Nothing => Datum::NULL,
            Input::Map(_) => return Err(unsupported("map")),
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Row(row) => {
                let config = &self.config;
                let (schema, inner) = self.schemas.get(row.schema(), |schema| {
                    let position = |schema: &SchemaRef, key: &str, name: &str| {
                        let fields = schema.fields();
                        let found =
                            fields.and_then(|fields| Some(fields[fields.position(name)?].schema.clone()));
                        found.ok_or_else(|| no_field(key, name, side))
                    };
                    let outer = position(schema, "input.outer.field.name", &config.outer)?;
                    let inner = position(&outer, "input.inner.field.name", &config.inner)?;
                    let mut fields = fields_of(schema).to_vec();
                    fields.push(field(&config.output, inner.clone()));
                    Ok::<_, Error>((named_with(schema, fields, "nested field extraction")?, inner))
                })?;
                let mut value = match row.get(&config.outer) {
                    Some(Value::Struct(nested)) => nested.get(&config.inner).cloned().unwrap_or_default(),
                    _ => {
                        return Err(Error::bad_record(format!(
                            "input.outer.field.name: field {} of the {side} is null",
                            config.outer
                        )));
                    }
                };
                replace_by_default(inner, &mut value);
                let schema = schema.clone();
                let (_, mut values) = row.into_parts();
                values.push(value);
                datum(&schema, values)?
            }
        };
        Ok(Some(record))
    }
}
