use api::data::Offsets;
use sluice_kafka::{GroupChange, TopicCreation};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_are_described_and_created_once() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    let admin = clients.admin(&settings(&broker, &[])).unwrap();
    assert!(!admin.cluster_id().await.unwrap().is_empty());
    let names = ["there".to_owned(), "absent".to_owned()];
    assert!(admin.partitions(&names).await.unwrap().is_empty());
    let topic = NewTopic {
        name: "there".to_owned(),
        partitions: 3,
        replication_factor: -1,
        configs: [("cleanup.policy".to_owned(), "compact".to_owned())].into(),
    };
    assert_eq!(admin.create_topic(&topic).await.unwrap(), TopicCreation::Created);
    assert_eq!(admin.create_topic(&topic).await.unwrap(), TopicCreation::Existed);
    let known = admin.partitions(&names).await.unwrap();
    assert_eq!(known, [("there".to_owned(), 3)].into(), "looking did not create the other");
    let wide = NewTopic { name: "wide".to_owned(), replication_factor: 3, ..topic.clone() };
    let error = admin.create_topic(&wide).await.unwrap_err().to_string();
    assert!(
        error.contains("creating topic wide") && error.contains("fewer brokers than replicas"),
        "{error}"
    );
    let bad = NewTopic {
        configs: [("no.such.config".to_owned(), "1".to_owned())].into(),
        name: "bad".to_owned(),
        ..topic
    };
    let error = admin.create_topic(&bad).await.unwrap_err().to_string();
    assert!(error.contains("creating topic bad"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn end_offsets() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "t", 2).await;
    let producer = clients.producer(&settings(&broker, &[])).unwrap();
    let records: Vec<Sent> = (0..5).map(|_| Sent { partition: Some(1), ..value("x") }).collect();
    assert!(producer.send(encode("t", &records)).await.unwrap().await.failures.is_empty());
    let admin = clients.admin(&settings(&broker, &[])).unwrap();
    let places = [TopicPartition::new("t", 0), TopicPartition::new("t", 1)];
    let ends = admin.end_offsets(&places).await.unwrap();
    assert_eq!(ends, [(places[0].clone(), 0), (places[1].clone(), 5)].into());
    assert!(admin.end_offsets(&[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offsets_of_a_group_are_altered_forgotten_and_deleted() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "t", 2).await;
    let admin = clients.admin(&settings(&broker, &[])).unwrap();
    let places = [TopicPartition::new("t", 0), TopicPartition::new("t", 1)];
    assert!(admin.group_offsets("g").await.unwrap().is_empty(), "there is no such group");
    assert_eq!(admin.delete_group_offsets("g", &places).await.unwrap(), GroupChange::Done);
    assert_eq!(admin.delete_group("g").await.unwrap(), GroupChange::Done);

    let offsets: Offsets = [(places[0].clone(), 3), (places[1].clone(), 5)].into();
    assert_eq!(admin.alter_group_offsets("g", &offsets).await.unwrap(), GroupChange::Done);
    assert_eq!(admin.group_offsets("g").await.unwrap(), offsets);
    assert_eq!(admin.delete_group_offsets("g", &places[..1]).await.unwrap(), GroupChange::Done);
    assert_eq!(admin.group_offsets("g").await.unwrap(), [(places[1].clone(), 5)].into());
    assert_eq!(admin.delete_group("g").await.unwrap(), GroupChange::Done);
    assert!(admin.group_offsets("g").await.unwrap().is_empty());

    let absent: Offsets = [(TopicPartition::new("absent", 0), 1)].into();
    let error = admin.alter_group_offsets("g", &absent).await.unwrap_err().to_string();
    assert!(error.starts_with("altering the offsets of group g in absent-0"), "{error}");
    let error = admin.group_offsets("a\0b").await.unwrap_err().to_string();
    assert!(error.contains("no character 0"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offsets_of_a_group_with_members_stay() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "t", 1).await;
    let admin = clients.admin(&settings(&broker, &[])).unwrap();
    let place = TopicPartition::new("t", 0);
    let offsets: Offsets = [(place.clone(), 3)].into();
    assert_eq!(admin.alter_group_offsets("g", &offsets).await.unwrap(), GroupChange::Done);
    let mut member = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["t"])).unwrap();
    assert_eq!(assigned(&mut *member).await, std::slice::from_ref(&place));

    let other: Offsets = [(place.clone(), 1)].into();
    assert_eq!(admin.alter_group_offsets("g", &other).await.unwrap(), GroupChange::InUse);
    let places = std::slice::from_ref(&place);
    assert_eq!(admin.delete_group_offsets("g", places).await.unwrap(), GroupChange::InUse);
    assert_eq!(admin.delete_group("g").await.unwrap(), GroupChange::InUse);
    assert_eq!(admin.group_offsets("g").await.unwrap(), offsets);
}
