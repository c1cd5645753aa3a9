//! A compacted topic that holds state: read as a whole when it is opened, then followed and written to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use api::data::{Bytes, Offsets, TopicPartition};
use parking_lot::Mutex;

use crate::{
    Admin, ClientSettings, Clients, EncodedBatch, EncodedRecord, Error, FetchedRecord, NewTopic, Producer,
    Result, TopicCreation,
};

/// How often the end of the topic is asked for again when no broker answers, and the pause between.
const END_TRIES: u32 = 20;
const END_PAUSE: Duration = Duration::from_millis(250);

/// Reads all of some partitions from their beginning, without a group.
pub trait LogReader: Send {
    /// What was written since the last call, waiting until there is something. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The topic is gone or must not be read.
    fn next(&mut self) -> BoxFuture<'_, Result<Vec<FetchedRecord>>>;

    /// What was not yet answered, at least up to these offsets: those after the last record of each partition, also
    /// where the last one is not visible (a transaction's end). Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`Self::next`].
    fn read_to<'a>(&'a mut self, ends: &'a Offsets) -> BoxFuture<'a, Result<Vec<FetchedRecord>>>;

    /// As [`Self::read_to`], but not after the first record of a transaction that is open, which who reads what is
    /// committed would wait for. Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`Self::next`].
    fn read_decided<'a>(&'a mut self, ends: &'a Offsets) -> BoxFuture<'a, Result<Vec<FetchedRecord>>>;
}

/// The clients' settings of a [`CompactedLog`], and its topic.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// The topic, and how it is made when it is not there. It is made compacted, whatever `configs` say.
    pub topic: NewTopic,
    /// Whether it is made.
    pub create: bool,
    /// The worker's key that names the topic, for error texts: `config.storage.topic`.
    pub key: &'static str,
    /// Whether it must have one partition.
    pub one_partition: bool,
    /// For reading; `group.id` is the worker's, nothing is committed.
    pub consumer: ClientSettings,
    /// For writing.
    pub producer: ClientSettings,
    /// For looking at the topic and making it.
    pub admin: ClientSettings,
}

/// A compacted topic. Records are what was written, in order for each partition: compaction may have left out those
/// that a later record of the same key replaced.
pub struct CompactedLog {
    topic: Arc<str>,
    partitions: Vec<TopicPartition>,
    reader: Box<dyn LogReader>,
    writer: LogWriter,
}

/// Writes to a [`CompactedLog`]. Cheap to clone.
#[derive(Clone)]
pub struct LogWriter {
    topic: Arc<str>,
    clients: Arc<dyn Clients>,
    settings: Arc<ClientSettings>,
    /// The one of the last call, so that it lives on for the next.
    producer: Arc<Mutex<Arc<dyn Producer>>>,
    admin: Arc<dyn Admin>,
}

/// A record to write: its key, and its value or a tombstone.
pub type LogRecord = (Bytes, Option<Bytes>);

impl CompactedLog {
    /// Makes the topic if it is not there, checks it, and begins to read it.
    ///
    /// # Errors
    /// No broker answers; it cannot be made; or it is not a topic that may hold state: Kafka removes records of a topic
    /// whose `cleanup.policy` is not `compact`.
    pub async fn open(clients: &Arc<dyn Clients>, settings: &LogSettings) -> Result<Self> {
        let admin = clients.admin(&settings.admin)?;
        let count = found_or_made(&*admin, settings).await?;
        check_policy(&*admin, settings).await?;
        let name = &settings.topic.name;
        if settings.one_partition && count != 1 {
            return Err(Error::Fatal {
                operation: format!("opening topic {name}"),
                reason: format!(
                    "topic '{name}' supplied via the '{}' property is required to have a single partition in order to \
                     guarantee consistency of connector configurations, but found {count} partitions; name another topic",
                    settings.key
                ),
            });
        }
        let topic: Arc<str> = name.as_str().into();
        let partitions: Vec<_> =
            (0..count).map(|partition| TopicPartition::new(name.as_str(), partition as i32)).collect();
        let reader = clients.log_reader(&settings.consumer, &partitions)?;
        let writer = LogWriter {
            topic: topic.clone(),
            clients: clients.clone(),
            settings: Arc::new(settings.producer.clone()),
            producer: Arc::new(Mutex::new(clients.producer(&settings.producer)?)),
            admin,
        };
        Ok(Self { topic, partitions, reader, writer })
    }

    /// The topic's name.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Where to write.
    pub fn writer(&self) -> &LogWriter {
        &self.writer
    }

    /// What was written since the last call, waiting until there is something. Dropping the future loses nothing.
    ///
    /// # Errors
    /// The topic is gone or must not be read.
    pub async fn next(&mut self) -> Result<Vec<FetchedRecord>> {
        self.reader.next().await
    }

    /// Everything that was written before this call and was not yet answered. Who reads what is committed waits for
    /// transactions that are open, until the broker ends them.
    ///
    /// # Errors
    /// No broker answers.
    pub async fn read_to_end(&mut self) -> Result<Vec<FetchedRecord>> {
        let ends = end_offsets(&*self.writer.admin, &self.partitions).await?;
        self.reader.read_to(&ends).await
    }

    /// What was written before this call and was not yet answered, up to the first record of a transaction that is open:
    /// what a killed worker left open is ended by who takes its place, and that one must begin before.
    ///
    /// # Errors
    /// No broker answers.
    pub async fn read_decided(&mut self) -> Result<Vec<FetchedRecord>> {
        let ends = end_offsets(&*self.writer.admin, &self.partitions).await?;
        self.reader.read_decided(&ends).await
    }
}

impl LogWriter {
    /// Records as a batch for the topic, to be sent by another producer.
    ///
    /// # Errors
    /// They are more than 4 GiB.
    pub fn batch(&self, records: &[LogRecord]) -> Result<EncodedBatch> {
        batch(&self.topic, records)
    }

    /// Writes records, in order; they are durable when this returns.
    ///
    /// # Errors
    /// Not all of them are known to be written.
    pub async fn append(&self, records: &[LogRecord]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let delivery = self.producer()?.send(batch(&self.topic, records)?).await?.await;
        match delivery.failures.into_iter().next() {
            None => Ok(()),
            Some(failure) => Err(failure.error),
        }
    }

    // Another one when the last has become useless, as after a refused login: the worker writes here as long as it lives.
    fn producer(&self) -> Result<Arc<dyn Producer>> {
        let producer = self.clients.producer(&self.settings)?;
        *self.producer.lock() = producer.clone();
        Ok(producer)
    }
}

// The key chooses the partition, as with Java's producer.
fn batch(topic: &str, records: &[LogRecord]) -> Result<EncodedBatch> {
    let mut batch = EncodedBatch::default();
    for (key, value) in records {
        let mut put = |bytes: &Bytes| {
            let start = u32::try_from(batch.buffer.len()).ok()?;
            batch.buffer.extend_from_slice(bytes);
            Some(start..u32::try_from(batch.buffer.len()).ok()?)
        };
        let key = put(key);
        let value_range = value.as_ref().map(&mut put);
        let (Some(key), None | Some(Some(_))) = (key, &value_range) else {
            return Err(Error::BadRecord {
                operation: format!("writing to topic {topic}"),
                reason: "records of more than 4 GiB cannot be written at once".to_owned(),
            });
        };
        batch.records.push(EncodedRecord {
            topic: topic.into(),
            partition: None,
            timestamp: None,
            key: Some(key),
            value: value_range.flatten(),
            headers: 0..0,
        });
    }
    Ok(batch)
}

async fn end_offsets(admin: &dyn Admin, partitions: &[TopicPartition]) -> Result<Offsets> {
    let mut tries = 1;
    loop {
        match admin.end_offsets(partitions).await {
            // A partition that was just made has no leader yet.
            Err(Error::Retriable { .. }) if tries < END_TRIES => tokio::time::sleep(END_PAUSE).await,
            answer => return answer,
        }
        tries += 1;
    }
}

async fn found_or_made(admin: &dyn Admin, settings: &LogSettings) -> Result<u32> {
    let name = &settings.topic.name;
    let asked = [name.clone()];
    if let Some(count) = admin.partitions(&asked).await?.get(name) {
        return Ok(*count);
    }
    if !settings.create {
        return Err(Error::Fatal {
            operation: format!("opening topic {name}"),
            reason: format!(
                "topic '{name}' specified via the '{}' property does not exist, and internal.topics.automatic.creation.enable \
                 is false: create it with cleanup.policy=compact, or name one that exists",
                settings.key
            ),
        });
    }
    let mut topic = settings.topic.clone();
    topic.configs.insert(CLEANUP_POLICY.to_owned(), COMPACT.to_owned());
    match admin.create_topic(&topic).await? {
        TopicCreation::Created => {
            tracing::info!(topic = %name, key = settings.key, "created a compacted topic");
        }
        TopicCreation::Existed => {}
    }
    for _ in 0..END_TRIES {
        if let Some(count) = admin.partitions(&asked).await?.get(name) {
            return Ok(*count);
        }
        tokio::time::sleep(END_PAUSE).await; // the brokers tell each other of it
    }
    Err(Error::Retriable {
        operation: format!("creating topic {name}"),
        reason: "the brokers took the request and do not know the topic yet".to_owned(),
    })
}

const CLEANUP_POLICY: &str = "cleanup.policy";
const COMPACT: &str = "compact";

/// A topic's `cleanup.policy`.
pub(crate) fn policy_of(configs: &BTreeMap<String, String>) -> Option<&str> {
    configs.get(CLEANUP_POLICY).map(String::as_str)
}

/// Whether Kafka keeps the newest record of each key with this policy, however old it is.
pub(crate) fn keeps_state(policy: &str) -> bool {
    policy == COMPACT
}

async fn check_policy(admin: &dyn Admin, settings: &LogSettings) -> Result<()> {
    let name = &settings.topic.name;
    let configs: BTreeMap<String, String> = match admin.topic_configs(name).await {
        Ok(configs) => configs,
        // Who must not look at configs may still use the topic, as in Kafka Connect.
        Err(error @ Error::Fatal { .. }) => {
            tracing::info!(topic = %name, "its cleanup.policy is not checked: {error}");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    match policy_of(&configs) {
        None => Ok(()),
        Some(policy) if keeps_state(policy) => Ok(()),
        Some(policy) => Err(Error::Fatal {
            operation: format!("opening topic {name}"),
            reason: format!(
                "topic '{name}' supplied via the '{}' property is required to have 'cleanup.policy=compact' to guarantee \
                 consistency and durability of what is stored there, but found the topic currently has \
                 'cleanup.policy={policy}'. Continuing would likely result in eventually losing it: change the topic's \
                 policy, or name another topic",
                settings.key
            ),
        }),
    }
}
