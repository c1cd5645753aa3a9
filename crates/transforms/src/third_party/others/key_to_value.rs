//! ClickHouse's `KeyToValue`: the whole key as a field of the value.

use api::config::Config;
use api::data::{Record, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use crate::error::{require_map, require_struct};
use crate::third_party::rows::{appended, datum, field, optional_string};

/// Keys of [`KeyToValue`].
#[derive(Debug, Clone, Config)]
pub struct KeyToValueConfig {
    /// The field that gets the key.
    #[config(key = "field", default = "_key", importance = Low)]
    pub field: String,
}

/// Appends the key as a field.
#[derive(Debug)]
pub struct KeyToValue {
    field: String,
    /// The value's new schema, by its old one and the key's.
    schemas: Vec<(SchemaRef, Option<SchemaRef>, SchemaRef)>,
}

// So many schemas are remembered.
const SCHEMAS_MAX: usize = 16;
const PURPOSE: &str = "copying the key into the value";

impl Transform for KeyToValue {
    const CLASS: &'static str = "com.clickhouse.kafka.connect.transforms.KeyToValue";
    type Config = KeyToValueConfig;

    fn build(config: KeyToValueConfig) -> Result<Self> {
        Ok(Self { field: config.field, schemas: Vec::new() })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let value = std::mem::take(&mut record.value.value);
        if record.value.schema.is_none() {
            let mut map = require_map(value, PURPOSE)?;
            map.insert(Value::string(self.field.as_str()), record.key.value.clone());
            record.value.value = Value::Map(map);
            return Ok(Some(record));
        }
        let row = require_struct(value, PURPOSE)?;
        if record.key.schema.is_none() && !matches!(record.key.value, Value::Null | Value::String(_)) {
            return Err(Error::bad_record(format!(
                "a key without a schema must be a string to be put into a row, found: {}",
                record.key.value.type_name()
            )));
        }
        let same = |one: &SchemaRef, other: &SchemaRef| std::sync::Arc::ptr_eq(one, other);
        let known = self.schemas.iter().find(|(value, key, _)| {
            same(value, row.schema())
                && match (key, &record.key.schema) {
                    (Some(one), Some(other)) => same(one, other),
                    (None, None) => true,
                    _ => false,
                }
        });
        let schema = match known {
            Some((.., schema)) => schema.clone(),
            None => {
                let key = record.key.schema.clone().unwrap_or_else(optional_string);
                let schema = appended(row.schema(), field(&self.field, key), PURPOSE)?;
                if self.schemas.len() >= SCHEMAS_MAX {
                    self.schemas.clear();
                }
                self.schemas.push((row.schema().clone(), record.key.schema.clone(), schema.clone()));
                schema
            }
        };
        let mut values = row.into_parts().1;
        values.push(record.key.value.clone());
        record.value = datum(&schema, values)?;
        Ok(Some(record))
    }
}
