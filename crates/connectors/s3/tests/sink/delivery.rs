//! What is written once, what is written again, and what is not written.

use api::CloseReason;
use api::data::SinkRecord;
use dev_s3::{Fault, Gate};

use crate::support::{Task, World, lines, name, partition, record, records};

#[tokio::test]
async fn a_replay_gives_the_same_names_and_bytes() {
    let world = World::new().await;
    let config = world.config().with("s3.compression.type", "gzip");
    let mut task = Task::start(config.clone()).await;
    task.accept(&records(0..10)).await;
    task.flush().await;
    let before = world.objects();
    assert_eq!(before.len(), 3);
    drop(task); // killed before the offsets were committed
    let mut task = Task::start(config).await;
    // Read in other batches.
    for batch in [0..1, 1..5, 5..10] {
        task.accept(&records(batch)).await;
    }
    task.flush().await;
    assert_eq!(world.objects(), before);
}

#[tokio::test]
async fn a_killed_task_leaves_no_half_object() {
    let world = World::new().await;
    let mut task = Task::start(world.config().with("flush.size", "1000")).await;
    task.accept(&records(0..500)).await;
    task.flush().await;
    assert_eq!(task.committed(), None, "what is open is not durable");
    drop(task);
    assert!(world.names().is_empty());
}

#[tokio::test]
async fn a_batch_that_is_offered_again_is_written_once() {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    task.accept(&records(0..2)).await;
    task.accept(&records(0..4)).await;
    task.flush().await;
    assert_eq!(world.text(&name(0)), lines(0..3));
    assert_eq!(task.committed(), Some(3));
}

#[tokio::test]
async fn a_renamed_topic_is_refused_since_objects_could_overwrite_each_other() {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    let mut renamed = record(0);
    renamed.record.topic = "other".into();
    let error = task.task.put(&[renamed]).await.unwrap_err();
    assert!(error.to_string().contains("No writer found for topic partition other-0"), "{error}");
}

#[tokio::test]
async fn offsets_with_gaps_count_records() {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    let compacted: Vec<SinkRecord> = [5, 9, 12, 40].into_iter().map(record).collect();
    task.accept(&compacted).await;
    task.flush().await;
    assert_eq!(world.names(), [name(5)]);
    assert_eq!(task.committed(), Some(13));
}

#[tokio::test]
async fn flush_returns_nothing_that_is_still_on_its_way_and_offsets_stay_in_order() {
    let world = World::new().await;
    let clock = api::ManualClock::at(0);
    let mut task = Task::with_clock(world.config(), clock.clone()).await;
    let gate = Gate::new();
    world.server.faults().inject(1, Fault::Hold(gate.clone()), |seen| seen.target.contains("0000000000"));
    task.accept(&records(0..6)).await;
    // The second file goes up, the first is held.
    while world.names() != [name(3)] {
        tokio::task::yield_now().await;
    }
    let advance = async {
        while clock.sleepers() == 0 {
            tokio::task::yield_now().await;
        }
        // Past every limit of a flush, not past that of a request.
        clock.advance(std::time::Duration::from_secs(5));
    };
    let (flushed, ()) = tokio::join!(task.flush(), advance);
    assert!(flushed.is_empty(), "{flushed:?}");
    gate.open();
    task.flush().await;
    assert_eq!(task.committed(), Some(6));
}

#[tokio::test]
async fn a_revoked_partition_aborts_what_is_unfinished_and_the_next_owner_writes_it() {
    let world = World::new().await;
    let mut task =
        Task::start(world.config().with("flush.size", "100000").with("s3.part.size", "5242880")).await;
    let big = big_records(0..30);
    task.accept(&big).await;
    while world.unfinished_uploads() == 0 {
        task.accept(&[]).await;
        tokio::task::yield_now().await;
    }
    task.task.close(&[partition(0)], CloseReason::Revoked).await.unwrap();
    assert_eq!(world.unfinished_uploads(), 0, "the multipart upload is aborted before close returns");
    assert!(world.names().is_empty());
    // Another owner, another flush.size: same start.
    let mut next = Task::start(world.config().with("flush.size", "30")).await;
    next.accept(&big).await;
    next.flush().await;
    assert_eq!(world.names(), [name(0)]);
    assert_eq!(next.committed(), Some(30));
}

// A part that arrives after the abort would stay in the bucket, where nobody sees it and everybody pays for it.
#[tokio::test]
async fn an_abort_waits_for_the_parts_under_way() {
    let world = World::new().await;
    let mut task =
        Task::start(world.config().with("flush.size", "100000").with("s3.part.size", "5242880")).await;
    let gate = Gate::new();
    let is_part = |seen: &dev_s3::Seen| seen.target.contains("partNumber");
    world.server.faults().inject(1, Fault::Hold(gate.clone()), is_part);
    task.accept(&big_records(0..30)).await;
    while !world.server.faults().seen().iter().any(is_part) {
        task.accept(&[]).await;
        tokio::task::yield_now().await;
    }
    let revoked = [partition(0)];
    let mut close = Box::pin(task.task.close(&revoked, CloseReason::Revoked));
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), &mut close).await;
    assert!(early.is_err(), "aborted while a part was under way");
    assert!(!world.server.faults().seen().iter().any(|seen| seen.method == "DELETE"));
    gate.open();
    close.await.unwrap();
    assert!(world.server.faults().seen().iter().any(|seen| seen.method == "DELETE"));
    assert_eq!(world.unfinished_uploads(), 0);
}

#[tokio::test]
async fn a_lost_partition_writes_nothing_more() {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    let gate = Gate::new();
    world.server.faults().inject(10, Fault::Hold(gate.clone()), |seen| seen.method == "PUT");
    task.accept(&records(0..3)).await;
    while !world.server.faults().seen().iter().any(|seen| seen.method == "PUT") {
        tokio::task::yield_now().await;
    }
    task.task.close(&[partition(0)], CloseReason::Lost).await.unwrap();
    gate.open();
    // The other partition works on, so the server has had its time.
    let mut other = records(0..3);
    other.iter_mut().for_each(|record| record.origin_partition = 1);
    task.accept(&other).await;
    task.flush().await;
    assert_eq!(world.names(), ["topics/orders/partition=1/orders+1+0000000000.json"]);
    assert!(task.task.put(&records(3..4)).await.is_err(), "a partition that is not assigned");
}

#[tokio::test]
async fn a_big_file_goes_up_in_parts_while_it_is_written() {
    let world = World::new().await;
    let mut task = Task::start(world.config().with("flush.size", "60")).await;
    let big = big_records(0..60); // one MiB each
    for batch in big.chunks(4) {
        task.accept(batch).await;
    }
    task.flush().await;
    assert_eq!(task.committed(), Some(60));
    let seen = world.server.faults().take_seen();
    let parts = seen.iter().filter(|seen| seen.target.contains("partNumber")).count();
    assert!(parts >= 7, "{parts} parts of 60 MiB");
    let expected: Vec<u8> = big.iter().flat_map(line_of).collect();
    assert!(world.objects()[&name(0)] == expected);
    assert_eq!(world.unfinished_uploads(), 0);
}

#[tokio::test]
async fn the_budget_bounds_what_waits_and_uploads_make_room() {
    let world = World::new().await;
    let mut task = Task::start(world.config().with("flush.size", "10")).await;
    let gate = Gate::new();
    let puts = |seen: &dev_s3::Seen| seen.method == "PUT" || seen.method == "POST";
    world.server.faults().inject(1000, Fault::Hold(gate.clone()), puts);
    let big = big_records(0..200);
    let (mut taken, mut waited) = (0, false);
    for batch in big.chunks(5) {
        // A put that finds no room waits: it does not return while nothing goes up.
        let mut put = Box::pin(task.task.put(batch));
        let outcome = match tokio::time::timeout(std::time::Duration::from_secs(3), &mut put).await {
            Ok(outcome) => outcome,
            Err(_) => {
                assert!(!waited && (20..=35).contains(&taken), "{taken} MiB were taken with a budget of 24");
                waited = true;
                gate.open();
                put.await
            }
        };
        drop(outcome.unwrap());
        taken += batch.len();
    }
    assert!(waited, "200 MiB were taken with a budget of 24");
    task.flush().await;
    assert_eq!(task.committed(), Some(200));
    assert_eq!(world.names().len(), 20);
}

// Records of about one MiB.
fn big_records(offsets: std::ops::Range<i64>) -> Vec<SinkRecord> {
    use api::data::{Datum, Value};
    let text = |offset: i64| format!("{offset:08}{}", "x".repeat((1 << 20) - 12));
    offsets
        .map(|offset| crate::support::with_value(offset, Datum::schemaless(Value::string(text(offset)))))
        .collect()
}

fn line_of(record: &SinkRecord) -> Vec<u8> {
    format!("\"{}\"\n", record.record.value.value.as_str().unwrap()).into_bytes()
}
