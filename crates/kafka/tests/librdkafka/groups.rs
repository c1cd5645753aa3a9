use std::collections::BTreeSet;

use api::data::Offsets;

use super::*;

async fn fill(clients: &RdKafkaClients, broker: &Broker, topic: &str, partitions: i32, each: usize) {
    create(clients, broker, topic, partitions).await;
    let producer = clients.producer(&settings(broker, &[])).unwrap();
    let records: Vec<Sent> = (0..partitions)
        .flat_map(|partition| {
            (0..each).map(move |index| Sent {
                partition: Some(partition),
                ..value(format!("{partition}/{index}"))
            })
        })
        .collect();
    assert!(producer.send(encode(topic, &records)).await.unwrap().await.failures.is_empty());
}

const COOPERATIVE: (&str, &str) =
    ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
const EAGER: (&str, &str) =
    ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");

/// A member that reads and commits what it has read when partitions are revoked.
struct Member {
    consumer: Box<dyn Consumer>,
    owned: BTreeSet<TopicPartition>,
    next: Offsets,
    seen: Vec<(i32, i64)>,
}

impl Member {
    fn join(clients: &RdKafkaClients, broker: &Broker, strategy: (&str, &str)) -> Self {
        let settings = consumer_settings(broker, "shared", &[strategy, ("heartbeat.interval.ms", "200")]);
        let consumer = clients.consumer(&settings, &topics(&["shared"])).unwrap();
        Self { consumer, owned: BTreeSet::new(), next: Offsets::new(), seen: Vec::new() }
    }

    async fn step(&mut self) {
        match self.consumer.poll(Duration::from_millis(50)).await.unwrap() {
            Polled::Nothing => {}
            Polled::Records(batch) => {
                for record in batch.records {
                    let partition = TopicPartition::new(record.topic, record.partition);
                    assert!(self.owned.contains(&partition), "a record of {partition}, which is not ours");
                    self.seen.push((record.partition, record.offset));
                    self.next.insert(partition, record.offset + 1);
                }
            }
            Polled::Assigned(partitions) => {
                for partition in partitions {
                    assert!(self.owned.insert(partition.clone()), "{partition} is assigned twice");
                }
            }
            Polled::Revoked(partitions) => {
                let offsets: Offsets = partitions
                    .iter()
                    .filter_map(|partition| Some((partition.clone(), self.next.remove(partition)?)))
                    .collect();
                self.consumer.commit(&offsets).await.unwrap();
                for partition in partitions {
                    assert!(self.owned.remove(&partition), "{partition} was not ours");
                }
            }
            Polled::Lost(partitions) => panic!("{partitions:?} were lost"),
        }
    }
}

async fn two_members_share(strategy: (&str, &str)) {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    fill(&clients, &broker, "shared", 4, 25).await;
    let mut first = Member::join(&clients, &broker, strategy);
    while first.seen.len() < 100 {
        first.step().await;
    }
    let mut second = Member::join(&clients, &broker, strategy);
    while first.owned.len() != 2 || second.owned.len() != 2 {
        first.step().await;
        second.step().await;
    }
    assert!(first.owned.is_disjoint(&second.owned));
    assert!(second.seen.is_empty(), "what was committed is not read again: {:?}", second.seen);
    for partition in 0..4 {
        let producer = clients.producer(&settings(&broker, &[])).unwrap();
        let record = Sent { partition: Some(partition), ..value("new") };
        assert!(producer.send(encode("shared", &[record])).await.unwrap().await.failures.is_empty());
    }
    while first.seen.len() + second.seen.len() < 104 {
        first.step().await;
        second.step().await;
    }
    assert_eq!(second.seen.len(), 2);
    assert!(second.seen.iter().all(|(_, offset)| *offset == 25));
    second.consumer.close().await;
    while first.owned.len() != 4 {
        first.step().await;
    }
    first.consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_members_share_a_topic_eagerly() {
    two_members_share(EAGER).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_members_share_a_topic_cooperatively() {
    two_members_share(COOPERATIVE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offsets_are_committed_and_gone_on_from() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    fill(&clients, &broker, "t", 2, 10).await;
    let settings = consumer_settings(&broker, "g", &[]);
    let mut consumer = clients.consumer(&settings, &topics(&["t"])).unwrap();
    let partitions = assigned(&mut *consumer).await;
    assert!(consumer.committed(&partitions).await.unwrap().is_empty());
    read(&mut *consumer, 20).await;
    let offsets: Offsets = [(partitions[0].clone(), 4)].into();
    consumer.commit(&offsets).await.unwrap();
    assert_eq!(consumer.committed(&partitions).await.unwrap(), offsets);
    consumer.close().await;

    let mut consumer = clients.consumer(&settings, &topics(&["t"])).unwrap();
    let places: BTreeSet<_> =
        read(&mut *consumer, 16).await.iter().map(|r| (r.partition, r.offset)).collect();
    let expected = (4..10).map(|offset| (0, offset)).chain((0..10).map(|offset| (1, offset))).collect();
    assert_eq!(places, expected);
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seek_before_and_after_reading_began() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    fill(&clients, &broker, "t", 2, 10).await;
    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["t"])).unwrap();
    let partitions = assigned(&mut *consumer).await;
    consumer.seek(&partitions[0], 7).await.unwrap();
    let places: Vec<_> = read(&mut *consumer, 13).await.iter().map(|r| (r.partition, r.offset)).collect();
    assert_eq!(places.iter().filter(|(partition, _)| *partition == 0).count(), 3);
    consumer.seek(&partitions[1], 9).await.unwrap();
    let places: Vec<_> = read(&mut *consumer, 1).await.iter().map(|r| (r.partition, r.offset)).collect();
    assert_eq!(places, [(1, 9)]);
    assert!(consumer.seek(&TopicPartition::new("t", 5), 0).await.is_err());
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_partition_is_silent() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    fill(&clients, &broker, "t", 2, 10).await;
    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["t"])).unwrap();
    let partitions = assigned(&mut *consumer).await;
    consumer.pause(&partitions[..1]).unwrap();
    let first = read(&mut *consumer, 10).await;
    assert!(first.iter().all(|record| record.partition == 1));
    consumer.pause(&partitions[1..]).unwrap();
    consumer.resume(&partitions[..1]).unwrap();
    let second = read(&mut *consumer, 10).await;
    assert!(second.iter().all(|record| record.partition == 0));
    assert_eq!(second.iter().map(|record| record.offset).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    assert!(consumer.pause(&[TopicPartition::new("t", 5)]).is_err());
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pattern_means_whole_names() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    for topic in ["orders-eu", "orders-us", "old-orders-eu", "orders"] {
        fill(&clients, &broker, topic, 1, 1).await;
    }
    let pattern = Subscription::Pattern(r"orders-\w+".to_owned());
    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &pattern).unwrap();
    let found: BTreeSet<_> =
        read(&mut *consumer, 2).await.iter().map(|record| record.topic.to_string()).collect();
    assert_eq!(found, ["orders-eu".to_owned(), "orders-us".to_owned()].into());
    consumer.close().await;
    let refused = Subscription::Pattern("(?!x).*".to_owned());
    assert!(clients.consumer(&consumer_settings(&broker, "g", &[]), &refused).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polls_that_are_dropped_lose_nothing() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    fill(&clients, &broker, "t", 1, 300).await;
    let settings = consumer_settings(&broker, "g", &[("max.poll.records", "7")]);
    let mut consumer = clients.consumer(&settings, &topics(&["t"])).unwrap();
    let mut offsets = Vec::new();
    while offsets.len() < 300 {
        // A poll that is dropped after one look at it, then one that is waited for.
        let _ = futures::FutureExt::now_or_never(consumer.poll(LONG)).map(|polled| {
            if let Polled::Records(batch) = polled.unwrap() {
                offsets.extend(batch.records.iter().map(|record| record.offset));
            }
        });
        if let Polled::Records(batch) = consumer.poll(Duration::from_millis(50)).await.unwrap() {
            assert!(batch.records.len() <= 7);
            offsets.extend(batch.records.iter().map(|record| record.offset));
        }
    }
    assert_eq!(offsets, (0..300).collect::<Vec<i64>>());
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_the_group_gave_up_loses_its_partitions() {
    let clock = dev_broker::ManualClock::new();
    let broker = Options { clock: clock.clone(), ..Options::default() }.start().await.unwrap();
    let clients = RdKafkaClients::new();
    fill(&clients, &broker, "t", 2, 3).await;
    let pairs = [("heartbeat.interval.ms", "200"), ("session.timeout.ms", "6000")];
    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &pairs), &topics(&["t"])).unwrap();
    let partitions = assigned(&mut *consumer).await;
    read(&mut *consumer, 6).await;
    // To the broker, the member has been silent for an hour; at its next heartbeat it learns so.
    clock.advance(Duration::from_secs(3600));
    match consumer.poll(LONG).await.unwrap() {
        Polled::Lost(lost) => assert_eq!(lost, partitions),
        other => panic!("{other:?}"),
    }
    assert!(consumer.pause(&partitions).is_err(), "they are no longer ours");
    assert_eq!(assigned(&mut *consumer).await, partitions, "it has joined again");
    assert_eq!(read(&mut *consumer, 6).await.len(), 6, "nothing was committed");
    consumer.close().await;
}
