//! `TimestampNow` and `TimestampNowField`: the time at which the record passes.

use std::marker::PhantomData;
use std::time::{SystemTime, UNIX_EPOCH};

use api::config::Config;
use api::data::{Datum, Logical, Record, Schema, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use super::base::{Input, side_name, take, unsupported_value};
use super::class;
use crate::filter::NoConfig;
use crate::required_list::NOT_EMPTY;
use crate::schema_cache::SchemaCache;
use crate::side::Side;
use crate::third_party::rows::{datum, field, fields_of, like_with};

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Sets the record's timestamp to now.
#[derive(Debug)]
pub struct TimestampNow;

impl Transform for TimestampNow {
    const CLASS: &'static str = class!("TimestampNow");
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        record.timestamp = Some(now());
        Ok(Some(record))
    }
}

/// Keys of [`TimestampNowField`].
#[derive(Debug, Clone, Config)]
pub struct TimestampNowFieldConfig {
    /// The fields that get the time.
    #[config(key = "fields", importance = High, validator = NOT_EMPTY)]
    pub fields: Vec<String>,
}

/// Sets fields to now.
#[derive(Debug)]
pub struct TimestampNowField<S> {
    fields: Vec<String>,
    schemas: SchemaCache<Plan>,
    side: PhantomData<fn(S)>,
}

#[derive(Debug)]
struct Plan {
    schema: SchemaRef,
    /// Where each field's value comes from; `None` is now.
    sources: Vec<Option<usize>>,
}

fn plan(schema: &SchemaRef, names: &[String]) -> Result<Plan> {
    let timestamp = Schema::logical_builder(Logical::Timestamp).build();
    let (mut fields, mut sources) = (Vec::new(), Vec::new());
    for (position, old) in fields_of(schema).iter().enumerate() {
        let listed = names.iter().any(|name| **name == *old.name);
        let is_timestamp = old.schema.logical() == Some(Logical::Timestamp);
        if listed && !is_timestamp {
            continue;
        }
        fields.push(old.clone());
        sources.push((!listed).then_some(position));
    }
    for name in names {
        if fields.iter().all(|field| *field.name != **name) {
            fields.push(field(name, timestamp.clone()));
            sources.push(None);
        }
    }
    Ok(Plan { schema: like_with(schema, fields, "inserting timestamps")?, sources })
}

impl<S: Side> Transform for TimestampNowField<S> {
    const CLASS: &'static str = class!("TimestampNowField", S);
    type Config = TimestampNowFieldConfig;

    fn build(config: TimestampNowFieldConfig) -> Result<Self> {
        Ok(Self { fields: config.fields, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let now = Value::Timestamp(now());
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Map(mut map) => {
                for name in &self.fields {
                    map.insert(Value::string(name.as_str()), now.clone());
                }
                Datum::schemaless(Value::Map(map))
            }
            Input::Row(row) => {
                let names = &self.fields;
                let plan = self.schemas.get(row.schema(), |schema| plan(schema, names))?;
                let mut values = row.into_parts().1;
                let taken = plan.sources.iter().map(|source| match source {
                    Some(position) => values.get_mut(*position).map(std::mem::take).unwrap_or_default(),
                    None => now.clone(),
                });
                let taken = taken.collect();
                datum(&plan.schema, taken).map_err(|error: Error| error.with("key", "fields"))?
            }
        };
        Ok(Some(record))
    }
}
