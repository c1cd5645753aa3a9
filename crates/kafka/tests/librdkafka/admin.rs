use sluice_kafka::TopicCreation;

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
