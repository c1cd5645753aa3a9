//! The suite that every source passes.

use api::Registry;
use api::config::RawConfig;
use testkit::source::{SourceFixture, conformance};

use crate::support::{AIVEN, CONFLUENT, Database, SqliteFile};

struct OnSqlite<const AIVEN_CLASS: bool>(SqliteFile);

// Tests run on one thread each; the fixture's connection is used between polls only.
impl<const AIVEN_CLASS: bool> OnSqlite<AIVEN_CLASS> {
    fn new() -> Self {
        Self(SqliteFile::new("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)"))
    }
}

impl<const AIVEN_CLASS: bool> SourceFixture for OnSqlite<AIVEN_CLASS> {
    const CLASS: &'static str = if AIVEN_CLASS { AIVEN } else { CONFLUENT };

    fn register(registry: &mut Registry) {
        sluice_connector_jdbc::register(registry);
    }

    fn config(&self) -> RawConfig {
        self.0.config(&[
            ("connector.class", Self::CLASS),
            ("mode", "incrementing"),
            ("table.blacklist", "none"),
            ("table.poll.interval.ms", "20"),
        ])
    }

    async fn add(&mut self, count: usize) {
        for _ in 0..count {
            self.0.run("INSERT INTO t (x) VALUES ('x')");
        }
    }

    async fn grow(&mut self) -> bool {
        self.0.run("CREATE TABLE u (id INTEGER PRIMARY KEY)");
        true
    }
}

#[tokio::test]
async fn confluents_on_sqlite() {
    conformance(OnSqlite::<false>::new()).await;
}

#[tokio::test]
async fn aivens_on_sqlite() {
    conformance(OnSqlite::<true>::new()).await;
}

struct OnPostgres(Database);

impl SourceFixture for OnPostgres {
    const CLASS: &'static str = CONFLUENT;

    fn register(registry: &mut Registry) {
        sluice_connector_jdbc::register(registry);
    }

    fn config(&self) -> RawConfig {
        self.0.config(&[
            ("mode", "timestamp+incrementing"),
            ("timestamp.column.name", "at"),
            ("incrementing.column.name", "id"),
            ("table.blacklist", "none"),
            ("table.poll.interval.ms", "20"),
        ])
    }

    async fn add(&mut self, count: usize) {
        self.0
            .run(&format!("INSERT INTO t (at) SELECT clock_timestamp() FROM generate_series(1, {count})"))
            .await;
    }

    async fn grow(&mut self) -> bool {
        self.0.run("CREATE TABLE u (id serial PRIMARY KEY, at timestamptz NOT NULL)").await;
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn confluents_on_postgres() {
    conformance(OnPostgres(
        Database::new("CREATE TABLE t (id serial PRIMARY KEY, at timestamptz NOT NULL)").await,
    ))
    .await;
}
