//! `HoistField`: key or value as the one field of a struct.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Datum, Field, Kind, Map, Record, Schema, SchemaRef, Value};
use api::{Origin, Result, Transform};

use crate::error::null_in_required;
use crate::schema_cache::{SchemaCache, distinct, row};
use crate::side::Side;

/// Keys of [`HoistField`].
#[derive(Debug, Clone, Config)]
pub struct HoistFieldConfig {
    /// Field name for the single field that will be created in the resulting struct or map.
    #[config(key = "field")]
    pub field: String,
}

/// Wraps key or value in a struct, or a map when there is no schema. Null is wrapped too.
#[derive(Debug)]
pub struct HoistField<S> {
    field: String,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for HoistField<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.HoistField$Key"
    } else {
        "org.apache.kafka.connect.transforms.HoistField$Value"
    };
    type Config = HoistFieldConfig;

    fn build(config: HoistFieldConfig) -> Result<Self> {
        Ok(Self { field: config.field, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        let Datum { schema, value } = std::mem::take(datum);
        *datum = match schema {
            None => {
                let entry = (Value::string(self.field.as_str()), value);
                Datum::schemaless(Value::Map(Map::from_distinct(vec![entry])))
            }
            Some(schema) if value.is_null() && !schema.is_optional() => {
                return Err(null_in_required(&self.field, &schema));
            }
            Some(schema) => {
                let field = &self.field;
                let wrapped = self.schemas.get(&schema, |schema| {
                    let field = Field { name: field.as_str().into(), schema: schema.clone() };
                    distinct(vec![field]).map(|fields| Schema::required(Kind::Struct(fields)))
                })?;
                Datum::new(wrapped.clone(), row(wrapped, vec![value]))
            }
        };
        Ok(Some(record))
    }
}
