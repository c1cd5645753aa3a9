//! Modes, ties and offsets, on PostgreSQL.

use std::collections::BTreeSet;
use std::time::Duration;

use api::data::OffsetMap;
use testkit::contexts::Lent;

use crate::support::{Database, acknowledge, failure, field, ids, offset, partition, read, task};

const EVENTS: &str =
    "CREATE TABLE events (id serial PRIMARY KEY, at timestamp NOT NULL, zoned timestamptz NOT NULL);";

#[tokio::test(flavor = "multi_thread")]
async fn bulk_and_incrementing() {
    let database = Database::new("CREATE TABLE t (id serial PRIMARY KEY, x text); INSERT INTO t (x) SELECT 'x' || n FROM generate_series(1, 2500) n;").await;
    let bulk = database.config(&[("mode", "bulk"), ("table.whitelist", "t")]);
    let records = read(&mut task(&bulk, &Lent::default()).await.unwrap(), 2500).await;
    assert_eq!(
        (partition(&records[0]), offset(&records[0])),
        (r#"{"table":"t"}"#.to_owned(), "null".to_owned())
    );
    let lent = Lent::default();
    // The serial column is found without being named.
    let incrementing = database.config(&[("mode", "incrementing"), ("table.whitelist", "public.t")]);
    let mut first = task(&incrementing, &lent).await.unwrap();
    let records = read(&mut first, 2500).await;
    assert_eq!(ids(&records), (1..=2500).collect::<Vec<_>>());
    assert_eq!(partition(&records[9]), r#"{"table":"public.t","protocol":"1"}"#);
    assert_eq!(offset(&records[9]), r#"{"incrementing":10}"#);
    database.run("INSERT INTO t (x) VALUES ('new')").await;
    assert_eq!(ids(&read(&mut first, 1).await), [2501]);
    first.stop().await.unwrap();
    acknowledge(&lent, &records[..1200]);
    assert_eq!(ids(&read(&mut task(&incrementing, &lent).await.unwrap(), 1301).await)[0], 1201);
}

#[tokio::test(flavor = "multi_thread")]
async fn timestamps_keep_their_microseconds() {
    let database = Database::new(EVENTS).await;
    database
        .run("INSERT INTO events (at, zoned) SELECT t, t AT TIME ZONE 'UTC' FROM (VALUES
              (timestamp '2023-01-04 12:26:57.000001'), ('2023-01-04 12:26:57.000002'), ('2023-01-04 12:26:57.000002'),
              ('2023-01-04 12:26:57.000003')) v(t)")
        .await;
    for column in ["at", "zoned"] {
        let config = database.config(&[
            ("mode", "timestamp"),
            ("timestamp.column.name", column),
            ("table.whitelist", "events"),
        ]);
        let lent = Lent::default();
        let records = read(&mut task(&config, &lent).await.unwrap(), 4).await;
        let nanos = |n: u32| format!(r#"{{"timestamp":1672835217000,"timestamp_nanos":{n}}}"#);
        assert_eq!(
            records.iter().map(offset).collect::<Vec<_>>(),
            [nanos(1000), nanos(1000), nanos(2000), nanos(3000)]
        );
        acknowledge(&lent, &records[..3]);
        assert_eq!(ids(&read(&mut task(&config, &lent).await.unwrap(), 1).await), [4]);
        // An old offset has milliseconds only: everything within its millisecond comes again.
        let lent = Lent::default();
        lent.offsets.store(&vec![(
            Some(OffsetMap::new().with("table", "events").into()),
            OffsetMap::new().with("timestamp", 1_672_835_217_000),
        )]);
        assert_eq!(ids(&read(&mut task(&config, &lent).await.unwrap(), 4).await), [1, 2, 3, 4]);
    }
}

// Ten thousand rows of one timestamp, and a stop after some of them were stored: none may be lost.
#[tokio::test(flavor = "multi_thread")]
async fn ties_survive_a_stop_in_the_middle() {
    let database = Database::new(EVENTS).await;
    database
        .run(
            "INSERT INTO events (at, zoned) SELECT '2023-01-01', '2023-01-01' FROM generate_series(1, 10000);
              INSERT INTO events (at, zoned) VALUES ('2023-01-02', '2023-01-02')",
        )
        .await;
    let config = database.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "at"),
        ("table.whitelist", "events"),
    ]);
    let lent = Lent::default();
    let mut first = task(&config, &lent).await.unwrap();
    let before = read(&mut first, 4000).await;
    drop(first);
    acknowledge(&lent, &before);
    let after = read(&mut task(&config, &lent).await.unwrap(), 10_001).await;
    let all: BTreeSet<i64> = ids(&after).into_iter().collect();
    assert_eq!(all.len(), 10_001);
    // With the id as a second key nothing is repeated.
    let config = database.config(&[
        ("mode", "timestamp+incrementing"),
        ("timestamp.column.name", "at"),
        ("incrementing.column.name", "id"),
        ("table.whitelist", "events"),
    ]);
    let lent = Lent::default();
    let mut first = task(&config, &lent).await.unwrap();
    let before = read(&mut first, 4000).await;
    drop(first);
    acknowledge(&lent, &before);
    let after = read(&mut task(&config, &lent).await.unwrap(), 10_001 - before.len()).await;
    assert_eq!(
        ids(&before).into_iter().chain(ids(&after)).collect::<Vec<_>>(),
        (1..=10_001).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_timestamp_columns_are_coalesced() {
    let database = Database::new("CREATE TABLE t (id int NOT NULL, updated timestamp, created timestamp NOT NULL);
        INSERT INTO t VALUES (1, NULL, '2023-01-01'), (2, '2023-01-03', '2022-01-01'), (3, NULL, '2023-01-02');").await;
    let config = database.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "updated,created"),
        ("table.whitelist", "t"),
    ]);
    let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 3).await;
    assert_eq!(ids(&records), [1, 3, 2]);
    let config = database.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "updated"),
        ("table.whitelist", "t"),
    ]);
    let error = failure(&config, &Lent::default()).await.to_string();
    assert!(error.contains("the timestamp column updated may be null"), "{error}");
    let config = database.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "updated"),
        ("table.whitelist", "t"),
        ("validate.non.null", "false"),
    ]);
    assert_eq!(ids(&read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_may_be_given() {
    let database = Database::new(EVENTS).await;
    database.run("INSERT INTO events (at, zoned) VALUES ('2020-01-01', '2020-01-01'), ('2022-01-01', '2022-01-01')").await;
    let mut config = database.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "zoned"),
        ("table.whitelist", "events"),
        ("timestamp.initial", "1609459200000"),
    ]);
    assert_eq!(ids(&read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await), [2]);
    config.set("timestamp.initial", "-1");
    let mut now = task(&config, &Lent::default()).await.unwrap();
    assert!(now.poll(Duration::from_millis(100)).await.unwrap().records.is_empty());
    database.run("INSERT INTO events (at, zoned) VALUES (now(), now())").await;
    assert_eq!(ids(&read(&mut now, 1).await), [3]);
}

// A row that is committed late has a timestamp that was passed already: the delay waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn the_delay_waits_for_late_commits() {
    let database = Database::new(EVENTS).await;
    let config = database.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "zoned"),
        ("table.whitelist", "events"),
        ("timestamp.delay.interval.ms", "4000"),
    ]);
    let mut task = task(&config, &Lent::default()).await.unwrap();
    let late = database.another_client().await;
    late.batch_execute("BEGIN; INSERT INTO events (at, zoned) VALUES (now(), clock_timestamp())")
        .await
        .unwrap();
    database.run("INSERT INTO events (at, zoned) VALUES (now(), clock_timestamp())").await;
    assert!(task.poll(Duration::from_millis(50)).await.unwrap().records.is_empty());
    late.batch_execute("COMMIT").await.unwrap();
    assert_eq!(ids(&read(&mut task, 2).await), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn zones_and_the_hour_that_occurs_twice() {
    let database = Database::new(EVENTS).await;
    // 01:30 of the second round in New York, twice: on the wall clock, and as an instant of the first round.
    database
        .run(
            "SET timezone = 'UTC'; INSERT INTO events (at, zoned) VALUES
              ('2023-11-05 00:30:00', '2023-11-05 04:30:00+00'),
              ('2023-11-05 01:30:00', '2023-11-05 05:30:00+00'),
              ('2023-11-05 02:30:00', '2023-11-05 06:30:00+00')",
        )
        .await;
    let config = |column| {
        database.config(&[
            ("mode", "timestamp"),
            ("timestamp.column.name", column),
            ("table.whitelist", "events"),
            ("db.timezone", "America/New_York"),
        ])
    };
    let ms = |hours: f64| api::data::Value::Timestamp(1_699_142_400_000 + (hours * 3_600_000.0) as i64); // from 00:00 UTC
    for column in ["at", "zoned"] {
        let lent = Lent::default();
        let records = read(&mut task(&config(column), &lent).await.unwrap(), 3).await;
        let found: Vec<_> = records
            .iter()
            .map(|record| (field(record, "at").clone(), field(record, "zoned").clone()))
            .collect();
        // Wall clock: 00:30 is still summer time, 01:30 counts as winter time, as in Java.
        assert_eq!(found, [(ms(4.5), ms(4.5)), (ms(6.5), ms(5.5)), (ms(7.5), ms(6.5))]);
        // A restart from each row goes on with the next one.
        for stored in 0..2 {
            let lent = Lent::default();
            acknowledge(&lent, &records[..=stored]);
            let rest = read(&mut task(&config(column), &lent).await.unwrap(), 2 - stored).await;
            assert_eq!(ids(&rest), ids(&records[stored + 1..]), "{column}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_read_in_every_mode() {
    let database = Database::new(EVENTS).await;
    database.run("INSERT INTO events (at, zoned) SELECT timestamp '2023-01-01' + n * interval '1 s', '2023-01-01' FROM generate_series(1, 3) n").await;
    let query =
        "SELECT e.id, e.at, 'x' || e.id AS label FROM events e JOIN generate_series(1, 1) one ON true";
    for (mode, last) in [
        ("bulk", "null"),
        ("incrementing", r#"{"incrementing":3}"#),
        ("timestamp", r#"{"timestamp":1672531203000,"timestamp_nanos":0}"#),
        ("timestamp+incrementing", r#"{"timestamp":1672531203000,"timestamp_nanos":0,"incrementing":3}"#),
    ] {
        let config = database.config(&[
            ("mode", mode),
            ("query.masked", query),
            ("incrementing.column.name", "id"),
            ("timestamp.column.name", "at"),
            ("topic.prefix", "joined"),
        ]);
        let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 3).await;
        assert_eq!((&*records[2].record.topic, offset(&records[2])), ("joined", last.to_owned()), "{mode}");
        assert_eq!(partition(&records[2]), r#"{"query":"query"}"#);
        assert_eq!(field(&records[2], "label"), &api::data::Value::string("x3"));
        // A column of a base table keeps its NOT NULL.
        let schema = records[0].record.value.schema.clone().unwrap();
        assert!(
            !schema.fields().unwrap()[0].schema.is_optional()
                && schema.fields().unwrap()[2].schema.is_optional()
        );
    }
}

// The numbers and the order of a poll's parts, whatever the size of batches.
#[tokio::test(flavor = "multi_thread")]
async fn two_tables_take_turns() {
    let database = Database::new(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);
        INSERT INTO a SELECT generate_series(1, 250); INSERT INTO b SELECT generate_series(1, 250);",
    )
    .await;
    let config = database.config(&[
        ("mode", "incrementing"),
        ("incrementing.column.name", "id"),
        ("table.include.list", "public\\.(a|b)"),
        ("batch.max.rows", "100"),
    ]);
    let mut config = config;
    config.remove("incrementing.column.name");
    config.set("incrementing.column.mapping", ".*:id");
    let mut task = task(&config, &Lent::default()).await.unwrap();
    let records = read(&mut task, 500).await;
    let of = |topic: &str| {
        ids(&records.iter().filter(|record| &*record.record.topic == topic).cloned().collect::<Vec<_>>())
    };
    assert_eq!((of("t-a"), of("t-b")), ((1..=250).collect::<Vec<_>>(), (1..=250).collect::<Vec<_>>()));
}
