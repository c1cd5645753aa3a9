//! The log in a compacted topic of one partition: Confluent's `_schemas`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use api::config::RawConfig;
use api::data::{Topic, TopicPartition};
use kafka::{
    Admin, ClientSettings, Clients, EncodedBatch, EncodedRecord, NewTopic, Polled, Producer, Subscription,
};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::{Entry, Error, Log};
use crate::record::Record;

/// How long the topic may give nothing, or a write may take.
const WAIT_MAX: Duration = Duration::from_secs(60);
const POLL_WAIT: Duration = Duration::from_millis(100);

/// Where the log is.
#[derive(Debug, Clone)]
pub struct KafkaLogOptions {
    /// Client settings, by their Java names.
    pub client: RawConfig,
    /// The topic; made if it is not there.
    pub topic: String,
    /// Its replicas; -1 is the broker's default.
    pub replication_factor: i32,
}

impl KafkaLogOptions {
    /// The topic `_schemas` of this cluster, with the broker's number of replicas.
    #[must_use]
    pub fn new(bootstrap: &str) -> Self {
        let client = RawConfig::new().with("bootstrap.servers", bootstrap);
        Self { client, topic: "_schemas".to_owned(), replication_factor: -1 }
    }
}

/// The log in a topic. This registry must be the only one that writes it.
#[derive(Debug)]
pub struct KafkaLog {
    clients: Arc<dyn Clients>,
    options: KafkaLogOptions,
    producer: Arc<dyn Producer>,
    admin: Arc<dyn Admin>,
    runtime: Handle,
}

impl KafkaLog {
    /// Opens the topic, and makes it if it is not there: one partition, compacted.
    ///
    /// # Errors
    /// No broker answers, the topic cannot be made, or it has more than one partition.
    pub async fn open(clients: Arc<dyn Clients>, options: KafkaLogOptions) -> Result<Self, Error> {
        let settings = options.client.clone().with("acks", "all").with("enable.idempotence", "true");
        let producer = clients.producer(&ClientSettings(settings)).map_err(failed)?;
        let admin = clients.admin(&ClientSettings(options.client.clone())).map_err(failed)?;
        let name = &options.topic;
        let topic = NewTopic {
            name: name.clone(),
            partitions: 1,
            replication_factor: options.replication_factor,
            configs: BTreeMap::from([("cleanup.policy".to_owned(), "compact".to_owned())]),
        };
        admin.create_topic(&topic).await.map_err(failed)?;
        let partitions = admin.partitions(std::slice::from_ref(name)).await.map_err(failed)?;
        match partitions.get(name) {
            Some(1) | None => {}
            Some(count) => {
                return Err(Error::Failed(format!(
                    "the topic {name} has {count} partitions; a registry needs one, so that there is one order"
                )));
            }
        }
        Ok(Self { clients, options, producer, admin, runtime: Handle::current() })
    }

    async fn send(&self, records: &[Entry]) -> Result<(), Error> {
        let mut batch = EncodedBatch::default();
        let topic: Topic = self.options.topic.as_str().into();
        for record in records {
            let key = append(&mut batch.buffer, &record.key)?;
            let value = record.value.as_ref().map(|value| append(&mut batch.buffer, value)).transpose()?;
            batch.records.push(EncodedRecord {
                topic: topic.clone(),
                partition: Some(0),
                timestamp: Some(record.timestamp_ms),
                key: Some(key),
                value,
                headers: 0..0,
            });
        }
        let receipt = self.producer.send(batch).await.map_err(failed)?;
        match receipt.await.failures.into_iter().next() {
            Some(failure) => Err(failed(failure.error)),
            None => Ok(()),
        }
    }

    // The end is found by writing a record that means nothing: the last of a topic is never compacted away.
    async fn read(&self) -> Result<Vec<Entry>, Error> {
        let (key, value) = Record::Nothing.encode().map_err(|error| Error::Failed(error.to_string()))?;
        self.within_limit(self.send(&[Entry { key, value, timestamp_ms: now_ms() }])).await?;
        let partition = TopicPartition::new(self.options.topic.as_str(), 0);
        let asked = async { self.admin.end_offsets(std::slice::from_ref(&partition)).await.map_err(failed) };
        let ends = self.within_limit(asked).await?;
        let end = ends.get(&partition).copied().unwrap_or(0);
        // A group of its own each time: nobody else can be given the partition, and nothing is committed.
        let settings = self
            .options
            .client
            .clone()
            .with("group.id", format!("sluice-schema-registry-{}", Uuid::new_v4()))
            .with("auto.offset.reset", "earliest")
            .with("enable.auto.commit", "false");
        let subscription = Subscription::Topics(vec![self.options.topic.clone()]);
        let mut consumer = self.clients.consumer(&ClientSettings(settings), &subscription).map_err(failed)?;
        let mut entries = Vec::new();
        let mut position = 0;
        let mut heard = Instant::now();
        while position < end {
            match consumer.poll(POLL_WAIT).await {
                Ok(Polled::Records(batch)) => {
                    heard = Instant::now();
                    for record in batch.records {
                        position = record.offset + 1;
                        entries.push(Entry {
                            key: record.key.unwrap_or_default().to_vec(),
                            value: record.value.map(|value| value.to_vec()),
                            timestamp_ms: record.timestamp.unwrap_or(0),
                        });
                    }
                }
                Ok(_) | Err(kafka::Error::Retriable { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
            if heard.elapsed() > WAIT_MAX {
                let topic = &self.options.topic;
                return Err(Error::TimedOut(format!(
                    "topic {topic} was read up to offset {position} of {end}, then nothing came"
                )));
            }
        }
        consumer.close().await;
        Ok(entries)
    }

    async fn within_limit<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let limited = timeout(WAIT_MAX, work).await;
        limited.unwrap_or_else(|_| {
            let (topic, seconds) = (&self.options.topic, WAIT_MAX.as_secs());
            Err(Error::TimedOut(format!("the topic {topic} gave no answer in {seconds} seconds")))
        })
    }
}

impl Log for KafkaLog {
    fn append(&mut self, records: &[Entry]) -> Result<(), Error> {
        self.runtime.clone().block_on(self.within_limit(self.send(records)))
    }

    fn replay(&mut self) -> Result<Vec<Entry>, Error> {
        self.runtime.clone().block_on(self.read())
    }
}

/// The time of day, as records carry it.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn append(buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<std::ops::Range<u32>, Error> {
    let place = |at: usize| {
        u32::try_from(at).map_err(|_| Error::TooLarge("more than 4 GiB in one operation".to_owned()))
    };
    let start = place(buffer.len())?;
    buffer.extend_from_slice(bytes);
    Ok(start..place(buffer.len())?)
}

fn failed(error: kafka::Error) -> Error {
    match error {
        kafka::Error::BadRecord { .. } => Error::TooLarge(error.to_string()),
        kafka::Error::Retriable { .. } => Error::TimedOut(error.to_string()),
        _ => Error::Failed(error.to_string()),
    }
}
