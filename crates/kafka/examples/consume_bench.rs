//! How fast a topic is read, and at what cost: `consume_bench BOOTSTRAP TOPIC RECORDS [JAVA_KEY=VALUE …]`.
#![allow(clippy::print_stdout, reason = "a program")]

use std::time::{Duration, Instant};

use sluice_kafka::librdkafka::RdKafkaClients;
use sluice_kafka::{Clients, Polled, Subscription};

#[path = "measure/mod.rs"]
mod measure;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, topic, records, rest @ ..] = &arguments[..] else {
        return Err("consume_bench BOOTSTRAP TOPIC RECORDS [JAVA_KEY=VALUE …]".into());
    };
    let records: usize = records.parse()?;
    let mut settings = measure::settings(bootstrap, rest)?;
    let group = format!("consume-bench-{}", std::process::id());
    settings.0.set("group.id", group);
    settings.0.set("auto.offset.reset", "earliest");
    let mut consumer =
        RdKafkaClients::new().consumer(&settings, &Subscription::Topics(vec![topic.clone()]))?;

    let mut cost = measure::Cost::now();
    let mut start = Instant::now();
    let (mut assigned_ms, mut first_ms) = (None, None);
    let made = Instant::now();
    let (mut read, mut bytes, mut batches) = (0, 0, 0);
    while read < records {
        match consumer.poll(Duration::from_secs(30)).await? {
            Polled::Records(batch) => {
                first_ms.get_or_insert(made.elapsed().as_millis());
                read += batch.records.len();
                bytes += batch.weight();
                batches += 1;
            }
            Polled::Assigned(_) => {
                assigned_ms.get_or_insert(made.elapsed().as_millis());
                cost = measure::Cost::now();
                start = Instant::now();
            }
            Polled::Nothing => return Err(format!("only {read} records came").into()),
            Polled::Revoked(_) | Polled::Lost(_) => return Err("the partitions were taken away".into()),
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{read} records, {bytes} bytes in {batches} batches: {}", cost.per_record(read, seconds));
    let closing = Instant::now();
    consumer.close().await;
    println!(
        "ms to the assignment {assigned_ms:?}, to the first records {first_ms:?}, to leave {}",
        closing.elapsed().as_millis()
    );
    Ok(())
}
