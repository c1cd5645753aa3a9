//! krafka: one handle for each group member, for members of one handle would block each other.

use std::sync::Arc;
use std::time::Duration;

use krafka::admin::{
    AdminClient, AlterConsumerGroupOffsetsOptions, ConfigOp, ConfigResource, CreatePartitionsOptions,
    CreateTopicsOptions, DeleteConsumerGroupsOptions, DeleteRecordsOptions, DeleteTopicsOptions,
    DescribeConfigsOptions, DescribeTopicsOptions, IncrementalAlterConfigsOptions,
    ListConsumerGroupOffsetsOptions, ListConsumerGroupsOptions, ListOffsetsOptions, NewTopic, OffsetSpec,
    TopicPartition,
};
use krafka::consumer::{AutoOffsetReset, Consumer, IsolationLevel, PartitionAssignmentStrategy};
use krafka::producer::{TopicPartitionOffset, TransactionalProducer};
use krafka::{Compression, Kafka, KrafkaError};
use tokio::task::JoinHandle;

use super::{Client, Code, Member, Record, Txn};

pub struct Krafka {
    bootstrap: String,
    kafka: Kafka,
    admin: AdminClient,
}

fn code(error: &KrafkaError) -> Code {
    match error {
        KrafkaError::Broker { code, .. } => code.to_i16(),
        KrafkaError::UnknownTopic { .. } => 3,
        other => panic!("not an answer of the broker: {other}"),
    }
}

fn only<K: std::hash::Hash + Eq, T>(
    results: std::collections::HashMap<K, Result<T, KrafkaError>>,
) -> Result<T, Code> {
    results.into_values().next().expect("one result").map_err(|e| code(&e))
}

async fn handle(bootstrap: &str) -> Kafka {
    Kafka::builder(bootstrap).allow_auto_create_topics(false).connect().await.unwrap()
}

impl Krafka {
    async fn create(&self, topic: NewTopic) -> Result<(), Code> {
        only(self.admin.create_topics([topic], CreateTopicsOptions::default()).await.unwrap())
    }

    async fn reader(&self, committed: bool, wait: Duration) -> Consumer {
        let level = if committed { IsolationLevel::ReadCommitted } else { IsolationLevel::ReadUncommitted };
        self.kafka
            .consumer_without_group()
            .isolation_level(level)
            .fetch_max_wait(wait)
            .max_partition_fetch_bytes(10_000_000)
            .auto_offset_reset(AutoOffsetReset::None)
            .build()
            .await
            .unwrap()
    }
}

fn received(record: krafka::ConsumerRecord) -> Record {
    Record {
        key: record.key.map(|k| k.to_vec()),
        value: record.value.map(|v| v.to_vec()),
        headers: record
            .headers
            .iter()
            .map(|(k, v)| (k.to_string(), v.as_ref().map(|v| v.to_vec())))
            .collect(),
        timestamp: Some(record.timestamp),
        offset: record.offset,
    }
}

fn to_send(topic: &str, partition: i32, record: Record) -> krafka::Record {
    let mut out = krafka::Record::new(topic, record.value.clone().unwrap_or_default()).partition(partition);
    if record.value.is_none() {
        out = out.without_value();
    }
    if let Some(key) = record.key {
        out = out.key(key);
    }
    for (key, value) in record.headers {
        out = match value {
            Some(value) => out.header(key, value),
            None => out.null_header(key),
        };
    }
    match record.timestamp {
        Some(timestamp) => out.timestamp(timestamp),
        None => out,
    }
}

impl Client for Krafka {
    type Member = KrMember;
    type Txn = KrTxn;
    const REPORTS_ALTER_ERRORS: bool = true;

    async fn connect(bootstrap: &str) -> Self {
        let kafka = handle(bootstrap).await;
        let admin = kafka.admin();
        Self { bootstrap: bootstrap.to_owned(), kafka, admin }
    }

    async fn create_topic(&self, name: &str, partitions: i32, config: &[(&str, &str)]) -> Result<(), Code> {
        let new = NewTopic::new(name, partitions, 1).unwrap();
        self.create(config.iter().fold(new, |new, (key, value)| new.with_config(*key, *value))).await
    }

    async fn create_replicated(&self, name: &str, replicas: i32) -> Result<(), Code> {
        self.create(NewTopic::new(name, 1, replicas as i16).unwrap()).await
    }

    async fn delete_topic(&self, name: &str) -> Result<(), Code> {
        only(self.admin.delete_topics([name], DeleteTopicsOptions::default()).await.unwrap())
    }

    async fn add_partitions(&self, name: &str, to: i32) -> Result<(), Code> {
        only(self.admin.create_partitions([(name, to)], CreatePartitionsOptions::default()).await.unwrap())
    }

    async fn partitions(&self, name: &str) -> Result<usize, Code> {
        let described = self.admin.describe_topics([name], DescribeTopicsOptions::default()).await.unwrap();
        only(described).map(|topic| topic.partitions.len())
    }

    async fn config(&self, topic: &str, key: &str) -> Option<String> {
        let described = self
            .admin
            .describe_configs([ConfigResource::topic(topic)], DescribeConfigsOptions::default())
            .await
            .unwrap();
        only(described).unwrap().into_iter().find(|entry| entry.name == key)?.value
    }

    async fn alter_config(&self, topic: &str, key: &str, value: &str) -> Result<(), Code> {
        let change = (ConfigResource::topic(topic), vec![ConfigOp::set(key, value)]);
        only(
            self.admin
                .incremental_alter_configs([change], IncrementalAlterConfigsOptions::default())
                .await
                .unwrap(),
        )
    }

    async fn delete_records(&self, topic: &str, partition: i32, before: i64) -> Result<(), Code> {
        let which = (TopicPartition::new(topic, partition), before);
        only(self.admin.delete_records([which], DeleteRecordsOptions::default()).await.unwrap()).map(drop)
    }

    async fn delete_group(&self, group: &str) -> Result<(), Code> {
        only(
            self.admin.delete_consumer_groups([group], DeleteConsumerGroupsOptions::default()).await.unwrap(),
        )
    }

    async fn groups(&self) -> Vec<String> {
        let listed = self.admin.list_consumer_groups(ListConsumerGroupsOptions::default()).await.unwrap();
        listed.into_values().flat_map(|all| all.unwrap()).map(|g| g.group_id).collect()
    }

    async fn produce(
        &self,
        topic: &str,
        partition: i32,
        records: Vec<Record>,
        codec: &str,
    ) -> Result<Vec<i64>, Code> {
        let compression = match codec {
            "none" => Compression::None,
            "gzip" => Compression::Gzip,
            "snappy" => Compression::Snappy,
            "lz4" => Compression::Lz4,
            "zstd" => Compression::Zstd,
            other => panic!("no codec {other}"),
        };
        let producer = self
            .kafka
            .producer()
            .compression(compression)
            .linger(Duration::from_millis(5))
            .max_request_size(20_000_000)
            .batch_size(1_000_000)
            .idempotent(true)
            .build()
            .await
            .unwrap();
        let mut sent = Vec::new();
        for record in records {
            sent.push(producer.enqueue(to_send(topic, partition, record)).await.map_err(|e| code(&e))?);
        }
        let mut offsets = Vec::new();
        for acknowledgement in sent {
            offsets.push(acknowledgement.await.map_err(|e| code(&e))?.offset);
        }
        producer.close().await.unwrap();
        Ok(offsets)
    }

    async fn read(&self, topic: &str, partition: i32, from: i64, committed: bool) -> Vec<Record> {
        let which = TopicPartition::new(topic, partition);
        let options = ListOffsetsOptions::default().read_committed(committed);
        let end = only(self.admin.list_offsets([(which, OffsetSpec::Latest)], options).await.unwrap())
            .unwrap()
            .offset;
        let consumer = self.reader(committed, Duration::from_millis(500)).await;
        consumer.assign(topic, vec![partition]).await.unwrap();
        consumer.seek(topic, partition, from).await.unwrap();
        let mut all = Vec::new();
        while consumer.position(topic, partition).await.is_none_or(|position| position < end) {
            let polled = consumer.poll(Duration::from_millis(500)).await.unwrap();
            all.extend(polled.into_iter().map(received));
        }
        consumer.close().await.unwrap();
        all
    }

    async fn wait_for(&self, topic: &str, partition: i32, from: i64) -> Record {
        let consumer = self.reader(false, Duration::from_secs(25)).await;
        consumer.assign(topic, vec![partition]).await.unwrap();
        consumer.seek(topic, partition, from).await.unwrap();
        received(consumer.recv().await.unwrap().expect("a record"))
    }

    async fn watermarks(&self, topic: &str, partition: i32) -> (i64, i64) {
        self.reader(false, Duration::from_millis(100)).await.fetch_watermarks(topic, partition).await.unwrap()
    }

    async fn offset_at(&self, topic: &str, partition: i32, timestamp: i64) -> Option<i64> {
        let consumer = self.reader(false, Duration::from_millis(100)).await;
        let found = consumer.offsets_for_times(&[(topic, partition)], timestamp).await;
        Some(only(found).unwrap()).filter(|o| *o >= 0)
    }

    async fn commit(&self, group: &str, topic: &str, partition: i32, offset: i64) -> Result<(), Code> {
        let which = (TopicPartition::new(topic, partition), offset);
        let options = AlterConsumerGroupOffsetsOptions::default();
        only(self.admin.alter_consumer_group_offsets(group, [which], options).await.unwrap())
    }

    async fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        let listed = self
            .admin
            .list_consumer_group_offsets(group, ListConsumerGroupOffsetsOptions::default())
            .await
            .unwrap();
        listed.get(&TopicPartition::new(topic, partition))?.as_ref().unwrap().offset
    }

    async fn join(&self, group: &str, topic: &str, assignor: &str, session: Duration) -> KrMember {
        let strategy = PartitionAssignmentStrategy::from_protocol_name(assignor).unwrap();
        let kafka = handle(&self.bootstrap).await;
        let consumer = kafka
            .consumer(group)
            .partition_assignment_strategy(strategy)
            .session_timeout(session)
            .heartbeat_interval(session / 4)
            .auto_offset_reset(AutoOffsetReset::Earliest)
            .enable_auto_commit(false)
            .build()
            .await
            .unwrap();
        consumer.subscribe([topic]).await.unwrap();
        let consumer = Arc::new(consumer);
        let reader = consumer.clone();
        let reading = tokio::spawn(async move {
            loop {
                let _ = reader.poll(Duration::from_millis(50)).await;
            }
        });
        KrMember { consumer, reading, _kafka: kafka }
    }

    async fn transactional(&self, id: &str, timeout: Duration) -> KrTxn {
        let kafka = handle(&self.bootstrap).await;
        let producer = kafka
            .producer()
            .transaction_timeout(timeout)
            .delivery_timeout(timeout)
            .build_transactional(id)
            .await
            .unwrap();
        KrTxn { producer, _kafka: kafka }
    }
}

pub struct KrMember {
    consumer: Arc<Consumer>,
    reading: JoinHandle<()>,
    _kafka: Kafka,
}

impl Member for KrMember {
    async fn assignment(&self) -> Vec<i32> {
        let mut partitions: Vec<i32> = self.consumer.assignment().await.into_values().flatten().collect();
        partitions.sort_unstable();
        partitions
    }

    async fn leave(self) {
        self.reading.abort();
        let _ = self.reading.await;
        self.consumer.close().await.unwrap();
    }
}

pub struct KrTxn {
    producer: TransactionalProducer,
    _kafka: Kafka,
}

impl Txn for KrTxn {
    type Member = KrMember;

    async fn begin(&mut self) -> Result<(), String> {
        self.producer.begin().map_err(|e| e.to_string())
    }

    async fn send(&self, topic: &str, partition: i32, record: Record) -> Result<(), String> {
        self.producer.send(to_send(topic, partition, record)).await.map(drop).map_err(|e| e.to_string())
    }

    async fn send_offset(
        &self,
        member: &KrMember,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<(), String> {
        let group = member.consumer.group_metadata().await.ok_or("not a member")?;
        let offsets = [TopicPartitionOffset::new(topic, partition, offset)];
        self.producer.send_offsets(&offsets, &group).await.map_err(|e| e.to_string())
    }

    async fn commit(&self) -> Result<(), String> {
        self.producer.commit().await.map_err(|e| e.to_string())
    }

    async fn abort(&self) -> Result<(), String> {
        self.producer.abort().await.map_err(|e| e.to_string())
    }

    fn is_fenced(error: &str) -> bool {
        error.to_lowercase().contains("fenced")
    }
}
