//! `ExtractTimestamp`: the record's timestamp from a field of the value.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Record, Value};
use api::{Error, Origin, Result, Transform};

use super::base::unsupported;
use super::class;
use crate::side::Side;

/// Keys of [`ExtractTimestamp`].
#[derive(Debug, Clone, Config)]
pub struct ExtractTimestampConfig {
    /// The field with the timestamp, INT64 in milliseconds or a Timestamp.
    #[config(key = "field.name", importance = High)]
    pub field: String,
}

/// Sets the record's timestamp. `$Key` reads the value too, as the original does.
#[derive(Debug)]
pub struct ExtractTimestamp<S> {
    field: String,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for ExtractTimestamp<S> {
    const CLASS: &'static str = class!("ExtractTimestamp", S);
    type Config = ExtractTimestampConfig;

    fn build(config: ExtractTimestampConfig) -> Result<Self> {
        Ok(Self { field: config.field, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let name = &self.field;
        let found = match &record.value.value {
            Value::Map(map) => map.get_str(name),
            Value::Struct(row) => row.get(name),
            other => return Err(unsupported(other.type_name())),
        };
        let why = match found {
            Some(Value::Int64(ms) | Value::Timestamp(ms)) => {
                record.timestamp = Some(*ms);
                return Ok(Some(record));
            }
            Some(Value::Null) => format!("field.name: field {name} is null"),
            None => format!("field.name: the value has no field {name}"),
            Some(other) => {
                format!("field.name: field {name} must be INT64 or a Timestamp, found: {}", other.type_name())
            }
        };
        Err(Error::bad_record(why))
    }
}
