//! Batches of records as bytes.

use std::ops::Range;

use api::RawHeader;
use api::data::{Bytes, TimestampType, Topic};

/// Records to send: one buffer, and for each record the ranges of its parts. Built by appending.
#[derive(Debug, Clone, Default)]
pub struct EncodedBatch {
    /// Keys, values, header names and header values.
    pub buffer: Vec<u8>,
    /// The records in order.
    pub records: Vec<EncodedRecord>,
    /// The headers of all records; each record has a range of them.
    pub headers: Vec<EncodedHeader>,
}

/// One record of an [`EncodedBatch`]. Ranges of key, value and header parts lie in the buffer.
#[derive(Debug, Clone)]
pub struct EncodedRecord {
    /// The topic.
    pub topic: Topic,
    /// The partition; `None` lets the producer choose by the key, as Java's default partitioner (murmur2).
    pub partition: Option<i32>,
    /// Milliseconds since the epoch; `None` is the time of sending.
    pub timestamp: Option<i64>,
    /// The key; `None` is null.
    pub key: Option<Range<u32>>,
    /// The value; `None` is null, a tombstone.
    pub value: Option<Range<u32>>,
    /// Which of the batch's headers.
    pub headers: Range<u32>,
}

/// One header of an [`EncodedBatch`].
#[derive(Debug, Clone)]
pub struct EncodedHeader {
    /// The name, UTF-8.
    pub key: Range<u32>,
    /// The value; `None` is null.
    pub value: Option<Range<u32>>,
}

impl EncodedBatch {
    /// The bytes of a range.
    pub fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.buffer[range.start as usize..range.end as usize]
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Bytes held, for budgets.
    pub fn weight(&self) -> usize {
        self.buffer.len() + self.records.len() * size_of::<EncodedRecord>()
    }
}

/// Records that were read, in order within each partition.
#[derive(Debug, Clone, Default)]
pub struct FetchedBatch {
    /// The records.
    pub records: Vec<FetchedRecord>,
}

/// One record that was read. Key, value and header values are slices of a buffer that many records share.
#[derive(Debug, Clone)]
pub struct FetchedRecord {
    /// The topic.
    pub topic: Topic,
    /// The partition.
    pub partition: i32,
    /// The record's offset.
    pub offset: i64,
    /// Milliseconds since the epoch, if the record has a timestamp.
    pub timestamp: Option<i64>,
    /// What the timestamp means.
    pub timestamp_type: TimestampType,
    /// The key; `None` is null.
    pub key: Option<Bytes>,
    /// The value; `None` is null.
    pub value: Option<Bytes>,
    /// The headers in order.
    pub headers: Vec<RawHeader>,
}

impl FetchedBatch {
    /// Bytes of keys and values, for budgets.
    pub fn weight(&self) -> usize {
        let of = |record: &FetchedRecord| {
            record.key.as_ref().map_or(0, Bytes::len) + record.value.as_ref().map_or(0, Bytes::len)
        };
        self.records.iter().map(of).sum::<usize>() + self.records.len() * size_of::<FetchedRecord>()
    }
}
