//! What every source must do.

use std::time::Duration;

use api::config::RawConfig;
use api::data::{SourceRecord, Value};
use api::dynamic::{DynSourceTask, SourceClass};
use api::registry::ConnectorClass;
use api::{Registry, SourceOffsets};
use std::sync::Arc;

use crate::contexts::Lent;
use crate::plugin::check_declaration;

/// A source and the system it reads, as the suite drives them.
pub trait SourceFixture {
    /// The connector's class.
    const CLASS: &'static str;
    /// Whether a restart may repeat records that were already stored (a tie in a timestamp column, for example).
    const MAY_REPEAT: bool = false;

    /// Registers the connector.
    fn register(registry: &mut Registry);

    /// A config that reads the fixture's system.
    fn config(&self) -> RawConfig;

    /// Adds this many records to the system, each different from all others.
    fn add(&mut self, count: usize) -> impl Future<Output = ()> + Send;

    /// Adds something that needs other tasks (a table); `false` when this source has no such thing.
    fn grow(&mut self) -> impl Future<Output = bool> + Send {
        async { false }
    }
}

/// Polls that may be empty before the suite gives up.
const PATIENCE: usize = 600;
const WAIT: Duration = Duration::from_millis(50);

/// Runs the suite. The fixture starts empty.
///
/// # Panics
/// With the rule that does not hold.
pub async fn conformance<F: SourceFixture>(mut fixture: F) {
    let mut registry = Registry::new();
    F::register(&mut registry);
    check_declaration(&registry, F::CLASS, &fixture.config());
    let ConnectorClass::Source(class) = registry.connector(F::CLASS).expect("registered") else {
        panic!("{} is not a source", F::CLASS);
    };
    fixture.add(5).await;
    task_configs_keep_to_the_maximum(&*class, &fixture).await;
    let read = reads_all_in_order_and_then_nothing(&*class, &mut fixture).await;
    resumes_after_a_half_acknowledged_batch(&*class, &fixture, &read).await;
    stops_in_every_state(&*class, &fixture).await;
    looks_at_offsets_before_they_are_stored(&*class, &fixture, &read);
    boundaries_are_as_declared(&*class, &fixture).await;
    asks_for_other_tasks_when_the_system_grows(&*class, &mut fixture).await;
}

async fn one_task(class: &dyn SourceClass, config: &RawConfig, lent: &Lent) -> Box<dyn DynSourceTask> {
    let mut connector = class.start(config.clone(), lent.connector()).await.expect("the connector starts");
    let task = connector.task_configs(1).await.expect("task configs").remove(0);
    connector.stop().await.expect("the connector stops");
    class.start_task(task, lent.source()).await.expect("the task starts")
}

async fn read(task: &mut dyn DynSourceTask, count: usize) -> Vec<SourceRecord> {
    let mut records = Vec::new();
    let mut empty = 0;
    while records.len() < count {
        let batch = task.poll(WAIT).await.expect("a poll");
        empty = if batch.records.is_empty() { empty + 1 } else { 0 };
        assert!(empty < PATIENCE, "only {} of {count} records after {PATIENCE} empty polls", records.len());
        records.extend(batch.records);
    }
    records
}

fn offsets_of(records: &[SourceRecord]) -> SourceOffsets {
    let of = |record: &SourceRecord| Some((record.source_partition.clone(), record.source_offset.clone()?));
    records.iter().filter_map(of).collect()
}

fn identities(records: &[SourceRecord]) -> Vec<String> {
    records
        .iter()
        .map(|record| {
            let (key, value) = (&record.record.key.value, &record.record.value.value);
            format!("{} {} {}", record.record.topic, identity(key), identity(value))
        })
        .collect()
}

// A row without its schema, whose index of names prints in any order.
fn identity(value: &Value) -> String {
    match value {
        Value::Struct(row) => format!("{:?}", row.values()),
        other => format!("{other:?}"),
    }
}

async fn task_configs_keep_to_the_maximum<F: SourceFixture>(class: &dyn SourceClass, fixture: &F) {
    let lent = Lent::default();
    let mut connector = class.start(fixture.config(), lent.connector()).await.expect("the connector starts");
    for max in 1..=4 {
        let configs = connector.task_configs(max).await.expect("task configs");
        assert!(
            (1..=max).contains(&configs.len()),
            "{} task configs where at most {max} were asked for",
            configs.len()
        );
        let again = connector.task_configs(max).await.expect("task configs");
        assert_eq!(configs, again, "task configs differ from one call to the next");
    }
    connector.stop().await.expect("the connector stops");
}

async fn reads_all_in_order_and_then_nothing<F: SourceFixture>(
    class: &dyn SourceClass,
    fixture: &mut F,
) -> Vec<SourceRecord> {
    let lent = Lent::default();
    let mut task = one_task(class, &fixture.config(), &lent).await;
    let mut records = read(&mut *task, 5).await;
    let idle = task.poll(WAIT).await.expect("an idle poll");
    assert!(idle.records.is_empty(), "records that nobody added: {:?}", identities(&idle.records));
    fixture.add(5).await;
    records.extend(read(&mut *task, 5).await);
    task.commit(&offsets_of(&records)).await.expect("a commit");
    task.stop().await.expect("the task stops");
    let mut distinct = identities(&records);
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 10, "records are missing or were read twice");
    records
}

async fn resumes_after_a_half_acknowledged_batch<F: SourceFixture>(
    class: &dyn SourceClass,
    fixture: &F,
    all: &[SourceRecord],
) {
    if all.iter().any(|record| record.source_offset.is_none()) {
        return; // a source without positions reads everything again, by design
    }
    for acknowledged in [1, 4, 5, 9] {
        let lent = Lent::default();
        lent.offsets.store(&offsets_of(&all[..acknowledged]));
        let mut task = one_task(class, &fixture.config(), &lent).await;
        let rest = read(&mut *task, all.len() - acknowledged).await;
        task.stop().await.expect("the task stops");
        let (got, expected) = (identities(&rest), identities(&all[acknowledged..]));
        match F::MAY_REPEAT {
            true => {
                expected.iter().for_each(|one| assert!(got.contains(one), "{one} is lost after a restart"))
            }
            false => assert_eq!(got, expected, "after a restart at record {acknowledged}"),
        }
    }
}

async fn stops_in_every_state<F: SourceFixture>(class: &dyn SourceClass, fixture: &F) {
    let lent = Lent::default();
    one_task(class, &fixture.config(), &lent).await.stop().await.expect("stops before the first poll");
    let mut task = one_task(class, &fixture.config(), &lent).await;
    read(&mut *task, 1).await;
    task.stop().await.expect("stops with records not acknowledged");
    let mut task = one_task(class, &fixture.config(), &lent).await;
    drop(task.poll(WAIT)); // a future that was never polled
    drop(task); // cancelled: nothing more is called
}

fn looks_at_offsets_before_they_are_stored<F: SourceFixture>(
    class: &dyn SourceClass,
    fixture: &F,
    all: &[SourceRecord],
) {
    let own: Vec<_> = offsets_of(all)
        .into_iter()
        .filter_map(|(partition, offset)| Some((Some(partition?.as_ref().clone()), Some(offset))))
        .collect();
    class.alter_offsets(&fixture.config(), &own).expect("a source takes the offsets that it gave itself");
    let resets: Vec<_> = own.iter().map(|(partition, _)| (partition.clone(), None)).collect();
    class.alter_offsets(&fixture.config(), &resets).expect("a source lets its offsets be reset");
    let nonsense = api::data::OffsetMap::new().with("no such key", "x");
    let _ = class.alter_offsets(&fixture.config(), &[(Some(nonsense.clone()), Some(nonsense)), (None, None)]);
    class.exactly_once_support(&fixture.config()).expect("an answer about exactly-once");
}

async fn boundaries_are_as_declared<F: SourceFixture>(class: &dyn SourceClass, fixture: &F) {
    let declared =
        class.defines_transaction_boundaries(&fixture.config()).expect("an answer about boundaries");
    let lent = Lent::default();
    let mut task = one_task(class, &fixture.config(), &lent).await;
    let mut seen = false;
    let mut count = 0;
    for _ in 0..PATIENCE {
        let batch = task.poll(WAIT).await.expect("a poll");
        seen |= batch.boundary != api::Boundary::Continue;
        count += batch.records.len();
        if count >= 10 {
            break;
        }
    }
    assert_eq!(seen, declared, "transaction boundaries where none are declared, or the other way round");
    task.stop().await.expect("the task stops");
}

async fn asks_for_other_tasks_when_the_system_grows<F: SourceFixture>(
    class: &dyn SourceClass,
    fixture: &mut F,
) {
    let lent = Lent::default();
    let mut connector = class.start(fixture.config(), lent.connector()).await.expect("the connector starts");
    connector.task_configs(4).await.expect("task configs");
    if fixture.grow().await {
        for _ in 0..PATIENCE {
            if lent.events.reconfigurations() > 0 {
                break;
            }
            lent.clock.sleep(WAIT).await; // the connector looks by itself; this only gives it the thread
        }
        assert!(
            lent.events.reconfigurations() > 0,
            "the system has grown, and no reconfiguration was asked for"
        );
    }
    connector.stop().await.expect("the connector stops");
    let _: Arc<_> = lent.events;
}
