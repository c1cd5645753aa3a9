//! Names, filters and types of tables, on PostgreSQL.

use std::time::Duration;

use api::config::RawConfig;
use testkit::contexts::Lent;

use crate::support::{
    CONFLUENT, Database, class, connector, failure, field, ids, partition, read, still, task,
};

async fn tables(config: &RawConfig) -> Vec<String> {
    let lent = Lent::default();
    let configs = connector(config, &lent).await.unwrap().task_configs(1).await.unwrap();
    configs[0].get("tables").unwrap().split(',').map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_types_choose_tables() {
    let database = Database::new(
        "CREATE SCHEMA s; CREATE TABLE a (id int); CREATE TABLE s.b (id int); CREATE TABLE s.b_old (id int);
         CREATE VIEW v AS SELECT 1 AS id; CREATE MATERIALIZED VIEW m AS SELECT 1 AS id;
         CREATE TABLE p (id int) PARTITION BY RANGE (id);",
    )
    .await;
    for (entries, expected) in [
        (&[("table.blacklist", "none")][..], &[r#""public"."a""#, r#""s"."b""#, r#""s"."b_old""#][..]),
        (&[("table.whitelist", "a,s.b")], &[r#""public"."a""#, r#""s"."b""#]),
        (&[("table.whitelist", "\"s\".\"b\"")], &[r#""s"."b""#]),
        (&[("table.include.list", "s\\..*"), ("table.exclude.list", ".*_old")], &[r#""s"."b""#]),
        (&[("table.blacklist", "a"), ("schema.pattern", "publ%")], &[""]),
        (&[("table.blacklist", "none"), ("schema.pattern", "s")], &[r#""s"."b""#, r#""s"."b_old""#]),
        (
            &[("table.blacklist", "none"), ("table.types", "VIEW,MATERIALIZED VIEW,PARTITIONED TABLE")],
            &[r#""public"."m""#, r#""public"."p""#, r#""public"."v""#],
        ),
        (&[("table.blacklist", "none"), ("catalog.pattern", "another")], &[""]),
    ] {
        let mut config = database.config(&[("mode", "bulk")]);
        for (key, value) in entries {
            config.set(*key, *value);
        }
        assert_eq!(tables(&config).await, expected, "{entries:?}");
    }
    let view = database.config(&[
        ("mode", "bulk"),
        ("table.whitelist", "v,m"),
        ("table.types", "VIEW,MATERIALIZED VIEW"),
    ]);
    assert_eq!(ids(&read(&mut task(&view, &Lent::default()).await.unwrap(), 2).await), [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tables_of_one_name_are_refused() {
    let database =
        Database::new("CREATE SCHEMA s; CREATE TABLE a (id int); CREATE TABLE s.a (id int);").await;
    let config = database.config(&[("mode", "bulk"), ("table.whitelist", "a")]);
    let error =
        connector(&config, &Lent::default()).await.unwrap().task_configs(1).await.unwrap_err().to_string();
    assert!(error.contains("public.a and s.a have the same name"), "{error}");
    let report = class(CONFLUENT).check_connection(config.clone()).await.unwrap_err();
    assert_eq!(report.of("table.whitelist").len(), 1, "{report}");
    let mut one = config;
    one.set("schema.pattern", "s");
    assert_eq!(tables(&one).await, [r#""s"."a""#]);
    assert_eq!(class(CONFLUENT).check_connection(one).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn quoted_names_work_everywhere() {
    let database = Database::new(
        r#"CREATE SCHEMA "We ird"; CREATE TABLE "We ird"."Or""der,s" ("Select" int PRIMARY KEY, "at.time" timestamptz NOT NULL, id int);
           INSERT INTO "We ird"."Or""der,s" VALUES (1, '2023-01-01', 1), (2, '2023-01-02', 2);"#,
    )
    .await;
    let config = database.config(&[
        ("mode", "timestamp+incrementing"),
        ("incrementing.column.name", "Select"),
        ("timestamp.column.name", "at.time"),
        ("table.blacklist", "none"),
    ]);
    let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 2).await;
    assert_eq!(ids(&records), [1, 2]);
    assert_eq!(&*records[0].record.topic, "t-Or\"der,s");
    assert_eq!(partition(&records[0]), r#"{"table":"We ird.Or\"der,s","protocol":"1"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_quotes_names_are_lower_case() {
    let database =
        Database::new("CREATE TABLE Plain (Id serial PRIMARY KEY); INSERT INTO plain VALUES (1);").await;
    let config = database.config(&[
        ("mode", "incrementing"),
        ("incrementing.column.name", "ID"),
        ("table.whitelist", "plain"),
        ("quote.sql.identifiers", "never"),
    ]);
    let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await;
    assert_eq!(field(&records[0], "id").as_i64(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_and_dropped_tables_ask_for_other_tasks() {
    let database = Database::new("CREATE TABLE a (id int);").await;
    let (clock, lent) = still();
    let config = database.config(&[("mode", "bulk"), ("table.blacklist", "none")]);
    let mut connector = connector(&config, &lent).await.unwrap();
    assert_eq!(connector.task_configs(5).await.unwrap().len(), 1);
    for (change, count) in [("CREATE TABLE b (id int)", 2), ("DROP TABLE a", 1)] {
        let before = lent.events.reconfigurations();
        database.run(change).await;
        crate::support::advance_until(&clock, Duration::from_secs(30), || {
            lent.events.reconfigurations() > before
        })
        .await;
        assert_eq!(connector.task_configs(5).await.unwrap().len(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unsuitable_columns_are_said() {
    let database = Database::new(
        "CREATE TABLE t (id text NOT NULL, day date NOT NULL, nr int); INSERT INTO t VALUES ('x', now(), 1);",
    )
    .await;
    for (entries, text) in [
        (&[("mode", "incrementing"), ("incrementing.column.name", "nope")][..], "there is no column nope"),
        (
            &[("mode", "incrementing"), ("incrementing.column.name", "nr")],
            "incrementing column nr may be null",
        ),
        (&[("mode", "incrementing")], "no auto-increment column"),
        (&[("mode", "timestamp"), ("timestamp.column.name", "day")], "type is date"),
    ] {
        let mut config = database.config(&[("table.whitelist", "t")]);
        for (key, value) in entries {
            config.set(*key, *value);
        }
        let error = failure(&config, &Lent::default()).await;
        assert!(error.to_string().contains(text) && error.to_string().contains("table public.t"), "{error}");
        assert!(!error.is_retriable());
    }
    let config = database.config(&[
        ("table.whitelist", "t"),
        ("mode", "incrementing"),
        ("incrementing.column.name", "id"),
    ]);
    let error = failure(&config, &Lent::default()).await;
    assert!(!error.is_retriable(), "{error}");
}

// A table whose columns change between passes: the next pass has the new schema.
#[tokio::test(flavor = "multi_thread")]
async fn columns_may_be_added() {
    let database =
        Database::new("CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t DEFAULT VALUES;").await;
    let config = database.config(&[("table.whitelist", "t"), ("mode", "incrementing")]);
    let mut task = task(&config, &Lent::default()).await.unwrap();
    read(&mut task, 1).await;
    database.run("ALTER TABLE t ADD COLUMN name text; INSERT INTO t (name) VALUES ('n')").await;
    assert_eq!(field(&read(&mut task, 1).await[0], "name"), &api::data::Value::string("n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn driver_parameters_and_isolation_arrive() {
    let database =
        Database::new("CREATE SCHEMA other; CREATE TABLE other.t (id int); INSERT INTO other.t VALUES (7)")
            .await;
    let query = "SELECT id, current_setting('transaction_isolation') AS level, current_setting('application_name') AS name,
        current_setting('default_transaction_read_only') AS read_only FROM t";
    let mut config = database.config(&[
        ("mode", "bulk"),
        ("query", query),
        ("topic.prefix", "q"),
        ("transaction.isolation.mode", "SERIALIZABLE"),
        ("connection.ApplicationName", "of the key"),
        ("connection.currentSchema", "other"),
    ]);
    config.set("connection.url", database.url("?ApplicationName=of+the+url&readOnly=true&connectTimeout=5"));
    let record = read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await.remove(0);
    let text = |name| field(&record, name).as_str().map(str::to_owned);
    assert_eq!(text("level").as_deref(), Some("serializable"));
    assert_eq!(text("name").as_deref(), Some("of the url"), "the URL wins, as in the driver");
    assert_eq!((text("read_only").as_deref(), ids(std::slice::from_ref(&record))), (Some("on"), vec![7]));
}

// The start does not wait for ever for a database that is away: a task that says so stands in until the list
// is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_list_of_tables_is_announced() {
    let database = Database::new("CREATE TABLE t (id int)").await;
    let (clock, lent) = still();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut config =
        database.config(&[("mode", "bulk"), ("table.whitelist", "t"), ("connection.backoff.ms", "1000")]);
    let url = config.get("connection.url").unwrap().to_owned();
    let away = url.split('/').collect::<Vec<_>>();
    config.set("connection.url", format!("jdbc:postgresql://127.0.0.1:{port}/{}", away[3]));
    let mut connector = connector(&config, &lent).await.unwrap();
    let configs = tokio::spawn(async move {
        let configs = connector.task_configs(3).await.unwrap();
        (connector, configs)
    });
    crate::support::advance_until(&clock, Duration::from_secs(1), || configs.is_finished()).await;
    let (mut connector, configs) = configs.await.unwrap();
    let shown: Vec<_> =
        configs.iter().map(|config| (config.get("tables"), config.get("tables.fetched"))).collect();
    assert_eq!(shown, [(Some(""), Some("false"))]);
    let idle = Lent::default();
    // It tells why there is nothing to read, where people look: a start that fails is in the task's status.
    let error = class(CONFLUENT).start_task(configs[0].clone(), idle.source()).await.err().unwrap();
    assert!(error.is_retriable() && error.trace().contains("refused"), "{}", error.trace());
    // A door opens at the port that was closed, and leads to the server.
    let door = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let server = url.trim_start_matches("jdbc:postgresql://").split('/').next().unwrap().to_owned();
    tokio::spawn(async move {
        while let Ok((mut inside, _)) = door.accept().await {
            let mut outside = tokio::net::TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut inside, &mut outside).await });
        }
    });
    let mut task = class(CONFLUENT).start_task(configs[0].clone(), idle.source()).await.unwrap();
    assert!(task.poll(Duration::from_millis(10)).await.unwrap().records.is_empty());
    crate::support::advance_until(&clock, Duration::from_secs(1), || lent.events.reconfigurations() > 0)
        .await;
    let configs = connector.task_configs(3).await.unwrap();
    assert_eq!(configs[0].get("tables"), Some(r#""public"."t""#));
}
