//! What a task tells as metrics, by the time that the test advances.

use std::time::Duration;

use kafka::memory::SendFault;
use metrics::{Labels, Metric, Snapshot, list};
use sluice_task::Handle;

use crate::connectors::Fault;
use crate::world::{World, numbers};

fn value(task: &Handle, metric: &'static Metric) -> Option<f64> {
    let mut snapshot = Snapshot::default();
    task.report(&mut snapshot);
    snapshot.number_of(metric, &Labels::task(&task.id().connector, task.id().task))
}

fn values<const N: usize>(task: &Handle, metrics: [&'static Metric; N]) -> [f64; N] {
    metrics.map(|metric| value(task, metric).unwrap_or_else(|| panic!("{} is not told", metric.attribute)))
}

#[tokio::test(start_paused = true)]
async fn a_source_tells_batches_commits_and_what_is_on_its_way() {
    let world = World::source();
    world.cluster.create_topic("t", 1);
    world.cluster.hold_acks("t", 0);
    world.rows("a", numbers(0..25));
    let task = world.start();
    world.until("polled", || value(&task, &list::POLLED) == Some(25.0)).await;
    let told =
        values(&task, [&list::WRITTEN, &list::SOURCE_ACTIVE, &list::BATCH_MAX, &list::SOURCE_ACTIVE_MAX]);
    assert_eq!(told, [0.0, 25.0, 10.0, 25.0], "nothing is acknowledged");
    assert!(values(&task, [&list::POLL_RATE])[0] > 0.0);
    world.cluster.release_acks("t", 0);
    world.until("delivered", || task.stats().records_out == 25).await;
    assert_eq!(values(&task, [&list::WRITTEN, &list::SOURCE_ACTIVE]), [25.0, 0.0]);
    assert_eq!(values(&task, [&list::COMMIT_SUCCESS_SHARE, &list::COMMIT_FAILURE_SHARE]), [0.0, 0.0]);
    *world.offsets.failures.lock() = 1;
    world.until("one commit fails", || task.stats().commit_failures == 1).await;
    assert_eq!(values(&task, [&list::COMMIT_SUCCESS_SHARE, &list::COMMIT_FAILURE_SHARE]), [0.0, 1.0]);
    world.until("the next one works", || task.stats().commits == 1).await;
    assert_eq!(values(&task, [&list::COMMIT_SUCCESS_SHARE])[0], 1.0, "the other was more than a minute ago");
    world.pass(Duration::from_secs(61)).await;
    // As Kafka has it: a rate of nothing is 0, an average of nothing is no number.
    assert_eq!(values(&task, [&list::POLL_RATE, &list::WRITE_RATE]), [0.0, 0.0]);
    assert!(values(&task, [&list::BATCH_AVG])[0].is_nan());
    assert_eq!(value(&task, &list::TRANSACTION_AVG), None, "this source has no transactions");
    assert_eq!(value(&task, &list::READ), None, "it is no sink");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_on_its_way_before_a_rewind_is_not_counted_for_ever() {
    let world = World::source();
    world.cluster.create_topic("t", 1);
    world.rows("a", numbers(0..10));
    world.cluster.fail_next_sends(1, SendFault::TimedOut(vec![0]));
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 10).await;
    assert!(task.stats().records_in >= 20, "it was read again");
    assert_eq!(values(&task, [&list::SOURCE_ACTIVE, &list::WRITTEN]), [0.0, 10.0]);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn ratios_are_of_the_whole_time() {
    let world = World::source();
    let task = world.start();
    world.pass(Duration::from_secs(30)).await;
    task.pause();
    world.pass(Duration::from_secs(30)).await;
    let [running, paused] = values(&task, [&list::RUNNING_RATIO, &list::PAUSE_RATIO]);
    assert!((running - 0.5).abs() < 0.05 && (paused - 0.5).abs() < 0.05, "{running} {paused}");
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn filtered_and_left_out_records_are_settled() {
    let mut world = World::source();
    world.tolerate();
    world.sieve();
    world.rows("a", ["1", "drop 2", "reject 3", "bad 4", "5"]);
    let task = world.start();
    world.until("delivered", || task.stats().records_out == 2).await;
    let told = values(
        &task,
        [
            &list::SOURCE_ACTIVE,
            &list::FILTERED,
            &list::RECORD_ERRORS,
            &list::RECORDS_SKIPPED,
            &list::ERRORS_LOGGED,
            &list::LETTERS,
            &list::LAST_ERROR,
        ],
    );
    assert_eq!(told[..6], [0.0, 1.0, 2.0, 2.0, 0.0, 0.0]);
    assert!(told[6] >= 1_700_000_000_000.0);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_tells_lag_partitions_and_what_is_not_committed() {
    let world = World::sink();
    world.cluster.create_topic("t", 2);
    for _ in 0..6 {
        world.cluster.append("t", 0, Some("k"), Some("v"));
    }
    world.cluster.append("t", 1, Some("k"), Some("v"));
    let task = world.start();
    world.until("accepted", || task.stats().records_out == 7).await;
    world.until("looked at", || value(&task, &list::SINK_LAG) == Some(0.0)).await;
    let told = [&list::READ, &list::SENT, &list::PARTITION_COUNT, &list::SINK_ACTIVE, &list::COMMIT_NUMBER];
    assert_eq!(values(&task, told), [7.0, 7.0, 2.0, 7.0, 0.0]);
    world.until("committed", || world.committed(0) == Some(6)).await;
    assert_eq!(values(&task, [&list::SINK_ACTIVE, &list::COMMIT_NUMBER, &list::COMMITS]), [0.0, 1.0, 1.0]);
    // The connector takes nothing any more: the ends go on without it.
    world.script.lock().put_faults.extend([Fault::Retry; 1000]);
    for _ in 0..5 {
        world.cluster.append("t", 0, Some("k"), Some("v"));
    }
    world.cluster.append("t", 1, Some("k"), Some("v"));
    world.until("it is behind", || value(&task, &list::SINK_LAG) == Some(6.0)).await;
    assert_eq!(values(&task, [&list::LAG_MAX, &list::SINK_ACTIVE]), [5.0, 6.0]);
    assert!(values(&task, [&list::FAILING])[0] > 0.0);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn transactions_are_told_by_their_records() {
    let world = World::exactly_once();
    world.rows("a", numbers(0..25));
    let task = world.start();
    world.until("committed", || world.offsets.of("a") == Some(25)).await;
    let sizes = [&list::TRANSACTION_MIN, &list::TRANSACTION_MAX, &list::TRANSACTION_AVG];
    let [min, max, avg] = values(&task, sizes);
    assert!(min >= 1.0 && max <= 25.0 && min <= avg && avg <= max, "{min} {avg} {max}");
    let transactions = task.stats().transactions as f64;
    assert!((avg * transactions - 25.0).abs() < 1e-9, "{avg} records in each of {transactions}");
    assert_eq!(values(&task, [&list::COMMIT_SUCCESS_SHARE])[0], 1.0);
    world.stop(task).await;
}
