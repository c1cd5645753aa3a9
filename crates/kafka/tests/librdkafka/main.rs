//! The clients of librdkafka against a broker: what is sent is read, in order, whatever happens between.
#![allow(clippy::unwrap_used, reason = "a test")]

mod admin;
mod compacted_log;
mod groups;
mod refusals;
mod restart;
mod round_trip;
mod transactions;

use std::time::Duration;

use api::data::{Topic, TopicPartition};
use dev_broker::{Broker, Options};
use sluice_kafka::librdkafka::RdKafkaClients;
use sluice_kafka::{
    ClientSettings, Clients, Consumer, EncodedBatch, EncodedHeader, EncodedRecord, FetchedRecord, NewTopic,
    Polled, Subscription,
};

/// Longer than anything here takes; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(60);

async fn broker() -> Broker {
    Options::default().start().await.unwrap()
}

fn settings(broker: &Broker, pairs: &[(&str, &str)]) -> ClientSettings {
    let mut settings = ClientSettings(pairs.iter().copied().collect());
    settings.0.set("bootstrap.servers", broker.bootstrap());
    settings
}

fn consumer_settings(broker: &Broker, group: &str, pairs: &[(&str, &str)]) -> ClientSettings {
    let mut settings = settings(broker, pairs);
    settings.0.set("group.id", group);
    settings.0.set("auto.offset.reset", "earliest");
    settings
}

fn topics(names: &[&str]) -> Subscription {
    Subscription::Topics(names.iter().map(|name| (*name).to_owned()).collect())
}

async fn create(clients: &RdKafkaClients, broker: &Broker, topic: &str, partitions: i32) {
    let admin = clients.admin(&settings(broker, &[])).unwrap();
    let topic =
        NewTopic { name: topic.to_owned(), partitions, replication_factor: 1, configs: Default::default() };
    admin.create_topic(&topic).await.unwrap();
}

/// A record to be sent, as a test writes it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Sent {
    partition: Option<i32>,
    timestamp: Option<i64>,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

fn value(text: impl Into<String>) -> Sent {
    Sent { value: Some(text.into().into_bytes()), ..Sent::default() }
}

fn encode(topic: &str, records: &[Sent]) -> EncodedBatch {
    let topic: Topic = topic.into();
    let mut batch = EncodedBatch::default();
    for record in records {
        let mut add = |bytes: &[u8]| {
            let start = batch.buffer.len() as u32;
            batch.buffer.extend_from_slice(bytes);
            start..batch.buffer.len() as u32
        };
        let key = record.key.as_deref().map(&mut add);
        let value = record.value.as_deref().map(&mut add);
        let first = batch.headers.len() as u32;
        for (name, value) in &record.headers {
            let key = add(name.as_bytes());
            let value = value.as_deref().map(&mut add);
            batch.headers.push(EncodedHeader { key, value });
        }
        batch.records.push(EncodedRecord {
            topic: topic.clone(),
            partition: record.partition,
            timestamp: record.timestamp,
            key,
            value,
            headers: first..batch.headers.len() as u32,
        });
    }
    batch
}

/// Polls until so many records have come; assignments on the way are passed over.
async fn read(consumer: &mut dyn Consumer, count: usize) -> Vec<FetchedRecord> {
    let mut records = Vec::new();
    while records.len() < count {
        match consumer.poll(LONG).await.unwrap() {
            Polled::Records(batch) => records.extend(batch.records),
            Polled::Assigned(_) => {}
            other => panic!("{other:?} after {} of {count} records", records.len()),
        }
    }
    records
}

/// Polls until partitions are assigned.
async fn assigned(consumer: &mut dyn Consumer) -> Vec<TopicPartition> {
    match consumer.poll(LONG).await.unwrap() {
        Polled::Assigned(partitions) => partitions,
        other => panic!("{other:?}"),
    }
}

fn text(bytes: &Option<api::data::Bytes>) -> &str {
    std::str::from_utf8(bytes.as_ref().unwrap()).unwrap()
}
