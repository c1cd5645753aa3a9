use std::sync::Arc;

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use sluice_kafka::{CompactedLog, LogSettings};

use super::*;

fn log_settings(broker: &Broker, topic: &str, partitions: i32, isolation: &str) -> LogSettings {
    LogSettings {
        topic: NewTopic {
            name: topic.to_owned(),
            partitions,
            replication_factor: 1,
            configs: Default::default(),
        },
        create: true,
        key: "offset.storage.topic",
        one_partition: false,
        consumer: consumer_settings(broker, "workers", &[("isolation.level", isolation)]),
        producer: settings(broker, &[("linger.ms", "0")]),
        admin: settings(broker, &[]),
    }
}

fn clients() -> Arc<dyn Clients> {
    Arc::new(RdKafkaClients::new())
}

async fn open(broker: &Broker, topic: &str, isolation: &str) -> CompactedLog {
    CompactedLog::open(&clients(), &log_settings(broker, topic, 3, isolation)).await.unwrap()
}

fn texts(records: &[FetchedRecord]) -> Vec<(String, Option<String>)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut texts: Vec<_> = records
        .iter()
        .map(|record| (text(record.key.as_deref().unwrap()), record.value.as_deref().map(text)))
        .collect();
    texts.sort();
    texts
}

fn pair(key: &str, value: Option<&str>) -> (String, Option<String>) {
    (key.to_owned(), value.map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_read_from_the_beginning_and_followed() {
    let broker = broker().await;
    let mut one = open(&broker, "state", "read_uncommitted").await;
    assert!(one.read_to_end().await.unwrap().is_empty(), "an empty topic has an end, too");
    let record = |key: &str, value: Option<&str>| {
        (key.to_owned().into_bytes().into(), value.map(|value| value.to_owned().into_bytes().into()))
    };
    one.writer().append(&[record("a", Some("1")), record("b", Some("2"))]).await.unwrap();
    one.writer().append(&[record("a", None)]).await.unwrap();
    let all = [pair("a", None), pair("a", Some("1")), pair("b", Some("2"))];
    assert_eq!(texts(&one.read_to_end().await.unwrap()), all);
    assert!(one.read_to_end().await.unwrap().is_empty(), "each is answered once");

    let mut other = open(&broker, "state", "read_uncommitted").await;
    assert_eq!(texts(&other.read_to_end().await.unwrap()), all);
    one.writer().append(&[record("c", Some("3"))]).await.unwrap();
    let next = tokio::time::timeout(LONG, other.next()).await.unwrap().unwrap();
    assert_eq!(texts(&next), [pair("c", Some("3"))]);
    one.writer().append(&[]).await.unwrap();
}

// A transaction ends with a record that nobody sees: its place counts, or the end would never be reached.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_is_reached_where_the_last_records_are_not_visible() {
    let broker = broker().await;
    let mut committed = open(&broker, "state", "read_committed").await;
    let bootstrap = broker.bootstrap().to_owned();
    let transactions = move || {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap).set("transactional.id", "leader");
        let producer: BaseProducer = config.create().unwrap();
        producer.init_transactions(LONG).unwrap();
        for (value, commit) in [("kept", true), ("given up", false)] {
            producer.begin_transaction().unwrap();
            let record = BaseRecord::to("state").key("k").payload(value);
            producer.send(record).map_err(|(error, _)| error).unwrap();
            producer.flush(LONG).unwrap();
            match commit {
                true => producer.commit_transaction(LONG).unwrap(),
                false => producer.abort_transaction(LONG).unwrap(),
            }
        }
    };
    tokio::task::spawn_blocking(transactions).await.unwrap();
    let read = tokio::time::timeout(LONG, committed.read_to_end()).await.unwrap().unwrap();
    assert_eq!(texts(&read), [pair("k", Some("kept"))]);
    let mut all = open(&broker, "state", "read_uncommitted").await;
    let read = tokio::time::timeout(LONG, all.read_to_end()).await.unwrap().unwrap();
    assert_eq!(texts(&read), [pair("k", Some("given up")), pair("k", Some("kept"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_forgets_is_refused() {
    let broker = broker().await;
    create(&RdKafkaClients::new(), &broker, "forgets", 1).await;
    let settings = log_settings(&broker, "forgets", 1, "read_uncommitted");
    let error = CompactedLog::open(&clients(), &settings).await.err().unwrap().to_string();
    assert!(error.contains("cleanup.policy=delete") && error.contains("offset.storage.topic"), "{error}");
}

// Invariant 8: whoever waits for the end is told when no broker answers.
#[tokio::test(start_paused = true)]
async fn the_end_is_not_waited_for_without_limit() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = [("bootstrap.servers", nobody.to_string()), ("group.id", "workers".to_owned())];
    let settings = ClientSettings(settings.into_iter().collect());
    let place = TopicPartition::new("state", 0);
    let mut reader = RdKafkaClients::new().log_reader(&settings, std::slice::from_ref(&place)).unwrap();
    let error = reader.read_to(&[(place, 1)].into()).await.err().unwrap();
    assert!(matches!(error, sluice_kafka::Error::Retriable { .. }), "{error}");
    assert!(error.to_string().contains("30 s"), "{error}");
}
