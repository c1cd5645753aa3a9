//! Records of a source that cannot be converted go to a topic of their own, when the config names one.

use std::collections::BTreeMap;

use kafka::memory::SendFault;
use spec::DeadLetterSpec;

use crate::world::World;

fn world() -> World {
    let mut world = World::source();
    let letters = DeadLetterSpec { topic: "dead".to_owned(), replication_factor: 1, context_headers: true };
    world.spec.source.as_mut().unwrap().dead_letters = Some(letters);
    world
}

#[tokio::test(start_paused = true)]
async fn invariant_4_bad_records_of_a_source_become_letters() {
    let mut world = world();
    world.tolerate();
    world.sieve();
    world.rows("a", ["1", "drop 2", "reject 3", "bad 4", "5"]);
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 2).await;
    assert_eq!(world.values("t"), ["1", "5"]);
    let envelope = |text: &str| format!(r#"{{"schema":null,"payload":"{text}"}}"#);
    assert_eq!(world.values("dead"), [envelope("reject 3"), envelope("bad 4")]);
    let stats = task.stats();
    assert_eq!((stats.records_in, stats.filtered, stats.dead_lettered, stats.tolerated), (5, 1, 2, 2));
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(5));
}

#[tokio::test(start_paused = true)]
async fn letters_of_a_source_tell_where_the_record_came_from_and_what_went_wrong() {
    let mut world = world();
    world.tolerate();
    world.rows("a", ["bad 1"]);
    let task = world.start();
    world.until("written", || world.cluster.records("dead").len() == 1).await;
    let letter = world.cluster.records("dead").remove(0);
    assert_eq!(letter.key.as_deref(), Some(br#"{"schema":null,"payload":"a"}"#.as_slice()));
    let text = |header: &api::RawHeader| {
        let value = String::from_utf8(header.value.as_ref().unwrap().to_vec()).unwrap();
        (header.key.to_string(), value)
    };
    let told: BTreeMap<_, _> = letter.headers.iter().map(text).collect();
    let of = |name: &str| told[name].as_str();
    assert_eq!(of("__connect.errors.topic"), "t");
    assert_eq!(of("__sluice.errors.source.partition"), r#"{"p":"a"}"#);
    assert_eq!(of("__sluice.errors.source.offset"), r#"{"n":1}"#);
    assert_eq!(of("__connect.errors.stage"), "VALUE_CONVERTER");
    assert_eq!(of("__connect.errors.exception.message"), "bad 1 cannot be converted");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_fails_the_task_is_written_too() {
    let world = world();
    world.rows("a", ["1", "bad 2", "3"]);
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert_eq!(world.values("dead").len(), 1);
    assert_eq!(world.values("t"), ["1"]);
    assert_eq!(world.offsets.of("a"), Some(1), "the bad record comes again");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_4_no_offset_is_stored_before_the_letters_before_it_are_delivered() {
    let mut world = world();
    world.tolerate();
    world.rows("a", ["bad 1", "2"]);
    world.cluster.fail_next_sends(1, SendFault::Retriable);
    let task = world.start();
    world.settle().await;
    assert_eq!(world.values("t"), Vec::<String>::new(), "it waits for the letter");
    world.until("delivered", || task.stats().records_out == 1).await;
    assert_eq!((world.values("dead").len(), world.values("t")), (1, vec!["2".to_owned()]));
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(2));
}

#[tokio::test(start_paused = true)]
async fn without_the_topic_nothing_is_written() {
    let mut world = World::source();
    world.tolerate();
    world.rows("a", ["bad 1", "2"]);
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 1).await;
    assert_eq!(world.cluster.records("dead").len(), 0);
    assert_eq!((task.stats().tolerated, task.stats().dead_lettered), (1, 0));
    world.stop(task).await;
}
