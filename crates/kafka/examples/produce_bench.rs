//! How fast batches are sent, and at what cost: `produce_bench BOOTSTRAP TOPIC RECORDS SIZE [JAVA_KEY=VALUE …]`.
//!
//! One task sends batches of 1 MB and keeps as many in flight as its byte budget allows, as the record path does. At
//! the end the broker is asked how many records it has.
#![allow(clippy::print_stdout, reason = "a program")]

use std::collections::VecDeque;
use std::time::Instant;

use sluice_kafka::librdkafka::RdKafkaClients;
use sluice_kafka::{ClientSettings, Clients, EncodedBatch, EncodedRecord, NewTopic};

#[path = "measure/mod.rs"]
mod measure;

type Failed = Box<dyn std::error::Error>;

const BATCH_BYTES: usize = 1 << 20;
const BUDGET_BYTES: usize = 8 << 20;

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, topic, records, size, rest @ ..] = &arguments[..] else {
        return Err("produce_bench BOOTSTRAP TOPIC RECORDS SIZE [JAVA_KEY=VALUE …]".into());
    };
    let (records, size): (usize, usize) = (records.parse()?, size.parse()?);
    let settings = measure::settings(bootstrap, rest)?;
    let clients = RdKafkaClients::new();
    let connection = ClientSettings(
        settings
            .0
            .iter()
            .filter(|(key, _)| *key == "bootstrap.servers")
            .map(|(k, v)| (k, v.unwrap_or("")))
            .collect(),
    );
    let admin = clients.admin(&connection)?;
    let new_topic =
        NewTopic { name: topic.clone(), partitions: 1, replication_factor: 1, configs: Default::default() };
    admin.create_topic(&new_topic).await?;
    let place = [api::data::TopicPartition::new(topic.as_str(), 0)];
    let before: i64 = admin.end_offsets(&place).await?.values().sum();
    let producer = clients.producer(&settings)?;

    let cost = measure::Cost::now();
    let start = Instant::now();
    let (mut made, mut failed) = (0, 0);
    let mut in_flight = VecDeque::new();
    let mut in_flight_bytes = 0;
    let name: api::data::Topic = topic.as_str().into();
    while made < records {
        let count = (records - made).min((BATCH_BYTES / size).max(1));
        let batch = fill(&name, made, count, size);
        let weight = batch.weight();
        while in_flight_bytes + weight > BUDGET_BYTES
            && let Some((bytes, receipt)) = in_flight.pop_front()
        {
            let receipt: sluice_kafka::Receipt = receipt;
            failed += receipt.await.failures.len();
            in_flight_bytes -= bytes;
        }
        in_flight.push_back((weight, producer.send(batch).await?));
        in_flight_bytes += weight;
        made += count;
    }
    for (_, receipt) in in_flight {
        failed += receipt.await.failures.len();
    }
    let seconds = start.elapsed().as_secs_f64();
    let after: i64 = admin.end_offsets(&place).await?.values().sum();
    println!(
        "{} records of {size} bytes, {failed} failed, {} at the broker: {}",
        records,
        after - before,
        cost.per_record(records, seconds)
    );
    Ok(())
}

fn fill(topic: &api::data::Topic, first: usize, count: usize, size: usize) -> EncodedBatch {
    let mut batch = EncodedBatch {
        buffer: Vec::with_capacity(count * size),
        records: Vec::with_capacity(count),
        headers: vec![],
    };
    for index in first..first + count {
        let start = batch.buffer.len();
        batch.buffer.extend_from_slice(&(index as u64).to_be_bytes()[..size.min(8)]);
        batch.buffer.resize(start + size, b'x');
        batch.records.push(EncodedRecord {
            topic: topic.clone(),
            partition: None,
            timestamp: None,
            key: None,
            value: Some(start as u32..batch.buffer.len() as u32),
            headers: 0..0,
        });
    }
    batch
}
