//! Transforms and predicates: sync, one record at a time, as in Kafka Connect.

use config::Config;
use data::Record;

use crate::Result;

/// Changes or drops records.
pub trait Transform: Sized + Send + 'static {
    /// Full class name, `$Key` and `$Value` included.
    const CLASS: &'static str;
    /// The keys, without the prefix `transforms.<alias>.`.
    type Config: Config;

    /// Makes the transform.
    ///
    /// # Errors
    /// A config that cannot work.
    fn build(config: Self::Config) -> Result<Self>;

    /// The record as it goes on; `None` drops it.
    ///
    /// # Errors
    /// The record is at fault: `errors.tolerance` decides.
    fn apply(&mut self, record: Record, origin: &Origin) -> Result<Option<Record>>;
}

/// Chooses records.
pub trait Predicate: Sized + Send + 'static {
    /// Full class name.
    const CLASS: &'static str;
    /// The keys, without the prefix `predicates.<alias>.`.
    type Config: Config;

    /// Makes the predicate.
    ///
    /// # Errors
    /// A config that cannot work.
    fn build(config: Self::Config) -> Result<Self>;

    /// Whether the record is chosen.
    ///
    /// # Errors
    /// The record is at fault.
    fn test(&mut self, record: &Record) -> Result<bool>;
}

/// Where a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A source task.
    Source,
    /// Kafka.
    Sink {
        /// The record's offset in its partition.
        offset: i64,
    },
}
