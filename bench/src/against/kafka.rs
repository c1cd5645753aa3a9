//! The broker of both sides: Apache Kafka's own.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Headers;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::{ClientConfig, Message};
use testkit::apache_kafka::{Broker, Setup};

use super::Rival;

const PATIENCE: Duration = Duration::from_secs(60);

/// A broker, and one who looks at it.
pub struct Kafka {
    _broker: Broker,
    /// For `bootstrap.servers`.
    pub address: String,
    consumer: BaseConsumer,
}

fn observer(address: &str) -> Result<BaseConsumer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("group.id", "bench-observer")
        .set("enable.auto.commit", "false")
        .set("allow.auto.create.topics", "false")
        .create()
}

impl Kafka {
    /// Starts a broker whose topics have one partition.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(rival: &Rival) -> anyhow::Result<Self> {
        let broker = Setup::new().start(&rival.jars.runtime).map_err(anyhow::Error::msg)?;
        let address = broker.bootstrap("PLAINTEXT");
        let consumer = observer(&address)?;
        Ok(Self { _broker: broker, address, consumer })
    }

    /// Creates a topic of one partition, and waits until it can be looked at.
    ///
    /// # Errors
    /// The broker refuses it.
    pub fn create(&self, topic: &str) -> anyhow::Result<()> {
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", &self.address).create()?;
        let new = NewTopic::new(topic, 1, TopicReplication::Fixed(1));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answers = runtime.block_on(admin.create_topics([&new], &AdminOptions::new()))?;
        for answer in answers {
            answer.map_err(|(topic, code)| anyhow::anyhow!("{topic}: {code}"))?;
        }
        let started = Instant::now();
        while self.consumer.fetch_watermarks(topic, 0, Duration::from_secs(10)).is_err() {
            ensure!(started.elapsed() < PATIENCE, "{topic} did not come");
        }
        Ok(())
    }

    /// Records of partition 0 of a topic; 0 while there is no topic.
    pub fn end(&self, topic: &str) -> u64 {
        self.end_or_why(topic).unwrap_or(0)
    }

    /// As [`Self::end`].
    ///
    /// # Errors
    /// The broker does not tell, perhaps because there is no such topic.
    pub fn end_or_why(&self, topic: &str) -> anyhow::Result<u64> {
        let ask = |consumer: &BaseConsumer| consumer.fetch_watermarks(topic, 0, Duration::from_secs(10));
        // A client that has once heard that there is no such topic may not ask again for minutes.
        let (_, high) = ask(&self.consumer).or_else(|_| ask(&observer(&self.address)?))?;
        Ok(u64::try_from(high).unwrap_or(0))
    }

    /// The timestamps of records of partition 0 of a topic, in milliseconds.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn timestamps(&self, topic: &str, from: u64, to: u64) -> anyhow::Result<Vec<i64>> {
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, 0, Offset::Offset(from as i64))?;
        self.consumer.assign(&assignment)?;
        let (mut times, started) = (Vec::new(), Instant::now());
        while (times.len() as u64) < to - from {
            ensure!(started.elapsed() < PATIENCE, "{topic} has {} of {} records", times.len(), to - from);
            let Some(message) = self.consumer.poll(Duration::from_millis(200)) else { continue };
            times.push(message?.timestamp().to_millis().context("a record without a timestamp")?);
        }
        self.consumer.unassign()?;
        Ok(times)
    }

    /// Writes values to a topic, in order.
    ///
    /// # Errors
    /// The broker does not take them.
    pub fn write(&self, topic: &str, values: impl Iterator<Item = String>) -> anyhow::Result<()> {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &self.address)
            .set("enable.idempotence", "true")
            .set("linger.ms", "20")
            .set("queue.buffering.max.messages", "200000")
            .create()?;
        for value in values {
            let mut record = BaseRecord::<(), str>::to(topic).payload(&value).partition(0);
            while let Err((error, refused)) = producer.send(record) {
                if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                    return Err(error).with_context(|| topic.to_owned());
                }
                producer.poll(Duration::from_millis(10));
                record = refused;
            }
        }
        producer.flush(PATIENCE).with_context(|| topic.to_owned())
    }

    /// One number that stands for the keys, values and headers' count of a topic's first records, in order.
    ///
    /// # Errors
    /// There are not as many.
    pub fn digest(&self, topic: &str, records: u64) -> anyhow::Result<u64> {
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, 0, Offset::Beginning)?;
        self.consumer.assign(&assignment)?;
        let (mut hasher, mut seen, started) = (DefaultHasher::new(), 0, Instant::now());
        while seen < records {
            if started.elapsed() > PATIENCE {
                bail!("{topic} has {seen} of {records} records");
            }
            let Some(message) = self.consumer.poll(Duration::from_millis(200)) else { continue };
            let message = message?;
            let headers = message.headers().map_or(0, Headers::count);
            (message.key(), message.payload(), headers).hash(&mut hasher);
            seen += 1;
        }
        self.consumer.unassign()?;
        Ok(hasher.finish())
    }
}
