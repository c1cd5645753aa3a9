//! `MakeTombstone` and `TombstoneHandler`.

use api::config::{Config, config_enum};
use api::data::{Datum, Record};
use api::{Error, Origin, Result, Transform};

use super::class;
use crate::filter::NoConfig;

/// Makes every record a tombstone; its headers stay.
#[derive(Debug)]
pub struct MakeTombstone;

impl Transform for MakeTombstone {
    const CLASS: &'static str = class!("MakeTombstone");
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        record.value = Datum::NULL;
        Ok(Some(record))
    }
}

config_enum! {
    /// What becomes of tombstones.
    pub enum Behavior {
        /// They are dropped.
        DropSilent = "drop_silent",
        /// They are dropped, with a warning in the log.
        DropWarn = "drop_warn",
        /// They fail.
        Fail = "fail",
    }
}

/// Keys of [`TombstoneHandler`].
#[derive(Debug, Clone, Config)]
pub struct TombstoneHandlerConfig {
    /// What becomes of records with a null value: `drop_silent`, `drop_warn` (with a warning in the log) or `fail`.
    #[config(key = "behavior")]
    pub behavior: Behavior,
}

/// Drops or fails tombstones.
#[derive(Debug)]
pub struct TombstoneHandler(Behavior);

impl Transform for TombstoneHandler {
    const CLASS: &'static str = class!("TombstoneHandler");
    type Config = TombstoneHandlerConfig;

    fn build(config: TombstoneHandlerConfig) -> Result<Self> {
        Ok(Self(config.behavior))
    }

    fn apply(&mut self, record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if !record.value.value.is_null() {
            return Ok(Some(record));
        }
        match self.0 {
            Behavior::DropSilent => tracing::debug!(topic = %record.topic, "a tombstone is dropped"),
            Behavior::DropWarn => tracing::warn!(topic = %record.topic, "a tombstone is dropped"),
            Behavior::Fail => {
                return Err(Error::bad_record(
                    "Tombstone record encountered, failing due to configured 'fail' behavior",
                )
                .with("topic", &record.topic));
            }
        }
        Ok(None)
    }
}
