//! Where the records are kept.

mod kafka_log;
mod memory;

pub(crate) use kafka_log::now_ms;
pub use kafka_log::{KafkaLog, KafkaLogOptions};
pub use memory::MemoryLog;

/// Keeps records in order. Calls may block: they come from threads that may.
pub trait Log: Send {
    /// Adds records at the end, durably.
    ///
    /// # Errors
    /// Some or all of them may not be there; who calls must replay before going on.
    fn append(&mut self, records: &[Entry]) -> Result<(), Error>;

    /// All records from the beginning, but for those that were compacted away.
    ///
    /// # Errors
    /// The log cannot be read to its end.
    fn replay(&mut self) -> Result<Vec<Entry>, Error>;
}

/// A record as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Vec<u8>,
    /// The value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
}

/// Why a log fails.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A record is refused for its size.
    #[error("the schema is too large for the registry's store: {0}")]
    TooLarge(String),
    /// It takes too long.
    #[error("the registry's store does not answer in time: {0}")]
    TimedOut(String),
    /// Anything else.
    #[error("the registry's store: {0}")]
    Failed(String),
}
