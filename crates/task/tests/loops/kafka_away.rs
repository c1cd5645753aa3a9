//! Brokers that do not answer fail no call: status and log must say it all the same, and the state stays RUNNING.

use std::time::Duration;

use kafka::Trouble;
use sluice_task::TaskState;

use crate::world::{World, numbers};

fn refused(lasts: u64) -> Option<Trouble> {
    Some(Trouble { reason: "connection refused".to_owned(), lasts: Duration::from_secs(lasts) })
}

#[tokio::test(start_paused = true)]
async fn a_source_whose_sends_are_not_acknowledged_says_so() {
    for (trouble, told) in [(refused(3), "connection refused"), (None, "a full disk")] {
        let world = World::source();
        world.rows("a", numbers(0..10));
        world.cluster.hold_all_acks();
        world.cluster.set_trouble(trouble);
        let task = world.start();
        world.pass(Duration::from_millis(4_900)).await;
        assert_eq!(task.stats().failing_since, None, "it may be slow");
        world.pass(Duration::from_millis(300)).await;
        let stats = task.stats();
        let error = stats.last_error.unwrap();
        assert!(error.contains("Kafka does not acknowledge") && error.contains(told), "{error}");
        assert!(stats.failing_since.unwrap() < Duration::from_secs(1), "{:?}", stats.failing_since);
        assert_eq!(world.heard.states(), [TaskState::Running]);
        world.cluster.release_all_acks();
        world.until("delivered", || task.stats().records_out == 10).await;
        world.settle().await;
        assert_eq!(task.stats().failing_since, None);
        // Nothing is expected of Kafka while there is nothing to send.
        world.pass(Duration::from_secs(20)).await;
        assert_eq!(task.stats().failing_since, None);
        world.stop(task).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_cannot_even_hand_over_says_so() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.cluster.hold_sends();
    let task = world.start();
    world.pass(Duration::from_secs(6)).await;
    assert!(task.stats().last_error.unwrap().contains("Kafka does not acknowledge"));
    world.cluster.release_sends();
    world.until("delivered", || task.stats().failing_since.is_none()).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_that_keep_coming_are_no_trouble() {
    let world = World::source();
    world.script.lock().batch = 1;
    world.rows("a", numbers(0..30));
    world.cluster.hold_all_acks();
    let task = world.start();
    for _ in 0..10 {
        world.pass(Duration::from_secs(2)).await;
        world.cluster.release_next_acks("t", 0, 1);
        assert_eq!(task.stats().failing_since, None);
    }
    world.cluster.release_all_acks();
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_whose_brokers_are_away_says_so() {
    let world = World::sink();
    world.cluster.append("t", 0, None, Some("1"));
    let task = world.start();
    world.until("accepted", || task.stats().records_out == 1).await;
    world.pass(Duration::from_secs(10)).await;
    assert_eq!(task.stats().failing_since, None, "nothing to read is no trouble");
    world.cluster.set_trouble(refused(4));
    world.until("told", || task.stats().failing_since.is_some()).await;
    let stats = task.stats();
    assert_eq!(stats.last_error.as_deref(), Some("Kafka cannot be read: connection refused"));
    let lasts = Duration::from_secs(world.clock_seconds()) - stats.failing_since.unwrap();
    assert!(lasts > Duration::from_secs(2) && lasts < Duration::from_secs(6), "{lasts:?}");
    assert_eq!(world.heard.states(), [TaskState::Running]);
    world.cluster.set_trouble(None);
    world.until("well", || task.stats().failing_since.is_none()).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn dead_letters_that_are_not_acknowledged_say_so() {
    let mut world = World::sink();
    world.tolerate();
    world.dead_letters(false);
    world.cluster.hold_acks("dead", 0);
    world.cluster.append("t", 0, None, Some("bad"));
    let task = world.start();
    world.pass(Duration::from_secs(12)).await;
    assert!(task.stats().last_error.unwrap().contains("Kafka does not acknowledge"));
    assert!(task.stats().failing_since.is_some());
    world.cluster.release_all_acks();
    world.until("delivered", || task.stats().failing_since.is_none()).await;
    world.stop(task).await;
}
