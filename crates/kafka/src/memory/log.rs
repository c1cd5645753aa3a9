//! A topic's records.

use std::collections::BTreeMap;

use api::RawHeader;
use api::data::Bytes;

/// A record of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The partition.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The key; `None` is null.
    pub key: Option<Bytes>,
    /// The value; `None` is null.
    pub value: Option<Bytes>,
    /// The headers in order.
    pub headers: Vec<RawHeader>,
}

#[derive(Debug, Default)]
pub(super) struct TopicLog {
    pub(super) partitions: Vec<Vec<StoredRecord>>,
    pub(super) configs: BTreeMap<String, String>,
}

impl TopicLog {
    pub(super) fn grow_to(&mut self, partitions: u32) {
        if self.partitions.len() < partitions as usize {
            self.partitions.resize_with(partitions as usize, Vec::new);
        }
    }

    /// Appends to the record's partition, which must be there, and answers the offset.
    pub(super) fn push(&mut self, mut record: StoredRecord) -> i64 {
        let partition = &mut self.partitions[record.partition as usize];
        record.offset = partition.len() as i64;
        partition.push(record);
        partition.len() as i64 - 1
    }

    pub(super) fn all(&self) -> Vec<StoredRecord> {
        self.partitions.iter().flatten().cloned().collect()
    }
}
