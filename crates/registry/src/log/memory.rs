//! A log in memory, for tests and for what need not last.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Entry, Error, Log};

/// Keeps records in memory; clones are the same log.
#[derive(Debug, Clone, Default)]
pub struct MemoryLog(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    entries: Vec<Entry>,
    /// How many records of the next append are written before it fails.
    fail_after: Option<usize>,
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A log with these records.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self(Arc::new(Mutex::new(Held { entries, fail_after: None })))
    }

    /// What it has.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().entries.clone()
    }

    /// What a compaction leaves: the last record of each key, and no tombstones.
    #[must_use]
    pub fn compacted(&self) -> Self {
        let entries = self.entries();
        let last: HashMap<_, _> =
            entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        let kept = entries.into_iter().enumerate();
        let kept = kept.filter(|(at, entry)| last[&entry.key] == *at && entry.value.is_some());
        Self::of(kept.map(|(_, entry)| entry).collect())
    }

    /// The next append fails after so many records.
    pub fn fail_next_append(&self, after: usize) {
        self.0.lock().fail_after = Some(after);
    }
}

impl Log for MemoryLog {
    fn append(&mut self, records: &[Entry]) -> Result<(), Error> {
        let mut held = self.0.lock();
        let failing = held.fail_after.take();
        let count = failing.unwrap_or(records.len()).min(records.len());
        held.entries.extend_from_slice(&records[..count]);
        match failing {
            Some(_) => Err(Error::Failed("it was told to fail".to_owned())),
            None => Ok(()),
        }
    }

    fn replay(&mut self) -> Result<Vec<Entry>, Error> {
        Ok(self.entries())
    }
}
