//! What is committed in a topic.

use std::time::{Duration, Instant};

use config::RawConfig;
use kafka::librdkafka::RdKafkaClients;
use kafka::{ClientSettings, Clients, Consumer, EncodedBatch, EncodedRecord, Polled, Subscription};

/// The last record of a topic that is read to its end.
const MARK: &str = "that is all";

fn settings(bootstrap: &str) -> RawConfig {
    RawConfig::new().with("bootstrap.servers", bootstrap)
}

fn consumer(bootstrap: &str, topic: &str) -> Box<dyn Consumer> {
    let group = format!("reader-{:08x}", rand::random::<u32>());
    let settings = settings(bootstrap)
        .with("group.id", group)
        .with("auto.offset.reset", "earliest")
        .with("isolation.level", "read_committed");
    let topics = Subscription::Topics(vec![topic.to_owned()]);
    RdKafkaClients::new().consumer(&ClientSettings(settings), &topics).unwrap()
}

/// Reads until what was read is enough; the values.
pub async fn until(bootstrap: &str, topic: &str, enough: impl Fn(&[String]) -> bool) -> Vec<String> {
    let mut consumer = consumer(bootstrap, topic);
    let mut values: Vec<String> = Vec::new();
    let begin = Instant::now();
    loop {
        if let Polled::Records(batch) = consumer.poll(Duration::from_millis(100)).await.unwrap() {
            let before = values.len();
            let value = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            values.extend(batch.records.iter().filter_map(|record| record.value.as_deref().map(value)));
            if enough(&values[before..]) {
                break;
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(90), "not enough in {topic}: {} records", values.len());
    }
    consumer.close().await;
    values
}

/// All values, when nobody writes any more.
pub async fn committed(bootstrap: &str, topic: &str) -> Vec<String> {
    let producer = RdKafkaClients::new().producer(&ClientSettings(settings(bootstrap))).unwrap();
    let mut batch = EncodedBatch::default();
    batch.buffer.extend_from_slice(MARK.as_bytes());
    batch.records.push(EncodedRecord {
        topic: topic.into(),
        partition: None,
        timestamp: None,
        key: None,
        value: Some(0..MARK.len() as u32),
        headers: 0..0,
    });
    let delivery = producer.send(batch).await.unwrap().await;
    assert!(delivery.failures.is_empty());
    let mut values = until(bootstrap, topic, |texts| texts.iter().any(|text| text == MARK)).await;
    assert_eq!(values.pop().as_deref(), Some(MARK));
    values
}
