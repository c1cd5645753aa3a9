//! The cluster in memory behaves as the ports say.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use api::data::{Offsets, TopicPartition};
use futures::FutureExt;
use sluice_kafka::memory::{Cluster, SendFault};
use sluice_kafka::{
    ClientSettings, Clients, Consumer, EncodedBatch, EncodedHeader, EncodedRecord, Error, GroupChange,
    Polled, Subscription,
};

const LONG: Duration = Duration::from_secs(30);

fn batch(topic: &str, records: &[(Option<&str>, Option<&str>)]) -> EncodedBatch {
    let mut batch = EncodedBatch::default();
    for (key, value) in records {
        let mut add = |text: &Option<&str>| {
            text.map(|text| {
                let start = batch.buffer.len() as u32;
                batch.buffer.extend_from_slice(text.as_bytes());
                start..batch.buffer.len() as u32
            })
        };
        let (key, value) = (add(key), add(value));
        batch.records.push(EncodedRecord {
            topic: topic.into(),
            partition: None,
            timestamp: Some(7),
            key,
            value,
            headers: 0..0,
        });
    }
    batch
}

fn settings(group: &str) -> ClientSettings {
    ClientSettings([("group.id", group), ("auto.offset.reset", "earliest")].into_iter().collect())
}

fn consumer(cluster: &Cluster, topics: &[&str]) -> Box<dyn Consumer> {
    let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
    cluster.consumer(&settings("g"), &Subscription::Topics(topics)).unwrap()
}

async fn assigned(consumer: &mut Box<dyn Consumer>) -> Vec<TopicPartition> {
    match consumer.poll(LONG).await.unwrap() {
        Polled::Assigned(partitions) => partitions,
        other => panic!("{other:?}"),
    }
}

async fn offsets(consumer: &mut Box<dyn Consumer>) -> Vec<i64> {
    match consumer.poll(LONG).await.unwrap() {
        Polled::Records(batch) => batch.records.iter().map(|record| record.offset).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_sent_is_read() {
    let cluster = Cluster::new();
    cluster.create_topic("t", 3);
    let producer = cluster.producer(&ClientSettings::default()).unwrap();
    let mut sent = batch("t", &[(Some("foobar"), Some("v")), (Some("foobar"), None)]);
    let start = sent.buffer.len() as u32;
    sent.buffer.extend_from_slice(b"hx");
    sent.headers.push(EncodedHeader { key: start..start + 1, value: Some(start + 1..start + 2) });
    sent.headers.push(EncodedHeader { key: start..start + 1, value: None });
    sent.records[1].headers = 0..2;
    let delivery = producer.send(sent).await.unwrap().await;
    assert!(delivery.failures.is_empty());

    let records = cluster.records("t");
    assert_eq!(records.len(), 2);
    let expected = (-790_332_482_i32 & 0x7fff_ffff) % 3;
    assert!(records.iter().all(|record| record.partition == expected));
    assert_eq!(records[1].value, None);
    assert_eq!(records[1].headers.len(), 2);
    assert_eq!(records[1].headers[1].value, None);

    let mut consumer = consumer(&cluster, &["t"]);
    assert_eq!(assigned(&mut consumer).await.len(), 3);
    assert_eq!(offsets(&mut consumer).await, [0, 1]);
}

#[tokio::test]
async fn receipts_wait_for_acks_that_are_held() {
    let cluster = Cluster::new();
    let producer = cluster.producer(&ClientSettings::default()).unwrap();
    cluster.hold_acks("t", 0);
    let mut receipt = producer.send(batch("t", &[(None, Some("1")), (None, Some("2"))])).await.unwrap();
    assert!((&mut receipt).now_or_never().is_none());
    cluster.release_next_acks("t", 0, 1);
    assert!((&mut receipt).now_or_never().is_none());
    assert!(producer.flush(Duration::ZERO).await.is_err());
    cluster.release_acks("t", 0);
    assert!(receipt.await.failures.is_empty());
    producer.flush(LONG).await.unwrap();
}

#[tokio::test]
async fn sends_fail_as_they_are_told() {
    let cluster = Cluster::new();
    let producer = cluster.producer(&ClientSettings::default()).unwrap();
    let two = batch("t", &[(None, Some("1")), (None, Some("2"))]);
    cluster.fail_next_sends(1, SendFault::Retriable);
    cluster.fail_next_sends(1, SendFault::BadRecords(vec![1]));
    cluster.fail_next_sends(1, SendFault::Unusable);
    assert!(matches!(producer.send(two.clone()).await.err(), Some(Error::Retriable { .. })));
    let failures = producer.send(two.clone()).await.unwrap().await.failures;
    assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [1]);
    assert_eq!(cluster.records("t").len(), 1);
    assert!(matches!(producer.send(two.clone()).await.err(), Some(Error::Unusable { .. })));
    assert!(
        matches!(producer.send(two.clone()).await.err(), Some(Error::Unusable { .. })),
        "it stays unusable"
    );
    let second = cluster.producer(&ClientSettings::default()).unwrap();
    assert!(second.send(two).await.unwrap().await.failures.is_empty());
}

#[tokio::test]
async fn sends_wait_while_held() {
    let cluster = Cluster::new();
    let producer = cluster.producer(&ClientSettings::default()).unwrap();
    cluster.hold_sends();
    let mut sending = producer.send(batch("t", &[(None, Some("1"))]));
    assert!((&mut sending).now_or_never().is_none());
    cluster.release_sends();
    assert!(sending.await.unwrap().await.failures.is_empty());
}

#[tokio::test]
async fn a_revoked_partition_is_given_back_by_the_next_poll() {
    let cluster = Cluster::new();
    cluster.create_topic("t", 2);
    cluster.append("t", 1, None, Some("a"));
    let mut consumer = consumer(&cluster, &["t"]);
    let all = assigned(&mut consumer).await;
    assert_eq!(offsets(&mut consumer).await, [0]);

    cluster.revoke("g", &all[1..]);
    assert!(matches!(consumer.poll(LONG).await.unwrap(), Polled::Revoked(revoked) if revoked == all[1..]));
    let committed: Offsets = [(all[1].clone(), 1)].into_iter().collect();
    consumer.commit(&committed).await.unwrap();
    assert!(matches!(consumer.poll(Duration::ZERO).await.unwrap(), Polled::Nothing));
    assert!(consumer.commit(&committed).await.is_err(), "it is no longer ours");

    cluster.assign("g", &all[1..]);
    assert_eq!(assigned(&mut consumer).await, all[1..]);
    cluster.append("t", 1, None, Some("b"));
    assert_eq!(offsets(&mut consumer).await, [1], "reading goes on where it was committed");
    assert_eq!(cluster.committed("g"), committed);

    cluster.lose("g", &all[..1]);
    assert!(matches!(consumer.poll(LONG).await.unwrap(), Polled::Lost(lost) if lost == all[..1]));
}

#[tokio::test]
async fn members_share_the_partitions() {
    let cluster = Cluster::new();
    cluster.create_topic("t", 4);
    let mut first = consumer(&cluster, &["t"]);
    assert_eq!(assigned(&mut first).await.len(), 4);
    let mut second = consumer(&cluster, &["t"]);
    assert!(matches!(second.poll(Duration::ZERO).await.unwrap(), Polled::Nothing));
    assert!(matches!(first.poll(LONG).await.unwrap(), Polled::Revoked(revoked) if revoked.len() == 2));
    assert!(matches!(first.poll(Duration::ZERO).await.unwrap(), Polled::Nothing));
    assert_eq!(assigned(&mut second).await.len(), 2);
    second.close().await;
    assert_eq!(assigned(&mut first).await.len(), 2);
}

#[tokio::test]
async fn seek_pause_and_resume() {
    let cluster = Cluster::new();
    cluster.append("t", 0, None, Some("a"));
    cluster.append("t", 0, None, Some("b"));
    let mut consumer = consumer(&cluster, &["t"]);
    let all = assigned(&mut consumer).await;
    consumer.pause(&all).unwrap();
    assert!(matches!(consumer.poll(Duration::ZERO).await.unwrap(), Polled::Nothing));
    consumer.resume(&all).unwrap();
    assert_eq!(offsets(&mut consumer).await, [0, 1]);
    consumer.seek(&all[0], 1).await.unwrap();
    assert_eq!(offsets(&mut consumer).await, [1]);
    assert!(consumer.pause(&[TopicPartition::new("t", 9)]).is_err());
}

#[tokio::test]
async fn a_pattern_finds_topics_that_come_later() {
    let cluster = Cluster::new();
    let pattern = Subscription::Pattern("orders-.*".to_owned());
    let mut consumer = cluster.consumer(&settings("g"), &pattern).unwrap();
    assert!(matches!(consumer.poll(Duration::ZERO).await.unwrap(), Polled::Nothing));
    cluster.create_topic("orders-eu", 1);
    cluster.create_topic("old-orders-eu", 1);
    assert_eq!(assigned(&mut consumer).await, [TopicPartition::new("orders-eu", 0)]);
}

#[tokio::test]
async fn a_topic_that_is_not_there() {
    let cluster = Cluster::new();
    cluster.set_auto_create(false);
    let producer = cluster.producer(&ClientSettings::default()).unwrap();
    let failures = producer.send(batch("t", &[(None, None)])).await.unwrap().await.failures;
    assert!(matches!(failures[0].error, Error::Fatal { .. }));
    let admin = cluster.admin(&ClientSettings::default()).unwrap();
    assert!(admin.partitions(&["t".to_owned()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn offsets_of_a_group_are_altered_while_nobody_reads() {
    let cluster = Cluster::new();
    cluster.append("t", 0, None, Some("a"));
    let admin = cluster.admin(&ClientSettings::default()).unwrap();
    let place = TopicPartition::new("t", 0);
    let offsets: Offsets = [(place.clone(), 1)].into();
    assert_eq!(admin.alter_group_offsets("g", &offsets).await.unwrap(), GroupChange::Done);
    assert_eq!(admin.group_offsets("g").await.unwrap(), offsets);
    let absent: Offsets = [(TopicPartition::new("t", 7), 1)].into();
    assert!(admin.alter_group_offsets("g", &absent).await.is_err());

    let mut reader = cluster.consumer(&settings("g"), &Subscription::Topics(vec!["t".to_owned()])).unwrap();
    assigned(&mut reader).await;
    let places = [place];
    assert_eq!(admin.alter_group_offsets("g", &offsets).await.unwrap(), GroupChange::InUse);
    assert_eq!(admin.delete_group_offsets("g", &places).await.unwrap(), GroupChange::InUse);
    assert_eq!(admin.delete_group("g").await.unwrap(), GroupChange::InUse);
    drop(reader);
    assert_eq!(admin.delete_group_offsets("g", &places).await.unwrap(), GroupChange::Done);
    assert!(admin.group_offsets("g").await.unwrap().is_empty());
    assert_eq!(admin.delete_group("none").await.unwrap(), GroupChange::Done);
}
