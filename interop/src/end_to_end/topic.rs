//! Topics as bytes: what a source has written, and what a sink is to read.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::{Value as Json, json};

use super::site::PATIENCE;

/// A record to be written.
#[derive(Debug, Clone, Copy)]
pub struct Raw {
    /// Its key.
    pub key: Option<&'static [u8]>,
    /// Its value.
    pub value: Option<&'static [u8]>,
    /// Its headers.
    pub headers: &'static [(&'static str, Option<&'static [u8]>)],
    /// Milliseconds since the epoch.
    pub timestamp: i64,
}

/// Writes records to partition 0, in order.
///
/// # Errors
/// The broker does not take them.
pub fn write(bootstrap: &str, topic: &str, records: &[Raw]) -> anyhow::Result<()> {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("enable.idempotence", "true").create()?;
    for raw in records {
        let mut headers = OwnedHeaders::new();
        for (key, value) in raw.headers {
            headers = headers.insert(Header { key, value: *value });
        }
        let mut record: BaseRecord<'_, [u8], [u8]> =
            BaseRecord::to(topic).partition(0).timestamp(raw.timestamp).headers(headers);
        record.key = raw.key;
        record.payload = raw.value;
        producer.send(record).map_err(|(error, _)| error).with_context(|| topic.to_owned())?;
    }
    producer.flush(PATIENCE).with_context(|| format!("writing to {topic}"))
}

/// A topic's records as they come, over all time: key, value, headers, and who set the time.
///
/// # Errors
/// There are not as many in time.
pub fn read(bootstrap: &str, topic: &str, count: usize) -> anyhow::Result<Json> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "interop-observer")
        .set("enable.auto.commit", "false")
        .set("allow.auto.create.topics", "false")
        .create()?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(topic, 0, Offset::Beginning)?;
    consumer.assign(&assignment)?;
    let started = Instant::now();
    let mut records = Vec::new();
    while records.len() < count {
        if started.elapsed() > PATIENCE {
            bail!("{topic} has {} of {count} records after {} s", records.len(), PATIENCE.as_secs());
        }
        // A topic that is not there yet is an error that passes.
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(200)) else { continue };
        let headers: Json = message
            .headers()
            .map(|headers| headers.iter().map(|it| json!({it.key: text(it.value)})).collect())
            .unwrap_or_else(|| json!([]));
        let timestamp = match message.timestamp() {
            rdkafka::Timestamp::NotAvailable => "none",
            rdkafka::Timestamp::CreateTime(_) => "create",
            rdkafka::Timestamp::LogAppendTime(_) => "append",
        };
        records.push(json!({
            "key": text(message.key()), "value": text(message.payload()), "headers": headers, "timestamp": timestamp,
        }));
    }
    Ok(records.into())
}

fn text(bytes: Option<&[u8]>) -> Json {
    match bytes.map(|it| (it, std::str::from_utf8(it))) {
        None => Json::Null,
        Some((_, Ok(text))) => text.into(),
        Some((it, Err(_))) => json!({"bytes": hex::encode(it)}),
    }
}
