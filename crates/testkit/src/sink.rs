//! What every sink must do.

use std::sync::Arc;

use api::config::RawConfig;
use api::data::{Datum, Offsets, Record, SinkRecord, TimestampType, TopicPartition, Value};
use api::dynamic::{DynSinkTask, SinkClass};
use api::registry::ConnectorClass;
use api::{CloseReason, Registry};

use crate::contexts::Lent;
use crate::plugin::check_declaration;

/// A sink and the system it writes to, as the suite drives them.
pub trait SinkFixture {
    /// The connector's class.
    const CLASS: &'static str;
    /// Whether records that are offered again appear once only.
    const EXACTLY_ONCE: bool = false;

    /// Registers the connector.
    fn register(registry: &mut Registry);

    /// A config that writes to the fixture's system and reads the topic `conformance`.
    fn config(&self) -> RawConfig;

    /// The value of the record with this number; each is different.
    fn value(number: i64) -> Datum {
        Datum::schemaless(Value::string(format!("record {number}")))
    }

    /// A value that this sink can never write, if there is one.
    fn bad_value() -> Option<Datum> {
        None
    }

    /// Everything in the system, in order, as the text that the record's number can be found in by
    /// [`SinkFixture::contains`].
    fn written(&self) -> impl Future<Output = Vec<String>> + Send;

    /// Whether a written text is the record with this number.
    fn contains(text: &str, number: i64) -> bool {
        text == format!("record {number}")
    }
}

/// Runs the suite. Each rule is given a fixture of its own.
///
/// # Panics
/// With the rule that does not hold.
pub async fn conformance<F: SinkFixture>(fixture: impl Fn() -> F) {
    let mut registry = Registry::new();
    F::register(&mut registry);
    check_declaration(&registry, F::CLASS, &fixture().config());
    let ConnectorClass::Sink(class) = registry.connector(F::CLASS).expect("registered") else {
        panic!("{} is not a sink", F::CLASS);
    };
    task_configs_are_as_many_as_asked(&*class, &fixture()).await;
    what_flush_returns_is_written(&*class, &fixture()).await;
    redelivery_loses_nothing(&*class, &fixture()).await;
    a_revoked_partition_can_be_opened_again(&*class, &fixture()).await;
    a_lost_partition_is_left_alone(&*class, &fixture()).await;
    stops_in_every_state(&*class, &fixture()).await;
    a_bad_record_is_rejected_alone(&*class, &fixture()).await;
}

fn partition() -> TopicPartition {
    TopicPartition::new("conformance", 0)
}

fn records<F: SinkFixture>(numbers: std::ops::Range<i64>) -> Vec<SinkRecord> {
    numbers.map(|number| record(number, F::value(number))).collect()
}

fn record(offset: i64, value: Datum) -> SinkRecord {
    let topic: Arc<str> = "conformance".into();
    SinkRecord {
        record: Record {
            topic: topic.clone(),
            partition: Some(0),
            key: Datum::NULL,
            value,
            timestamp: Some(1_700_000_000_000 + offset),
            headers: Vec::new(),
        },
        origin_topic: topic,
        origin_partition: 0,
        offset,
        timestamp_type: TimestampType::CreateTime,
    }
}

async fn start(class: &dyn SinkClass, config: &RawConfig, lent: &Lent) -> Box<dyn DynSinkTask> {
    let mut task = class.start_task(config.clone(), lent.sink()).await.expect("the task starts");
    task.open(&[partition()]).await.expect("open");
    task
}

async fn put<F: SinkFixture>(task: &mut dyn DynSinkTask, numbers: std::ops::Range<i64>) -> Offsets {
    let end = numbers.end;
    let outcome = task.put(&records::<F>(numbers)).await.expect("put");
    assert!(outcome.rejected.is_empty(), "good records are rejected: {:?}", outcome.rejected);
    Offsets::from([(partition(), end)])
}

// Flushes until the sink has nothing more to say, and gives the highest offset it returned.
async fn flush(task: &mut dyn DynSinkTask, accepted: &Offsets) -> i64 {
    let durable = task.flush(accepted).await.expect("flush");
    let offset = durable.get(&partition()).copied().unwrap_or(0);
    assert!(offset <= accepted[&partition()], "flush returned {offset}, beyond what was put");
    offset
}

fn assert_written<F: SinkFixture>(written: &[String], numbers: std::ops::Range<i64>, once: bool) {
    for number in numbers {
        let times = written.iter().filter(|text| F::contains(text, number)).count();
        assert!(times > 0, "record {number} is missing in {written:?}");
        assert!(!once || times == 1, "record {number} is there {times} times");
    }
}

async fn task_configs_are_as_many_as_asked<F: SinkFixture>(class: &dyn SinkClass, fixture: &F) {
    let lent = Lent::default();
    let mut connector = class.start(fixture.config(), lent.connector()).await.expect("the connector starts");
    for max in 1..=4 {
        let count = connector.task_configs(max).await.expect("task configs").len();
        assert!((1..=max).contains(&count), "{count} task configs where {max} were asked for");
    }
    connector.stop().await.expect("the connector stops");
}

async fn what_flush_returns_is_written<F: SinkFixture>(class: &dyn SinkClass, fixture: &F) {
    let lent = Lent::default();
    let mut task = start(class, &fixture.config(), &lent).await;
    task.put(&[]).await.expect("an empty put");
    let mut durable = 0;
    for batch in 0..4 {
        let accepted = put::<F>(&mut *task, batch * 10..batch * 10 + 10).await;
        let now = flush(&mut *task, &accepted).await;
        assert!(now >= durable, "durable offsets go back from {durable} to {now}");
        durable = now;
        // Invariant 2: what may be committed can be read in the other system.
        assert_written::<F>(&fixture.written().await, 0..durable, F::EXACTLY_ONCE);
    }
    task.stop().await.expect("the task stops");
}

async fn redelivery_loses_nothing<F: SinkFixture>(class: &dyn SinkClass, fixture: &F) {
    let lent = Lent::default();
    let mut task = start(class, &fixture.config(), &lent).await;
    let accepted = put::<F>(&mut *task, 0..25).await;
    let durable = flush(&mut *task, &accepted).await;
    put::<F>(&mut *task, 25..33).await;
    drop(task); // killed: what is not durable is offered again
    let lent = Lent::default();
    let mut task = start(class, &fixture.config(), &lent).await;
    let accepted = put::<F>(&mut *task, durable..40).await;
    let durable = flush(&mut *task, &accepted).await;
    assert_written::<F>(&fixture.written().await, 0..durable, F::EXACTLY_ONCE);
    task.stop().await.expect("the task stops");
}

async fn a_revoked_partition_can_be_opened_again<F: SinkFixture>(class: &dyn SinkClass, fixture: &F) {
    let lent = Lent::default();
    let mut task = start(class, &fixture.config(), &lent).await;
    let accepted = put::<F>(&mut *task, 0..15).await;
    let durable = flush(&mut *task, &accepted).await;
    task.close(&[partition()], CloseReason::Revoked).await.expect("close");
    task.put(&[]).await.expect("an empty put without partitions");
    task.open(&[partition()]).await.expect("open again");
    let accepted = put::<F>(&mut *task, durable..30).await;
    let durable = flush(&mut *task, &accepted).await;
    assert_written::<F>(&fixture.written().await, 0..durable, F::EXACTLY_ONCE);
    task.stop().await.expect("the task stops");
}

async fn a_lost_partition_is_left_alone<F: SinkFixture>(class: &dyn SinkClass, fixture: &F) {
    let lent = Lent::default();
    let mut task = start(class, &fixture.config(), &lent).await;
    put::<F>(&mut *task, 0..3).await;
    task.close(&[partition()], CloseReason::Lost).await.expect("close");
    let durable = task.flush(&Offsets::new()).await.expect("flush without partitions");
    assert!(!durable.contains_key(&partition()), "offsets of a lost partition are returned");
    task.stop().await.expect("the task stops");
}

async fn stops_in_every_state<F: SinkFixture>(class: &dyn SinkClass, fixture: &F) {
    let lent = Lent::default();
    let task = class.start_task(fixture.config(), lent.sink()).await.expect("the task starts");
    task.stop().await.expect("stops without partitions");
    start(class, &fixture.config(), &lent).await.stop().await.expect("stops without records");
    let mut task = start(class, &fixture.config(), &lent).await;
    put::<F>(&mut *task, 0..3).await;
    task.stop().await.expect("stops with records that are not durable");
}

async fn a_bad_record_is_rejected_alone<F: SinkFixture>(class: &dyn SinkClass, fixture: &F) {
    let Some(bad) = F::bad_value() else { return };
    let lent = Lent::default();
    let mut task = start(class, &fixture.config(), &lent).await;
    let mut batch = records::<F>(0..10);
    batch[4] = record(4, bad);
    let outcome = task.put(&batch).await.expect("a batch with one bad record");
    let rejected: Vec<_> = outcome.rejected.iter().map(|rejection| rejection.index).collect();
    assert_eq!(rejected, [4], "the bad record alone is rejected");
    let accepted = put::<F>(&mut *task, 10..40).await;
    let durable = flush(&mut *task, &accepted).await;
    let written = fixture.written().await;
    assert_written::<F>(&written, 0..durable.min(4), F::EXACTLY_ONCE);
    assert_written::<F>(&written, 5..durable.max(5), F::EXACTLY_ONCE);
    task.stop().await.expect("the task stops");
}
