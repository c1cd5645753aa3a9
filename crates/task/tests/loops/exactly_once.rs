//! A source task that writes in transactions.

use std::time::Duration;

use api::Boundary;
use kafka::memory::{SendFault, TransactionFault};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sluice_task::{Handle, TaskState};
use spec::TransactionBoundary;

use crate::connectors::Fault;
use crate::world::{World, numbers};

const CASES: u64 = 60;
const EVENTS: usize = 50;

#[tokio::test(start_paused = true)]
async fn each_poll_is_a_transaction_with_its_offsets() {
    let world = World::exactly_once();
    world.rows("a", numbers(0..30));
    let task = world.start();
    world.until("stored", || world.offsets.of("a") == Some(30)).await;
    assert_eq!(world.values("t"), numbers(0..30));
    assert_eq!(world.cluster.transactions(), (3, 0), "ten records a poll");
    let history = world.offsets.history.lock().clone();
    assert_eq!(history, [10, 20, 30].map(|offset| ("a".to_owned(), offset)));
    let stats = task.stats();
    assert_eq!((stats.transactions, stats.commits, stats.records_out), (3, 3, 30));
    world.pass(Duration::from_secs(300)).await;
    assert_eq!(world.cluster.transactions(), (3, 0), "no transaction without records");
    world.stop(task).await;
    assert_eq!(world.cluster.transactions(), (3, 0));
    assert_eq!(world.heard.states(), [TaskState::Running, TaskState::Unassigned]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_seen_of_a_transaction_before_its_interval_is_over() {
    let mut world = World::exactly_once();
    world.boundary(TransactionBoundary::Interval(Some(Duration::from_secs(20))));
    world.rows("a", numbers(0..30));
    let task = world.start();
    world.pass(Duration::from_secs(10)).await;
    assert_eq!(task.stats().records_out, 30, "they are sent");
    assert_eq!((world.values("t"), world.offsets.of("a")), (vec![], None), "and not committed");
    world.pass(Duration::from_secs(11)).await;
    assert_eq!((world.values("t"), world.offsets.of("a")), (numbers(0..30), Some(30)));
    assert_eq!(world.cluster.transactions(), (1, 0));

    // A pause and a stop commit what is there.
    world.rows("a", numbers(30..40));
    world.until("sent", || task.stats().records_out == 40).await;
    task.pause();
    world.until("committed", || world.offsets.of("a") == Some(40)).await;
    task.resume();
    world.rows("a", numbers(40..50));
    world.until("sent", || task.stats().records_out == 50).await;
    world.stop(task).await;
    assert_eq!((world.values("t"), world.offsets.of("a")), (numbers(0..50), Some(50)));
}

#[tokio::test(start_paused = true)]
async fn the_connector_says_where_transactions_end() {
    let mut world = World::exactly_once();
    world.boundary(TransactionBoundary::Connector);
    let said =
        [Boundary::Continue, Boundary::Commit, Boundary::Continue, Boundary::Abort, Boundary::Continue];
    world.script.lock().boundaries.extend(said);
    world.rows("a", numbers(0..50));
    let task = world.start();
    world.until("sent", || task.stats().records_out == 50).await;
    world.pass(Duration::from_secs(300)).await;
    assert_eq!(world.values("t"), numbers(0..20), "two polls committed, two aborted, one open");
    assert_eq!(world.offsets.of("a"), Some(40), "what was taken back is not read again");
    let stats = task.stats();
    assert_eq!((stats.transactions, stats.transactions_aborted), (2, 1), "the second has the offsets only");
    world.stop(task).await;
    assert_eq!(world.offsets.of("a"), Some(40), "an open transaction is not committed by a stop");
    let task = world.start();
    world.until("read again", || task.stats().records_out == 10).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_fenced_task_fails_at_once_and_writes_nothing() {
    let world = World::exactly_once();
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("committed", || world.offsets.of("a") == Some(10)).await;
    world.cluster.fence("g-c-0");
    world.rows("a", numbers(10..20));
    world.until("failed", || world.heard.failed().is_some()).await;
    let trace = world.heard.failed().unwrap();
    assert!(trace.contains("org.apache.kafka.common.errors.ProducerFencedException"), "{trace}");
    assert_eq!(world.cluster.epoch("g-c-0"), 2, "it does not take its place back");
    assert_eq!(world.heard.retries(), []);
    assert_eq!((world.values("t"), world.offsets.of("a")), (numbers(0..10), Some(10)));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_was_forgotten_writes_nothing_after_the_next_began() {
    let world = World::exactly_once();
    world.rows("a", numbers(0..10));
    let old = world.start();
    world.until("committed", || world.offsets.of("a") == Some(10)).await;
    world.cluster.hold_sends();
    world.rows("a", numbers(10..20));
    world.settle().await; // the old one is in the middle of its transaction
    let new = world.start();
    world.until("it begins", || world.cluster.epoch("g-c-0") == 2).await;
    world.cluster.release_sends();
    world.until("committed", || world.offsets.of("a") == Some(20)).await;
    world.until("the old one fails", || old.is_finished()).await;
    assert_eq!(world.values("t"), numbers(0..20));
    world.stop(new).await;
    world.stop(old).await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_failed_or_whose_answer_is_lost_repeats_nothing_and_loses_nothing() {
    for fault in [TransactionFault::Aborted, TransactionFault::AnswerLost] {
        let world = World::exactly_once();
        world.rows("a", numbers(0..30));
        world.cluster.fail_next_transactions(1, fault);
        let task = world.start();
        world.until("committed", || world.offsets.of("a") == Some(30)).await;
        assert_eq!(world.values("t"), numbers(0..30), "{fault:?}");
        assert_eq!(world.cluster.epoch("g-c-0"), 2, "{fault:?}: begun anew");
        assert_eq!(world.heard.retries().len(), 1, "{fault:?}: it is told");
        assert!(world.heard.failed().is_none());
        world.stop(task).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_kafka_refuses_fails_the_task_whatever_is_tolerated() {
    let mut world = World::exactly_once();
    world.tolerate();
    world.rows("a", numbers(0..10));
    world.cluster.fail_next_sends(1, SendFault::BadRecords(vec![3]));
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert_eq!(
        (world.values("t"), world.offsets.of("a")),
        (vec![], None),
        "not the records before it either"
    );
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn records_among_the_own_offsets_are_refused() {
    let world = World::exactly_once();
    world.script.lock().places.insert("a".to_owned(), ("offsets".to_owned(), 0));
    world.rows("a", numbers(0..10));
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert!(world.heard.failed().unwrap().contains("its own offsets topic offsets"));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_task_killed_between_send_and_commit_repeats_nothing() {
    let mut world = World::exactly_once();
    world.boundary(TransactionBoundary::Interval(Some(Duration::from_secs(20))));
    world.rows("a", numbers(0..30));
    let task = world.start();
    world.until("sent", || task.stats().records_out == 30).await;
    world.crash(task).await;
    assert_eq!((world.values("t"), world.offsets.of("a")), (vec![], None));
    let task = world.start();
    world.until("committed", || world.offsets.of("a") == Some(30)).await;
    assert_eq!(world.values("t"), numbers(0..30));
    world.stop(task).await;
}

/// Among faults, crashes and stops chosen by a seed, every row is there once and in order, and so say the offsets.
async fn simulate(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::exactly_once();
    if random.random_bool(0.5) {
        let interval = Duration::from_millis(random.random_range(100..3000));
        world.boundary(TransactionBoundary::Interval(Some(interval)));
    }
    world.script.lock().batch = random.random_range(1..8);
    world.rows::<&str>("a", []);
    let mut rows = 0;
    let mut task: Option<Handle> = None;
    for _ in 0..EVENTS {
        let cluster = &world.cluster;
        match random.random_range(0..14) {
            0..5 => {
                let more = random.random_range(1..20);
                world.rows("a", numbers(rows..rows + more));
                rows += more;
            }
            5 => cluster.fail_next_sends(random.random_range(1..3), SendFault::Retriable),
            6 => cluster.fail_next_sends(1, SendFault::Unusable),
            7 => cluster.fail_next_sends(1, SendFault::UnusableFrom(random.random_range(0..5))),
            8 => cluster.fail_next_transactions(1, TransactionFault::Aborted),
            9 => cluster.fail_next_transactions(1, TransactionFault::AnswerLost),
            10 => world.script.lock().poll_faults.push_back(Fault::Retry),
            11 if random.random_bool(0.5) => task.iter().for_each(Handle::pause),
            11 => task.iter().for_each(Handle::resume),
            _ => match (task.take(), random.random_bool(0.5)) {
                (Some(task), true) => world.crash(task).await,
                (Some(task), false) => drop(world.stop(task).await),
                (None, _) => {}
            },
        }
        if task.is_none() && random.random_bool(0.7) {
            task = Some(world.start());
        }
        world.pass(Duration::from_millis(random.random_range(10..1500))).await;
        let seen = world.values("t");
        assert_eq!(seen, numbers(0..seen.len() as i64), "each once, in order");
        assert_eq!(world.offsets.of("a").unwrap_or(0), seen.len() as i64, "records and offsets go together");
    }
    let task = task.unwrap_or_else(|| world.start());
    task.resume();
    world.until("everything is there", || world.offsets.of("a").unwrap_or(0) == rows).await;
    assert_eq!(world.values("t"), numbers(0..rows));
    assert!(world.heard.failed().is_none(), "nothing here is a reason to fail");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn each_row_is_there_once_among_random_faults() {
    let seeds = match std::env::var("SLUICE_SEED") {
        Ok(seed) => seed.parse().map(|seed| seed..seed + 1).expect("SLUICE_SEED is a number"),
        Err(_) => 0..CASES,
    };
    for seed in seeds {
        println!("seed {seed}; SLUICE_SEED={seed} repeats it");
        simulate(seed).await;
    }
}
