//! From librdkafka's messages to a batch that shares one buffer.

use std::collections::HashMap;
use std::ops::Range;

use api::RawHeader;
use api::data::{Bytes, Text, TimestampType, Topic};
use rdkafka::message::{BorrowedMessage, Headers, Message, Timestamp};

use crate::{FetchedBatch, FetchedRecord};

/// Bytes of a batch, so that copying it does not hold a thread of the async runtime for long.
const BYTES_MAX: usize = 1 << 20;

/// Collects messages: parts are copied into one buffer, and become slices of it when the batch is finished.
pub(super) struct BatchBuilder {
    records_max: usize,
    buffer: Vec<u8>,
    records: Vec<FetchedRecord>,
    parts: Vec<Parts>,
    headers: Vec<HeaderParts>,
    topics: HashMap<String, Topic>,
    last_topic: Option<Topic>,
    /// Sizes of the last batch: the next one is likely as large.
    expected: (usize, usize),
}

struct Parts {
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
    headers: Range<usize>,
}

struct HeaderParts {
    key: Range<usize>,
    value: Option<Range<usize>>,
}

impl BatchBuilder {
    pub(super) fn new(records_max: usize) -> Self {
        Self {
            records_max,
            buffer: Vec::new(),
            records: Vec::new(),
            parts: Vec::new(),
            headers: Vec::new(),
            topics: HashMap::new(),
            last_topic: None,
            expected: (0, 0),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= self.records_max || self.buffer.len() >= BYTES_MAX
    }

    pub(super) fn push(&mut self, message: &BorrowedMessage<'_>) {
        if self.records.is_empty() {
            self.buffer.reserve_exact(self.expected.0);
            self.records.reserve_exact(self.expected.1);
        }
        let (timestamp, timestamp_type) = match message.timestamp() {
            Timestamp::NotAvailable => (None, TimestampType::NoTimestampType),
            Timestamp::CreateTime(ms) => (Some(ms), TimestampType::CreateTime),
            Timestamp::LogAppendTime(ms) => (Some(ms), TimestampType::LogAppendTime),
        };
        let topic = self.topic(message.topic());
        let key = self.copy(message.key());
        let value = self.copy(message.payload());
        let first_header = self.headers.len();
        if let Some(headers) = message.headers() {
            for header in headers.iter() {
                let key = copy(&mut self.buffer, header.key.as_bytes());
                let value = header.value.map(|value| copy(&mut self.buffer, value));
                self.headers.push(HeaderParts { key, value });
            }
        }
        self.parts.push(Parts { key, value, headers: first_header..self.headers.len() });
        self.records.push(FetchedRecord {
            topic,
            partition: message.partition(),
            offset: message.offset(),
            timestamp,
            timestamp_type,
            key: None,
            value: None,
            headers: Vec::new(),
        });
    }

    /// What was collected, if anything.
    pub(super) fn finish(&mut self) -> Option<FetchedBatch> {
        if self.records.is_empty() {
            return None;
        }
        let buffer = Bytes::from(std::mem::take(&mut self.buffer));
        let mut records = std::mem::take(&mut self.records);
        self.expected = (buffer.len(), records.len());
        for (record, parts) in records.iter_mut().zip(self.parts.drain(..)) {
            record.key = parts.key.map(|range| buffer.slice(range));
            record.value = parts.value.map(|range| buffer.slice(range));
            if !parts.headers.is_empty() {
                let headers = self.headers[parts.headers].iter();
                record.headers = headers.map(|header| header.share(&buffer)).collect();
            }
        }
        self.headers.clear();
        Some(FetchedBatch { records })
    }

    fn topic(&mut self, name: &str) -> Topic {
        if let Some(last) = self.last_topic.as_ref().filter(|last| ***last == *name) {
            return Topic::clone(last);
        }
        let topic = match self.topics.get(name) {
            Some(topic) => Topic::clone(topic),
            None => {
                let topic = Topic::from(name);
                self.topics.insert(name.to_owned(), Topic::clone(&topic));
                topic
            }
        };
        self.last_topic = Some(Topic::clone(&topic));
        topic
    }

    fn copy(&mut self, part: Option<&[u8]>) -> Option<Range<usize>> {
        part.map(|bytes| copy(&mut self.buffer, bytes))
    }
}

fn copy(buffer: &mut Vec<u8>, bytes: &[u8]) -> Range<usize> {
    let start = buffer.len();
    buffer.extend_from_slice(bytes);
    start..buffer.len()
}

impl HeaderParts {
    fn share(&self, buffer: &Bytes) -> RawHeader {
        let key = buffer.slice(self.key.clone());
        RawHeader {
            key: Text::try_from(key).expect("it was copied from a str"),
            value: self.value.clone().map(|range| buffer.slice(range)),
        }
    }
}
