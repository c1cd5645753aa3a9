use super::*;

async fn start(address: &str, folder: &std::path::Path) -> Broker {
    let options =
        Options { listen: address.parse().unwrap(), data_dir: Some(folder.to_owned()), ..Options::default() };
    options.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_goes_and_comes_loses_and_reorders_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let broker = start("127.0.0.1:0", folder.path()).await;
    let address = broker.bootstrap();
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "kept", 2).await;
    let pairs = [("reconnect.backoff.max.ms", "200"), ("delivery.timeout.ms", "2147483647")];
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

    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["kept"])).unwrap();
    let records = read(&mut *consumer, 60 * 200).await;
    for partition in 0..2 {
        let values: Vec<usize> = records
            .iter()
            .filter(|r| r.partition == partition)
            .map(|r| text(&r.value).parse().unwrap())
            .collect();
        let expected: Vec<usize> = (0..60 * 200).filter(|index| index % 2 == partition as usize).collect();
        assert_eq!(values, expected, "partition {partition}");
    }
    consumer.close().await;
}
