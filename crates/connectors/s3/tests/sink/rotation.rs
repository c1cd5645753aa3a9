//! Each reason to close files, one by one.

use std::time::Duration;

use api::ManualClock;
use api::data::{Datum, Kind, Schema, Struct, Value};

use crate::support::{Task, World, at, lines, ms, name, record, records, with_value};

const PARTITIONER: &str = "io.confluent.connect.storage.partitioner.";

#[tokio::test]
async fn record_time_closes_and_the_late_record_goes_to_the_next_file() {
    let world = World::new().await;
    let config = world
        .config()
        .with("partitioner.class", format!("{PARTITIONER}DailyPartitioner"))
        .with("locale", "en")
        .with("timezone", "UTC")
        .with("timestamp.extractor", "Record")
        .with("rotate.interval.ms", "60000")
        .with("flush.size", "1000");
    let mut task = Task::start(config).await;
    let batch = [
        at(record(0), "2026-01-01T10:00:00Z"),
        at(record(1), "2026-01-01T10:00:59.999Z"),
        at(record(2), "2026-01-01T10:01:00Z"),
    ];
    task.accept(&batch).await;
    task.flush().await;
    let day = "topics/orders/year=2026/month=01/day=01/orders+0+0000000000.json";
    assert_eq!(world.names(), [day]);
    assert_eq!(world.text(day), lines(0..2));
    assert_eq!(task.committed(), Some(2));
    // Another directory closes too, unless told not to.
    task.accept(&[at(record(3), "2026-01-02T00:00:00Z")]).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(3));
}

#[tokio::test]
async fn a_change_of_directory_closes_nothing_when_told_so() {
    let world = World::new().await;
    let config = world
        .config()
        .with("partitioner.class", format!("{PARTITIONER}DailyPartitioner"))
        .with("locale", "en")
        .with("timezone", "UTC")
        .with("timestamp.extractor", "Record")
        .with("rotate.interval.ms", "864000000")
        .with("rotate.file.on.partition.change", "false")
        .with("flush.size", "4");
    let mut task = Task::start(config).await;
    let days = ["2026-01-01", "2026-01-02", "2026-01-01", "2026-01-02"];
    let batch: Vec<_> = (0..4).map(|n| at(record(n), &format!("{}T00:00:00Z", days[n as usize]))).collect();
    task.accept(&batch[..3]).await;
    task.flush().await;
    assert_eq!(task.committed(), None);
    task.accept(&batch[3..]).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(4));
    assert_eq!(world.names().len(), 2, "flush.size counts over all files, and all are closed together");
}

#[tokio::test]
async fn the_schedule_closes_an_idle_file() {
    let world = World::new().await;
    let clock = ManualClock::at(ms("2026-01-01T10:20:00Z"));
    let config = world
        .config()
        .with("rotate.schedule.interval.ms", "3600000")
        .with("timezone", "UTC")
        .with("flush.size", "1000");
    let mut task = Task::with_clock(config, clock.clone()).await;
    task.accept(&records(0..2)).await;
    clock.advance(Duration::from_secs(39 * 60));
    task.accept(&[]).await;
    task.flush().await;
    assert_eq!(task.committed(), None);
    clock.advance(Duration::from_secs(60));
    task.accept(&[]).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(2));
    assert_eq!(world.text(&name(0)), lines(0..2));
    // A slot without records is passed over.
    clock.advance(Duration::from_secs(3600));
    task.accept(&records(2..3)).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(2));
}

#[tokio::test]
async fn the_clock_closes_an_idle_file_when_it_is_the_records_time() {
    let world = World::new().await;
    let clock = ManualClock::at(ms("2026-01-01T10:20:00Z"));
    let config = world
        .config()
        .with("partitioner.class", format!("{PARTITIONER}HourlyPartitioner"))
        .with("locale", "en")
        .with("timezone", "UTC")
        .with("rotate.interval.ms", "1000")
        .with("flush.size", "1000");
    let mut task = Task::with_clock(config, clock.clone()).await;
    task.accept(&records(0..2)).await;
    clock.advance(Duration::from_millis(999));
    task.accept(&[]).await;
    task.flush().await;
    assert_eq!(task.committed(), None);
    clock.advance(Duration::from_millis(1));
    task.accept(&[]).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(2));
}

#[tokio::test]
async fn a_change_of_schema_closes() {
    let world = World::new().await;
    let mut task = Task::start(world.config().with("flush.size", "1000")).await;
    let row = |kind: Kind, value: Value| {
        let schema = Schema::structure([("a", Schema::required(kind))]).unwrap();
        Datum::new(schema.clone(), Value::Struct(Struct::new(schema, vec![value]).unwrap()))
    };
    task.accept(&[
        with_value(0, row(Kind::Int32, Value::Int32(1))),
        with_value(1, row(Kind::Int32, Value::Int32(2))), // equal, though another object
        with_value(2, row(Kind::Int64, Value::Int64(3))),
        record(3), // no schema at all
        with_value(4, row(Kind::Int64, Value::Int64(3))),
    ])
    .await;
    task.flush().await;
    assert_eq!(task.committed(), Some(4));
    assert_eq!(world.names(), [name(0), name(2), name(3)]);
    assert_eq!(world.text(&name(0)), "{\"a\":1}\n{\"a\":2}\n");
}

#[tokio::test]
async fn versions_of_a_schema_share_a_file_where_they_can() {
    let world = World::new().await;
    let config = world.config().with("flush.size", "1000").with("schema.compatibility", "BACKWARD");
    let mut task = Task::start(config).await;
    let version = |version: i32, kind: Kind| {
        let schema = Schema::structure([("a", Schema::required(kind))]).unwrap();
        schema.to_builder().version(version).build()
    };
    let (first, second) = (version(1, Kind::Int32), version(2, Kind::Float64));
    let row = |schema: &api::data::SchemaRef, value: Value| {
        Datum::new(schema.clone(), Value::Struct(Struct::new(schema.clone(), vec![value]).unwrap()))
    };
    let unversioned = Schema::structure([("a", Schema::required(Kind::Int32))]).unwrap();
    let outcome = task
        .put(&[
            with_value(0, row(&first, Value::Int32(1))),
            with_value(1, row(&second, Value::Float64(2.5))), // newer: a new file
            with_value(2, row(&first, Value::Int32(3))),      // older: projected
            with_value(3, row(&unversioned, Value::Int32(4))),
            record(4), // without a schema: a new file
        ])
        .await;
    assert_eq!(outcome.rejected.iter().map(|rejected| rejected.index).collect::<Vec<_>>(), [3]);
    task.flush().await;
    assert_eq!(world.names(), [name(0), name(1)]);
    assert_eq!(world.text(&name(1)), "{\"a\":2.5}\n{\"a\":3.0}\n");
}

#[tokio::test]
async fn a_limit_of_open_files_closes() {
    let world = World::new().await;
    let config = world
        .config()
        .with("partitioner.class", format!("{PARTITIONER}FieldPartitioner"))
        .with("partition.field.name", "a")
        .with("partitioner.max.open.files", "2")
        .with("flush.size", "1000");
    let mut task = Task::start(config).await;
    let schema = Schema::structure([("a", Schema::required(Kind::Int32))]).unwrap();
    let row = |n: i32| {
        let row = Struct::new(schema.clone(), vec![Value::Int32(n)]).unwrap();
        Datum::new(schema.clone(), Value::Struct(row))
    };
    let batch: Vec<_> =
        [1, 2, 1, 3].into_iter().enumerate().map(|(n, a)| with_value(n as i64, row(a))).collect();
    task.accept(&batch).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(3));
    assert_eq!(world.names().len(), 2);
}
