//! Records that are seen together, or not at all, and producers that are fenced.

use std::sync::Arc;

use sluice_kafka::{CompactedLog, Error, LogSettings, TransactionalProducer};

use super::*;

async fn producer(clients: &RdKafkaClients, broker: &Broker, id: &str) -> Arc<dyn TransactionalProducer> {
    let pairs = [
        ("transactional.id", id),
        ("enable.idempotence", "true"),
        ("acks", "all"),
        ("delivery.timeout.ms", "2147483647"),
    ];
    let producer = clients.transactional_producer(&settings(broker, &pairs)).unwrap();
    producer.init(LONG).await.unwrap();
    producer
}

async fn send(producer: &dyn TransactionalProducer, topic: &str, text: &str) {
    let record = Sent { key: Some(text.as_bytes().to_vec()), ..value(text) };
    let delivery = producer.send(encode(topic, &[record])).await.unwrap().await;
    assert!(delivery.failures.is_empty(), "{:?}", delivery.failures);
}

async fn committed(clients: &RdKafkaClients, broker: &Broker, group: &str, count: usize) -> Vec<String> {
    let settings = consumer_settings(broker, group, &[("isolation.level", "read_committed")]);
    let mut consumer = clients.consumer(&settings, &topics(&["t"])).unwrap();
    let records = read(&mut *consumer, count).await;
    let texts = records.iter().map(|record| text(&record.value).to_owned()).collect();
    consumer.close().await;
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_is_seen_and_what_is_aborted_is_not() {
    let (broker, clients) = (broker().await, RdKafkaClients::new());
    create(&clients, &broker, "t", 1).await;
    let writer = producer(&clients, &broker, "g-c-0").await;
    for (text, commits) in [("one", true), ("two", false), ("three", true)] {
        writer.begin().await.unwrap();
        send(&*writer, "t", text).await;
        match commits {
            true => writer.commit(LONG).await.unwrap(),
            false => writer.abort(LONG).await.unwrap(),
        }
    }
    assert_eq!(committed(&clients, &broker, "readers", 2).await, ["one", "three"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_begins_later_fences_who_began_before() {
    let (broker, clients) = (broker().await, RdKafkaClients::new());
    create(&clients, &broker, "t", 1).await;
    let old = producer(&clients, &broker, "g-c-0").await;
    old.begin().await.unwrap();
    send(&*old, "t", "of the old").await;
    let new = producer(&clients, &broker, "g-c-0").await;
    let error = old.commit(LONG).await.unwrap_err();
    assert!(matches!(error, Error::Fenced { .. }), "{error:?}");
    new.begin().await.unwrap();
    send(&*new, "t", "of the new").await;
    new.commit(LONG).await.unwrap();
    assert_eq!(committed(&clients, &broker, "readers", 1).await, ["of the new"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_client_fences_producers_and_ends_their_transactions() {
    let (broker, clients) = (broker().await, RdKafkaClients::new());
    create(&clients, &broker, "t", 1).await;
    let old = producer(&clients, &broker, "g-c-1").await;
    old.begin().await.unwrap();
    send(&*old, "t", "of the old").await;
    let admin = clients.admin(&settings(&broker, &[])).unwrap();
    let ids = ["g-c-0", "g-c-1"].map(str::to_owned);
    admin.fence_producers(&ids, LONG).await.unwrap();
    let receipt = old.send(encode("t", &[value("late")])).await;
    let failed = match receipt {
        Ok(receipt) => receipt.await.failures.into_iter().next().map(|failure| failure.error),
        Err(error) => Some(error),
    };
    assert!(matches!(failed, Some(Error::Fenced { .. })), "{failed:?}");
    let new = producer(&clients, &broker, "g-c-0").await;
    new.begin().await.unwrap();
    send(&*new, "t", "of the new").await;
    new.commit(LONG).await.unwrap();
    assert_eq!(committed(&clients, &broker, "readers", 1).await, ["of the new"]);
}

async fn committed_log(broker: &Broker) -> CompactedLog {
    let log = LogSettings {
        topic: NewTopic {
            name: "t".to_owned(),
            partitions: 1,
            replication_factor: 1,
            configs: Default::default(),
        },
        create: true,
        key: "offset.storage.topic",
        one_partition: false,
        consumer: consumer_settings(broker, "workers", &[("isolation.level", "read_committed")]),
        producer: settings(broker, &[("linger.ms", "0")]),
        admin: settings(broker, &[]),
    };
    CompactedLog::open(&(Arc::new(RdKafkaClients::new()) as Arc<dyn Clients>), &log).await.unwrap()
}

fn values(read: &[FetchedRecord]) -> Vec<String> {
    read.iter().map(|record| text(&record.value).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_reads_what_is_committed_waits_for_who_decides() {
    let (broker, clients) = (broker().await, RdKafkaClients::new());
    let mut log = committed_log(&broker).await;
    let open = producer(&clients, &broker, "g-a-0").await;
    open.begin().await.unwrap();
    send(&*open, "t", "of the open one").await;
    let other = producer(&clients, &broker, "g-b-0").await;
    other.begin().await.unwrap();
    send(&*other, "t", "of the other").await;
    other.commit(LONG).await.unwrap();

    let (end, ended) = tokio::sync::oneshot::channel();
    let reading = tokio::spawn(async move {
        let read = log.read_to_end().await.unwrap();
        let _ = end.send(());
        values(&read)
    });
    // Longer than a reader waits at an end that is one.
    let early = tokio::time::timeout(Duration::from_secs(5), ended).await;
    assert!(early.is_err(), "what the other committed lies behind what is not decided");
    open.abort(LONG).await.unwrap();
    assert_eq!(reading.await.unwrap(), ["of the other"]);
}

// A killed worker leaves a transaction open; who ends it must be able to start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_decided_is_read_while_a_transaction_is_open() {
    let (broker, clients) = (broker().await, RdKafkaClients::new());
    let mut log = committed_log(&broker).await;
    let other = producer(&clients, &broker, "g-b-0").await;
    other.begin().await.unwrap();
    send(&*other, "t", "before it").await;
    other.commit(LONG).await.unwrap();
    let open = producer(&clients, &broker, "g-a-0").await;
    open.begin().await.unwrap();
    send(&*open, "t", "of the open one").await;
    other.begin().await.unwrap();
    send(&*other, "t", "after it").await;
    other.commit(LONG).await.unwrap();

    assert_eq!(values(&log.read_decided().await.unwrap()), ["before it"]);
    assert!(log.read_decided().await.unwrap().is_empty(), "nothing more is decided");
    producer(&clients, &broker, "g-a-0").await; // who takes its place ends its transaction
    assert_eq!(values(&log.read_to_end().await.unwrap()), ["after it"]);
}

#[test]
fn a_transactional_id_is_for_producers_with_transactions() {
    let clients = RdKafkaClients::new();
    let with = |id: &str| {
        let pairs = [("bootstrap.servers", "127.0.0.1:1"), ("transactional.id", id)];
        ClientSettings(pairs.into_iter().collect())
    };
    let refused = clients.producer(&with("a")).err().unwrap().to_string();
    assert!(refused.contains("exactly-once sources have them"), "{refused}");
    let refused = clients.transactional_producer(&with("")).err().unwrap().to_string();
    assert!(refused.contains("transactional.id"), "{refused}");
}
