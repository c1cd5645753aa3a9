use std::sync::Arc;

use api::config::Config;
use api::data::{Datum, Record, TimestampType, Value};
use testkit::contexts::Lent;

use super::*;

// Of one MiB each, or a little less.
fn record(partition: i32, offset: i64) -> SinkRecord {
    let topic: Arc<str> = "t".into();
    let text = format!("{partition}/{offset}/{}", "x".repeat((1 << 20) - 20));
    let record = Record {
        topic: topic.clone(),
        partition: Some(partition),
        key: Datum::NULL,
        value: Datum::schemaless(Value::string(text)),
        timestamp: None,
        headers: Vec::new(),
    };
    SinkRecord {
        record,
        origin_topic: topic,
        origin_partition: partition,
        offset,
        timestamp_type: TimestampType::NoTimestampType,
    }
}

#[tokio::test]
async fn many_open_files_take_no_more_memory_than_the_budget() {
    let root = tempfile::tempdir().unwrap();
    let server = dev_s3::Options::new(root.path()).bucket("bucket").start().await.unwrap();
    let raw: RawConfig = [
        ("format.class", "io.confluent.connect.s3.format.json.JsonFormat"),
        ("storage.class", "io.confluent.connect.s3.storage.S3Storage"),
        ("flush.size", "4"),
        ("s3.bucket.name", "bucket"),
        ("store.url", &server.endpoint()),
        ("aws.access.key.id", "sluice"),
        ("aws.secret.access.key", "sluice-secret"),
    ]
    .into_iter()
    .collect();
    let lent = Lent::default();
    let mut task = S3SinkTask::start(S3SinkConfig::parse(&raw).unwrap(), lent.sink()).await.unwrap();
    let partitions: Vec<_> = (0..40).map(|number| TopicPartition::new("t", number)).collect();
    task.open(&partitions).await.unwrap();
    let mut accepted = Offsets::new();
    for offset in 0..4 {
        for partition in &partitions {
            let outcome = task.put(&[record(partition.partition, offset)]).await.unwrap();
            assert!(outcome.rejected.is_empty());
            accepted.insert(partition.clone(), offset + 1);
            // A put may go over by its own batch.
            assert!(task.held() <= BUFFERS_MAX + (3 << 20), "{} bytes are held", task.held());
        }
    }
    let mut durable = Offsets::new();
    while durable.len() < partitions.len() {
        durable.extend(task.flush(&accepted).await.unwrap());
    }
    assert_eq!(durable, accepted);
    for partition in &partitions {
        let number = partition.partition;
        let path = root.path().join(format!("bucket/topics/t/partition={number}/t+{number}+0000000000.json"));
        let text = std::fs::read_to_string(path).unwrap();
        for (offset, line) in text.lines().enumerate() {
            assert!(line.starts_with(&format!("\"{number}/{offset}/xxx")), "{}", &line[..20]);
        }
        assert_eq!(text.lines().count(), 4);
    }
}
