//! Transactions.

use std::time::Duration;

use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::{
    DescribeProducersRequest, DescribeTransactionsRequest, ListTransactionsRequest,
    OffsetForLeaderEpochRequest,
};

use crate::clients::raw::{Raw, s, topic};
use crate::clients::{Client, Krafka, Member, Record, Txn};
use crate::stage::{Stage, eventually};

const TIMEOUT: Duration = Duration::from_secs(60);

fn texts(records: &[Record]) -> Vec<String> {
    records.iter().map(Record::text).collect()
}

pub async fn commit_abort_and_read_committed<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("ledger", 2, &[]).await.unwrap();
    let mut txn = client.transactional("bank", TIMEOUT).await;
    for (name, commits) in [("one", true), ("two", false), ("three", true), ("four", false)] {
        txn.begin().await.unwrap();
        for partition in [0, 1] {
            txn.send("ledger", partition, Record::value(name)).await.unwrap();
        }
        if commits { txn.commit().await.unwrap() } else { txn.abort().await.unwrap() }
    }
    client.produce("ledger", 0, vec![Record::value("plain")], "none").await.unwrap();
    for partition in [0, 1] {
        let committed = client.read("ledger", partition, 0, true).await;
        let all = client.read("ledger", partition, 0, false).await;
        let plain: &[&str] = if partition == 0 { &["plain"] } else { &[] };
        assert_eq!(texts(&committed), [&["one", "three"], plain].concat());
        assert_eq!(texts(&all), [&["one", "two", "three", "four"], plain].concat());
    }
    // What is open is not read, and holds back what comes behind it.
    txn.begin().await.unwrap();
    txn.send("ledger", 0, Record::value("open")).await.unwrap();
    client.produce("ledger", 0, vec![Record::value("behind")], "none").await.unwrap();
    assert_eq!(texts(&client.read("ledger", 0, 0, true).await), ["one", "three", "plain"]);
    txn.commit().await.unwrap();
    assert_eq!(texts(&client.read("ledger", 0, 0, true).await), ["one", "three", "plain", "open", "behind"]);
}

pub async fn offsets_in_a_transaction<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("in", 1, &[]).await.unwrap();
    client.create_topic("out", 1, &[]).await.unwrap();
    let member = client.join("mover", "in", "range", Duration::from_secs(10)).await;
    eventually("it has its partition", async || (member.assignment().await == [0]).then_some(())).await;
    let mut txn = client.transactional("mover", TIMEOUT).await;
    txn.begin().await.unwrap();
    txn.send("out", 0, Record::value("moved")).await.unwrap();
    txn.send_offset(&member, "in", 0, 5).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(client.committed("mover", "in", 0).await, Some(5));
    txn.begin().await.unwrap();
    txn.send("out", 0, Record::value("not moved")).await.unwrap();
    txn.send_offset(&member, "in", 0, 9).await.unwrap();
    txn.abort().await.unwrap();
    assert_eq!(client.committed("mover", "in", 0).await, Some(5));
    assert_eq!(texts(&client.read("out", 0, 0, true).await), ["moved"]);
    member.leave().await;
}

pub async fn the_older_producer_is_fenced<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("fenced", 1, &[]).await.unwrap();
    let mut older = client.transactional("one-of-us", TIMEOUT).await;
    older.begin().await.unwrap();
    older.send("fenced", 0, Record::value("from the older")).await.unwrap();
    let mut newer = client.transactional("one-of-us", TIMEOUT).await;
    // Its open transaction was aborted, and nothing of it can be committed any more.
    let error = match older.send("fenced", 0, Record::value("again")).await {
        Err(error) => error,
        Ok(()) => older.commit().await.expect_err("a fenced producer commits"),
    };
    let fenced = C::Txn::is_fenced(&error) || C::Txn::is_fenced(&older.commit().await.unwrap_err());
    assert!(fenced, "not told that it is fenced: {error}");
    newer.begin().await.unwrap();
    newer.send("fenced", 0, Record::value("from the newer")).await.unwrap();
    newer.commit().await.unwrap();
    assert_eq!(texts(&client.read("fenced", 0, 0, true).await), ["from the newer"]);
}

pub async fn a_transaction_times_out<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("hung", 1, &[]).await.unwrap();
    let mut txn = client.transactional("sleeper", TIMEOUT).await;
    txn.begin().await.unwrap();
    txn.send("hung", 0, Record::value("lost")).await.unwrap();
    client.produce("hung", 0, vec![Record::value("waits")], "none").await.unwrap();
    assert!(client.read("hung", 0, 0, true).await.is_empty());
    stage.clock.advance(TIMEOUT + Duration::from_secs(1));
    eventually("the way is free", async || {
        (texts(&client.read("hung", 0, 0, true).await) == ["waits"]).then_some(())
    })
    .await;
    assert!(txn.commit().await.is_err(), "it was aborted");
}

pub async fn look_at_transactions(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("watched", 1, &[]).await.unwrap();
    let mut txn = client.transactional("watched", TIMEOUT).await;
    txn.begin().await.unwrap();
    txn.send("watched", 0, Record::value("x")).await.unwrap();
    txn.send("watched", 0, Record::value("y")).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let mut look = async || {
        let ids = vec![s("watched").into(), s("unknown").into()];
        let described = raw.call(DescribeTransactionsRequest::default().with_transactional_ids(ids), 0).await;
        assert_eq!(described.transaction_states[1].error_code, 105, "an unknown transactional id");
        let listed = raw.call(ListTransactionsRequest::default().with_duration_filter(-1), 1).await;
        let asked = TopicRequest::default().with_name(topic("watched")).with_partition_indexes(vec![0]);
        let producers = raw.call(DescribeProducersRequest::default().with_topics(vec![asked]), 0).await;
        let producer = producers.topics[0].partitions[0].active_producers[0].clone();
        let state = described.transaction_states[0].clone();
        assert_eq!(listed.transaction_states[0].transaction_state, state.transaction_state);
        assert_eq!(producer.producer_id, state.producer_id);
        (state, producer)
    };
    let (state, producer) = look().await;
    assert_eq!(state.transaction_state.as_str(), "Ongoing");
    assert_eq!((state.topics[0].topic.as_str(), &state.topics[0].partitions), ("watched", &vec![0]));
    assert_eq!((producer.current_txn_start_offset, producer.last_sequence), (0, 1));
    txn.commit().await.unwrap();
    let (state, producer) = look().await;
    assert_eq!(state.transaction_state.as_str(), "CompleteCommit");
    assert_eq!(producer.current_txn_start_offset, -1);

    let part = OffsetForLeaderPartition::default().with_current_leader_epoch(0).with_leader_epoch(0);
    let asked = OffsetForLeaderTopic::default().with_topic(topic("watched")).with_partitions(vec![part]);
    let ends = raw.call(OffsetForLeaderEpochRequest::default().with_topics(vec![asked]), 4).await;
    assert_eq!(ends.topics[0].partitions[0].end_offset, 3, "two records and a marker");
}
