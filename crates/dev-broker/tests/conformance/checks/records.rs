//! Writing and reading records.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{BrokerId, InitProducerIdRequest, ListOffsetsRequest};
use kafka_protocol::records::{Compression, RecordBatchDecoder, TimestampType};

use super::codes::*;
use crate::clients::raw::{Raw, Writer, batch, fetch, topic};
use crate::clients::{Client, Krafka, Record};
use crate::stage::Stage;

async fn round_trip<C: Client>(stage: &mut Stage, codec: &str) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("round", 2, &[]).await.unwrap();
    let start = stage.now_ms() - 5000;
    let record =
        |i: usize| Record::new(&format!("key {i}"), &"some text ".repeat(i % 40)).at(start + i as i64);
    let records: Vec<Record> = (0..1000).map(record).collect();
    let offsets = client.produce("round", 1, records.clone(), codec).await.unwrap();
    assert_eq!(offsets, (0..1000).collect::<Vec<i64>>());
    let more = client.produce("round", 1, records.clone(), codec).await.unwrap();
    assert_eq!(more[0], 1000, "another producer goes on behind the first");
    let read = client.read("round", 1, 0, true).await;
    assert_eq!(read.len(), 2000);
    for (i, (read, sent)) in read.iter().zip(records.iter().chain(&records)).enumerate() {
        assert_eq!(read.offset, i as i64);
        assert_eq!(
            (&read.key, &read.value, read.timestamp),
            (&sent.key, &sent.value, sent.timestamp),
            "record {i}"
        );
    }
    // From the middle of a batch.
    assert_eq!(client.read("round", 1, 1234, true).await.len(), 2000 - 1234);
    assert_eq!(client.watermarks("round", 0).await, (0, 0), "the other partition has nothing of it");
}

pub async fn produce_uncompressed<C: Client>(stage: &mut Stage) {
    round_trip::<C>(stage, "none").await;
}

pub async fn produce_gzip<C: Client>(stage: &mut Stage) {
    round_trip::<C>(stage, "gzip").await;
}

pub async fn produce_snappy<C: Client>(stage: &mut Stage) {
    round_trip::<C>(stage, "snappy").await;
}

pub async fn produce_lz4<C: Client>(stage: &mut Stage) {
    round_trip::<C>(stage, "lz4").await;
}

pub async fn produce_zstd<C: Client>(stage: &mut Stage) {
    round_trip::<C>(stage, "zstd").await;
}

pub async fn null_keys_tombstones_and_headers<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("odd", 1, &[]).await.unwrap();
    let mut headed = Record::new("k", "v");
    headed.headers = vec![
        ("trace".into(), Some(b"1".to_vec())),
        ("trace".into(), Some(b"2".to_vec())),
        ("nothing".into(), None),
        ("empty".into(), Some(Vec::new())),
    ];
    let records = vec![Record::value("no key"), Record::tombstone("gone"), headed, Record::new("", "")];
    client.produce("odd", 0, records.clone(), "none").await.unwrap();
    let read = client.read("odd", 0, 0, false).await;
    for (read, sent) in read.iter().zip(&records) {
        assert_eq!((&read.key, &read.value, &read.headers), (&sent.key, &sent.value, &sent.headers));
    }
}

pub async fn list_offsets<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("listed", 1, &[]).await.unwrap();
    let start = stage.now_ms() - 10_000;
    let records = (0..10).map(|i| Record::value(&i.to_string()).at(start + 100 * i)).collect();
    client.produce("listed", 0, records, "lz4").await.unwrap();
    assert_eq!(client.watermarks("listed", 0).await, (0, 10));
    assert_eq!(client.offset_at("listed", 0, start).await, Some(0));
    assert_eq!(client.offset_at("listed", 0, start + 250).await, Some(3), "inside of a batch");
    assert_eq!(client.offset_at("listed", 0, start + 900).await, Some(9));
    assert!(
        matches!(client.offset_at("listed", 0, start + 901).await, None | Some(10)),
        "there is none: the end"
    );
}

pub async fn a_waiting_fetch_wakes<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("quiet", 1, &[]).await.unwrap();
    let waiter = C::connect(&stage.bootstrap()).await;
    // The broker may hold the reader's fetch for minutes; a record must end the wait.
    let bootstrap = stage.bootstrap();
    let (got, ()) = tokio::join!(waiter.wait_for("quiet", 0, 0), async {
        // A raw fetch that is held shows that fetches are held at all.
        let mut raw = Raw::connect(&bootstrap).await;
        raw.send(&fetch("quiet", 0, 1 << 20, false, 300, 1), 12).await;
        let empty = raw.receive::<kafka_protocol::messages::FetchRequest>(12).await;
        assert_eq!(empty.responses[0].partitions[0].records.as_deref().unwrap_or_default(), b"");
        raw.send(&fetch("quiet", 0, 1 << 20, false, 110_000, 1), 12).await;
        client.produce("quiet", 0, vec![Record::value("wake up")], "none").await.unwrap();
        let woken = raw.receive::<kafka_protocol::messages::FetchRequest>(12).await;
        assert!(!woken.responses[0].partitions[0].records.as_deref().unwrap_or_default().is_empty());
    });
    assert_eq!(got.text(), "wake up");
}

pub async fn four_megabytes<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("large", 1, &[("max.message.bytes", "10000000")]).await.unwrap();
    let large: String = (0..4_000_000u32).map(|i| char::from(b'a' + (i * 7 / 3 % 26) as u8)).collect();
    client.produce("large", 0, vec![Record::value("small")], "none").await.unwrap();
    client.produce("large", 0, vec![Record::value(&large)], "none").await.unwrap();
    let read = client.read("large", 0, 0, false).await;
    assert_eq!(read.len(), 2);
    assert!(read[1].text() == large, "the large record came back changed");
}

pub async fn too_large_is_refused<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("narrow", 1, &[("max.message.bytes", "1000")]).await.unwrap();
    let refused = client.produce("narrow", 0, vec![Record::value(&"x".repeat(2000))], "none").await;
    assert_eq!(refused, Err(MESSAGE_TOO_LARGE));
    assert_eq!(client.produce("narrow", 0, vec![Record::value("fits")], "none").await, Ok(vec![0]));
}

pub async fn repeated_and_misplaced_batches(stage: &mut Stage) {
    Krafka::connect(&stage.bootstrap()).await.create_topic("checked", 1, &[]).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let init = InitProducerIdRequest::default().with_transactional_id(None).with_transaction_timeout_ms(1000);
    let given = raw.call(init, 4).await;
    assert_eq!(given.error_code, 0);
    let writer = |sequence, epoch| Writer { id: given.producer_id.0, epoch, sequence, transactional: false };
    let two = [("a", Some("1")), ("b", Some("2"))];
    let now = stage.now_ms();
    let make = |sequence, epoch| batch(writer(sequence, epoch), Compression::None, now, &two);
    for i in 0..6 {
        let answer = raw.produce("checked", -1, None, make(2 * i, 0)).await;
        assert_eq!((answer.error_code, answer.base_offset), (0, 2 * i as i64));
    }
    // The last five batches are recognised and answered as they were the first time.
    for i in 1..6 {
        let again = raw.produce("checked", -1, None, make(2 * i, 0)).await;
        assert_eq!((again.error_code, again.base_offset), (0, 2 * i as i64));
    }
    for sequence in [0, 13, 100] {
        let refused = raw.produce("checked", -1, None, make(sequence, 0)).await;
        assert_eq!(refused.error_code, OUT_OF_ORDER_SEQUENCE, "sequence {sequence}");
    }
    assert_eq!(raw.produce("checked", -1, None, make(5, 1)).await.error_code, OUT_OF_ORDER_SEQUENCE);
    assert_eq!(raw.produce("checked", -1, None, make(0, 1)).await.error_code, 0);
    assert_eq!(
        raw.produce("checked", -1, None, make(12, 0)).await.error_code,
        47,
        "the older epoch is fenced"
    );

    let mut damaged = make(2, 1).to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(raw.produce("checked", -1, None, damaged.into()).await.error_code, CORRUPT_MESSAGE);
    let twice = [make(2, 1), make(4, 1)].concat();
    assert_eq!(raw.produce("checked", -1, None, twice.into()).await.error_code, INVALID_RECORD);

    let mut found = raw.fetch("checked", 0, 1 << 20, false).await;
    let records = found.responses[0].partitions[0].records.take().unwrap();
    let sets = RecordBatchDecoder::decode_all(&mut records.clone()).unwrap();
    let offsets: Vec<i64> = sets.iter().flat_map(|set| &set.records).map(|r| r.offset).collect();
    assert_eq!(offsets, (0..14).collect::<Vec<i64>>(), "nothing twice, nothing missing");
}

pub async fn fetch_limits(stage: &mut Stage) {
    Krafka::connect(&stage.bootstrap()).await.create_topic("limits", 1, &[]).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let text = "x".repeat(1000);
    let one = batch(Writer::NONE, Compression::None, stage.now_ms(), &[("k", Some(&text))]);
    for _ in 0..10 {
        assert_eq!(raw.produce("limits", 1, None, one.clone()).await.error_code, 0);
    }
    let size = one.len() as i32;
    for (bytes_max, whole) in [(1, 1), (size, 1), (3 * size, 3), (3 * size + 5, 3), (100 * size, 10)] {
        let mut found = raw.fetch("limits", 0, bytes_max, false).await;
        let records = found.responses[0].partitions[0].records.take().unwrap();
        assert_eq!(records.len() as i32, whole * size, "with partition_max_bytes {bytes_max}");
    }
    let past = raw.fetch("limits", 11, 1000, false).await;
    assert_eq!(past.responses[0].partitions[0].error_code, OFFSET_OUT_OF_RANGE);
    let end = raw.fetch("limits", 10, 1000, false).await;
    assert_eq!(end.responses[0].partitions[0].error_code, 0);

    // min_bytes: one record is not enough, and the second request behind it ends the wait.
    let waiting = fetch("limits", 9, 1 << 20, false, 100_000, 1_000_000);
    raw.send(&waiting, 12).await;
    let mut other = Raw::connect(&stage.bootstrap()).await;
    let fills: Vec<u8> = vec![b'y'; 600_000];
    let fills = String::from_utf8(fills).unwrap();
    for _ in 0..2 {
        let large = batch(Writer::NONE, Compression::None, stage.now_ms(), &[("k", Some(&fills))]);
        assert_eq!(other.produce("limits", 1, None, large).await.error_code, 0);
    }
    let enough = raw.receive::<kafka_protocol::messages::FetchRequest>(12).await;
    assert!(enough.responses[0].partitions[0].records.as_ref().unwrap().len() >= 600_000);
    let mut slow = Raw::connect(&stage.bootstrap()).await;
    slow.send(&fetch("limits", 12, 1 << 20, false, 100_000, 1), 12).await;
    slow.send(&kafka_protocol::messages::ApiVersionsRequest::default(), 0).await;
    assert!(slow.receive_frame().await.is_some(), "the held fetch is answered at once");
    assert!(slow.receive_frame().await.is_some(), "and then what came behind it");
}

async fn list_one(raw: &mut Raw, name: &str, timestamp: i64) -> (i64, i64) {
    let part = ListOffsetsPartition::default().with_timestamp(timestamp);
    let asked = ListOffsetsTopic::default().with_name(topic(name)).with_partitions(vec![part]);
    let request = ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![asked]);
    let answer = raw.call(request, 7).await.topics.remove(0).partitions.remove(0);
    assert_eq!(answer.error_code, 0);
    (answer.offset, answer.timestamp)
}

pub async fn largest_timestamp(stage: &mut Stage) {
    Krafka::connect(&stage.bootstrap()).await.create_topic("times", 1, &[]).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    assert_eq!(list_one(&mut raw, "times", -3).await, (-1, -1), "an empty partition has none");
    let now = stage.now_ms();
    for (time, codec) in
        [(now - 500, Compression::None), (now, Compression::Zstd), (now - 900, Compression::Gzip)]
    {
        let records =
            batch(Writer::NONE, codec, time, &[("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]);
        assert_eq!(raw.produce("times", 1, None, records).await.error_code, 0);
    }
    // Time stamps count up inside of a batch: the third record of the second one is the newest.
    assert_eq!(list_one(&mut raw, "times", -3).await, (5, now + 2));
    assert_eq!(list_one(&mut raw, "times", now - 499).await, (1, now - 499));
    assert_eq!(list_one(&mut raw, "times", now + 3).await, (-1, -1));
}

pub async fn broker_time_and_acks(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("stamped", 1, &[("message.timestamp.type", "LogAppendTime")]).await.unwrap();
    client.create_topic("strict", 1, &[("min.insync.replicas", "2")]).await.unwrap();
    client.create_topic("narrow", 1, &[("message.timestamp.after.max.ms", "1000")]).await.unwrap();
    client.create_topic("keyed", 1, &[("cleanup.policy", "compact")]).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    stage.clock.advance(Duration::from_secs(3600));
    let now = stage.now_ms();
    let records = batch(Writer::NONE, Compression::Lz4, 1234, &[("a", Some("1")), ("b", Some("2"))]);
    let answer = raw.produce("stamped", 1, None, records.clone()).await;
    assert!(answer.error_code == 0 && answer.log_append_time_ms >= now);
    let mut found = raw.fetch("stamped", 0, 1 << 20, false).await;
    let mut stored: Bytes = found.responses[0].partitions[0].records.take().unwrap();
    // The checksum was renewed with the time stamp, or this would fail.
    let set = RecordBatchDecoder::decode(&mut stored).unwrap();
    assert!(set.records.iter().all(|r| r.timestamp_type == TimestampType::LogAppend));

    assert_eq!(raw.produce("strict", -1, None, records.clone()).await.error_code, NOT_ENOUGH_REPLICAS);
    assert_eq!(raw.produce("strict", 1, None, records.clone()).await.error_code, 0);
    assert_eq!(raw.produce("strict", 2, None, records.clone()).await.error_code, 21, "invalid acks");
    let future = batch(Writer::NONE, Compression::None, now + 3_600_000, &[("a", Some("1"))]);
    assert_eq!(raw.produce("narrow", 1, None, future).await.error_code, 32, "its time is in the future");
    let keyless = batch(Writer::NONE, Compression::Gzip, now, &[("a", Some("1")), ("", Some("2"))]);
    assert_eq!(raw.produce("keyed", 1, None, keyless).await.error_code, INVALID_RECORD);
}
