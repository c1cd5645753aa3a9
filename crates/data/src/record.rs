//! Records and where they come from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::{OffsetMap, SchemaRef, Text, Value};

/// A topic's name, shared by the records of a batch.
pub type Topic = Arc<str>;

/// A value and, unless the data is schemaless, its schema.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Datum {
    /// Describes the value; `None` for schemaless data.
    pub schema: Option<SchemaRef>,
    /// The value.
    pub value: Value,
}

impl Datum {
    /// Null without a schema.
    pub const NULL: Datum = Datum { schema: None, value: Value::Null };

    /// A value with its schema.
    pub fn new(schema: SchemaRef, value: Value) -> Self {
        Self { schema: Some(schema), value }
    }

    /// A value without a schema.
    pub fn schemaless(value: Value) -> Self {
        Self { schema: None, value }
    }
}

/// One header.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Its name; names may repeat.
    pub key: Text,
    /// Its value.
    pub value: Datum,
}

/// Headers in order; names may repeat.
pub type Headers = Vec<Header>;

/// What a transform sees of a record, source or sink.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The topic it goes to or came from.
    pub topic: Topic,
    /// The Kafka partition; `None` lets the producer choose.
    pub partition: Option<i32>,
    /// The key.
    pub key: Datum,
    /// The value.
    pub value: Datum,
    /// Milliseconds since the epoch; `None` lets the producer choose.
    pub timestamp: Option<i64>,
    /// The headers.
    pub headers: Headers,
}

/// A record and the position in the source that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRecord {
    /// The record.
    pub record: Record,
    /// The source partition, shared by the records of it; `None` when the source has no positions.
    pub source_partition: Option<Arc<OffsetMap>>,
    /// Where to go on after this record; `None` stores nothing for it.
    pub source_offset: Option<OffsetMap>,
}

/// A record and where in Kafka it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct SinkRecord {
    /// The record, after the transforms.
    pub record: Record,
    /// The topic it was read from, whatever transforms did to the record's topic.
    pub origin_topic: Topic,
    /// The partition it was read from.
    pub origin_partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// What the timestamp means.
    pub timestamp_type: TimestampType,
}

/// Who set a record's timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimestampType {
    /// Nobody.
    #[default]
    NoTimestampType,
    /// The producer.
    CreateTime,
    /// The broker.
    LogAppendTime,
}

impl TimestampType {
    /// Kafka's name: `NoTimestampType`, `CreateTime`, `LogAppendTime`.
    pub fn name(self) -> &'static str {
        match self {
            TimestampType::NoTimestampType => "NoTimestampType",
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        }
    }
}

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Topic,
    /// The partition's number.
    pub partition: i32,
}

impl TopicPartition {
    /// A partition of a topic.
    pub fn new(topic: impl Into<Topic>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

/// Kafka's form: `topic-0`.
impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// For each partition, the offset of the next record to read.
pub type Offsets = BTreeMap<TopicPartition, i64>;
