//! `TombstoneHandler`: what becomes of records with a null value.

use api::config::{Config, config_enum};
use api::data::Record;
use api::{Error, Origin, Result, Transform};

config_enum! {
    /// What becomes of tombstones.
    pub enum Behavior {
        /// They are dropped.
        Ignore = "ignore",
        /// They are dropped, with a warning in the log.
        Warn = "warn",
        /// They fail.
        Fail = "fail",
    }
}

/// Keys of [`TombstoneHandler`].
#[derive(Debug, Clone, Config)]
pub struct TombstoneHandlerConfig {
    /// What becomes of records with a null value: `ignore` drops them, `warn` drops them and says so in the log, `fail`
    /// fails them.
    #[config(key = "behavior", default = "warn")]
    pub behavior: Behavior,
}

/// Drops or fails tombstones.
#[derive(Debug)]
pub struct TombstoneHandler(Behavior);

impl Transform for TombstoneHandler {
    const CLASS: &'static str = "io.confluent.connect.transforms.TombstoneHandler";
    type Config = TombstoneHandlerConfig;

    fn build(config: TombstoneHandlerConfig) -> Result<Self> {
        Ok(Self(config.behavior))
    }

    fn apply(&mut self, record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if !record.value.value.is_null() {
            return Ok(Some(record));
        }
        match self.0 {
            Behavior::Ignore => tracing::debug!(topic = %record.topic, "a tombstone is dropped"),
            Behavior::Warn => tracing::warn!(topic = %record.topic, "a tombstone is dropped"),
            Behavior::Fail => {
                return Err(Error::bad_record("the record's value is null, and behavior is fail")
                    .with("topic", &record.topic));
            }
        }
        Ok(None)
    }
}
