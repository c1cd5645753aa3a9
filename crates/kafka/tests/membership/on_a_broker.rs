//! Groups of a broker, over its protocol.

use dev_broker::{Broker, Options};
use futures::future::BoxFuture;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use sluice_kafka::librdkafka::RdKafkaClients;
use sluice_kafka::membership::{KafkaMemberships, Memberships as _};
use sluice_kafka::{Clients as _, Subscription as Topics};

use super::*;

struct OnABroker {
    broker: Broker,
    brokers_clock: Arc<dev_broker::ManualClock>,
    clock: Arc<ManualClock>,
    memberships: KafkaMemberships,
    /// Looks at the group.
    observer: Arc<BaseConsumer>,
}

async fn on_a_broker() -> OnABroker {
    let brokers_clock = dev_broker::ManualClock::new();
    let broker = Options { clock: brokers_clock.clone(), ..Options::default() }.start().await.unwrap();
    let clock = manual_clock();
    let observer =
        rdkafka::ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create().unwrap();
    OnABroker {
        memberships: KafkaMemberships::new(clock.clone()),
        broker,
        brokers_clock,
        clock,
        observer: Arc::new(observer),
    }
}

impl suite::Stage for OnABroker {
    fn member(&self, client_id: &str, pairs: &[(&str, &str)]) -> Box<dyn Membership> {
        self.memberships.member(&settings(&self.broker.bootstrap(), client_id, pairs)).unwrap()
    }

    fn advance(&self, by: Duration) {
        self.brokers_clock.advance(by);
        self.clock.advance(by);
    }

    fn members(&self, count: usize) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                let observer = Arc::clone(&self.observer);
                let look = move || {
                    let list = observer.fetch_group_list(Some("workers"), LONG).unwrap();
                    list.groups().first().map_or(0, |group| {
                        assert!(
                            ["connect", ""].contains(&group.protocol_type()),
                            "{}",
                            group.protocol_type()
                        );
                        group.members().len()
                    })
                };
                if tokio::task::spawn_blocking(look).await.unwrap() == count {
                    return;
                }
            }
        })
    }
}

#[tokio::test]
async fn the_suite() {
    suite::run(async || on_a_broker().await).await;
}

#[tokio::test]
async fn a_broker_that_goes_and_comes_back() {
    let first = Options::default().start().await.unwrap();
    let clock = manual_clock();
    let memberships = KafkaMemberships::new(clock.clone());
    let settings = settings(&first.bootstrap(), "a", &[]);
    let mut a = memberships.member(&settings).unwrap();
    let address = first.address();
    settle(&mut *a, &subscription("a", 1)).await;
    first.shutdown().await;
    // The heartbeat that finds nobody, and the interval for which nobody is found.
    let cause = loop {
        clock.advance(HEARTBEAT);
        if let Ok(event) = tokio::time::timeout(Duration::from_millis(20), a.poll()).await {
            break event.unwrap();
        }
    };
    assert!(matches!(cause, GroupEvent::Lost { cause: LossCause::CoordinatorUnknown, .. }), "{cause:?}");
    let _second = Options { listen: address, ..Options::default() }.start().await.unwrap();
    assert_eq!(with_pauses(|by| clock.advance(by), asked(&mut *a)).await, None);
    a.join(subscription("a", 1));
    let again = subscription("a", 1);
    assert!(with_pauses(|by| clock.advance(by), settle(&mut *a, &again)).await.is_leader());
}

#[tokio::test]
async fn a_group_of_consumers_is_no_group_of_workers() {
    let broker = Options::default().start().await.unwrap();
    let mut consumer = settings(&broker.bootstrap(), "c", &[]);
    for key in ["retry.backoff.ms", "reconnect.backoff.ms", "reconnect.backoff.max.ms"] {
        consumer.0.set(key, "20");
    }
    for (key, value) in [("session.timeout.ms", "60000"), ("heartbeat.interval.ms", "3000")] {
        consumer.0.set(key, value);
    }
    let consumer = ClientSettings(
        consumer
            .0
            .iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .filter(|(key, _)| *key != "rebalance.timeout.ms")
            .collect(),
    );
    let topics = Topics::Topics(vec!["t".to_owned()]);
    let admin = RdKafkaClients::new().admin(&consumer).unwrap();
    let topic = sluice_kafka::NewTopic {
        name: "t".to_owned(),
        partitions: 1,
        replication_factor: 1,
        configs: Default::default(),
    };
    admin.create_topic(&topic).await.unwrap();
    let mut consumer = RdKafkaClients::new().consumer(&consumer, &topics).unwrap();
    let polled = tokio::time::timeout(LONG, consumer.poll(LONG)).await.unwrap().unwrap();
    assert!(matches!(polled, sluice_kafka::Polled::Assigned(_)), "{polled:?}");
    let mut a =
        KafkaMemberships::new(manual_clock()).member(&settings(&broker.bootstrap(), "a", &[])).unwrap();
    let error = fatal(&mut *a).await;
    assert!(error.contains("joining the group of workers workers"), "{error}");
    assert!(error.contains("give the workers a group.id of their own"), "{error}");
    consumer.close().await;
}

#[tokio::test]
async fn what_does_not_speak_kafka_is_no_panic() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    // Nonsense, a length without an end, a huge one, an answer to another request, and silence.
    let answers: [&[u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        &[0, 0, 0, 9, 1],
        &[0x7f, 0xff, 0xff, 0xff],
        &[0, 0, 0, 4, 9, 9, 9, 9],
        &[],
    ];
    for answer in answers {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = [0; 16];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(answer).await;
            }
        });
        let clock = manual_clock();
        let mut a = KafkaMemberships::new(clock.clone()).member(&settings(&address, "a", &[])).unwrap();
        let told = async {
            match a.poll().await {
                Ok(GroupEvent::Lost { reason, .. }) => reason,
                Ok(other) => panic!("{other:?}"),
                Err(error) => error.to_string(),
            }
        };
        let said = with_pauses(|by| clock.advance(by), told).await;
        println!("{answer:?}: {said}");
        assert!(said.contains(&address), "it says where: {said}");
        server.abort();
    }
}
