//! librdkafka.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Client, Code, Member, Record, Txn};

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Librdkafka {
    bootstrap: String,
    admin: AdminClient<DefaultClientContext>,
}

fn code(error: RDKafkaErrorCode) -> Code {
    Code::try_from(error as i32).unwrap_or(-1)
}

fn code_of(error: &KafkaError) -> Code {
    error.rdkafka_error_code().map_or(-1, code)
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE))
}

impl Librdkafka {
    fn settings(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("allow.auto.create.topics", "false")
            .set("message.max.bytes", "20000000")
            .set("fetch.message.max.bytes", "10000000");
        config
    }

    fn reader(&self, committed: bool) -> BaseConsumer {
        self.settings()
            .set("group.id", "reader")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("check.crcs", "true")
            .set("auto.offset.reset", "error")
            .set("isolation.level", if committed { "read_committed" } else { "read_uncommitted" })
            .create()
            .unwrap()
    }

    fn grouped(&self, group: &str) -> BaseConsumer {
        self.settings().set("group.id", group).set("enable.auto.commit", "false").create().unwrap()
    }

    async fn create(&self, topic: NewTopic<'_>) -> Result<(), Code> {
        self.admin
            .create_topics([&topic], &options())
            .await
            .unwrap()
            .remove(0)
            .map(drop)
            .map_err(|(_, e)| code(e))
    }
}

fn record(message: &impl Message) -> Record {
    let headers = message
        .headers()
        .map(|all| all.iter().map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect());
    Record {
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers.unwrap_or_default(),
        timestamp: message.timestamp().to_millis(),
        offset: message.offset(),
    }
}

fn assignment(topic: &str, partition: i32, from: i64) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(from)).unwrap();
    list
}

fn owned_headers(record: &Record) -> OwnedHeaders {
    record
        .headers
        .iter()
        .fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: value.as_deref() }))
}

fn to_send<'a>(topic: &'a str, partition: i32, record: &'a Record) -> FutureRecord<'a, Vec<u8>, Vec<u8>> {
    let mut out = FutureRecord::to(topic).partition(partition).headers(owned_headers(record));
    out.key = record.key.as_ref();
    out.payload = record.value.as_ref();
    out.timestamp = record.timestamp;
    out
}

impl Client for Librdkafka {
    type Member = RdMember;
    type Txn = RdTxn;
    // The Rust wrapper does not read the errors of the resources from librdkafka's answer.
    const REPORTS_ALTER_ERRORS: bool = false;

    async fn connect(bootstrap: &str) -> Self {
        let admin = ClientConfig::new().set("bootstrap.servers", bootstrap).create().unwrap();
        Self { bootstrap: bootstrap.to_owned(), admin }
    }

    async fn create_topic(&self, name: &str, partitions: i32, config: &[(&str, &str)]) -> Result<(), Code> {
        let new = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        self.create(config.iter().fold(new, |new, (key, value)| new.set(key, value))).await
    }

    async fn create_replicated(&self, name: &str, replicas: i32) -> Result<(), Code> {
        self.create(NewTopic::new(name, 1, TopicReplication::Fixed(replicas))).await
    }

    async fn delete_topic(&self, name: &str) -> Result<(), Code> {
        self.admin
            .delete_topics(&[name], &options())
            .await
            .unwrap()
            .remove(0)
            .map(drop)
            .map_err(|(_, e)| code(e))
    }

    async fn add_partitions(&self, name: &str, to: i32) -> Result<(), Code> {
        let new = NewPartitions::new(name, to as usize);
        self.admin
            .create_partitions([&new], &options())
            .await
            .unwrap()
            .remove(0)
            .map(drop)
            .map_err(|(_, e)| code(e))
    }

    async fn partitions(&self, name: &str) -> Result<usize, Code> {
        let (consumer, name) = (self.grouped("metadata"), name.to_owned());
        spawn_blocking(move || {
            let metadata = consumer.fetch_metadata(Some(&name), PATIENCE).unwrap();
            let topic = &metadata.topics()[0];
            match topic.error() {
                Some(error) => Err(Code::try_from(error as i32).unwrap()),
                None => Ok(topic.partitions().len()),
            }
        })
        .await
        .unwrap()
    }

    async fn config(&self, topic: &str, key: &str) -> Option<String> {
        let resource = ResourceSpecifier::Topic(topic);
        let described =
            self.admin.describe_configs([&resource], &options()).await.unwrap().remove(0).unwrap();
        described.get(key).and_then(|entry| entry.value.clone())
    }

    async fn alter_config(&self, topic: &str, key: &str, value: &str) -> Result<(), Code> {
        let change = AlterConfig::new(ResourceSpecifier::Topic(topic)).set(key, value);
        self.admin
            .alter_configs([&change], &options())
            .await
            .unwrap()
            .remove(0)
            .map(drop)
            .map_err(|(_, e)| code(e))
    }

    async fn delete_records(&self, topic: &str, partition: i32, before: i64) -> Result<(), Code> {
        let list = assignment(topic, partition, before);
        let result = self.admin.delete_records(&list, &options()).await.map_err(|e| code_of(&e))?;
        match result.find_partition(topic, partition).unwrap().error() {
            Ok(()) => Ok(()),
            Err(error) => Err(code_of(&error)),
        }
    }

    async fn delete_group(&self, group: &str) -> Result<(), Code> {
        self.admin
            .delete_groups(&[group], &options())
            .await
            .unwrap()
            .remove(0)
            .map(drop)
            .map_err(|(_, e)| code(e))
    }

    async fn groups(&self) -> Vec<String> {
        let consumer = self.grouped("lister");
        spawn_blocking(move || {
            let list = consumer.fetch_group_list(None, PATIENCE).unwrap();
            list.groups().iter().map(|g| g.name().to_owned()).collect()
        })
        .await
        .unwrap()
    }

    async fn produce(
        &self,
        topic: &str,
        partition: i32,
        records: Vec<Record>,
        codec: &str,
    ) -> Result<Vec<i64>, Code> {
        let producer: FutureProducer = self
            .settings()
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "5")
            .set("compression.type", codec)
            .create()
            .unwrap();
        let mut sent = Vec::new();
        for record in &records {
            sent.push(producer.send_result(to_send(topic, partition, record)).map_err(|(e, _)| code_of(&e))?);
        }
        let mut offsets = Vec::new();
        for delivery in sent {
            offsets.push(delivery.await.unwrap().map_err(|(e, _)| code_of(&e))?.offset);
        }
        Ok(offsets)
    }

    async fn read(&self, topic: &str, partition: i32, from: i64, committed: bool) -> Vec<Record> {
        let (consumer, list) = (self.reader(committed), assignment(topic, partition, from));
        spawn_blocking(move || {
            consumer.assign(&list).unwrap();
            let mut all = Vec::new();
            loop {
                match consumer.poll(PATIENCE) {
                    Some(Ok(message)) => all.push(record(&message)),
                    Some(Err(KafkaError::PartitionEOF(_))) => return all,
                    Some(Err(error)) => panic!("cannot read: {error}"),
                    None => panic!("no end of the partition in sight"),
                }
            }
        })
        .await
        .unwrap()
    }

    async fn wait_for(&self, topic: &str, partition: i32, from: i64) -> Record {
        let consumer: BaseConsumer = self
            .settings()
            .set("group.id", "waiter")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "300000")
            .set("socket.timeout.ms", "300000")
            .create()
            .unwrap();
        let list = assignment(topic, partition, from);
        spawn_blocking(move || {
            consumer.assign(&list).unwrap();
            record(&consumer.poll(2 * PATIENCE).expect("a record").unwrap())
        })
        .await
        .unwrap()
    }

    async fn watermarks(&self, topic: &str, partition: i32) -> (i64, i64) {
        let (consumer, topic) = (self.grouped("watermarks"), topic.to_owned());
        spawn_blocking(move || consumer.fetch_watermarks(&topic, partition, PATIENCE).unwrap()).await.unwrap()
    }

    async fn offset_at(&self, topic: &str, partition: i32, timestamp: i64) -> Option<i64> {
        let (consumer, list) = (self.grouped("times"), assignment(topic, partition, timestamp));
        let topic = topic.to_owned();
        spawn_blocking(move || {
            let found = consumer.offsets_for_times(list, PATIENCE).unwrap();
            match found.find_partition(&topic, partition).unwrap().offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            }
        })
        .await
        .unwrap()
    }

    async fn commit(&self, group: &str, topic: &str, partition: i32, offset: i64) -> Result<(), Code> {
        let (consumer, list) = (self.grouped(group), assignment(topic, partition, offset));
        spawn_blocking(move || {
            consumer.commit(&list, rdkafka::consumer::CommitMode::Sync).map_err(|e| code_of(&e))
        })
        .await
        .unwrap()
    }

    async fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        let (consumer, list) = (self.grouped(group), assignment(topic, partition, 0));
        let topic = topic.to_owned();
        spawn_blocking(move || {
            let found = consumer.committed_offsets(list, PATIENCE).unwrap();
            match found.find_partition(&topic, partition).unwrap().offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            }
        })
        .await
        .unwrap()
    }

    async fn join(&self, group: &str, topic: &str, assignor: &str, session: Duration) -> RdMember {
        let consumer: StreamConsumer = self
            .settings()
            .set("group.id", group)
            .set("partition.assignment.strategy", assignor)
            .set("session.timeout.ms", session.as_millis().to_string())
            .set("heartbeat.interval.ms", (session.as_millis() / 4).to_string())
            .set("auto.offset.reset", "earliest")
            .set("enable.auto.commit", "false")
            .create()
            .unwrap();
        consumer.subscribe(&[topic]).unwrap();
        let consumer = Arc::new(consumer);
        let reader = consumer.clone();
        let reading = tokio::spawn(async move {
            loop {
                // Errors while partitions move are for the client to get over.
                let _ = reader.recv().await;
            }
        });
        RdMember { consumer, reading }
    }

    async fn transactional(&self, id: &str, timeout: Duration) -> RdTxn {
        let producer: FutureProducer = self
            .settings()
            .set("transactional.id", id)
            .set("transaction.timeout.ms", timeout.as_millis().to_string())
            .set("socket.timeout.ms", (timeout.as_millis().min(60_000)).to_string())
            .create()
            .unwrap();
        let producer = Arc::new(producer);
        let init = producer.clone();
        spawn_blocking(move || init.init_transactions(PATIENCE).unwrap()).await.unwrap();
        RdTxn { producer }
    }
}

pub struct RdMember {
    consumer: Arc<StreamConsumer>,
    reading: JoinHandle<()>,
}

impl Member for RdMember {
    async fn assignment(&self) -> Vec<i32> {
        let list = self.consumer.assignment().unwrap();
        let mut partitions: Vec<i32> = list.elements().iter().map(|e| e.partition()).collect();
        partitions.sort_unstable();
        partitions
    }

    async fn leave(self) {
        self.reading.abort();
        let _ = self.reading.await;
        let consumer = self.consumer;
        // The last handle closes the consumer, which blocks.
        spawn_blocking(move || drop(consumer)).await.unwrap();
    }
}

pub struct RdTxn {
    producer: Arc<FutureProducer>,
}

impl RdTxn {
    async fn blocking(
        &self,
        act: impl FnOnce(&FutureProducer) -> Result<(), KafkaError> + Send + 'static,
    ) -> Result<(), String> {
        let producer = self.producer.clone();
        spawn_blocking(move || act(&producer)).await.unwrap().map_err(|e| e.to_string())
    }
}

impl Txn for RdTxn {
    type Member = RdMember;

    async fn begin(&mut self) -> Result<(), String> {
        self.producer.begin_transaction().map_err(|e| e.to_string())
    }

    async fn send(&self, topic: &str, partition: i32, record: Record) -> Result<(), String> {
        self.producer.send(to_send(topic, partition, &record), PATIENCE).await.map(drop).map_err(|(e, _)| {
            let fatal =
                self.producer.client().fatal_error().map(|(code, text)| format!(" (fatal: {code} {text})"));
            format!("{e}{}", fatal.unwrap_or_default())
        })
    }

    async fn send_offset(
        &self,
        member: &RdMember,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<(), String> {
        let group = member.consumer.group_metadata().ok_or("no group metadata")?;
        let list = assignment(topic, partition, offset);
        self.blocking(move |p| p.send_offsets_to_transaction(&list, &group, PATIENCE)).await
    }

    async fn commit(&self) -> Result<(), String> {
        self.blocking(|p| p.commit_transaction(PATIENCE)).await
    }

    async fn abort(&self) -> Result<(), String> {
        self.blocking(|p| p.abort_transaction(PATIENCE)).await
    }

    fn is_fenced(error: &str) -> bool {
        error.to_lowercase().contains("fenced")
    }
}
