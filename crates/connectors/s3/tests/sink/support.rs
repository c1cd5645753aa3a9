//! A bucket, a task, records.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::config::RawConfig;
use api::data::{Datum, Map, Offsets, Record, SinkRecord, TimestampType, TopicPartition, Value};
use api::dynamic::DynSinkTask;
use api::registry::ConnectorClass;
use api::{Clock, PutOutcome, Registry, Result, SinkRequest};
use dev_s3::{Options, Server};
use tempfile::TempDir;
use testkit::contexts::Lent;

pub const CLASS: &str = "io.confluent.connect.s3.S3SinkConnector";
pub const BUCKET: &str = "bucket";

/// A server with an empty bucket.
pub struct World {
    pub root: TempDir,
    pub server: Server,
}

impl World {
    pub async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let server = Options::new(root.path()).bucket(BUCKET).start().await.unwrap();
        Self { root, server }
    }

    /// JSON, flush.size 3, quick retries.
    pub fn config(&self) -> RawConfig {
        base(&self.server.endpoint())
    }

    /// Names and bytes of all objects.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        walk(&self.root.path().join(BUCKET), "", &mut found);
        found
    }

    /// Names of all objects.
    pub fn names(&self) -> Vec<String> {
        self.objects().into_keys().collect()
    }

    pub fn text(&self, name: &str) -> String {
        let objects = self.objects();
        let bytes = objects.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", objects.keys()));
        String::from_utf8(bytes.clone()).unwrap()
    }

    /// Parts that multipart uploads left behind: the server keeps them beside the buckets.
    pub fn unfinished_uploads(&self) -> usize {
        let entries = std::fs::read_dir(self.root.path()).unwrap();
        entries
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("upload"))
            .count()
    }
}

pub fn base(endpoint: &str) -> RawConfig {
    [
        ("format.class", "io.confluent.connect.s3.format.json.JsonFormat"),
        ("storage.class", "io.confluent.connect.s3.storage.S3Storage"),
        ("flush.size", "3"),
        ("s3.bucket.name", BUCKET),
        ("s3.region", "eu-central-1"),
        ("store.url", endpoint),
        ("aws.access.key.id", "sluice"),
        ("aws.secret.access.key", "sluice-secret"),
        ("s3.retry.backoff.ms", "1"),
        ("retry.backoff.ms", "1"),
    ]
    .into_iter()
    .collect()
}

fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap().is_dir() {
            true => walk(&entry.path(), &format!("{name}/"), found),
            false => drop(found.insert(name, std::fs::read(entry.path()).unwrap())),
        }
    }
}

pub fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_connector_s3::register(&mut registry);
    registry
}

/// A task and what it was lent, with the offsets that a consumer would keep.
pub struct Task {
    pub task: Box<dyn DynSinkTask>,
    pub lent: Lent,
    pub accepted: Offsets,
    pub committed: Offsets,
}

impl Task {
    pub async fn start(config: RawConfig) -> Self {
        Self::with(config, Lent::default()).await.unwrap()
    }

    pub async fn with_clock(config: RawConfig, clock: Arc<dyn Clock>) -> Self {
        Self::with(config, Lent::with_clock(clock)).await.unwrap()
    }

    pub async fn with(config: RawConfig, lent: Lent) -> Result<Self> {
        let ConnectorClass::Sink(class) = registry().connector(CLASS)? else { panic!("a sink") };
        let mut task = class.start_task(config, lent.sink()).await?;
        task.open(&[partition(0), partition(1)]).await?;
        Ok(Self { task, lent, accepted: Offsets::new(), committed: Offsets::new() })
    }

    pub async fn put(&mut self, records: &[SinkRecord]) -> PutOutcome {
        let outcome = self.task.put(records).await.unwrap();
        for record in records {
            let partition = TopicPartition::new(record.origin_topic.clone(), record.origin_partition);
            let next = self.accepted.entry(partition).or_default();
            *next = (*next).max(record.offset + 1);
        }
        outcome
    }

    /// Puts and expects every record to be accepted.
    pub async fn accept(&mut self, records: &[SinkRecord]) {
        let outcome = self.put(records).await;
        assert!(outcome.rejected.is_empty(), "{:?}", outcome.rejected);
    }

    pub async fn flush(&mut self) -> Offsets {
        let durable = self.task.flush(&self.accepted).await.unwrap();
        self.committed.extend(durable.clone());
        durable
    }

    /// The committed offset of partition 0.
    pub fn committed(&self) -> Option<i64> {
        self.committed.get(&partition(0)).copied()
    }

    /// The requests that the task made of its consumer.
    pub fn requests(&self) -> Vec<SinkRequest> {
        self.lent.requests.take()
    }

    /// Drives the task as the runtime would, with seeks obeyed, until partition 0 is committed up to this offset.
    /// Fails after a bounded number of rounds.
    pub async fn drive(&mut self, records: &[SinkRecord], until: i64) {
        let mut position = self.committed().unwrap_or(records[0].offset);
        let mut paused = false;
        for _ in 0..2000 {
            let batch: Vec<_> = records.iter().filter(|record| record.offset >= position).cloned().collect();
            let batch = if paused { Vec::new() } else { batch };
            match self.task.put(&batch).await {
                Ok(outcome) => assert!(outcome.rejected.is_empty(), "{:?}", outcome.rejected),
                Err(error) if error.is_retriable() => continue,
                Err(error) => panic!("{error:?}"),
            }
            if let Some(last) = batch.last() {
                position = last.offset + 1;
                self.accepted.insert(partition(0), position);
            }
            self.obey(&mut position, &mut paused);
            self.flush().await;
            self.obey(&mut position, &mut paused);
            if self.committed() >= Some(until) {
                return;
            }
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(1)).await; // the back-off is of real time here
        }
        panic!("not committed up to {until}: {:?}", self.committed);
    }

    fn obey(&mut self, position: &mut i64, paused: &mut bool) {
        for request in self.requests() {
            match request {
                SinkRequest::Seek(_, offset) => {
                    *position = offset;
                    self.committed.insert(partition(0), offset);
                    self.accepted.insert(partition(0), offset);
                }
                SinkRequest::Pause(_) => *paused = true,
                SinkRequest::Resume(_) => *paused = false,
                other => panic!("{other:?}"),
            }
        }
    }
}

pub fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("orders", number)
}

/// `{"n":offset}`, an hour apart in record time when `hours` is asked for.
pub fn record(offset: i64) -> SinkRecord {
    let mut map = Map::new();
    map.insert(Value::string("n"), Value::Int64(offset));
    with_value(offset, Datum::schemaless(Value::Map(map)))
}

pub fn with_value(offset: i64, value: Datum) -> SinkRecord {
    let topic: Arc<str> = "orders".into();
    SinkRecord {
        record: Record {
            topic: topic.clone(),
            partition: Some(0),
            key: Datum::schemaless(Value::string(format!("k{offset}"))),
            value,
            timestamp: Some(0),
            headers: Vec::new(),
        },
        origin_topic: topic,
        origin_partition: 0,
        offset,
        timestamp_type: TimestampType::CreateTime,
    }
}

pub fn at(mut record: SinkRecord, time: &str) -> SinkRecord {
    record.record.timestamp = Some(ms(time));
    record
}

pub fn ms(time: &str) -> i64 {
    time.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis()
}

pub fn records(offsets: std::ops::Range<i64>) -> Vec<SinkRecord> {
    offsets.map(record).collect()
}

pub fn lines(offsets: std::ops::Range<i64>) -> String {
    offsets.map(|offset| format!("{{\"n\":{offset}}}\n")).collect()
}

pub fn name(start: i64) -> String {
    format!("topics/orders/partition=0/orders+0+{start:010}.json")
}
