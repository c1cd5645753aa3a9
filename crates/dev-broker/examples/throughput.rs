//! How fast librdkafka writes to and reads from a dev broker in another process.
//!
//! usage: throughput BOOTSTRAP [RECORDS] [BYTES] [TOPIC]

// Its output is what it is for.
#![allow(clippy::print_stdout)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::{ApiKey, BrokerId, FetchRequest, FetchResponse, RequestHeader, TopicName};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |i: usize, default: &str| arguments.get(i).cloned().unwrap_or(default.to_owned());
    let bootstrap = argument(1, "127.0.0.1:9092");
    let records: usize = argument(2, "2000000").parse().expect("a number of records");
    let bytes: usize = argument(3, "100").parse().expect("bytes of a record");
    let topic = argument(4, &format!("throughput-{}", std::process::id()));

    // Payloads that do not compress to nothing and are not all the same.
    let payloads: Vec<Vec<u8>> = (0..1000u64)
        .map(|i| {
            (0..bytes as u64).map(|j| b'a' + (i.wrapping_mul(31).wrapping_add(j * j) % 26) as u8).collect()
        })
        .collect();
    let megabytes = (records * bytes) as f64 / 1e6;
    let report = |what: &str, took: Duration| {
        let seconds = took.as_secs_f64();
        println!("{what}: {:.0} records/s, {:.0} MB/s", records as f64 / seconds, megabytes / seconds);
    };

    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &bootstrap)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "5")
        .set("queue.buffering.max.messages", "1000000")
        .set("batch.size", "1000000")
        .create()
        .expect("a producer");
    let start = Instant::now();
    for i in 0..records {
        let payload = &payloads[i % payloads.len()];
        loop {
            match producer.send(BaseRecord::<(), Vec<u8>>::to(&topic).partition(0).payload(payload)) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    producer.poll(Duration::from_millis(1));
                }
                Err((error, _)) => panic!("cannot produce: {error}"),
            }
        }
        if i % 1000 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(Duration::from_secs(60)).expect("everything delivered");
    report("produce", start.elapsed());

    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &bootstrap)
        .set("group.id", "throughput")
        .set("enable.auto.commit", "false")
        .set("check.crcs", "true")
        .create()
        .expect("a consumer");
    let (low, high) = consumer.fetch_watermarks(&topic, 0, Duration::from_secs(10)).expect("watermarks");
    assert_eq!((high - low) as usize, records, "the broker has every record");
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(&topic, 0, Offset::Beginning).expect("a partition");
    consumer.assign(&assignment).expect("assigned");
    let start = Instant::now();
    let mut read = 0;
    while read < records {
        if let Some(message) = consumer.poll(Duration::from_secs(1)) {
            let message = message.expect("a record");
            assert_eq!(message.payload(), Some(&payloads[read % payloads.len()][..]));
            read += 1;
        }
    }
    report("consume", start.elapsed());

    let start = Instant::now();
    fetch_all(&bootstrap, &topic, high);
    report("fetch without a client", start.elapsed());
}

/// Fetches everything over a bare connection, to see the broker without librdkafka's cost.
fn fetch_all(bootstrap: &str, topic: &str, end: i64) {
    const VERSION: i16 = 11;
    let mut socket = TcpStream::connect(bootstrap).expect("a connection");
    socket.set_nodelay(true).expect("no delay");
    let mut offset = 0;
    while offset < end {
        let part = FetchPartition::default().with_fetch_offset(offset).with_partition_max_bytes(1 << 20);
        let asked = FetchTopic::default()
            .with_topic(TopicName(StrBytes::from_string(topic.to_owned())))
            .with_partitions(vec![part]);
        let request = FetchRequest::default()
            .with_replica_id(BrokerId(-1))
            .with_max_bytes(50 << 20)
            .with_min_bytes(1)
            .with_topics(vec![asked]);
        let header = RequestHeader::default()
            .with_request_api_key(ApiKey::Fetch as i16)
            .with_request_api_version(VERSION);
        let mut out = BytesMut::new();
        header.encode(&mut out, 1).expect("a header");
        request.encode(&mut out, VERSION).expect("a request");
        // In one piece: two would wait for each other's acknowledgement.
        let framed = [&(out.len() as u32).to_be_bytes()[..], &out].concat();
        socket.write_all(&framed).expect("sent");
        let mut length = [0; 4];
        socket.read_exact(&mut length).expect("an answer");
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        socket.read_exact(&mut answer).expect("an answer");
        let mut answer = Bytes::from(answer);
        answer.advance(4);
        let response = FetchResponse::decode(&mut answer, VERSION).expect("a response");
        let records = response.responses[0].partitions[0].records.clone().expect("records");
        let mut at = 0;
        while at + 61 <= records.len() {
            let number = |from: usize| {
                i32::from_be_bytes(records[at + from..at + from + 4].try_into().expect("four bytes"))
            };
            let (size, last) = (12 + number(8) as usize, number(23));
            if at + size > records.len() {
                break;
            }
            offset = i64::from_be_bytes(records[at..at + 8].try_into().expect("eight bytes"))
                + i64::from(last)
                + 1;
            at += size;
        }
        assert!(at > 0, "nothing came");
    }
}
