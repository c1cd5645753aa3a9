//! `InsertUuid`: a random UUID as a field.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Record, SchemaRef, Value};
use api::{Origin, Result, Transform};

use crate::error::{require_map, require_struct};
use crate::schema_cache::SchemaCache;
use crate::side::Side;
use crate::third_party::rows::{appended, datum, field, required_string};

/// Keys of [`InsertUuid`].
#[derive(Debug, Clone, Config)]
pub struct InsertUuidConfig {
    /// The field that gets the UUID.
    #[config(key = "uuid.field.name", default = "uuid", importance = High)]
    pub field: String,
}

/// Appends a random UUID (version 4) as text.
#[derive(Debug)]
pub struct InsertUuid<S> {
    field: String,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

const PURPOSE: &str = "adding UUID to record";

impl<S: Side> Transform for InsertUuid<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "com.github.cjmatta.kafka.connect.smt.InsertUuid$Key"
    } else {
        "com.github.cjmatta.kafka.connect.smt.InsertUuid$Value"
    };
    type Config = InsertUuidConfig;

    fn build(config: InsertUuidConfig) -> Result<Self> {
        Ok(Self { field: config.field, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let uuid = Value::string(uuid::Uuid::new_v4().to_string());
        let part = S::of(&mut record);
        let value = std::mem::take(&mut part.value);
        if part.schema.is_none() {
            let mut map = require_map(value, PURPOSE)?;
            map.insert(Value::string(self.field.as_str()), uuid);
            part.value = Value::Map(map);
        } else {
            let row = require_struct(value, PURPOSE)?;
            let name = &self.field;
            let schema = self
                .schemas
                .get(row.schema(), |schema| appended(schema, field(name, required_string()), PURPOSE))?;
            let mut values = row.into_parts().1;
            values.push(uuid);
            *part = datum(schema, values)?;
        }
        Ok(Some(record))
    }
}
