//! Clients that log in: what they ask an identity provider, what they say when they are not let in, and (with
//! `SLUICE_INTEROP=1`) that Apache Kafka lets them in by each mechanism.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test, whose answers are of interest")]

mod apache_kafka;
mod certificates;
mod logs;
mod signer;
mod token_endpoint;
mod tokens;

use std::time::Duration;

use api::data::Topic;
use sluice_kafka::{ClientSettings, EncodedBatch, EncodedRecord, Error, Producer};

/// Longer than anything here takes; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(60);
/// The secret of the client in all these tests: in no log line and no error.
const SECRET: &str = "canary-secret-8f2c";

/// A batch of one record.
fn record(topic: &str, value: &str) -> EncodedBatch {
    let record = EncodedRecord {
        topic: Topic::from(topic),
        partition: None,
        timestamp: None,
        key: None,
        value: Some(0..value.len() as u32),
        headers: 0..0,
    };
    EncodedBatch { records: vec![record], buffer: value.as_bytes().to_vec(), ..EncodedBatch::default() }
}

/// Why a record is not delivered.
async fn not_delivered(producer: &dyn Producer) -> Error {
    match producer.send(record("t", "v")).await {
        Err(error) => error,
        Ok(receipt) => {
            let delivery = tokio::time::timeout(LONG, receipt).await;
            let delivery = delivery.unwrap_or_else(|_| panic!("no fate; {}", logs::of_librdkafka()));
            delivery.failures.into_iter().next().expect("it was not delivered").error
        }
    }
}

fn settings(pairs: &[(&str, &str)]) -> ClientSettings {
    ClientSettings(pairs.iter().copied().collect())
}
