use super::*;

async fn start(address: &str, folder: &std::path::Path) -> Broker {
    let options =
        Options { listen: address.parse().unwrap(), data_dir: Some(folder.to_owned()), ..Options::default() };
    options.start().await.unwrap()
}

/// A producer that is not idempotent may send a batch again that had arrived: nothing is lost, and what comes anew
/// comes in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_goes_and_comes_loses_and_reorders_nothing() {
    let values = restarted("false").await;
    for (partition, values) in values.iter().enumerate() {
        let mut seen = std::collections::BTreeSet::new();
        let first_times: Vec<usize> = values.iter().copied().filter(|value| seen.insert(*value)).collect();
        assert_eq!(first_times, expected(partition), "partition {partition}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotent_producer_doubles_nothing_either() {
    let values = restarted("true").await;
    for (partition, values) in values.iter().enumerate() {
        assert_eq!(*values, expected(partition), "partition {partition}");
    }
}

fn expected(partition: usize) -> Vec<usize> {
    (0..60 * 200).filter(|index| index % 2 == partition).collect()
}

/// Sends, restarts the broker meanwhile, and answers what it then has in each of two partitions.
async fn restarted(idempotence: &str) -> [Vec<usize>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let broker = start("127.0.0.1:0", folder.path()).await;
    let address = broker.bootstrap();
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "kept", 2).await;
    let pairs = [
        ("enable.idempotence", idempotence),
        ("reconnect.backoff.max.ms", "200"),
        ("delivery.timeout.ms", "2147483647"),
    ];
    let producer = clients.producer(&settings(&broker, &pairs)).unwrap();
    let batch = |round: usize| {
        let records = (0..200).map(|index| Sent {
            partition: Some(index % 2),
            ..value(format!("{:06}", round * 200 + index as usize))
        });
        encode("kept", &records.collect::<Vec<_>>())
    };
    let mut receipts = Vec::new();
    for round in 0..20 {
        receipts.push(producer.send(batch(round)).await.unwrap());
    }
    broker.shutdown().await;
    for round in 20..40 {
        receipts.push(producer.send(batch(round)).await.unwrap());
    }
    let broker = start(&address, folder.path()).await;
    for round in 40..60 {
        receipts.push(producer.send(batch(round)).await.unwrap());
    }
    for receipt in receipts {
        let failures = receipt.await.failures;
        assert!(failures.is_empty(), "{failures:?}");
    }

    let admin = clients.admin(&settings(&broker, &[])).unwrap();
    let places = [TopicPartition::new("kept", 0), TopicPartition::new("kept", 1)];
    let stored: i64 = admin.end_offsets(&places).await.unwrap().values().sum();
    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["kept"])).unwrap();
    let records = read(&mut *consumer, stored as usize).await;
    consumer.close().await;
    [0, 1].map(|partition| {
        let ours = records.iter().filter(|record| record.partition == partition);
        ours.map(|record| text(&record.value).parse().unwrap()).collect()
    })
}
