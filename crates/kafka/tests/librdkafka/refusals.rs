use sluice_kafka::Error;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_record_that_is_too_large_does_not_hurt_the_others() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "sizes", 1).await;
    let producer = clients.producer(&settings(&broker, &[])).unwrap();
    let mut records = vec![value("a"), value("x".repeat(1_100_000)), value("c")];
    records.push(Sent { headers: vec![("h".to_owned(), None)], ..value("y".repeat(1_100_000)) });
    records.push(Sent { timestamp: Some(-5), ..value("e") });
    records.push(value("f"));
    let failures = producer.send(encode("sizes", &records)).await.unwrap().await.failures;
    assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [1, 3, 4]);
    for failure in &failures {
        assert!(matches!(failure.error, Error::BadRecord { .. }), "{}", failure.error);
    }
    assert!(failures[0].error.to_string().contains("max.request.size"), "{}", failures[0].error);

    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["sizes"])).unwrap();
    let read = read(&mut *consumer, 3).await;
    assert_eq!(read.iter().map(|record| text(&record.value)).collect::<Vec<_>>(), ["a", "c", "f"]);
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_that_is_not_there() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "narrow", 1).await;
    let producer = clients.producer(&settings(&broker, &[])).unwrap();
    let records = [value("a"), Sent { partition: Some(7), ..value("b") }, value("c")];
    let failures = producer.send(encode("narrow", &records)).await.unwrap().await.failures;
    assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [1]);
    assert!(failures[0].error.to_string().contains("narrow partition 7"), "{}", failures[0].error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn brokers_that_do_not_answer_are_named_and_the_wait_ends() {
    let clients = RdKafkaClients::new();
    // A port that nobody listens on: bound, never listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let pairs = [("bootstrap.servers", address.as_str()), ("delivery.timeout.ms", "300"), ("linger.ms", "0")];
    let producer = clients.producer(&ClientSettings(pairs.into_iter().collect())).unwrap();
    let failures = producer.send(encode("t", &[value("a")])).await.unwrap().await.failures;
    assert!(matches!(failures[0].error, Error::Retriable { .. }), "{:?}", failures[0].error);
    assert!(failures[0].error.to_string().contains("delivery.timeout.ms"), "{}", failures[0].error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_say_that_brokers_are_away_and_why() {
    let clients = RdKafkaClients::new();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let pairs = [("bootstrap.servers", address.as_str()), ("group.id", "g")];
    let settings = ClientSettings(pairs.into_iter().collect());
    let mut consumer = clients.consumer(&settings, &topics(&["t"])).unwrap();
    let producer = clients.producer(&settings).unwrap();
    assert_eq!((consumer.trouble(), producer.trouble()), (None, None), "one failed attempt is no outage");
    let _waits = producer.send(encode("t", &[value("a")])).await.unwrap();
    let told = async {
        while consumer.trouble().is_none() || producer.trouble().is_none() {
            assert!(matches!(consumer.poll(Duration::from_millis(100)).await, Ok(Polled::Nothing)));
        }
    };
    tokio::time::timeout(LONG, told).await.unwrap();
    for trouble in [consumer.trouble(), producer.trouble()] {
        let trouble = trouble.unwrap();
        assert!(trouble.lasts >= Duration::from_secs(2), "{trouble:?}");
        assert!(
            trouble.reason.contains(&address) && trouble.reason.contains("bootstrap.servers"),
            "{trouble:?}"
        );
        assert!(trouble.reason.contains("refused"), "{trouble:?}");
    }
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn producers_with_equal_settings_are_one() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    let first = clients.producer(&settings(&broker, &[("client.id", "a")])).unwrap();
    let second = clients.producer(&settings(&broker, &[("client.id", "b")])).unwrap();
    let other = clients.producer(&settings(&broker, &[("linger.ms", "1")])).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    assert!(!std::sync::Arc::ptr_eq(&first, &other));
    let shown = format!("{clients:?} {first:?}");
    assert!(!shown.contains(&broker.bootstrap()), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_producer_that_is_dropped_answers_for_what_it_had() {
    let clients = RdKafkaClients::new();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let pairs = [("bootstrap.servers", address.as_str())];
    let producer = clients.producer(&ClientSettings(pairs.into_iter().collect())).unwrap();
    let receipt = producer.send(encode("t", &[value("a"), value("b")])).await.unwrap();
    drop(producer);
    let failures = receipt.await.failures;
    assert_eq!(failures.len(), 2);
    assert!(matches!(failures[0].error, Error::Unusable { .. }), "{:?}", failures[0].error);
}

const JAAS: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"alice\" password=\"canary\";";

#[test]
fn tls_and_logins_are_built_in() {
    for protocol in ["SSL", "SASL_PLAINTEXT", "SASL_SSL"] {
        for (mechanism, module) in
            [("PLAIN", "plain.Plain"), ("SCRAM-SHA-256", "scram.Scram"), ("SCRAM-SHA-512", "scram.Scram")]
        {
            let jaas = JAAS.replace("plain.Plain", module);
            let pairs = [
                ("bootstrap.servers", "localhost:1"),
                ("security.protocol", protocol),
                ("sasl.mechanism", mechanism),
                ("sasl.jaas.config", &jaas),
            ];
            let settings = ClientSettings(pairs.into_iter().collect());
            let clients = RdKafkaClients::new();
            let producer =
                clients.producer(&settings).unwrap_or_else(|error| panic!("{protocol} {mechanism}: {error}"));
            let shown = format!("{clients:?} {producer:?} {settings:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}

#[test]
fn files_that_are_not_there_are_named() {
    let pairs = [
        ("bootstrap.servers", "localhost:1"),
        ("security.protocol", "SSL"),
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.location", "/no/such/ca.pem"),
    ];
    let error = RdKafkaClients::new().producer(&ClientSettings(pairs.into_iter().collect())).err().unwrap();
    let text = error.to_string();
    assert!(matches!(error, Error::Misconfigured { .. }), "{text}");
    assert!(text.contains("ssl.truststore.location"), "{text}");
}
