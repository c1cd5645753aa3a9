//! Retention and compaction.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_protocol::records::Compression;

use crate::clients::raw::{Raw, Writer, batch};
use crate::clients::{Client, Krafka, Librdkafka, Record, Txn};
use crate::stage::{Stage, Storage, eventually};

const COMPACT: [(&str, &str); 4] = [
    ("cleanup.policy", "compact"),
    ("segment.ms", "60000"),
    ("min.cleanable.dirty.ratio", "0.01"),
    ("delete.retention.ms", "3600000"),
];

/// Closes the present segment, so that it can be compacted.
fn age(stage: &Stage) {
    stage.clock.advance(Duration::from_secs(61));
}

fn pairs(records: &[Record]) -> Vec<(String, String)> {
    records.iter().map(|r| (r.key_text(), r.text())).collect()
}

pub async fn compaction_keeps_the_last_value<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("table", 1, &COMPACT).await.unwrap();
    let mut last = BTreeMap::new();
    for round in 0..3 {
        let mut records = Vec::new();
        for i in 0..50 {
            let (key, value) = (format!("key {}", i % 7), format!("{round}.{i}"));
            records.push(Record::new(&key, &value).at(stage.now_ms()));
            last.insert(key, value);
        }
        client.produce("table", 0, records, "gzip").await.unwrap();
        age(stage);
    }
    let before = client.read("table", 0, 0, false).await;
    let after = eventually("only the last value of each key is left", async || {
        let read = client.read("table", 0, 0, false).await;
        (read.len() == 7).then_some(read)
    })
    .await;
    assert_eq!(pairs(&after).into_iter().collect::<BTreeMap<_, _>>(), last);
    for record in &after {
        let original = before.iter().find(|r| r.offset == record.offset).expect("offsets do not change");
        assert_eq!(record, original, "time, headers and all");
    }
    assert_eq!(client.watermarks("table", 0).await.1, 150, "the end stays");
    let next = client.produce("table", 0, vec![Record::new("new", "x")], "none").await.unwrap();
    assert_eq!(next, [150]);
    if stage.storage == Storage::Directory {
        stage.restart_with(|_| {}).await;
        let client = C::connect(&stage.bootstrap()).await;
        assert_eq!(client.read("table", 0, 0, false).await.len(), 8);
    }
}

pub async fn tombstones_go_after_their_time<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("table", 1, &COMPACT).await.unwrap();
    let now = stage.now_ms();
    let records =
        vec![Record::new("a", "1").at(now), Record::new("b", "2").at(now), Record::tombstone("a").at(now)];
    client.produce("table", 0, records, "none").await.unwrap();
    age(stage);
    let kept = eventually("the value before the tombstone is gone", async || {
        let read = client.read("table", 0, 0, false).await;
        (read.len() == 2).then_some(read)
    })
    .await;
    assert_eq!(
        (kept[1].key_text().as_str(), &kept[1].value),
        ("a", &None),
        "the tombstone stays for a while"
    );
    stage.clock.advance(Duration::from_secs(1800));
    // Another compaction in between changes nothing about its time.
    client.produce("table", 0, vec![Record::new("b", "3").at(stage.now_ms())], "none").await.unwrap();
    age(stage);
    eventually("the second compaction", async || {
        let read = client.read("table", 0, 0, false).await;
        (pairs(&read) == [("a".to_owned(), String::new()), ("b".to_owned(), "3".to_owned())]).then_some(())
    })
    .await;
    stage.clock.advance(Duration::from_secs(1801));
    eventually("the tombstone is gone", async || {
        (pairs(&client.read("table", 0, 0, false).await) == [("b".to_owned(), "3".to_owned())]).then_some(())
    })
    .await;
}

pub async fn compaction_keeps_transactions_whole<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("table", 1, &COMPACT).await.unwrap();
    let mut txn = client.transactional("writer", Duration::from_secs(600)).await;
    let now = stage.now_ms();
    for (value, commits) in [("1", true), ("aborted", false), ("2", true), ("aborted too", false)] {
        txn.begin().await.unwrap();
        txn.send("table", 0, Record::new("x", value).at(now)).await.unwrap();
        txn.send("table", 0, Record::new(&format!("own {value}"), value).at(now)).await.unwrap();
        if commits { txn.commit().await.unwrap() } else { txn.abort().await.unwrap() }
    }
    let expected = [("own 1", "1"), ("x", "2"), ("own 2", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    age(stage);
    // An aborted record neither stays nor supersedes what was committed before it.
    eventually("the aborted and the old values are gone", async || {
        (pairs(&client.read("table", 0, 0, false).await) == expected).then_some(())
    })
    .await;
    assert_eq!(pairs(&client.read("table", 0, 0, true).await), expected);
    // An open transaction is not compacted, nor what is behind it.
    txn.begin().await.unwrap();
    txn.send("table", 0, Record::new("x", "open").at(stage.now_ms())).await.unwrap();
    client.produce("table", 0, vec![Record::new("own 1", "newer").at(stage.now_ms())], "none").await.unwrap();
    age(stage);
    age(stage);
    assert_eq!(pairs(&client.read("table", 0, 0, true).await), expected);
    // After the time of the markers the readers of committed data still see the same.
    txn.commit().await.unwrap();
    stage.clock.advance(Duration::from_secs(3700));
    client.produce("table", 0, vec![Record::new("last", "1").at(stage.now_ms())], "none").await.unwrap();
    stage.clock.advance(Duration::from_secs(3700));
    let expected = [("own 2", "2"), ("x", "open"), ("own 1", "newer"), ("last", "1")];
    let expected = expected.map(|(k, v)| (k.to_owned(), v.to_owned()));
    eventually("compacted again", async || {
        (pairs(&client.read("table", 0, 0, true).await) == expected).then_some(())
    })
    .await;
    if stage.storage == Storage::Directory {
        stage.restart_with(|_| {}).await;
        let client = C::connect(&stage.bootstrap()).await;
        assert_eq!(pairs(&client.read("table", 0, 0, true).await), expected);
        // The producer goes on: its last sequence number was not forgotten with its batches.
        let mut txn = client.transactional("writer", Duration::from_secs(600)).await;
        txn.begin().await.unwrap();
        txn.send("table", 0, Record::new("x", "after").at(stage.now_ms())).await.unwrap();
        txn.commit().await.unwrap();
        assert_eq!(client.read("table", 0, 0, true).await.len(), 5);
    }
}

pub async fn compaction_of_every_codec(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("table", 1, &COMPACT).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let codecs =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
    let long = "long ".repeat(200);
    for codec in codecs {
        let name = format!("{codec:?}");
        let records =
            [("shared", Some("old")), (name.as_str(), Some(long.as_str())), ("shared", Some(name.as_str()))];
        let answer =
            raw.produce("table", -1, None, batch(Writer::NONE, codec, stage.now_ms(), &records)).await;
        assert_eq!(answer.error_code, 0);
    }
    age(stage);
    let left = eventually("every codec's batch was compacted", async || {
        let read = client.read("table", 0, 0, false).await;
        (read.len() == 6).then_some(read)
    })
    .await;
    let keys: Vec<String> = left.iter().map(Record::key_text).collect();
    assert_eq!(keys, ["None", "Gzip", "Snappy", "Lz4", "Zstd", "shared"]);
    assert_eq!(left[5].text(), "Zstd");
    assert!(left[..5].iter().all(|r| r.text() == long));
}

pub async fn an_interrupted_compaction_is_completed(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    let settings =
        [("cleanup.policy", "compact"), ("segment.bytes", "200"), ("min.compaction.lag.ms", "999999999")];
    client.create_topic("table", 1, &settings).await.unwrap();
    for i in 0..12 {
        let record = Record::new(&format!("{}", i % 3), &format!("value {i}"));
        client.produce("table", 0, vec![record], "none").await.unwrap();
    }
    let folder = stage.folder().join("topics/table/0");
    let segments = || {
        let mut all: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "log"))
            .collect();
        all.sort();
        all
    };
    stage.stop().await;
    let files = segments();
    assert!(files.len() >= 4, "{files:?}");
    // Before the decision: the half-written file is of no account.
    std::fs::write(folder.join("00000000000000000000.cleaned"), b"half of a batch").unwrap();
    stage.restart_with(|_| {}).await;
    let client = Krafka::connect(&stage.bootstrap()).await;
    assert_eq!(client.read("table", 0, 0, false).await.len(), 12);
    stage.stop().await;
    assert!(!folder.join("00000000000000000000.cleaned").exists());
    // After it: the first three files were merged into one, which has only the last of their batches.
    let last = std::fs::read(&files[2]).unwrap();
    let end = files[3].file_stem().unwrap().to_str().unwrap().to_owned();
    std::fs::write(folder.join(format!("{:020}-{end}.swap", 0)), &last).unwrap();
    std::fs::remove_file(&files[0]).unwrap();
    stage.restart_with(|_| {}).await;
    assert_eq!(segments().len(), files.len() - 2);
    let client = Krafka::connect(&stage.bootstrap()).await;
    let left = client.read("table", 0, 0, false).await;
    let first = files[2].file_stem().unwrap().to_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(left.iter().map(|r| r.offset).collect::<Vec<_>>(), (first..12).collect::<Vec<_>>());
}

pub async fn the_end_can_be_reached(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("table", 1, &COMPACT).await.unwrap();
    let mut txn = client.transactional("writer", Duration::from_secs(600)).await;
    txn.begin().await.unwrap();
    txn.send("table", 0, Record::new("x", "aborted").at(stage.now_ms())).await.unwrap();
    txn.abort().await.unwrap();
    age(stage);
    // Everything in the log has expired in the end.
    for _ in 0..3 {
        stage.clock.advance(Duration::from_secs(3700));
        eventually("compacted", async || client.read("table", 0, 0, false).await.is_empty().then_some(()))
            .await;
    }
    // The readers return only when their position is the end of the log.
    assert!(client.read("table", 0, 0, true).await.is_empty());
    let librdkafka = Librdkafka::connect(&stage.bootstrap()).await;
    assert!(librdkafka.read("table", 0, 0, true).await.is_empty());
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let found = raw.fetch("table", 0, 1 << 20, true).await;
    let records = found.responses[0].partitions[0].records.clone().unwrap();
    assert!(!records.is_empty(), "the last batch stays, so that the position moves");
}

pub async fn retention_by_time<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("news", 1, &[("retention.ms", "3600000"), ("segment.ms", "600000")]).await.unwrap();
    client.create_topic("kept", 1, &[("retention.ms", "-1")]).await.unwrap();
    client.produce("kept", 0, vec![Record::value("for ever").at(stage.now_ms())], "none").await.unwrap();
    client.produce("news", 0, vec![Record::value("old").at(stage.now_ms())], "none").await.unwrap();
    stage.clock.advance(Duration::from_secs(1800));
    client.produce("news", 0, vec![Record::value("newer").at(stage.now_ms())], "none").await.unwrap();
    assert_eq!(client.watermarks("news", 0).await, (0, 2));
    stage.clock.advance(Duration::from_secs(1801));
    eventually("the old segment is gone", async || {
        (client.watermarks("news", 0).await == (1, 2)).then_some(())
    })
    .await;
    assert_eq!(client.read("news", 0, 1, false).await[0].text(), "newer");
    stage.clock.advance(Duration::from_secs(3600));
    eventually("all is gone", async || (client.watermarks("news", 0).await == (2, 2)).then_some(())).await;
    assert_eq!(client.watermarks("kept", 0).await, (0, 1));
    let next = client.produce("news", 0, vec![Record::value("next").at(stage.now_ms())], "none").await;
    assert_eq!(next, Ok(vec![2]));
    if stage.storage == Storage::Directory {
        stage.restart_with(|_| {}).await;
        let client = C::connect(&stage.bootstrap()).await;
        assert_eq!(client.watermarks("news", 0).await, (2, 3));
    }
}

pub async fn retention_by_size<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("ring", 1, &[("retention.bytes", "20000"), ("segment.bytes", "5000")]).await.unwrap();
    let text = "x".repeat(900);
    for _ in 0..100 {
        client.produce("ring", 0, vec![Record::value(&text)], "none").await.unwrap();
    }
    let (low, high) = eventually("old segments are gone", async || {
        let (low, high) = client.watermarks("ring", 0).await;
        (low > 70).then_some((low, high))
    })
    .await;
    assert_eq!(high, 100);
    assert!(100 - low >= 20, "at least retention.bytes are kept, but it starts at {low}");
    assert_eq!(client.read("ring", 0, low, false).await.len() as i64, high - low);
}
