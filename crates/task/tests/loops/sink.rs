//! A sink task: accepted and durable, retries, bad records, requests.

use std::collections::BTreeMap;
use std::time::Duration;

use api::SinkRequest;
use api::data::{Offsets, TopicPartition};
use kafka::memory::SendFault;
use sluice_task::{Stopped, TaskState};

use crate::connectors::Fault;
use crate::world::{World, numbers};

fn fill(world: &World, partition: i32, range: std::ops::Range<i64>) {
    for number in range {
        world.cluster.append("t", partition, Some("k"), Some(&number.to_string()));
    }
}

#[tokio::test(start_paused = true)]
async fn records_are_put_and_what_flush_returned_is_committed() {
    let world = World::sink();
    fill(&world, 0, 0..10);
    let task = world.start();
    world.until("accepted", || world.accepted() == numbers(0..10)).await;
    assert_eq!(world.committed(0), None, "accepted is not durable");
    world.until("committed", || world.committed(0) == Some(10)).await;
    let stats = task.stats();
    assert_eq!((stats.records_in, stats.records_out, stats.bytes), (10, 10, 20));
    assert_eq!(world.stop(task).await, Stopped::Clean);
    assert_eq!(world.heard.topics(), ["t"]);
    assert_eq!(
        world.deeds(),
        [
            "start",
            "open t-0",
            "put 0,1,2,3,4,5,6,7,8,9",
            "flush t-0@10",
            "flush t-0@10",
            "close t-0 Revoked",
            "stop"
        ]
    );
    assert_eq!(world.cluster.members("connect-c"), 0);
}

#[tokio::test(start_paused = true)]
async fn time_passes_for_the_connector_without_records() {
    let world = World::sink();
    let task = world.start();
    world.until("called", || world.calls().iter().filter(|call| *call == "put ").count() >= 5).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_2_a_sink_that_returns_less_commits_less() {
    let world = World::sink();
    fill(&world, 0, 0..10);
    let answer = |offset| Some(Offsets::from([(TopicPartition::new("t", 0), offset)]));
    world.script.lock().flush_answer = answer(4);
    let task = world.start();
    world.until("committed", || world.committed(0) == Some(4)).await;
    world.script.lock().flush_answer = answer(99); // more than it was given
    world.pass(Duration::from_secs(61)).await;
    assert_eq!(world.committed(0), Some(4));
    world.script.lock().flush_answer = Some(Offsets::new()); // nothing new is durable
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(4));
    // What was not durable comes again.
    world.script.lock().flush_answer = None;
    let task = world.start();
    world.until("redelivered", || world.accepted().len() == 16).await;
    assert_eq!(world.accepted()[10..], numbers(4..10));
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(10));
}

#[tokio::test(start_paused = true)]
async fn invariant_2_a_crash_after_put_delivers_again() {
    let world = World::sink();
    fill(&world, 0, 0..10);
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 10).await;
    world.crash(task).await;
    assert_eq!(world.committed(0), None);
    let task = world.start();
    world.until("again", || world.accepted().len() == 20).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_could_not_be_put_is_offered_again_as_it_was() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    world.script.lock().put_faults.extend([Fault::Retry; 3]);
    let task = world.start();
    world.until("retrying", || task.stats().retries == 1).await;
    fill(&world, 0, 3..5);
    world.until("accepted", || world.accepted() == numbers(0..5)).await;
    let puts: Vec<_> = world.deeds().into_iter().filter(|call| call.starts_with("put")).collect();
    assert_eq!(puts, ["put 0,1,2", "put 0,1,2", "put 0,1,2", "put 0,1,2", "put 3,4"]);
    assert_eq!(task.stats().retry, None);
    assert_eq!(world.heard.states(), [TaskState::Running]);
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(5));
}

#[tokio::test(start_paused = true)]
async fn the_connector_may_say_how_long_to_wait() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    world.script.lock().put_faults.push_back(Fault::Retry);
    world.script.lock().requests.push(SinkRequest::Backoff(Duration::from_secs(17)));
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 3).await;
    assert_eq!(world.heard.retries()[0].1, Duration::from_secs(17));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn while_a_batch_waits_the_task_can_be_paused_and_stopped() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    world.script.lock().put_faults.extend([Fault::Retry; 4]);
    let task = world.start();
    world.until("retrying", || task.stats().retries == 1).await;
    task.pause();
    world.until("accepted", || world.accepted().len() == 3).await;
    fill(&world, 0, 3..6);
    world.pass(Duration::from_secs(3)).await;
    assert_eq!(world.accepted().len(), 3, "a paused task reads nothing new");
    task.resume();
    world.until("accepted", || world.accepted() == numbers(0..6)).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn pausing_commits_and_membership_is_kept() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 3).await;
    task.pause();
    world.until("committed", || world.committed(0) == Some(3)).await;
    assert!(world.heard.is(&TaskState::Paused));
    assert_eq!(world.cluster.members("connect-c"), 1);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn other_errors_of_put_fail_the_task_and_commit_what_was_accepted() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 3).await;
    world.script.lock().put_faults.push_back(Fault::Fatal);
    fill(&world, 0, 3..6);
    world.until("failed", || world.heard.failed().is_some()).await;
    let trace = world.heard.failed().unwrap();
    assert!(
        trace.contains("Exiting WorkerSinkTask due to unrecoverable exception.") && trace.contains("fatal")
    );
    assert_eq!(world.committed(0), Some(3));
    assert_eq!(world.cluster.members("connect-c"), 0);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_flush_that_fails_in_passing_rewinds_to_the_committed_offset() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    let task = world.start();
    world.until("committed", || world.committed(0) == Some(3)).await;
    fill(&world, 0, 3..6);
    world.until("accepted", || world.accepted().len() == 6).await;
    world.script.lock().flush_faults.push_back(Fault::Retry);
    world.until("again", || world.accepted().len() == 9).await;
    assert_eq!(world.accepted()[6..], numbers(3..6));
    assert_eq!(world.committed(0), Some(3));
    world.until("committed", || world.committed(0) == Some(6)).await;
    let deeds = world.deeds();
    let failed = deeds.iter().rposition(|call| call == "close t-0 Lost").unwrap();
    assert_eq!(deeds[failed - 1..failed + 2], ["flush t-0@6", "close t-0 Lost", "open t-0"]);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_flush_that_fails_before_the_first_commit_rewinds_to_where_reading_began() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    world.script.lock().flush_faults.push_back(Fault::Retry);
    let task = world.start();
    world.until("again", || world.accepted().len() == 6).await;
    world.until("committed", || world.committed(0) == Some(3)).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn other_errors_of_flush_fail_the_task_and_commit_nothing() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    world.script.lock().flush_faults.extend([Fault::Fatal, Fault::Fatal]);
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert_eq!(world.committed(0), None);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_is_made_good_by_the_next() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    world.cluster.fail_next_commits(1);
    let task = world.start();
    world.until("a failure", || task.stats().commit_failures == 1).await;
    assert_eq!(world.committed(0), None);
    world.until("committed", || world.committed(0) == Some(3)).await;
    assert_eq!(world.accepted().len(), 3, "nothing is read again");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn the_last_commit_of_a_task_that_stops_is_tried_again_while_there_is_time() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 3).await;
    world.cluster.fail_next_commits(3);
    assert_eq!(world.stop(task).await, Stopped::Clean);
    assert_eq!(world.committed(0), Some(3), "else the next instance gets them again");

    let world = World::sink();
    fill(&world, 0, 0..3);
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 3).await;
    world.cluster.fail_next_commits(1000);
    assert_eq!(world.stop(task).await, Stopped::Clean, "within the graceful time");
    assert!(world.calls().contains(&"stop".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_connector_may_ask_for_a_commit() {
    let world = World::sink();
    fill(&world, 0, 0..3);
    world.script.lock().requests.push(SinkRequest::Commit);
    let task = world.start();
    world.settle().await; // no time passes
    world.until("accepted", || world.accepted().len() == 3).await;
    world.script.lock().requests.push(SinkRequest::Commit);
    fill(&world, 0, 3..6);
    world.until("committed", || world.committed(0).is_some()).await;
    assert!(world.clock_seconds() < 50, "before the interval is over");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn the_connector_may_seek_and_pause_partitions() {
    let world = World::sink();
    world.cluster.create_topic("t", 2);
    let task = world.start();
    world.until("open", || world.deeds().len() == 2).await;
    let zero = TopicPartition::new("t", 0);
    world.script.lock().requests.push(SinkRequest::Pause(vec![zero.clone()]));
    world.until("asked", || world.script.lock().requests.is_empty()).await;
    fill(&world, 0, 0..10);
    fill(&world, 1, 100..103);
    world.until("the other goes on", || world.accepted() == numbers(100..103)).await;
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(world.accepted().len(), 3);
    // A pause and resume of the whole task does not wake it.
    task.pause();
    world.until("paused", || world.heard.is(&TaskState::Paused)).await;
    task.resume();
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(world.accepted().len(), 3);
    world.script.lock().requests.push(SinkRequest::Seek(zero.clone(), 7));
    world.script.lock().requests.push(SinkRequest::Resume(vec![zero]));
    world.until("it goes on at 7", || world.accepted().len() == 6).await;
    assert_eq!(world.accepted()[3..], numbers(7..10));
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(10));
}

/// Good, filtered, bad for the transform, bad for the converter, rejected by the connector, good.
const MIXED: [&str; 6] = ["1", "drop 2", "reject 3", "bad 4", "no 5", "6"];

fn mixed(world: &mut World) {
    world.sieve();
    world.script.lock().rejects.push("no 5".to_owned());
    for value in MIXED {
        world.cluster.append("t", 0, Some("k"), Some(value));
    }
}

#[tokio::test(start_paused = true)]
async fn invariant_4_every_record_is_accounted_for_without_dead_letters() {
    let mut world = World::sink();
    world.tolerate();
    world.errors(|errors| (errors.log, errors.log_messages) = (true, true));
    mixed(&mut world);
    let task = world.start();
    world.until("committed", || world.committed(0) == Some(6)).await;
    let stats = task.stats();
    assert_eq!((stats.records_in, stats.records_out, stats.filtered, stats.tolerated), (6, 2, 1, 3));
    assert_eq!(world.accepted(), ["1", "6"]);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_4_every_record_is_accounted_for_with_dead_letters() {
    let mut world = World::sink();
    world.tolerate();
    world.dead_letters(true);
    mixed(&mut world);
    let task = world.start();
    world.until("committed", || world.committed(0) == Some(6)).await;
    let stats = task.stats();
    assert_eq!((stats.records_in, stats.records_out, stats.filtered), (6, 2, 1));
    assert_eq!((stats.dead_lettered, stats.tolerated), (3, 0));
    assert_eq!(world.values("dead"), ["reject 3", "bad 4", "no 5"], "as they came");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn dead_letters_tell_what_went_wrong() {
    let mut world = World::sink();
    world.tolerate();
    world.dead_letters(true);
    let header = api::RawHeader { key: "mine".into(), value: None };
    let record = kafka::memory::StoredRecord {
        partition: 0,
        offset: 0,
        timestamp: 123,
        key: None,
        value: Some("bad value".into()),
        headers: vec![header.clone()],
    };
    world.cluster.append_record("t", record);
    let task = world.start();
    world.until("committed", || world.committed(0) == Some(1)).await;
    let letters = world.cluster.records("dead");
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].timestamp, &letters[0].key), (123, &None));
    assert_eq!(letters[0].headers[0], header);
    let text = |header: &api::RawHeader| {
        let value = String::from_utf8(header.value.as_ref().unwrap().to_vec()).unwrap();
        (header.key.to_string(), value)
    };
    let told: Vec<_> = letters[0].headers[1..].iter().map(text).collect();
    let names: Vec<_> =
        told.iter().map(|(name, _)| name.strip_prefix("__connect.errors.").unwrap()).collect();
    assert_eq!(
        names,
        [
            "topic",
            "partition",
            "offset",
            "connector.name",
            "task.id",
            "stage",
            "class.name",
            "exception.class.name",
            "exception.message",
            "exception.stacktrace"
        ]
    );
    let told: BTreeMap<_, _> = told.into_iter().collect();
    let of = |name: &str| told[&format!("__connect.errors.{name}")].as_str();
    assert_eq!((of("topic"), of("partition"), of("offset")), ("t", "0", "0"));
    assert_eq!((of("connector.name"), of("task.id")), ("c", "0"));
    assert_eq!((of("stage"), of("class.name")), ("VALUE_CONVERTER", "test.TextConverter"));
    assert_eq!(of("exception.class.name"), "org.apache.kafka.connect.errors.DataException");
    assert_eq!(of("exception.message"), "bad value cannot be converted");
    assert!(
        of("exception.stacktrace").starts_with("org.apache.kafka.connect.errors.DataException: bad value")
    );
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn dead_letters_without_context_have_the_records_own_headers_only() {
    let mut world = World::sink();
    world.tolerate();
    world.dead_letters(false);
    world.cluster.append("t", 0, Some("k"), Some("bad"));
    let task = world.start();
    world.until("committed", || world.committed(0) == Some(1)).await;
    let letters = world.cluster.records("dead");
    assert_eq!((letters.len(), letters[0].headers.len()), (1, 0));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_4_offsets_wait_for_dead_letters() {
    let mut world = World::sink();
    world.tolerate();
    world.dead_letters(false);
    world.cluster.create_topic("dead", 1);
    world.cluster.hold_acks("dead", 0);
    world.cluster.append("t", 0, None, Some("bad"));
    let task = world.start();
    world.pass(Duration::from_secs(130)).await;
    assert_eq!(world.committed(0), None);
    world.cluster.release_all_acks();
    world.until("committed", || world.committed(0) == Some(1)).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn dead_letters_are_sent_until_they_arrive() {
    let faults =
        [SendFault::Retriable, SendFault::Unusable, SendFault::TimedOut(vec![0]), SendFault::UnusableFrom(0)];
    for fault in faults {
        let mut world = World::sink();
        world.tolerate();
        world.dead_letters(false);
        world.cluster.append("t", 0, None, Some("bad 1"));
        world.cluster.append("t", 0, None, Some("bad 2"));
        world.cluster.fail_next_sends(1, fault.clone());
        let task = world.start();
        world.until("committed", || world.committed(0) == Some(2)).await;
        let mut letters = world.values("dead");
        letters.sort();
        assert_eq!(letters, ["bad 1", "bad 2"], "{fault:?}");
        assert_eq!(task.stats().dead_lettered, 2);
        assert_eq!(world.heard.retries().len(), 1);
        world.stop(task).await;
    }
}

#[tokio::test(start_paused = true)]
async fn invariant_4_a_dead_letter_that_is_refused_fails_the_task() {
    let mut world = World::sink();
    world.tolerate();
    world.dead_letters(false);
    world.cluster.append("t", 0, None, Some("bad"));
    world.cluster.fail_next_sends(1, SendFault::BadRecords(vec![0]));
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert!(world.heard.failed().unwrap().contains("dead letter topic"));
    assert_eq!(world.committed(0), None);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn invariant_4_a_bad_record_fails_the_task_and_gets_its_letter_too() {
    for bad in ["bad 3", "reject 3", "no 3"] {
        let mut world = World::sink();
        world.sieve();
        world.dead_letters(false);
        world.script.lock().rejects.push("no 3".to_owned());
        world.cluster.append("t", 0, None, Some(bad));
        let task = world.start();
        world.until("failed", || world.heard.failed().is_some()).await;
        let trace = world.heard.failed().unwrap();
        assert!(trace.contains("Tolerance exceeded in error handler"), "{trace}");
        assert!(trace.contains("record t-0@0"), "where it stands: {trace}");
        assert_eq!(world.values("dead"), [bad]);
        assert_eq!(world.committed(0), None);
        world.stop(task).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejection_without_tolerance_and_letters_fails_the_task() {
    let world = World::sink();
    world.script.lock().rejects.push("no".to_owned());
    world.cluster.append("t", 0, None, Some("no"));
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert_eq!(world.committed(0), None);
    world.stop(task).await;
}
