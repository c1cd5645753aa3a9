//! `ExtractTimestamp`: the record's timestamp from a field.

use std::marker::PhantomData;

use api::config::{Config, Validator, config_enum};
use api::data::{Record, Value};
use api::{Error, Origin, Result, Transform};

use literal::calendar::DAY_MS;

use super::class;
use crate::side::Side;

config_enum! {
    /// What a number counts.
    pub enum Resolution {
        /// Milliseconds.
        Milliseconds = "milliseconds",
        /// Seconds.
        Seconds = "seconds",
    }
}

/// Keys of [`ExtractTimestamp`].
#[derive(Debug, Clone, Config)]
pub struct ExtractTimestampConfig {
    /// The field with the timestamp, INT64 or a Timestamp, Date or Time.
    #[config(key = "field.name", importance = High, validator = Validator::NonEmpty)]
    pub field: String,
    /// What an INT64 counts: `milliseconds` or `seconds`.
    #[config(key = "timestamp.resolution", default = "milliseconds", importance = Low)]
    pub resolution: Resolution,
}

/// Sets the record's timestamp.
#[derive(Debug)]
pub struct ExtractTimestamp<S> {
    config: ExtractTimestampConfig,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for ExtractTimestamp<S> {
    const CLASS: &'static str = class!("ExtractTimestamp", S);
    type Config = ExtractTimestampConfig;

    fn build(config: ExtractTimestampConfig) -> Result<Self> {
        Ok(Self { config, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let name = &self.config.field;
        let part = if S::IS_KEY { "key" } else { "value" };
        let found = match &S::of(&mut record).value {
            Value::Struct(row) => row.get(name),
            Value::Map(map) => map.get_str(name),
            other => {
                return Err(Error::bad_record(format!(
                    "field.name: the {part} must be a struct or a map, found: {}",
                    other.type_name()
                )));
            }
        };
        let timestamp = match found {
            Some(Value::Timestamp(ms)) => Ok(*ms),
            // Java has one class for all three.
            Some(Value::Date(days)) => Ok(i64::from(*days) * DAY_MS),
            Some(Value::Time(ms)) => Ok(i64::from(*ms)),
            Some(Value::Int64(ms)) if self.config.resolution == Resolution::Milliseconds => Ok(*ms),
            Some(Value::Int64(seconds)) => seconds
                .checked_mul(1000)
                .ok_or_else(|| format!("field {name} is out of range: {seconds} seconds")),
            Some(Value::Null) => Err(format!("field {name} of the {part} is null")),
            None => Err(format!("the {part} has no field {name}")),
            Some(other) => {
                Err(format!("field {name} must be INT64 or a Timestamp, found: {}", other.type_name()))
            }
        };
        record.timestamp = Some(timestamp.map_err(|why| Error::bad_record(format!("field.name: {why}")))?);
        Ok(Some(record))
    }
}
