//! The keys of `io.aiven.connect.jdbc.JdbcSourceConnector`.

use std::time::Duration;

use api::config::{Config, Secret, Validator};

use super::confluent::{DIALECTS, TOPIC_PREFIX};
use crate::zone::Zone;

/// Declared keys; [`super::Settings`] is what the connector works with.
#[derive(Debug, Config)]
#[config(group = "Database")]
pub struct AivenKeys {
    /// JDBC URL of the database: `jdbc:postgresql://host:5432/database?parameter=value` or `jdbc:sqlite:/path/file.db`.
    #[config(key = "connection.url", importance = High, width = Long, display = "JDBC URL")]
    pub(crate) url: String,
    /// User to connect as.
    #[config(key = "connection.user", importance = High, width = Long, display = "JDBC User")]
    pub(crate) user: Option<String>,
    /// Password of the user.
    #[config(key = "connection.password", importance = High, width = Short, display = "JDBC Password")]
    pub(crate) password: Option<Secret>,
    /// Attempts to connect before it counts as a failure.
    #[config(key = "connection.attempts", default = "3", importance = Low, width = Short, display = "JDBC connection attempts", validator = Validator::at_least(1.0))]
    pub(crate) attempts: i32,
    /// Milliseconds between attempts to connect.
    #[config(key = "connection.backoff.ms", default = "10000", importance = Low, width = Short, display = "JDBC connection backoff in milliseconds")]
    pub(crate) backoff: Duration,
    /// Tables to copy, each as its bare name, its full name, or its quoted full name. Not together with `table.blacklist`.
    #[config(key = "table.whitelist", default = "", importance = Medium, width = Long, display = "Table Whitelist")]
    pub(crate) whitelist: Vec<String>,
    /// Tables to leave out of all those found. Not together with `table.whitelist`.
    #[config(key = "table.blacklist", default = "", importance = Medium, width = Long, display = "Table Blacklist")]
    pub(crate) blacklist: Vec<String>,
    /// Catalog in which to look for tables; the whole database when unset.
    #[config(key = "catalog.pattern", importance = Medium, width = Short, display = "Schema pattern")]
    pub(crate) catalog_pattern: Option<String>,
    /// Schemas in which to look for tables, with `%` and `_` as in LIKE; all when unset.
    #[config(key = "schema.pattern", importance = Medium, width = Short, display = "Schema pattern")]
    pub(crate) schema_pattern: Option<String>,
    /// Whether SQL names tables with their schema. With `false` the connection's search path decides.
    #[config(key = "table.names.qualify", default = "true", importance = Low, width = Short, display = "Qualify table names")]
    pub(crate) qualify: bool,
    /// Deprecated; `true` is `numeric.mapping=precision_only` where that key is unset.
    #[config(key = "numeric.precision.mapping", default = "false", importance = Low, width = Short, display = "Map Numeric Values By Precision (deprecated)")]
    pub(crate) numeric_precision: bool,
    /// What becomes of NUMERIC columns: `none` keeps Decimal, `precision_only` makes integers of those without a scale, `best_fit` also makes FLOAT64 of those with one.
    #[config(key = "numeric.mapping", importance = Low, width = Short, display = "Map Numeric Values, Integral or Decimal, By Precision and Scale", validator = Validator::OneOfIgnoringCase(&["none", "precision_only", "best_fit"]))]
    pub(crate) numeric: Option<String>,
    /// Dialect to use; the one of the URL when empty.
    #[config(key = "dialect.name", default = "", importance = Low, width = Long, display = "Database Dialect", validator = DIALECTS)]
    pub(crate) dialect: String,
    /// Whether identifiers are quoted in SQL.
    #[config(key = "sql.quote.identifiers", default = "true", importance = Low, width = Short, display = "Quote SQL identifiers")]
    pub(crate) quote: bool,

    /// How rows are found at each poll: `bulk` reads everything, `incrementing` rows with a new id, `timestamp` rows with a newer timestamp, `timestamp+incrementing` both.
    #[config(key = "mode", importance = High, group = "Mode", width = Medium, display = "Table Loading Mode", validator = super::confluent::MODES, dependents = ["incrementing.column.name", "timestamp.column.name", "validate.non.null"])]
    pub(crate) mode: String,
    /// Column whose values only grow. When empty, the table's auto-increment column.
    #[config(key = "incrementing.column.name", default = "", importance = Medium, group = "Mode", width = Medium, display = "Incrementing Column Name", dependents = ["validate.non.null"])]
    pub(crate) incrementing: String,
    /// Without a stored offset, rows with an id greater than this are read.
    #[config(key = "incrementing.initial", default = "-1", importance = Low, group = "Mode", width = Medium, display = "Incrementing Column Initial Value")]
    pub(crate) incrementing_initial: i64,
    /// Columns with the time of a row's last change; of several, the first that is not null counts.
    #[config(key = "timestamp.column.name", default = "", importance = Medium, group = "Mode", width = Medium, display = "Timestamp Column Name", dependents = ["validate.non.null"])]
    pub(crate) timestamps: Vec<String>,
    /// Where to begin without a stored offset: milliseconds since the epoch.
    #[config(key = "timestamp.initial.ms", default = "0", importance = Low, group = "Mode", width = Medium, display = "Timestamp Column Initial Value")]
    pub(crate) timestamp_initial_ms: i64,
    /// Whether tables whose incrementing or timestamp column may be null are refused, and queries with rows in which it is null.
    #[config(key = "validate.non.null", default = "true", importance = Low, group = "Mode", width = Short, display = "Validate Non Null")]
    pub(crate) validate_non_null: bool,
    /// Query to read instead of tables. In the incremental modes a WHERE clause is appended, so it must not have one of its own: put it into a sub-select.
    #[config(key = "query", default = "", importance = Medium, group = "Mode", width = Short, display = "Query")]
    pub(crate) query: String,

    /// Types of tables to look for. PostgreSQL: TABLE, PARTITIONED TABLE, VIEW, MATERIALIZED VIEW, FOREIGN TABLE, SYSTEM TABLE, SYSTEM VIEW; SQLite: TABLE, VIEW.
    #[config(key = "table.types", default = "TABLE", importance = Low, group = "Connector", width = Medium, display = "Table Types")]
    pub(crate) table_types: Vec<String>,
    /// Milliseconds between the end of a query and its next run.
    #[config(key = "poll.interval.ms", default = "5000", importance = High, group = "Connector", width = Short, display = "Poll Interval (ms)", validator = Validator::at_least(0.0))]
    pub(crate) poll_interval_ms: i32,
    /// Rows in a batch, at most.
    #[config(key = "batch.max.rows", default = "100", importance = Low, group = "Connector", width = Short, display = "Max Rows Per Batch", validator = Validator::at_least(1.0))]
    pub(crate) batch_rows: i32,
    /// Milliseconds between looks for new and removed tables, which give the tasks new tables.
    #[config(key = "table.poll.interval.ms", default = "60000", importance = Low, group = "Connector", width = Short, display = "Metadata Change Monitoring Interval (ms)")]
    pub(crate) table_poll_interval: Duration,
    /// Text before the table's bare name in the topic's name; with a query, the topic's whole name.
    #[config(key = "topic.prefix", importance = High, group = "Connector", width = Medium, display = "Topic Prefix", validator = TOPIC_PREFIX)]
    pub(crate) topic_prefix: String,
    /// Milliseconds that a row's timestamp must lie back before it is read, for transactions that commit late.
    #[config(key = "timestamp.delay.interval.ms", default = "0", importance = High, group = "Connector", width = Medium, display = "Delay Interval (ms)")]
    pub(crate) delay_ms: i64,
    /// Zone in which the database keeps times without a zone.
    #[config(key = "db.timezone", default = "UTC", importance = Medium, group = "Connector", width = Medium, display = "DB time zone")]
    pub(crate) zone: Zone,
}
