//! A source task when things go wrong.

use std::time::Duration;

use kafka::memory::SendFault;
use sluice_task::{Stopped, TaskState};

use crate::connectors::Fault;
use crate::world::{World, numbers};

#[tokio::test(start_paused = true)]
async fn retriable_errors_of_poll_are_seen_and_skip_nothing() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.script.lock().poll_faults.extend([Fault::Retry; 3]);
    let task = world.start();
    world.settle().await;
    let retry = task.stats().retry.expect("status says what it waits for");
    assert_eq!(retry.error, "poll: try again: the disk is full", "with its causes");
    world.until("delivered", || task.stats().records_out == 10).await;
    assert_eq!(world.values("t"), numbers(0..10));
    assert_eq!(task.stats().retries, 3);
    assert_eq!(task.stats().retry, None, "all is well again");
    let waits: Vec<_> = world.heard.retries().into_iter().map(|(_, wait)| wait).collect();
    assert!(waits[1] > waits[0] / 2 && waits[2] > waits[1] / 2, "back-off grows: {waits:?}");
    assert_eq!(world.heard.states(), [TaskState::Running]);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn other_errors_of_poll_fail_the_task_with_a_trace() {
    for (fault, class) in [(Fault::Fatal, "ConnectException"), (Fault::BadRecord, "DataException")] {
        let world = World::source();
        world.rows("a", numbers(0..10));
        let task = world.start();
        world.until("delivered", || task.stats().records_out == 10).await;
        world.script.lock().poll_faults.push_back(fault);
        world.until("failed", || world.heard.failed().is_some()).await;
        let trace = world.heard.failed().unwrap();
        assert!(trace.starts_with("org.apache.kafka.connect.errors.") && trace.contains(class), "{trace}");
        assert_eq!(world.offsets.of("a"), Some(10), "what was acknowledged is stored");
        assert!(world.calls().contains(&"stop".to_owned()));
        assert_eq!(world.stop(task).await, Stopped::Clean);
        assert_eq!(world.heard.states().len(), 2, "a failed task is not unassigned by a stop");
    }
}

#[tokio::test(start_paused = true)]
async fn retriable_errors_of_start_are_tried_again_and_others_fail() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.script.lock().start_faults.extend([Fault::Retry; 3]);
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    assert_eq!(world.heard.retries().len(), 3);
    world.stop(task).await;

    let world = World::source();
    world.script.lock().start_faults.push_back(Fault::Fatal);
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_send_that_fails_in_passing_sends_the_same_batch_again() {
    let world = World::source();
    world.rows("a", numbers(0..30));
    world.cluster.fail_next_sends(2, SendFault::Retriable);
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 30).await;
    assert_eq!(world.values("t"), numbers(0..30), "in order, nothing twice");
    assert_eq!(task.stats().retries, 2);
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(30));
}

#[tokio::test(start_paused = true)]
async fn while_a_poll_overruns_batches_are_sent_again_and_offsets_stored() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.script.lock().poll_faults.extend([Fault::None, Fault::Late]);
    world.cluster.fail_next_sends(2, SendFault::Retriable);
    let task = world.start();
    world.until("stored", || world.offsets.of("a") == Some(10)).await;
    assert!(world.clock_seconds() < 200, "the poll has not returned");
    assert_eq!(world.values("t"), numbers(0..10));
    assert_eq!(task.stats().retries, 2);
    assert_eq!(world.calls(), ["start"], "the connector is told between its polls only");
    world.until("told", || world.calls().contains(&"commit 1".to_owned())).await;
    world.stop(task).await;
    assert_eq!(*world.offsets.history.lock(), [("a".to_owned(), 10)], "stored once");
}

#[tokio::test(start_paused = true)]
async fn offsets_that_cannot_be_stored_while_a_poll_overruns_are_kept() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.script.lock().poll_faults.extend([Fault::None, Fault::Late]);
    *world.offsets.failures.lock() = 1;
    let task = world.start();
    world.until("a failure", || task.stats().commit_failures == 1).await;
    world.until("stored", || world.offsets.of("a") == Some(10)).await;
    assert!(world.clock_seconds() < 200, "the poll has not returned");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn an_unusable_producer_is_rebuilt_and_the_task_resumes_without_failing() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    world.cluster.fail_next_sends(1, SendFault::Unusable);
    world.rows("a", numbers(10..30));
    world.until("delivered", || task.stats().records_out == 30).await;
    assert_eq!(world.values("t"), numbers(0..30), "what was acknowledged is not read again");
    assert_eq!(world.heard.states(), [TaskState::Running]);
    assert_eq!(world.cluster.producers(), 2);
    assert_eq!(world.heard.topics(), ["t"], "told once");
    assert_eq!(world.heard.retries().len(), 1);
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(30));
}

#[tokio::test(start_paused = true)]
async fn a_producer_that_becomes_unusable_in_flight_loses_nothing() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.cluster.fail_next_sends(1, SendFault::UnusableFrom(4));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    assert_eq!(world.values("t"), [numbers(0..4), numbers(0..10)].concat());
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(10));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_timed_out_is_sent_again_even_when_errors_are_tolerated() {
    let mut world = World::source();
    world.tolerate();
    world.rows("a", numbers(0..10));
    world.cluster.fail_next_sends(1, SendFault::TimedOut(vec![3]));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    assert!(world.values("t").contains(&"3".to_owned()), "a broker that is away is not the record's fault");
    assert_eq!(task.stats().tolerated, 0);
    world.stop(task).await;
}

/// 1 good, a filtered, a bad one for the transform, a bad one for the converter, one refused by Kafka, 1 good.
const MIXED: [&str; 6] = ["1", "drop 2", "reject 3", "bad 4", "5", "6"];

#[tokio::test(start_paused = true)]
async fn invariant_4_every_record_is_accounted_for_when_errors_are_tolerated() {
    let mut world = World::source();
    world.tolerate();
    world.errors(|errors| errors.log = true);
    world.sieve();
    world.rows("a", MIXED);
    world.cluster.fail_next_sends(1, SendFault::BadRecords(vec![1]));
    let task = world.start();
    world.until("stored", || world.offsets.of("a") == Some(6)).await;
    let stats = task.stats();
    assert_eq!((stats.records_in, stats.records_out, stats.filtered, stats.tolerated), (6, 2, 1, 3));
    assert_eq!(stats.errors, 3);
    assert_eq!(world.values("t"), ["1", "6"]);
    assert_eq!(world.heard.states(), [TaskState::Running]);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_4_a_bad_record_fails_the_task_and_what_came_before_it_is_delivered() {
    for bad in ["reject 3", "bad 3"] {
        let mut world = World::source();
        world.sieve();
        world.rows("a", ["1", "2", bad, "4"]);
        let task = world.start();
        world.until("failed", || world.heard.failed().is_some()).await;
        let trace = world.heard.failed().unwrap();
        assert!(trace.contains("Tolerance exceeded in error handler") && trace.contains(bad), "{trace}");
        assert!(trace.contains(r#"record {"p":"a"} at {"n":3}"#), "where it stands: {trace}");
        assert_eq!(world.values("t"), ["1", "2"]);
        assert_eq!(world.offsets.of("a"), Some(2));
        assert_eq!(task.stats().tolerated, 0);
        world.stop(task).await;
    }
}

#[tokio::test(start_paused = true)]
async fn invariant_4_a_record_that_kafka_refuses_fails_the_task() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.cluster.fail_next_sends(1, SendFault::BadRecords(vec![4]));
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert!(world.heard.failed().unwrap().contains("KAFKA_PRODUCE"));
    assert_eq!(world.offsets.of("a"), None);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_gone_is_never_tolerated() {
    let mut world = World::source();
    world.tolerate();
    world.cluster.set_auto_create(false);
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert_eq!((task.stats().tolerated, world.offsets.of("a")), (0, None));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn retriable_transform_errors_are_tried_again_within_the_time() {
    let mut world = World::source();
    world.sieve();
    world.errors(|errors| errors.retry_timeout = Some(Duration::from_secs(10)));
    world.rows("a", ["1", "twice 2", "3"]);
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 3).await;
    assert_eq!(world.values("t"), ["1", "twice 2", "3"]);
    assert_eq!(world.heard.retries().len(), 1);
    assert_eq!(world.heard.retries()[0].1, Duration::from_millis(300));
    world.stop(task).await;

    // Without time for it, the first failure counts.
    let mut world = World::source();
    world.sieve();
    world.rows("a", ["1", "twice 2", "3"]);
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn offsets_that_could_not_be_stored_are_stored_later() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    *world.offsets.failures.lock() = 1;
    let task = world.start();
    world.until("a failure", || task.stats().commit_failures == 1).await;
    assert_eq!(world.offsets.of("a"), None);
    world.until("stored", || world.offsets.of("a") == Some(10)).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_8_a_store_that_hangs_does_not_hang_the_task() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    *world.offsets.hangs.lock() = true;
    let task = world.start();
    world.until("a failure", || task.stats().commit_failures == 1).await;
    *world.offsets.hangs.lock() = false;
    world.until("stored", || world.offsets.of("a") == Some(10)).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn an_error_of_commit_does_not_fail_the_task() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    world.script.lock().commit_faults.push_back(Fault::Fatal);
    let task = world.start();
    world.until("stored", || world.offsets.of("a") == Some(10)).await;
    world.rows("a", numbers(10..20));
    world.until("goes on", || task.stats().records_out == 20).await;
    assert_eq!(world.heard.states(), [TaskState::Running]);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn the_last_offsets_of_a_task_that_stops_are_stored_again_while_there_is_time() {
    let world = World::source();
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    *world.offsets.failures.lock() = 3;
    assert_eq!(world.stop(task).await, Stopped::Clean);
    assert_eq!(world.offsets.of("a"), Some(10), "else the next instance sends them again");
    assert!(world.calls().contains(&"stop".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn offsets_that_cannot_be_stored_at_all_leave_the_connector_time_to_stop() {
    for hangs in [false, true] {
        let world = World::source();
        world.rows("a", numbers(0..10));
        let task = world.start();
        world.until("delivered", || task.stats().records_out == 10).await;
        *world.offsets.failures.lock() = usize::MAX;
        *world.offsets.hangs.lock() = hangs;
        assert_eq!(world.stop(task).await, Stopped::Clean, "within the graceful time");
        assert!(world.calls().contains(&"stop".to_owned()));
        assert_eq!(world.offsets.of("a"), None);
    }
}
