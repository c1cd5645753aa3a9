//! A source task when all is well: delivery, offsets, order, pause, topics.

use std::collections::BTreeMap;
use std::time::Duration;

use sluice_task::{Stopped, Target, TaskState};
use spec::{SourceSpec, TopicCreationSpec, TopicGroup};

use crate::world::{World, numbers};

const MINUTE: Duration = Duration::from_secs(61);

#[tokio::test(start_paused = true)]
async fn records_arrive_and_offsets_follow() {
    let world = World::source();
    world.rows("a", numbers(0..25));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 25).await;
    assert_eq!(world.values("t"), numbers(0..25));
    assert_eq!(world.offsets.of("a"), None, "the interval is not over");
    world.until("offsets stored", || world.offsets.of("a") == Some(25)).await;
    let stats = task.stats();
    assert_eq!((stats.records_in, stats.records_out, stats.errors), (25, 25, 0));
    assert_eq!(world.stop(task).await, Stopped::Clean);
    assert_eq!(world.heard.states(), [TaskState::Running, TaskState::Unassigned]);
    assert_eq!(world.heard.topics(), ["t"]);
    assert_eq!(world.script.lock().alive, 0);
}

#[tokio::test(start_paused = true)]
async fn a_stop_stores_what_was_acknowledged_and_a_restart_goes_on_there() {
    let world = World::source();
    world.rows("a", numbers(0..25));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 25).await;
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(25));
    world.rows("a", numbers(25..30));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 5).await;
    world.stop(task).await;
    assert_eq!(world.values("t"), numbers(0..30));
}

#[tokio::test(start_paused = true)]
async fn invariant_1_acknowledgements_in_any_order_store_offsets_in_order() {
    let world = World::source();
    world.cluster.create_topic("t", 2);
    // One source partition whose batches go to a slow and a fast Kafka partition in turn.
    world.script.lock().batch = 1;
    world.script.lock().places.insert("a".to_owned(), ("t".to_owned(), 0));
    world.cluster.hold_acks("t", 0);
    world.rows("a", ["0"]);
    let task = world.start();
    world.until("sent", || world.values("t").len() == 1).await;
    world.script.lock().places.insert("a".to_owned(), ("t".to_owned(), 1));
    world.rows("a", ["1"]);
    world.until("the later one is acknowledged", || task.stats().records_out == 1).await;
    world.pass(MINUTE).await;
    assert_eq!(world.offsets.of("a"), None, "the earlier one is not acknowledged");
    world.cluster.release_all_acks();
    world.until("stored", || world.offsets.of("a") == Some(2)).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_1_a_crash_before_acknowledgement_loses_nothing() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("stored", || world.offsets.of("a") == Some(10)).await;
    world.cluster.hold_all_acks();
    world.rows("a", numbers(10..20));
    world.until("sent", || world.values("t").len() == 20).await;
    world.crash(task).await;
    assert_eq!(world.offsets.of("a"), Some(10));
    world.cluster.release_all_acks();
    let task = world.start();
    world.until("delivered again", || task.stats().records_out == 10).await;
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(20));
}

#[tokio::test(start_paused = true)]
async fn a_batch_half_acknowledged_is_read_again_after_a_restart() {
    let world = World::source();
    world.cluster.create_topic("t", 1);
    world.cluster.hold_acks("t", 0);
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("sent", || world.values("t").len() == 10).await;
    world.cluster.release_next_acks("t", 0, 5);
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), None, "five of ten are not the batch");
    world.cluster.release_all_acks();
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(10));
    assert_eq!(world.values("t"), [numbers(0..10), numbers(0..10)].concat());
}

#[tokio::test(start_paused = true)]
async fn one_slow_partition_does_not_hold_back_the_others() {
    let world = World::source();
    world.cluster.create_topic("slow", 1);
    world.script.lock().places.insert("slow".to_owned(), ("slow".to_owned(), 0));
    world.cluster.hold_acks("slow", 0);
    world.rows("fast", numbers(0..10));
    world.rows("slow", numbers(0..10));
    let task = world.start();
    world.until("the fast one is stored", || world.offsets.of("fast") == Some(10)).await;
    world.rows("fast", numbers(10..30));
    world.until("it goes on", || world.offsets.of("fast") == Some(30)).await;
    assert_eq!(world.offsets.of("slow"), None);
    world.cluster.release_all_acks();
    world.until("the slow one follows", || world.offsets.of("slow") == Some(10)).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_polled_above_the_byte_budget_and_a_stop_gets_through() {
    let mut world = World::source();
    world.settings.source_budget_bytes = 1000;
    world.cluster.hold_all_acks();
    world.rows("a", numbers(0..1000));
    let task = world.start();
    world.pass(Duration::from_secs(10)).await;
    let read = task.stats().records_in;
    assert!((10..=60).contains(&read), "{read} records were read");
    assert_eq!(world.stop(task).await, Stopped::Clean);
    assert_eq!(world.offsets.of("a"), None);
}

#[tokio::test(start_paused = true)]
async fn one_batch_is_read_ahead_while_one_is_being_sent() {
    let world = World::source();
    world.cluster.hold_sends();
    world.rows("a", numbers(0..100));
    let task = world.start();
    world.pass(Duration::from_secs(10)).await;
    assert_eq!(task.stats().records_in, 20);
    world.cluster.release_sends();
    world.until("delivered", || task.stats().records_out == 100).await;
    assert_eq!(world.values("t"), numbers(0..100));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_task_reads_nothing_but_stores_what_arrives() {
    let world = World::source();
    world.cluster.hold_all_acks();
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("sent", || world.values("t").len() == 10).await;
    task.pause();
    world.until("paused", || world.heard.is(&TaskState::Paused)).await;
    world.rows("a", numbers(10..20));
    world.cluster.release_all_acks();
    world.until("stored", || world.offsets.of("a") == Some(10)).await;
    assert_eq!(world.values("t").len(), 10);
    task.resume();
    world.until("running", || world.heard.is(&TaskState::Running)).await;
    world.until("delivered", || task.stats().records_out == 20).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_begins_paused_starts_its_connector_when_it_is_resumed() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    let task = world.start_as(Target::Paused);
    world.pass(Duration::from_secs(5)).await;
    assert_eq!(world.heard.states(), [TaskState::Paused]);
    assert!(world.calls().is_empty());
    task.resume();
    world.until("delivered", || task.stats().records_out == 10).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn filtered_records_do_not_block_offsets() {
    let mut world = World::source();
    world.sieve();
    world.rows("a", ["1", "drop 2", "3", "drop 4"]);
    world.rows("b", ["drop 1"]);
    let task = world.start();
    world.until("stored", || world.offsets.of("a").is_some()).await;
    // As in Kafka Connect, a dropped record does not move offsets by itself.
    assert_eq!(world.offsets.of("a"), Some(3));
    assert_eq!(world.offsets.of("b"), None);
    let stats = task.stats();
    assert_eq!((stats.records_in, stats.records_out, stats.filtered), (5, 2, 3));
    assert_eq!(world.values("t"), ["1", "3"]);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn the_connector_hears_of_stored_offsets() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("told", || world.calls().contains(&"commit 1".to_owned())).await;
    world.pass(MINUTE).await;
    assert!(world.calls().contains(&"commit 0".to_owned()), "also when nothing moved, as in Kafka Connect");
    world.stop(task).await;
}

fn creation(partitions: i32) -> Option<SourceSpec> {
    let group = TopicGroup {
        name: "default".to_owned(),
        include: vec![regex::Regex::new("^.*$").unwrap()],
        exclude: vec![],
        partitions,
        replication_factor: 1,
        configs: BTreeMap::from([("retention.ms".to_owned(), "5".to_owned())]),
    };
    Some(SourceSpec {
        topic_creation: Some(TopicCreationSpec { groups: vec![group] }),
        dead_letters: None,
        boundary: Default::default(),
        offsets_topic: None,
    })
}

#[tokio::test(start_paused = true)]
async fn topics_are_created_by_their_rule() {
    let mut world = World::source();
    world.cluster.set_auto_create(false);
    world.cluster.fail_next_admin_calls(2);
    world.spec.source = creation(3);
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    assert_eq!(world.cluster.topic_configs("t")["retention.ms"], "5");
    assert_eq!(world.heard.retries().len(), 2, "an admin client that fails in passing is asked again");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_cannot_be_made_fails_the_task() {
    let mut world = World::source();
    world.cluster.set_auto_create(false);
    world.spec.source = creation(-7);
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert!(world.heard.failed().unwrap().contains("creating topic t"));
    assert_eq!(world.stop(task).await, Stopped::Clean);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_does_not_wait_does_not_spin() {
    let world = World::source();
    world.script.lock().impatient = true;
    let task = world.start();
    world.settle().await;
    assert!(world.heard.is(&TaskState::Running));
    // Time stands still, so a loop that waits between polls comes to rest; one that spins would hang this test.
    world.settle().await;
    assert_eq!(world.stop(task).await, Stopped::Clean);
}

#[tokio::test(start_paused = true)]
async fn predicates_choose_what_a_transform_sees() {
    for (negate, values) in [(false, ["1", "reject 3"].as_slice()), (true, &["1", "drop 2"])] {
        let mut world = World::source();
        world.tolerate();
        world.sieve_if_dropped(negate);
        world.rows("a", ["1", "drop 2", "reject 3", "fault 4"]);
        let task = world.start();
        world.until("delivered", || task.stats().records_out == 2).await;
        assert_eq!(world.values("t"), values, "negate: {negate}");
        let stats = task.stats();
        assert_eq!(stats.filtered + stats.tolerated, 2);
        world.stop(task).await;
    }
}

#[tokio::test(start_paused = true)]
async fn partitions_whose_records_alternate_are_sent_in_their_order() {
    let world = World::source();
    world.script.lock().batch = 1; // one record of each partition in turn
    for partition in 0..100 {
        world.rows(&format!("{partition:02}"), [format!("{partition:02}"), format!("{partition:02}+")]);
    }
    let task = world.start();
    world.until("stored", || (0..100).all(|p| world.offsets.of(&format!("{p:02}")) == Some(2))).await;
    let expected: Vec<_> = (0..100).map(|p| format!("{p:02}")).collect();
    assert_eq!(world.values("t")[..100], expected);
    assert!(world.cluster.sends() < 100, "crumbs are sent together");
    world.stop(task).await;
}
