//! What the server or the network does wrong.

use api::{Clock, ErrorKind, ManualClock, SinkRequest, SystemClock};
use dev_s3::{Fault, Seen};
use testkit::contexts::Lent;

use crate::support::{Task, World, lines, name, partition, records};

fn writes(seen: &Seen) -> bool {
    seen.method == "PUT"
}

async fn survives(times: usize, fault: Fault) {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    world.server.faults().inject(times, fault, writes);
    task.drive(&records(0..7), 6).await;
    assert_eq!(world.names(), [name(0), name(3)]);
    assert_eq!(world.text(&name(0)), lines(0..3));
    assert_eq!(world.text(&name(3)), lines(3..6));
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    survives(3, Fault::Status(503, "SlowDown")).await;
    survives(3, Fault::Status(500, "InternalError")).await;
}

#[tokio::test]
async fn a_server_that_stays_busy_makes_the_partition_read_again() {
    // More failures than one file's attempts: seek, pause, resume, until it works.
    survives(11, Fault::Status(503, "SlowDown")).await;
    survives(11, Fault::Cut).await;
}

#[tokio::test]
async fn a_cut_connection_is_made_again() {
    survives(2, Fault::Cut).await;
}

#[tokio::test]
async fn a_lost_answer_changes_nothing() {
    survives(2, Fault::LoseReply).await;
}

#[tokio::test]
async fn a_lost_answer_to_a_conditional_write_is_known_for_our_own() {
    let world = World::new().await;
    let clock = ManualClock::at(0);
    let config = world.config().with("rotate.schedule.interval.ms", "3600000").with("timezone", "UTC");
    let mut task = Task::with_clock(config.with("s3.retry.backoff.ms", "0"), clock).await;
    world.server.faults().inject(1, Fault::LoseReply, writes);
    task.accept(&records(0..3)).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(3));
    assert!(task.requests().is_empty(), "nothing is read again");
    let seen = world.server.faults().take_seen();
    assert!(seen.iter().filter(|seen| writes(seen)).all(|seen| seen.header("if-none-match") == Some("*")));
}

#[tokio::test]
async fn a_lost_answer_to_a_completion_is_known_for_our_own() {
    for conditional in [false, true] {
        let world = World::new().await;
        let mut config = world.config().with("flush.size", "20").with("s3.part.retries", "1");
        if conditional {
            config = config.with("rotate.schedule.interval.ms", "3600000").with("timezone", "UTC");
        }
        let mut task = Task::start(config).await;
        let completes = |seen: &Seen| seen.method == "POST" && seen.target.contains("uploadId");
        world.server.faults().inject(1, Fault::LoseReply, completes);
        let big: Vec<_> = (0..20).map(big_record).collect();
        task.accept(&big).await;
        task.flush().await;
        assert_eq!(task.committed(), Some(20), "conditional {conditional}");
        assert!(task.requests().is_empty(), "nothing is read again");
        assert_eq!(world.names(), [name(0)]);
        let seen = world.server.faults().take_seen();
        let asked = seen.iter().filter(|seen| completes(seen)).map(|seen| seen.header("if-none-match"));
        assert!(asked.into_iter().all(|header| header == conditional.then_some("*")));
    }
}

#[tokio::test]
async fn parts_survive_faults() {
    let world = World::new().await;
    let mut task = Task::start(world.config().with("flush.size", "30")).await;
    let parts = |seen: &Seen| seen.target.contains("partNumber");
    world.server.faults().inject(2, Fault::Status(503, "SlowDown"), parts);
    world.server.faults().inject(1, Fault::Cut, parts);
    world.server.faults().inject(1, Fault::LoseReply, parts);
    world
        .server
        .faults()
        .inject(1, Fault::Status(500, "InternalError"), |seen| seen.target.contains("?uploads"));
    let big: Vec<_> = (0..30).map(big_record).collect();
    task.drive(&big, 30).await;
    assert_eq!(world.objects()[&name(0)].len(), 30 << 20);
}

#[tokio::test]
async fn what_another_wrote_is_not_overwritten_by_a_schedule() {
    let world = World::new().await;
    let config = world.config().with("rotate.schedule.interval.ms", "3600000").with("timezone", "UTC");
    let mut first = Task::start(config.clone().with("flush.size", "2")).await;
    first.accept(&records(0..2)).await;
    first.flush().await;
    // A task that did not hear of it, and would cut the files elsewhere.
    let mut second = Task::start(config.with("flush.size", "4")).await;
    second.drive(&records(0..5), 5).await;
    assert_eq!(world.text(&name(0)), lines(0..2), "the first file is as it was");
    assert_eq!(world.text(&name(1)), lines(1..5), "reading went on at the next name that was free");
}

#[tokio::test]
async fn a_partition_that_failed_is_read_again_after_a_pause() {
    let world = World::new().await;
    let clock = ManualClock::at(0);
    let config = world.config().with("s3.part.retries", "0").with("retry.backoff.ms", "5000");
    let mut task = Task::with_clock(config, clock.clone()).await;
    world.server.faults().inject(1, Fault::Status(503, "SlowDown"), writes);
    task.accept(&records(0..4)).await;
    let mut requests = Vec::new();
    while requests.is_empty() {
        task.accept(&[]).await;
        requests = task.requests();
        tokio::task::yield_now().await;
    }
    assert_eq!(requests, [SinkRequest::Seek(partition(0), 0), SinkRequest::Pause(vec![partition(0)])]);
    // What comes during the pause is not taken, since it is read again.
    task.accept(&records(4..6)).await;
    clock.advance(std::time::Duration::from_millis(4999));
    task.accept(&[]).await;
    assert!(task.requests().is_empty());
    clock.advance(std::time::Duration::from_millis(1));
    task.accept(&[]).await;
    assert_eq!(
        task.requests(),
        [SinkRequest::Seek(partition(0), 0), SinkRequest::Resume(vec![partition(0)])]
    );
    task.accept(&records(0..3)).await;
    task.flush().await;
    assert_eq!(world.text(&name(0)), lines(0..3));
}

// Fails the first file of 0..3 for good and waits, without the consumer's following, until the task has noticed.
async fn fail_first_file(world: &World, backoff: &str, clock: std::sync::Arc<dyn Clock>) -> Task {
    let config = world.config().with("s3.part.retries", "0").with("retry.backoff.ms", backoff);
    let mut task = Task::with_clock(config, clock).await;
    world.server.faults().inject(1, Fault::Status(503, "SlowDown"), writes);
    task.accept(&records(0..3)).await;
    while task.requests().is_empty() {
        task.flush().await;
        tokio::task::yield_now().await;
    }
    task
}

#[tokio::test]
async fn a_seek_that_is_followed_late_loses_nothing() {
    let world = World::new().await;
    let clock = ManualClock::at(0);
    let mut task = fail_first_file(&world, "10", clock.clone()).await;
    // The pause is over before the consumer has gone back: it puts what it had fetched.
    clock.advance(std::time::Duration::from_millis(10));
    task.accept(&records(3..6)).await;
    task.flush().await;
    assert_eq!(task.committed(), None, "nothing is durable");
    assert!(task.requests().contains(&SinkRequest::Seek(partition(0), 0)));
    task.accept(&records(6..9)).await;
    task.flush().await;
    assert_eq!(task.committed(), None, "nothing is durable");
    assert!(world.names().is_empty(), "nothing is written ahead of what is read again");
    task.drive(&records(0..9), 9).await;
    assert_eq!(world.names(), [name(0), name(3), name(6)]);
    for start in [0, 3, 6] {
        assert_eq!(world.text(&name(start)), lines(start..start + 3));
    }
}

#[tokio::test]
async fn a_seek_that_is_not_followed_is_asked_for_again_after_the_back_off() {
    let world = World::new().await;
    let clock = ManualClock::at(0);
    let mut task = fail_first_file(&world, "1000", clock.clone()).await;
    let pass = std::time::Duration::from_millis;
    clock.advance(pass(1000));
    task.accept(&records(3..4)).await;
    let seek = SinkRequest::Seek(partition(0), 0);
    assert_eq!(task.requests(), [seek.clone(), SinkRequest::Resume(vec![partition(0)])]);
    clock.advance(pass(999));
    task.accept(&records(4..5)).await;
    assert!(task.requests().is_empty(), "not before its time");
    clock.advance(pass(1));
    task.accept(&records(5..6)).await;
    assert_eq!(task.requests(), [seek]);
    // Once it is followed, no more.
    task.accept(&records(0..3)).await;
    clock.advance(pass(5000));
    task.accept(&records(3..6)).await;
    assert!(task.requests().is_empty());
    while task.committed() != Some(6) {
        task.flush().await;
    }
    assert_eq!(world.names(), [name(0), name(3)]);
}

#[tokio::test]
async fn records_that_are_gone_when_they_are_read_again_do_not_stop_the_partition() {
    let world = World::new().await;
    let mut task = fail_first_file(&world, "1", SystemClock::new()).await;
    // Retention took 0..5 meanwhile.
    task.drive(&records(5..8), 8).await;
    assert_eq!(world.names(), [name(5)]);
    assert_eq!(world.text(&name(5)), lines(5..8));
}

#[tokio::test]
async fn wrong_credentials_fail_the_start_without_being_shown() {
    let world = World::new().await;
    let config = world.config().with("aws.secret.access.key", "canary-secret");
    let error = Task::with(config, Lent::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    let trace = error.trace();
    for part in [
        "SignatureDoesNotMatch",
        "bucket bucket",
        &world.server.endpoint(),
        "aws.access.key.id in the config",
    ] {
        assert!(trace.contains(part), "{part} is missing in {trace}");
    }
    assert!(!trace.contains("canary"), "{trace}");
}

#[tokio::test]
async fn a_start_tells_wrong_credentials_from_a_missing_right_to_list() {
    let lists = |seen: &Seen| seen.method == "GET";
    for (status, code) in
        [(403, "InvalidAccessKeyId"), (400, "ExpiredToken"), (403, "ExpiredToken"), (400, "InvalidToken")]
    {
        let world = World::new().await;
        world.server.faults().inject(1, Fault::Status(status, code), lists);
        let error = Task::with(world.config(), Lent::default()).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{code}: {error}");
        assert!(error.trace().contains(code), "{}", error.trace());
    }
    for (status, code) in [(403, "AccessDenied"), (301, "PermanentRedirect")] {
        let world = World::new().await;
        world.server.faults().inject(1, Fault::Status(status, code), lists);
        assert!(Task::with(world.config(), Lent::default()).await.is_ok(), "{code}");
        let seen = world.server.faults().take_seen();
        assert!(seen.iter().any(lists), "it was asked");
    }
}

#[tokio::test]
async fn a_right_that_is_missed_later_is_named() {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    world.server.faults().inject(1, Fault::Status(403, "AccessDenied"), writes);
    task.accept(&records(0..3)).await;
    let error = loop {
        match task.task.put(&[]).await {
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.trace().contains("s3:PutObject"), "{}", error.trace());
}

#[tokio::test]
async fn a_missing_bucket_fails_the_start() {
    let world = World::new().await;
    let error =
        Task::with(world.config().with("s3.bucket.name", "nobody"), Lent::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.to_string().contains("NoSuchBucket") && error.to_string().contains("nobody"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_later() {
    let world = World::new().await;
    let config = world.config().with("s3.part.retries", "1");
    world.server.shutdown().await;
    let error = Task::with(config, Lent::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Retry);
    assert!(error.to_string().contains("after 2 attempts"), "{error}");
}

fn big_record(offset: i64) -> api::data::SinkRecord {
    use api::data::{Datum, Value};
    let text = format!("{offset:08}{}", "x".repeat((1 << 20) - 11));
    crate::support::with_value(offset, Datum::schemaless(Value::string(text)))
}
