//! Topics as bytes: what a source has written, and what a sink is to read.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::{Value as Json, json};

use super::normal;
use super::site::PATIENCE;

/// Settings of a topic that a connector can choose.
const SETTINGS: [&str; 3] = ["cleanup.policy", "compression.type", "retention.ms"];

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

/// How many partitions a topic has, and the settings that a connector can choose.
///
/// # Errors
/// The broker does not say.
pub fn settings(bootstrap: &str, topic: &str) -> anyhow::Result<Json> {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", bootstrap);
    let admin: AdminClient<DefaultClientContext> = client.create()?;
    let metadata = admin.inner().fetch_metadata(Some(topic), PATIENCE)?;
    let partitions: usize = metadata.topics().iter().map(|it| it.partitions().len()).sum();
    let asked = [ResourceSpecifier::Topic(topic)];
    let options = AdminOptions::new().request_timeout(Some(PATIENCE));
    let told = wait(admin.describe_configs(&asked, &options))?;
    let mut settings = json!({"partitions": partitions});
    for resource in told {
        let resource = resource.map_err(|code| anyhow::anyhow!("{topic}: {code}"))?;
        for entry in resource.entries.iter().filter(|entry| SETTINGS.contains(&entry.name.as_str())) {
            settings[&entry.name] = json!(entry.value);
        }
    }
    Ok(settings)
}

// The one future of this program; its thread has nothing else to do.
fn wait<T>(future: impl Future<Output = rdkafka::error::KafkaResult<T>>) -> anyhow::Result<T> {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let started = Instant::now();
    loop {
        if let std::task::Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return Ok(result?);
        }
        if started.elapsed() > PATIENCE {
            bail!("the broker did not answer in {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What a group has committed of a topic's first partition.
///
/// # Errors
/// The broker does not say.
pub fn committed(bootstrap: &str, group: &str, topic: &str) -> anyhow::Result<Json> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("group.id", group).create()?;
    let mut asked = TopicPartitionList::new();
    asked.add_partition(topic, 0);
    let told = consumer.committed_offsets(asked, PATIENCE).with_context(|| group.to_owned())?;
    let found = told.find_partition(topic, 0).map(|it| (it.offset().to_raw(), it.metadata().to_owned()));
    let (offset, metadata) = found.with_context(|| group.to_owned())?;
    Ok(json!({"offset": offset.filter(|it| *it >= 0), "metadata": metadata}))
}

/// A topic's records of all partitions in the order in which they come, over all time: partition, key, value, headers,
/// and the time where `records` chose it (otherwise only who set it).
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
    let started = Instant::now();
    let mut partitions = 0;
    while partitions == 0 {
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
        partitions = metadata.topics().iter().map(|it| it.partitions().len()).sum();
        if started.elapsed() > PATIENCE {
            bail!("there is no topic {topic} after {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut assignment = TopicPartitionList::new();
    for partition in 0..partitions {
        assignment.add_partition_offset(topic, i32::try_from(partition)?, Offset::Beginning)?;
    }
    consumer.assign(&assignment)?;
    let mut records = Vec::new();
    while records.len() < count {
        if started.elapsed() > PATIENCE {
            bail!("{topic} has {} of {count} records after {} s", records.len(), PATIENCE.as_secs());
        }
        // A topic that has just been made is an error that passes.
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(200)) else { continue };
        records.push(record(&message));
    }
    // Records that should not be there are found too.
    while let Some(message) = consumer.poll(Duration::from_millis(50)) {
        if let Ok(message) = message {
            records.push(record(&message));
        }
    }
    Ok(records.into())
}

fn record(message: &impl Message<Headers = rdkafka::message::BorrowedHeaders>) -> Json {
    let header = |it: Header<'_, &[u8]>| match it.key {
        "__connect.errors.exception.stacktrace" => {
            let trace = it.value.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
            json!({it.key: normal::trace(trace)})
        }
        key => json!({key: text(it.value)}),
    };
    let headers: Vec<Json> =
        message.headers().map(|headers| headers.iter().map(header).collect()).unwrap_or_default();
    let timestamp = match message.timestamp() {
        rdkafka::Timestamp::NotAvailable => json!("none"),
        rdkafka::Timestamp::CreateTime(at) if at < normal::WRITTEN_BEFORE => json!(at),
        rdkafka::Timestamp::CreateTime(_) => json!("now"),
        rdkafka::Timestamp::LogAppendTime(_) => json!("append"),
    };
    json!({
        "partition": message.partition(), "key": text(message.key()), "value": text(message.payload()),
        "headers": headers, "timestamp": timestamp,
    })
}

fn text(bytes: Option<&[u8]>) -> Json {
    match bytes.map(|it| (it, std::str::from_utf8(it))) {
        None => Json::Null,
        Some((_, Ok(text))) if !text.contains('\0') => text.into(),
        Some((it, _)) => json!({"bytes": hex::encode(it)}),
    }
}
