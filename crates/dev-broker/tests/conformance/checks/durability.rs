//! What a directory keeps, whatever happens. In memory these checks show that nothing is kept.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::{AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest};
use kafka_protocol::records::Compression;
use sluice_dev_broker::{Error, Fsync};

use super::codes::*;
use crate::clients::raw::{Raw, Writer, batch, s, topic};
use crate::clients::{Client, Krafka, Record, Txn};
use crate::stage::{Stage, Storage};

pub async fn restart_keeps_everything<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("kept", 3, &[("retention.ms", "777000"), ("segment.bytes", "5000")]).await.unwrap();
    let records: Vec<Record> = (0..200).map(|i| Record::new(&i.to_string(), &"v".repeat(i))).collect();
    for chunk in records.chunks(10) {
        client.produce("kept", 1, chunk.to_vec(), "lz4").await.unwrap();
    }
    client.commit("reader", "kept", 1, 42).await.unwrap();
    let cluster = stage.broker().cluster_id().to_owned();
    stage.restart_with(|_| {}).await;
    let client = C::connect(&stage.bootstrap()).await;
    if stage.storage == Storage::Memory {
        assert_eq!(client.partitions("kept").await, Err(UNKNOWN_TOPIC), "memory forgets");
        return;
    }
    assert_eq!(stage.broker().cluster_id(), cluster);
    assert_eq!(client.partitions("kept").await, Ok(3));
    assert_eq!(client.config("kept", "retention.ms").await.as_deref(), Some("777000"));
    assert_eq!(client.committed("reader", "kept", 1).await, Some(42));
    let read = client.read("kept", 1, 0, true).await;
    assert_eq!(read.len(), 200);
    for (read, sent) in read.iter().zip(&records) {
        assert_eq!((&read.key, &read.value), (&sent.key, &sent.value));
    }
    assert_eq!(client.produce("kept", 1, vec![Record::value("next")], "none").await, Ok(vec![200]));
}

/// A broker in another process, killed when dropped.
struct Process {
    child: Child,
    bootstrap: String,
}

impl Process {
    fn start(stage: &Stage) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dev-broker"))
            .arg("--data")
            .arg(stage.folder())
            .args(["--topic", "given:2"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, bootstrap: line.trim().to_owned() }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub async fn kill_keeps_everything<C: Client>(stage: &mut Stage) {
    if stage.storage == Storage::Memory {
        // The same for a broker in memory that is dropped without a shutdown: it is gone at once.
        let bootstrap = stage.bootstrap();
        stage.stop().await;
        assert!(tokio::net::TcpStream::connect(&bootstrap).await.is_err());
        return;
    }
    stage.stop().await;
    let process = Process::start(stage);
    let client = C::connect(&process.bootstrap).await;
    assert_eq!(client.partitions("given").await, Ok(2), "--topic");
    client.create_topic("kept", 1, &[("segment.bytes", "10000"), ("retention.ms", "-1")]).await.unwrap();
    for i in 0..50 {
        client.produce("kept", 0, vec![Record::new("k", &format!("{i}")); 10], "none").await.unwrap();
    }
    client.commit("reader", "kept", 0, 123).await.unwrap();
    process.kill();
    let process = Process::start(stage);
    let client = C::connect(&process.bootstrap).await;
    assert_eq!(client.watermarks("kept", 0).await, (0, 500));
    let read = client.read("kept", 0, 0, true).await;
    assert!(read.iter().enumerate().all(|(i, r)| r.offset == i as i64 && r.text() == (i / 10).to_string()));
    assert_eq!(client.committed("reader", "kept", 0).await, Some(123));
    assert_eq!(client.config("kept", "retention.ms").await.as_deref(), Some("-1"));
}

pub async fn a_torn_tail_is_cut(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("torn", 1, &[]).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let given = raw.call(InitProducerIdRequest::default().with_transactional_id(None), 4).await.producer_id.0;
    let make = |sequence: i32| {
        let writer = Writer { id: given, epoch: 0, sequence, transactional: false };
        batch(writer, Compression::None, stage.now_ms(), &[("k", Some("a value of some length"))])
    };
    for i in 0..10 {
        assert_eq!(raw.produce("torn", -1, None, make(i)).await.error_code, 0);
    }
    let size = make(0).len() as u64;
    let path = stage.folder().join("topics/torn/0/00000000000000000000.log");
    let whole = fs::read(&path).unwrap();
    assert_eq!(whole.len() as u64, 10 * size);
    // The end is missing, is garbage, is zeros as after a power failure, or is damaged in the middle.
    let cut = whole[..whole.len() - 5].to_vec();
    let garbage = [&whole[..whole.len() - size as usize], &[0xa5; 100][..]].concat();
    let zeros = [&whole[..whole.len() - size as usize], &[0; 300][..]].concat();
    let mut damaged = whole.clone();
    let last_value = damaged.len() - 3;
    damaged[last_value] ^= 1;
    for (what, torn) in [("cut", cut), ("garbage", garbage), ("zeros", zeros), ("damaged", damaged)] {
        stage.stop().await;
        // As after a crash: nothing tells how far the files were good.
        let _ = fs::remove_file(stage.folder().join("topics/torn/0/state"));
        OpenOptions::new().write(true).truncate(true).open(&path).unwrap().write_all(&torn).unwrap();
        stage.restart_with(|_| {}).await;
        let client = Krafka::connect(&stage.bootstrap()).await;
        assert_eq!(client.watermarks("torn", 0).await, (0, 9), "{what}");
        assert_eq!(client.read("torn", 0, 0, true).await.len(), 9, "{what}");
        // The producer's lost batch is not taken for one that is stored.
        let mut raw = Raw::connect(&stage.bootstrap()).await;
        let again = batch(
            Writer { id: given, epoch: 0, sequence: 9, transactional: false },
            Compression::None,
            stage.now_ms(),
            &[("k", Some("a value of some length"))],
        );
        let answer = raw.produce("torn", -1, None, again.clone()).await;
        assert_eq!((answer.error_code, answer.base_offset), (0, 9), "{what}");
        assert_eq!(raw.produce("torn", -1, None, again).await.base_offset, 9, "repeated, {what}");
    }
}

pub async fn an_open_transaction_survives(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("long", 1, &[]).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let init = || {
        InitProducerIdRequest::default()
            .with_transactional_id(Some(s("tx").into()))
            .with_transaction_timeout_ms(600_000)
    };
    let given = raw.call(init(), 4).await;
    assert_eq!(given.error_code, 0);
    let add = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(s("tx").into())
        .with_v3_and_below_producer_id(given.producer_id)
        .with_v3_and_below_producer_epoch(given.producer_epoch)
        .with_v3_and_below_topics(vec![
            AddPartitionsToTxnTopic::default().with_name(topic("long")).with_partitions(vec![0]),
        ]);
    let writer = |sequence| Writer {
        id: given.producer_id.0,
        epoch: given.producer_epoch,
        sequence,
        transactional: true,
    };
    let data = |sequence| batch(writer(sequence), Compression::None, stage.now_ms(), &[("k", Some("v"))]);
    let first = data(0);
    let refused = raw.produce("long", -1, Some("tx"), first.clone()).await;
    assert_eq!(refused.error_code, 48, "the partition is not part of the transaction yet");
    let added = raw.call(add, 3).await;
    assert_eq!(added.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code, 0);
    assert_eq!(raw.produce("long", -1, Some("tx"), first.clone()).await.error_code, 0);
    let second = data(1);
    let end = EndTxnRequest::default()
        .with_transactional_id(s("tx").into())
        .with_producer_id(given.producer_id)
        .with_producer_epoch(given.producer_epoch)
        .with_committed(true);
    if stage.storage == Storage::Directory {
        stage.restart_with(|_| {}).await;
        raw = Raw::connect(&stage.bootstrap()).await;
        let again = raw.produce("long", -1, Some("tx"), first).await;
        assert_eq!((again.error_code, again.base_offset), (0, 0), "a repeated batch is still recognised");
    }
    let client = Krafka::connect(&stage.bootstrap()).await;
    assert!(client.read("long", 0, 0, true).await.is_empty(), "still open");
    assert_eq!(raw.produce("long", -1, Some("tx"), second).await.error_code, 0);
    assert_eq!(raw.call(end.clone(), 3).await.error_code, 0);
    assert_eq!(raw.call(end, 3).await.error_code, 0, "asked again, it answers the same");
    assert_eq!(client.read("long", 0, 0, true).await.len(), 2);
    if stage.storage == Storage::Directory {
        stage.restart_with(|_| {}).await;
        let client = Krafka::connect(&stage.bootstrap()).await;
        assert_eq!(client.read("long", 0, 0, true).await.len(), 2);
        raw = Raw::connect(&stage.bootstrap()).await;
    }
    let next = raw.call(init(), 4).await;
    assert_eq!((next.producer_id, next.producer_epoch), (given.producer_id, given.producer_epoch + 1));
}

pub async fn a_second_broker_is_refused(stage: &mut Stage) {
    let mut options = stage.options().clone();
    options.listen.set_port(0);
    match (options.start().await, stage.storage) {
        (Ok(other), Storage::Memory) => {
            assert_ne!(other.address(), stage.broker().address());
            let mut taken = stage.options().clone();
            taken.listen = other.address();
            assert!(matches!(taken.start().await, Err(Error::Listen { .. })));
            other.shutdown().await;
        }
        (Err(Error::InUse(path)), Storage::Directory) => assert_eq!(path, stage.folder()),
        (other, _) => panic!("not expected: {:?}", other.map(|b| b.bootstrap())),
    }
}

pub async fn every_flush_policy(stage: &mut Stage) {
    let policies = [Fsync::Always, Fsync::Every(Duration::from_millis(5)), Fsync::Never];
    for (round, policy) in (1..).zip(policies) {
        stage.restart_with(|options| options.fsync = policy).await;
        let client = Krafka::connect(&stage.bootstrap()).await;
        let _ = client.create_topic("flushed", 1, &[("segment.bytes", "2000")]).await;
        for i in 0..20 {
            client.produce("flushed", 0, vec![Record::value(&"x".repeat(20 * i))], "none").await.unwrap();
        }
        let mut txn = client.transactional("flusher", Duration::from_secs(60)).await;
        txn.begin().await.unwrap();
        txn.send("flushed", 0, Record::value("in a transaction")).await.unwrap();
        txn.commit().await.unwrap();
        client.commit("reader", "flushed", 0, round).await.unwrap();
        stage.crash();
        stage.restart_with(|_| {}).await;
        let client = Krafka::connect(&stage.bootstrap()).await;
        assert_eq!(client.read("flushed", 0, 0, true).await.len() as i64, 21 * round, "{policy:?}");
        assert_eq!(client.committed("reader", "flushed", 0).await, Some(round), "{policy:?}");
    }
}

pub async fn a_lost_marker_is_replaced(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("hung", 1, &[]).await.unwrap();
    let mut txn = client.transactional("gone", Duration::from_secs(60)).await;
    txn.begin().await.unwrap();
    txn.send("hung", 0, Record::value("lost")).await.unwrap();
    client.produce("hung", 0, vec![Record::value("waits")], "none").await.unwrap();
    assert!(client.read("hung", 0, 0, true).await.is_empty());
    stage.stop().await;
    // The coordinator knows nothing of it any more, as after a power failure.
    fs::remove_file(stage.folder().join("journal")).unwrap();
    stage.restart_with(|_| {}).await;
    let client = Krafka::connect(&stage.bootstrap()).await;
    let left = client.read("hung", 0, 0, true).await;
    assert_eq!(left.iter().map(Record::text).collect::<Vec<_>>(), ["waits"]);
}
