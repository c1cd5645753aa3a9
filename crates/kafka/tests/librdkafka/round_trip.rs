use super::*;

fn kinds(seed: u64, count: usize) -> Vec<Sent> {
    // A linear congruential generator is random enough to mix kinds, and gives the same everywhere.
    let mut state = seed;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let bytes = move |next: &mut dyn FnMut(u64) -> u64, longest: u64| -> Vec<u8> {
        (0..next(longest + 1)).map(|_| next(256) as u8).collect()
    };
    let records = (0..count).map(|index| {
        let partition = (next(4) == 0).then(|| next(3) as i32);
        let timestamp = (next(3) == 0).then(|| 1 + next(1 << 40) as i64);
        // Each record is told by its index, in one of its parts; the other parts are of all kinds.
        let identity = format!("#{index}").into_bytes();
        let part = |next: &mut dyn FnMut(u64) -> u64, longest| match next(3) {
            0 => None,
            1 => Some(Vec::new()),
            _ => Some(bytes(next, longest)),
        };
        let (mut key, mut value) = (part(&mut next, 40), part(&mut next, 900));
        let mut headers = Vec::new();
        match next(3) {
            0 => key = Some(identity),
            1 => value = Some([identity, vec![b'x'; next(900) as usize]].concat()),
            _ => {
                headers.push(("index".to_owned(), Some(identity)));
                headers.extend((0..next(3)).map(|header| (format!("häder-{header}"), part(&mut next, 20))));
            }
        }
        Sent { partition, timestamp, key, value, headers }
    });
    records.collect()
}

fn as_sent(record: &FetchedRecord) -> Sent {
    Sent {
        partition: Some(record.partition),
        timestamp: record.timestamp,
        key: record.key.as_ref().map(|bytes| bytes.to_vec()),
        value: record.value.as_ref().map(|bytes| bytes.to_vec()),
        headers: record
            .headers
            .iter()
            .map(|header| (header.key.to_string(), header.value.as_ref().map(|bytes| bytes.to_vec())))
            .collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_all_kinds_come_back_as_they_were_sent() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "kinds", 3).await;
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let sent = kinds(seed, 5_000);
    let producer = clients.producer(&settings(&broker, &[])).unwrap();
    let mut receipts = Vec::new();
    for chunk in sent.chunks(700) {
        receipts.push(producer.send(encode("kinds", chunk)).await.unwrap());
    }
    for receipt in receipts {
        let failures = receipt.await.failures;
        assert!(failures.is_empty(), "{failures:?}");
    }

    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["kinds"])).unwrap();
    let records = read(&mut *consumer, sent.len()).await;
    assert_eq!(records.len(), sent.len());
    for partition in 0..3 {
        let offsets: Vec<i64> =
            records.iter().filter(|r| r.partition == partition).map(|r| r.offset).collect();
        assert_eq!(offsets, (0..offsets.len() as i64).collect::<Vec<_>>(), "order of partition {partition}");
    }
    let content = |record: &Sent| format!("{:?}{:?}{:?}", record.key, record.value, record.headers);
    let mut found: std::collections::HashMap<String, Sent> =
        records.iter().map(as_sent).map(|record| (content(&record), record)).collect();
    for record in &sent {
        let found = found.remove(&content(record)).unwrap_or_else(|| panic!("{record:?} is not there"));
        assert!(
            record.partition.is_none_or(|partition| found.partition == Some(partition)),
            "{record:?}: {found:?}"
        );
        let timestamp = found.timestamp.unwrap();
        assert!(
            record.timestamp.map_or(timestamp > 1 << 40, |sent| sent == timestamp),
            "{record:?}: {found:?}"
        );
    }
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_go_where_java_sends_them_and_order_holds() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "keyed", 7).await;
    let producer = clients.producer(&settings(&broker, &[])).unwrap();
    let mut receipts = Vec::new();
    for round in 0..50 {
        // Plain records and ones with headers take different ways into the queue, and must not overtake.
        let batch: Vec<Sent> = (0..100)
            .map(|index| Sent {
                key: Some(format!("key-{}", index % 13).into_bytes()),
                headers: if index % 10 == 0 { vec![("h".to_owned(), None)] } else { Vec::new() },
                ..value(format!("{:06}", round * 100 + index))
            })
            .collect();
        receipts.push(producer.send(encode("keyed", &batch)).await.unwrap());
    }
    for receipt in receipts {
        assert!(receipt.await.failures.is_empty());
    }
    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["keyed"])).unwrap();
    let records = read(&mut *consumer, 5_000).await;
    let mut last = std::collections::HashMap::new();
    for record in &records {
        let key = record.key.clone().unwrap();
        assert_eq!(record.partition, sluice_kafka::partitioner::partition_of(&key, 7), "{key:?}");
        let value = text(&record.value).to_owned();
        if let Some(before) = last.insert(record.partition, value.clone()) {
            assert!(before < value, "{value} came after {before}");
        }
    }
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_buffer_makes_send_wait_and_loses_nothing() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    create(&clients, &broker, "big", 1).await;
    // The queue is 200 KB, the batches are 2 MB together.
    let pairs = [("buffer.memory", "204800"), ("max.request.size", "60000")];
    let producer = clients.producer(&settings(&broker, &pairs)).unwrap();
    let records: Vec<Sent> =
        (0..2_000).map(|index| value(format!("{index:06}{}", "x".repeat(1_000)))).collect();
    let receipt = producer.send(encode("big", &records)).await.unwrap();
    producer.flush(LONG).await.unwrap();
    assert!(receipt.await.failures.is_empty());
    let mut consumer = clients.consumer(&consumer_settings(&broker, "g", &[]), &topics(&["big"])).unwrap();
    let read = read(&mut *consumer, 2_000).await;
    for (index, record) in read.iter().enumerate() {
        assert!(text(&record.value).starts_with(&format!("{index:06}")), "record {index} is out of order");
    }
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compressed_and_idempotent_or_not() {
    let broker = broker().await;
    let clients = RdKafkaClients::new();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        for idempotent in ["true", "false"] {
            let topic = format!("codec-{codec}-{idempotent}");
            create(&clients, &broker, &topic, 1).await;
            let pairs = [("compression.type", codec), ("enable.idempotence", idempotent)];
            let producer = clients.producer(&settings(&broker, &pairs)).unwrap();
            let records: Vec<Sent> = (0..500).map(|index| value(format!("{index:06}"))).collect();
            let receipt = producer.send(encode(&topic, &records)).await.unwrap();
            assert!(receipt.await.failures.is_empty(), "{topic}");
            let settings = consumer_settings(&broker, &topic, &[]);
            let mut consumer = clients.consumer(&settings, &topics(&[&topic])).unwrap();
            let values: Vec<_> =
                read(&mut *consumer, 500).await.iter().map(|r| text(&r.value).to_owned()).collect();
            assert_eq!(values, (0..500).map(|index| format!("{index:06}")).collect::<Vec<_>>(), "{topic}");
            consumer.close().await;
        }
    }
}
