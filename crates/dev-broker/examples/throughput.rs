//! How fast librdkafka writes to and reads from a dev broker in another process.
//!
//! usage: throughput BOOTSTRAP [RECORDS] [BYTES] [TOPIC]

use std::time::{Duration, Instant};

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
}
