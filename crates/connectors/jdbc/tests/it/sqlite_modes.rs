//! Modes, offsets and tables, on SQLite.

use std::time::Duration;

use api::data::OffsetMap;
use testkit::contexts::Lent;

use crate::support::{
    AIVEN, SqliteFile, acknowledge, connector, failure, field, ids, offset, partition, read, still, task,
};

const ORDERS: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL);
    INSERT INTO orders (item) VALUES ('a'), ('b'), ('c');";

#[tokio::test]
async fn bulk_reads_everything_each_time_and_has_no_offsets() {
    let file = SqliteFile::new(ORDERS);
    let config =
        file.config(&[("mode", "bulk"), ("table.whitelist", "orders"), ("poll.interval.ms", "5000")]);
    let (clock, lent) = still();
    let mut task = task(&config, &lent).await.unwrap();
    let first = task.poll(Duration::from_secs(60)).await.unwrap().records;
    assert_eq!(ids(&first), [1, 2, 3]);
    let record = &first[0];
    assert_eq!(
        (&*record.record.topic, partition(record), offset(record)),
        ("t-orders", r#"{"table":"orders"}"#.to_owned(), "null".to_owned())
    );
    assert_eq!(record.record.value.schema.as_ref().and_then(|schema| schema.name()), Some("orders"));
    assert!(record.record.key.value.is_null() && record.record.timestamp.is_none());
    // The next pass begins the interval after this one ended: not before.
    let waiting = tokio::spawn(async move {
        let records = task.poll(Duration::from_secs(3)).await.unwrap().records;
        (task, records)
    });
    crate::support::advance_until(&clock, Duration::from_millis(100), || waiting.is_finished()).await;
    let (mut task, early) = waiting.await.unwrap();
    assert!(early.is_empty());
    let waiting = tokio::spawn(async move { task.poll(Duration::from_secs(60)).await.unwrap().records });
    crate::support::advance_until(&clock, Duration::from_millis(100), || waiting.is_finished()).await;
    assert_eq!(ids(&waiting.await.unwrap()), [1, 2, 3]);
}

#[tokio::test]
async fn incrementing_goes_on_from_its_offset() {
    let file = SqliteFile::new(ORDERS);
    let config = file.config(&[
        ("mode", "incrementing"),
        ("incrementing.column.name", "id"),
        ("table.whitelist", "orders"),
    ]);
    let lent = Lent::default();
    let mut first = task(&config, &lent).await.unwrap();
    let records = read(&mut first, 3).await;
    assert_eq!(
        records.iter().map(|record| (partition(record), offset(record))).collect::<Vec<_>>(),
        [1, 2, 3].map(|id| (
            r#"{"table":"orders","protocol":"1"}"#.to_owned(),
            format!(r#"{{"incrementing":{id}}}"#)
        ))
    );
    file.run("INSERT INTO orders (item) VALUES ('d')");
    assert_eq!(ids(&read(&mut first, 1).await), [4]);
    first.stop().await.unwrap();
    acknowledge(&lent, &records[..2]);
    let mut second = task(&config, &lent).await.unwrap();
    assert_eq!(ids(&read(&mut second, 2).await), [3, 4]);
}

#[tokio::test]
async fn offsets_of_the_old_form_are_found() {
    let file = SqliteFile::new(ORDERS);
    let config = file.config(&[("mode", "incrementing"), ("table.whitelist", "orders")]);
    for partition in [
        OffsetMap::new().with("table", "orders"),
        OffsetMap::new().with("table", "orders").with("protocol", 1),
    ] {
        let lent = Lent::default();
        lent.offsets.store(&vec![(Some(partition.into()), OffsetMap::new().with("incrementing", "2"))]);
        assert_eq!(ids(&read(&mut task(&config, &lent).await.unwrap(), 1).await), [3]);
    }
    // The new form wins.
    let lent = Lent::default();
    lent.offsets.store(&vec![
        (Some(OffsetMap::new().with("table", "orders").into()), OffsetMap::new().with("incrementing", 2)),
        (
            Some(OffsetMap::new().with("table", "orders").with("protocol", "1").into()),
            OffsetMap::new().with("incrementing", 1),
        ),
    ]);
    assert_eq!(ids(&read(&mut task(&config, &lent).await.unwrap(), 2).await), [2, 3]);
}

#[tokio::test]
async fn the_auto_increment_column_is_found_or_asked_for() {
    let file = SqliteFile::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT); CREATE TABLE b (id INTEGER NOT NULL);
        INSERT INTO a (x) VALUES ('1');",
    );
    let lent = Lent::default();
    let config = file.config(&[("mode", "incrementing"), ("table.whitelist", "a")]);
    assert_eq!(ids(&read(&mut task(&config, &lent).await.unwrap(), 1).await), [1]);
    let config = file.config(&[("mode", "incrementing"), ("table.whitelist", "b")]);
    let error = failure(&config, &lent).await.to_string();
    assert!(error.contains("no auto-increment column") && error.contains("table b"), "{error}");
}

#[tokio::test]
async fn timestamps_are_milliseconds_and_ties_are_safe() {
    let file = SqliteFile::new(
        "CREATE TABLE e (id INTEGER NOT NULL, at TIMESTAMP NOT NULL);
        INSERT INTO e VALUES (1, 1000), (2, 1000), (3, 2000), (4, 2000), (5, 3000);",
    );
    let config =
        file.config(&[("mode", "timestamp"), ("timestamp.column.name", "at"), ("table.whitelist", "e")]);
    let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 5).await;
    let at = |ms: i64| format!(r#"{{"timestamp":{ms},"timestamp_nanos":0}}"#);
    assert_eq!(
        records.iter().map(offset).collect::<Vec<_>>(),
        [at(0), at(1000), at(1000), at(2000), at(3000)]
    );
    assert_eq!(field(&records[4], "at"), &api::data::Value::Timestamp(3000));
    let config = file.config(&[
        ("mode", "timestamp+incrementing"),
        ("timestamp.column.name", "at"),
        ("incrementing.column.name", "id"),
        ("table.whitelist", "e"),
    ]);
    let lent = Lent::default();
    let records = read(&mut task(&config, &lent).await.unwrap(), 5).await;
    assert_eq!(offset(&records[2]), r#"{"timestamp":2000,"timestamp_nanos":0,"incrementing":3}"#);
    acknowledge(&lent, &records[..3]);
    assert_eq!(ids(&read(&mut task(&config, &lent).await.unwrap(), 2).await), [4, 5]);
}

#[tokio::test]
async fn the_delay_holds_rows_back() {
    let file = SqliteFile::new(
        "CREATE TABLE e (id INTEGER NOT NULL, at TIMESTAMP NOT NULL);
        INSERT INTO e VALUES (1, 1000), (2, CAST(unixepoch('now') * 1000 AS INTEGER) - 5000);",
    );
    let config = file.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "at"),
        ("table.whitelist", "e"),
        ("timestamp.delay.interval.ms", "3600000"),
    ]);
    let mut delayed = task(&config, &Lent::default()).await.unwrap();
    assert_eq!(ids(&read(&mut delayed, 1).await), [1]);
    assert!(delayed.poll(Duration::from_millis(50)).await.unwrap().records.is_empty());
}

#[tokio::test]
async fn queries_have_their_own_partition_and_topic() {
    let file = SqliteFile::new(ORDERS);
    let query = "SELECT id, upper(item) AS item FROM orders";
    let config = file.config(&[
        ("mode", "incrementing"),
        ("incrementing.column.name", "id"),
        ("query", query),
        ("topic.prefix", "all"),
    ]);
    let lent = Lent::default();
    let records = read(&mut task(&config, &lent).await.unwrap(), 3).await;
    let record = &records[1];
    assert_eq!(
        (&*record.record.topic, partition(record), offset(record)),
        ("all", r#"{"query":"query"}"#.to_owned(), r#"{"incrementing":2}"#.to_owned())
    );
    assert_eq!(field(record, "item"), &api::data::Value::string("B"));
    assert_eq!(record.record.value.schema.as_ref().and_then(|schema| schema.name()), None);
    let config = file.config(&[
        ("mode", "bulk"),
        ("query.masked", query),
        ("query.suffix", "LIMIT 1"),
        ("topic.prefix", "all"),
    ]);
    let mut task = task(&config, &lent).await.unwrap();
    assert_eq!(task.poll(Duration::from_secs(5)).await.unwrap().records.len(), 1);
}

#[tokio::test]
async fn tables_are_shared_out_and_watched() {
    let file = SqliteFile::new(
        "CREATE TABLE a (x); CREATE TABLE b (x); CREATE TABLE c (x); CREATE VIEW v AS SELECT 1 AS x;",
    );
    let (clock, lent) = still();
    let config = file.config(&[("mode", "bulk"), ("table.blacklist", "b"), ("table.types", "TABLE,VIEW")]);
    let mut connector = connector(&config, &lent).await.unwrap();
    let tables = |configs: Vec<api::config::RawConfig>| -> Vec<String> {
        configs.iter().map(|config| config.get("tables").unwrap().to_owned()).collect()
    };
    assert_eq!(tables(connector.task_configs(2).await.unwrap()), [r#""a","c""#, r#""v""#]);
    file.run("CREATE TABLE d (x)");
    crate::support::advance_until(&clock, Duration::from_secs(1), || lent.events.reconfigurations() > 0)
        .await;
    assert_eq!(tables(connector.task_configs(9).await.unwrap()), [r#""a""#, r#""c""#, r#""d""#, r#""v""#]);
    assert_eq!(lent.events.reconfigurations(), 1);
}

#[tokio::test]
async fn no_table_is_said_by_the_task() {
    let file = SqliteFile::new(ORDERS);
    let config = file.config(&[("mode", "bulk"), ("table.whitelist", "Orders,nothing")]);
    let error = failure(&config, &Lent::default()).await;
    assert!(error.to_string().contains("table.whitelist is Orders,nothing"), "{error}");
    assert_eq!(error.kind(), api::ErrorKind::Misconfigured);
}

#[tokio::test]
async fn aivens_keys_work_too() {
    let file = SqliteFile::new(ORDERS);
    let mut config = file.config(&[
        ("connector.class", AIVEN),
        ("mode", "incrementing"),
        ("incrementing.column.name", "id"),
        ("incrementing.initial", "1"),
        ("sql.quote.identifiers", "false"),
        ("table.names.qualify", "false"),
    ]);
    config.remove("poll.interval.ms");
    assert_eq!(ids(&read(&mut task(&config, &Lent::default()).await.unwrap(), 2).await), [2, 3]);
}

#[tokio::test]
async fn a_missing_file_is_no_database() {
    let file = SqliteFile::new(ORDERS);
    let mut config = file.config(&[("mode", "bulk"), ("table.whitelist", "orders")]);
    config.set("connection.url", "jdbc:sqlite:/no/such/file.db");
    let report =
        crate::support::class(crate::support::CONFLUENT).check_connection(config.clone()).await.unwrap_err();
    assert!(report.of("connection.url")[0].contains("no such SQLite file"), "{report}");
    config.set("connection.url", format!("jdbc:sqlite:{}", file.path().display()));
    assert_eq!(crate::support::class(crate::support::CONFLUENT).check_connection(config).await, Ok(()));
}

// More rows than any buffer holds: they come in order, in batches of the limit.
#[tokio::test]
async fn batches_keep_to_the_limit() {
    let file = SqliteFile::new("CREATE TABLE n (id INTEGER PRIMARY KEY);
        WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000) INSERT INTO n SELECT x FROM c;");
    let config = file.config(&[
        ("mode", "incrementing"),
        ("table.whitelist", "n"),
        ("batch.max.rows", "700"),
        ("max.buffer.size", "1000"),
    ]);
    let mut task = task(&config, &Lent::default()).await.unwrap();
    let mut all = Vec::new();
    while all.len() < 10_000 {
        let records = task.poll(Duration::from_secs(5)).await.unwrap().records;
        assert!(records.len() <= 700 && !records.is_empty(), "{}", records.len());
        all.extend(ids(&records));
    }
    assert_eq!(all, (1..=10_000).collect::<Vec<_>>());
}

// An error that is not tried again fails the connector, not only its log; once the cause is gone it goes on by itself.
#[tokio::test]
async fn a_missing_file_fails_the_connector_until_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let file = SqliteFile::new(ORDERS);
    let mut config = file.config(&[("mode", "bulk"), ("table.whitelist", "orders")]);
    config.set("connection.url", format!("jdbc:sqlite:{}", path.display()));
    let (clock, lent) = still();
    let mut connector = connector(&config, &lent).await.unwrap();
    for _ in 0..2 {
        let error = connector.task_configs(1).await.unwrap_err();
        assert!(!error.is_retriable() && error.to_string().contains("shop.db"), "{error}");
    }
    // The same once more is no news.
    let looked = lent.events.reconfigurations();
    let mut steps = 0;
    crate::support::advance_until(&clock, Duration::from_secs(60), || {
        steps += 1;
        steps > 5
    })
    .await;
    assert_eq!(lent.events.reconfigurations(), looked);
    rusqlite::Connection::open(&path).unwrap().execute_batch(ORDERS).unwrap();
    crate::support::advance_until(&clock, Duration::from_secs(60), || {
        lent.events.reconfigurations() > looked
    })
    .await;
    let mut configs = connector.task_configs(1).await;
    for _ in 0..100 {
        // The file may have been seen before it had its table: then there is more news.
        if configs.as_ref().is_ok_and(|configs| configs[0].get("tables") != Some("")) {
            break;
        }
        clock.advance(Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(1)).await;
        configs = connector.task_configs(1).await;
    }
    assert_eq!(configs.unwrap()[0].get("tables"), Some(r#""orders""#));
    assert!(lent.events.errors().is_empty());
}

#[tokio::test]
async fn a_query_whose_ids_are_null_says_so() {
    let file = SqliteFile::new(
        "CREATE TABLE loose (id INTEGER, at INTEGER, item TEXT);
         INSERT INTO loose VALUES (NULL, NULL, 'a'), (NULL, NULL, 'b');",
    );
    let config = |mode: &str, more: &[(&str, &str)]| {
        let mut config = file.config(&[
            ("mode", mode),
            ("incrementing.column.name", "id"),
            ("query", "SELECT * FROM (SELECT * FROM loose)"),
            ("topic.prefix", "loose"),
            ("poll.interval.ms", "1"),
        ]);
        more.iter().for_each(|(key, value)| config.set(*key, *value));
        config
    };
    let error = failure(&config("incrementing", &[]), &Lent::default()).await;
    assert_eq!(error.kind(), api::ErrorKind::Misconfigured);
    assert!(error.to_string().contains("never read: id is null"), "{error}");
    let both = config("timestamp+incrementing", &[("timestamp.column.name", "at")]);
    let error = failure(&both, &Lent::default()).await;
    assert!(error.to_string().contains("never read: id, at is null"), "{error}");
    // Left out on purpose: what is there is read, and it is looked at once.
    file.run("INSERT INTO loose VALUES (1, 6, 'c')");
    let mut task =
        task(&config("incrementing", &[("validate.non.null", "false")]), &Lent::default()).await.unwrap();
    assert_eq!(ids(&read(&mut task, 1).await), [1]);
    for _ in 0..20 {
        assert!(task.poll(Duration::from_millis(5)).await.unwrap().records.is_empty());
    }
}
