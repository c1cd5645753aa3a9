//! The offsets that a group has committed, and those that wait for a transaction to end.

use std::collections::{BTreeMap, HashMap};

/// A topic and a partition number.
pub type TopicPartition = (String, i32);

/// A committed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The next offset to read.
    pub offset: i64,
    /// Leader epoch of the record before it, or -1.
    pub leader_epoch: i32,
    /// Whatever the client wanted to keep with it.
    pub metadata: String,
    /// When, in ms since 1970.
    pub at_ms: i64,
}

/// The offsets of a group.
#[derive(Debug, Default)]
pub struct Offsets {
    /// In effect.
    pub committed: BTreeMap<TopicPartition, Committed>,
    /// By producer id: in effect when the producer's transaction commits.
    pub pending: HashMap<i64, BTreeMap<TopicPartition, Committed>>,
}

impl Offsets {
    /// Whether some open transaction will change this offset.
    #[must_use]
    pub fn is_unstable(&self, partition: &TopicPartition) -> bool {
        self.pending.values().any(|p| p.contains_key(partition))
    }

    /// A producer's transaction ended. Returns what is now in effect.
    pub fn end_transaction(&mut self, producer_id: i64, commit: bool) -> BTreeMap<TopicPartition, Committed> {
        let pending = self.pending.remove(&producer_id).unwrap_or_default();
        if !commit {
            return BTreeMap::new();
        }
        self.committed.extend(pending.clone());
        pending
    }
}
