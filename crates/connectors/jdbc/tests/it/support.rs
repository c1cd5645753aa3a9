//! A task under test, and the databases it reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use api::config::RawConfig;
use api::data::{OffsetMap, SourceRecord, Value};
use api::dynamic::{DynConnector, DynSourceTask, SourceClass};
use api::registry::ConnectorClass;
use api::{Clock, Error, ManualClock, Registry, Result};
use testkit::contexts::Lent;
use testkit::postgres::Server;

pub const CONFLUENT: &str = "io.confluent.connect.jdbc.JdbcSourceConnector";
pub const AIVEN: &str = "io.aiven.connect.jdbc.JdbcSourceConnector";

pub fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_connector_jdbc::register(&mut registry);
    registry
}

pub fn class(name: &str) -> Arc<dyn SourceClass> {
    match registry().connector(name).unwrap() {
        ConnectorClass::Source(class) => class,
        ConnectorClass::Sink(_) => panic!("{name} is a source"),
    }
}

pub fn raw(entries: &[(&str, &str)]) -> RawConfig {
    entries.iter().map(|(key, value)| (*key, *value)).collect()
}

/// A connector and its tasks' configs.
pub async fn connector(config: &RawConfig, lent: &Lent) -> Result<Box<dyn DynConnector>> {
    class(config.get("connector.class").unwrap_or(CONFLUENT)).start(config.clone(), lent.connector()).await
}

/// The only task of a connector, ready to poll.
pub async fn task(config: &RawConfig, lent: &Lent) -> Result<Box<dyn DynSourceTask>> {
    let mut connector = connector(config, lent).await?;
    let mut configs = connector.task_configs(1).await?;
    connector.stop().await?;
    assert_eq!(configs.len(), 1);
    class(config.get("connector.class").unwrap_or(CONFLUENT))
        .start_task(configs.remove(0), lent.source())
        .await
}

const WAIT: Duration = Duration::from_millis(20);
const PATIENCE: usize = 3000;

/// Polls until there are as many records; panics when they do not come.
pub async fn read(task: &mut Box<dyn DynSourceTask>, count: usize) -> Vec<SourceRecord> {
    try_read(task, count).await.unwrap()
}

pub async fn try_read(task: &mut Box<dyn DynSourceTask>, count: usize) -> Result<Vec<SourceRecord>> {
    let mut records = Vec::new();
    let mut empty = 0;
    while records.len() < count {
        let batch = task.poll(WAIT).await?;
        empty = if batch.records.is_empty() { empty + 1 } else { 0 };
        assert!(empty < PATIENCE, "only {} of {count} records", records.len());
        records.extend(batch.records);
    }
    Ok(records)
}

/// The error of a task that must fail, at start or at a poll.
pub async fn failure(config: &RawConfig, lent: &Lent) -> Error {
    let mut task = match task(config, lent).await {
        Ok(task) => task,
        Err(error) => return error,
    };
    for _ in 0..PATIENCE {
        if let Err(error) = task.poll(WAIT).await {
            return error;
        }
    }
    panic!("the task did not fail");
}

/// Stores the offsets of records, as the framework does once Kafka has them.
pub fn acknowledge(lent: &Lent, records: &[SourceRecord]) {
    let of = |record: &SourceRecord| Some((record.source_partition.clone(), record.source_offset.clone()?));
    lent.offsets.store(&records.iter().filter_map(of).collect());
}

pub fn field<'a>(record: &'a SourceRecord, name: &str) -> &'a Value {
    record
        .record
        .value
        .value
        .as_struct()
        .unwrap()
        .get_without_default(name)
        .unwrap_or_else(|| panic!("no field {name}"))
}

pub fn ids(records: &[SourceRecord]) -> Vec<i64> {
    records.iter().map(|record| field(record, "id").as_i64().unwrap()).collect()
}

pub fn shown(map: &OffsetMap) -> String {
    use api::data::Primitive;
    let entries = map.iter().map(|(name, value)| match value {
        Primitive::Int(n) => format!("{name:?}:{n}"),
        Primitive::String(text) => format!("{name:?}:{text:?}"),
        other => format!("{name:?}:{other:?}"),
    });
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

pub fn offset(record: &SourceRecord) -> String {
    record.source_offset.as_ref().map(shown).unwrap_or_else(|| "null".to_owned())
}

pub fn partition(record: &SourceRecord) -> String {
    record.source_partition.as_ref().map(|partition| shown(partition)).unwrap_or_default()
}

/// Moves a manual clock on until something is true.
pub async fn advance_until(clock: &ManualClock, step: Duration, mut done: impl FnMut() -> bool) {
    for _ in 0..PATIENCE {
        if done() {
            return;
        }
        clock.advance(step);
        tokio::time::sleep(Duration::from_millis(1)).await; // gives other threads the machine
    }
    panic!("it did not come true after {PATIENCE} steps of {step:?}");
}

/// A SQLite file with tables of ours.
pub struct SqliteFile {
    pub connection: rusqlite::Connection,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl SqliteFile {
    pub fn new(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(sql).unwrap();
        Self { connection, path, _folder: folder }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn run(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    /// Confluent's connector on this file.
    pub fn config(&self, entries: &[(&str, &str)]) -> RawConfig {
        let mut config = raw(&[
            ("connector.class", CONFLUENT),
            ("connection.url", &format!("jdbc:sqlite:{}", self.path.display())),
            ("topic.prefix", "t-"),
            ("poll.interval.ms", "0"),
            ("connection.backoff.ms", "0"),
        ]);
        for (key, value) in entries {
            config.set(*key, *value);
        }
        config
    }
}

/// A database of one test in the shared server.
pub struct Database {
    pub client: tokio_postgres::Client,
    server: Arc<Server>,
    name: String,
}

impl Database {
    pub async fn new(sql: &str) -> Self {
        Self::on(tokio::task::spawn_blocking(Server::shared).await.unwrap().unwrap(), sql).await
    }

    pub async fn on(server: Arc<Server>, sql: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{number}", std::process::id());
        let admin = connect(&server, server.database()).await;
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let client = connect(&server, &name).await;
        client.batch_execute(sql).await.unwrap();
        Self { client, server, name }
    }

    pub async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    pub async fn another_client(&self) -> tokio_postgres::Client {
        connect(&self.server, &self.name).await
    }

    pub fn url(&self, parameters: &str) -> String {
        format!("jdbc:postgresql://{}:{}/{}{parameters}", self.server.host(), self.server.port(), self.name)
    }

    /// Confluent's connector on this database.
    pub fn config(&self, entries: &[(&str, &str)]) -> RawConfig {
        let mut config = raw(&[
            ("connector.class", CONFLUENT),
            ("connection.url", &self.url("")),
            ("connection.user", self.server.user()),
            ("connection.password", self.server.password()),
            ("topic.prefix", "t-"),
            ("poll.interval.ms", "0"),
            ("connection.backoff.ms", "0"),
        ]);
        for (key, value) in entries {
            config.set(*key, *value);
        }
        config
    }
}

async fn connect(server: &Server, database: &str) -> tokio_postgres::Client {
    let mut config = tokio_postgres::Config::new();
    config
        .host(server.host())
        .port(server.port())
        .user(server.user())
        .password(server.password())
        .dbname(database);
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A clock that stands still.
pub fn still() -> (Arc<ManualClock>, Lent) {
    let clock = ManualClock::at(1_700_000_000_000);
    let lent = Lent::with_clock(clock.clone() as Arc<dyn Clock>);
    (clock, lent)
}
