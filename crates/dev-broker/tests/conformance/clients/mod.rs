//! Two independent clients behind one face, and a third that is only the protocol.

mod krafka_client;
mod librdkafka;
pub mod raw;

pub use krafka_client::Krafka;
pub use librdkafka::Librdkafka;

use std::time::Duration;

/// A record, sent or received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    pub timestamp: Option<i64>,
    pub offset: i64,
}

impl Record {
    pub fn new(key: &str, value: &str) -> Self {
        Self { key: Some(key.into()), value: Some(value.into()), ..Self::default() }
    }

    pub fn value(value: &str) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    pub fn tombstone(key: &str) -> Self {
        Self { key: Some(key.into()), ..Self::default() }
    }

    pub fn at(mut self, timestamp: i64) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.value.as_deref().unwrap_or_default()).into_owned()
    }

    pub fn key_text(&self) -> String {
        String::from_utf8_lossy(self.key.as_deref().unwrap_or_default()).into_owned()
    }
}

/// Kafka's number for an error.
pub type Code = i16;

/// A client, as far as the checks need one.
pub trait Client: Sized + Send {
    type Member: Member;
    type Txn: Txn<Member = Self::Member>;
    /// Whether `alter_config` returns the broker's errors.
    const REPORTS_ALTER_ERRORS: bool;

    async fn connect(bootstrap: &str) -> Self;
    async fn create_topic(&self, name: &str, partitions: i32, config: &[(&str, &str)]) -> Result<(), Code>;
    async fn create_replicated(&self, name: &str, replicas: i32) -> Result<(), Code>;
    async fn delete_topic(&self, name: &str) -> Result<(), Code>;
    async fn add_partitions(&self, name: &str, to: i32) -> Result<(), Code>;
    /// The number of partitions; does not create the topic.
    async fn partitions(&self, name: &str) -> Result<usize, Code>;
    async fn config(&self, topic: &str, key: &str) -> Option<String>;
    async fn alter_config(&self, topic: &str, key: &str, value: &str) -> Result<(), Code>;
    async fn delete_records(&self, topic: &str, partition: i32, before: i64) -> Result<(), Code>;
    async fn delete_group(&self, group: &str) -> Result<(), Code>;
    async fn groups(&self) -> Vec<String>;
    /// Produces idempotently with acks=all, in one partition and in order; the offsets.
    async fn produce(
        &self,
        topic: &str,
        partition: i32,
        records: Vec<Record>,
        codec: &str,
    ) -> Result<Vec<i64>, Code>;
    /// Everything from an offset to the end.
    async fn read(&self, topic: &str, partition: i32, from: i64, committed: bool) -> Vec<Record>;
    /// Waits for the first record from an offset on, with a fetch that the broker may hold for long.
    async fn wait_for(&self, topic: &str, partition: i32, from: i64) -> Record;
    /// Earliest and latest offset.
    async fn watermarks(&self, topic: &str, partition: i32) -> (i64, i64);
    /// The first offset at or after a time; `None` when there is none.
    async fn offset_at(&self, topic: &str, partition: i32, timestamp: i64) -> Option<i64>;
    /// Commits outside of any membership.
    async fn commit(&self, group: &str, topic: &str, partition: i32, offset: i64) -> Result<(), Code>;
    async fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<i64>;
    async fn join(&self, group: &str, topic: &str, assignor: &str, session: Duration) -> Self::Member;
    async fn transactional(&self, id: &str, timeout: Duration) -> Self::Txn;
}

/// A member of a group that reads in the background.
pub trait Member: Send {
    /// Its partitions now.
    async fn assignment(&self) -> Vec<i32>;
    async fn leave(self);
}

/// A transactional producer.
pub trait Txn: Send {
    type Member;
    async fn begin(&mut self) -> Result<(), String>;
    async fn send(&self, topic: &str, partition: i32, record: Record) -> Result<(), String>;
    async fn send_offset(
        &self,
        member: &Self::Member,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<(), String>;
    async fn commit(&self) -> Result<(), String>;
    async fn abort(&self) -> Result<(), String>;
    /// Whether this error means that a newer producer has taken over.
    fn is_fenced(error: &str) -> bool;
}
