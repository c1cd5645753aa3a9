//! The keys of `io.confluent.connect.jdbc.JdbcSourceConnector`.

use std::time::Duration;

use api::config::{ClassName, Config, Parsed, Secret, Validator, config_enum};

use crate::zone::Zone;

/// The credentials provider that is built in: user and password of the config.
pub(crate) const DEFAULT_PROVIDER: &str = "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider";

config_enum! {
    /// When identifiers are quoted.
    pub(crate) enum Quote {
        /// In every statement.
        Always = "always",
        /// In none.
        Never = "never",
    }
}

config_enum! {
    /// The form of timestamps in records.
    pub(crate) enum Granularity {
        /// Connect's Timestamp: milliseconds.
        ConnectLogical = "connect_logical",
        /// Microseconds since the epoch, INT64.
        MicrosLong = "micros_long",
        /// Microseconds since the epoch, STRING.
        MicrosString = "micros_string",
        /// Date and time with six digits, in `db.timezone`.
        MicrosIso = "micros_iso_datetime_string",
        /// Nanoseconds since the epoch, INT64.
        NanosLong = "nanos_long",
        /// Nanoseconds since the epoch, STRING.
        NanosString = "nanos_string",
        /// Date and time with nine digits, in `db.timezone`.
        NanosIso = "nanos_iso_datetime_string",
    }
}

config_enum! {
    /// The isolation of transactions that read.
    pub(crate) enum Isolation {
        /// The database's own.
        Default = "DEFAULT",
        /// Dirty reads.
        ReadUncommitted = "READ_UNCOMMITTED",
        /// Committed rows.
        ReadCommitted = "READ_COMMITTED",
        /// A snapshot.
        RepeatableRead = "REPEATABLE_READ",
        /// Serializable.
        Serializable = "SERIALIZABLE",
        /// A snapshot of SQL Server.
        SqlServerSnapshot = "SQL_SERVER_SNAPSHOT",
    }
}

config_enum! {
    /// The calendar that dates are counted in.
    pub(crate) enum CalendarSystem {
        /// Julian before 15 October 1582, Gregorian after.
        Legacy = "LEGACY",
        /// Gregorian throughout.
        ProlepticGregorian = "PROLEPTIC_GREGORIAN",
    }
}

pub(crate) const MODES: Validator =
    Validator::OneOf(&["", "bulk", "timestamp", "incrementing", "timestamp+incrementing"]);

pub(crate) const DIALECTS: Validator = Validator::OneOf(&[
    "",
    "Db2DatabaseDialect",
    "DerbyDatabaseDialect",
    "GenericDatabaseDialect",
    "MySqlDatabaseDialect",
    "OracleDatabaseDialect",
    "PostgreSqlDatabaseDialect",
    "SapHanaDatabaseDialect",
    "SqliteDatabaseDialect",
    "SqlServerDatabaseDialect",
    "SybaseDatabaseDialect",
    "VerticaDatabaseDialect",
]);

pub(crate) const TOPIC_PREFIX: Validator = Validator::With(topic_prefix);

fn topic_prefix(value: &Parsed) -> Result<(), String> {
    let Parsed::String(prefix) = value else { return Ok(()) };
    if prefix.len() > 249 {
        return Err("Value must not be longer than 249 characters, the limit of a topic name".to_owned());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match prefix.chars().all(allowed) {
        true => Ok(()),
        false => Err("Value must have letters, digits, '.', '_' and '-' only, as a topic name".to_owned()),
    }
}

/// Declared keys; [`super::Settings`] is what the connector works with.
#[derive(Debug, Config)]
#[config(group = "Database")]
pub struct ConfluentKeys {
    /// JDBC URL of the database: `jdbc:postgresql://host:5432/database?parameter=value` or `jdbc:sqlite:/path/file.db`.
    #[config(key = "connection.url", default = "", importance = High, width = Long, display = "JDBC URL")]
    pub(crate) url: String,
    /// User to connect as.
    #[config(key = "connection.user", importance = High, width = Long, display = "JDBC User")]
    pub(crate) user: Option<String>,
    /// Password of the user.
    #[config(key = "connection.password", importance = High, width = Short, display = "JDBC Password")]
    pub(crate) password: Option<Secret>,
    /// Where credentials come from. Only the default, `connection.user` and `connection.password`, can be used here: other providers are Java classes.
    #[config(
        key = "jdbc.credentials.provider.class",
        default = "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider",
        importance = Low,
        width = Short,
        display = "JDBC Credentials Provider Class"
    )]
    pub(crate) credentials_provider: ClassName,
    /// Attempts to connect before it counts as a failure.
    #[config(key = "connection.attempts", default = "3", importance = Low, width = Short, display = "JDBC connection attempts", validator = Validator::at_least(1.0))]
    pub(crate) attempts: i32,
    /// Milliseconds between attempts to connect.
    #[config(key = "connection.backoff.ms", default = "10000", importance = Low, width = Short, display = "JDBC connection backoff in milliseconds")]
    pub(crate) backoff: Duration,
    /// Tables to copy, each as its bare name, its full name, or its quoted full name. Not together with `table.blacklist`.
    #[config(key = "table.whitelist", default = "", importance = Medium, width = Long, display = "Table Whitelist", dependents = ["connection.url", "connection.user", "connection.password"])]
    pub(crate) whitelist: Vec<String>,
    /// Tables to leave out of all those found. Not together with `table.whitelist`.
    #[config(key = "table.blacklist", default = "", importance = Medium, width = Long, display = "Table Blacklist", dependents = ["connection.url", "connection.user", "connection.password"])]
    pub(crate) blacklist: Vec<String>,
    /// Regular expressions; a table whose unquoted full name matches one as a whole is copied. Not together with the whitelist and blacklist.
    #[config(key = "table.include.list", default = "", importance = Medium, width = Long, display = "Table Include List")]
    pub(crate) include: Vec<String>,
    /// Regular expressions; a table of the include list that matches one is left out.
    #[config(key = "table.exclude.list", default = "", importance = Medium, width = Long, display = "Table Exclude List")]
    pub(crate) exclude: Vec<String>,
    /// Catalog in which to look for tables; the whole database when unset.
    #[config(key = "catalog.pattern", importance = Medium, width = Short, display = "Schema pattern")]
    pub(crate) catalog_pattern: Option<String>,
    /// Schemas in which to look for tables, with `%` and `_` as in LIKE; all when unset.
    #[config(key = "schema.pattern", importance = High, width = Short, display = "Schema pattern")]
    pub(crate) schema_pattern: Option<String>,
    /// Deprecated; `true` is `numeric.mapping=precision_only` where that key is unset.
    #[config(key = "numeric.precision.mapping", default = "false", importance = Low, width = Short, display = "Map Numeric Values By Precision (deprecated)")]
    pub(crate) numeric_precision: bool,
    /// What becomes of NUMERIC columns: `none` keeps Decimal, `precision_only` makes integers of those without a scale, `best_fit` also makes FLOAT64 of those with one, `best_fit_eager_double` does so at any precision.
    #[config(key = "numeric.mapping", importance = Low, width = Short, display = "Map Numeric Values, Integral or Decimal, By Precision and Scale", validator = Validator::OneOfIgnoringCase(&["none", "precision_only", "best_fit", "best_fit_eager_double"]))]
    pub(crate) numeric: Option<String>,
    /// Dialect to use; the one of the URL when empty.
    #[config(key = "dialect.name", default = "", importance = Low, width = Long, display = "Database Dialect", validator = DIALECTS)]
    pub(crate) dialect: String,
    /// Calendar of dates before 15 October 1582: LEGACY reads them as Julian dates, as Java's old date classes do; PROLEPTIC_GREGORIAN as the database itself counts.
    #[config(key = "date.calendar.system", default = "LEGACY", importance = Low, width = Medium, display = "Date Calendar System")]
    pub(crate) calendar: CalendarSystem,

    /// How rows are found at each poll: `bulk` reads everything, `incrementing` rows with a new id, `timestamp` rows with a newer timestamp, `timestamp+incrementing` both.
    #[config(key = "mode", default = "", importance = High, group = "Mode", width = Medium, display = "Table Loading Mode", validator = MODES, dependents = ["incrementing.column.name", "timestamp.column.name", "validate.non.null"])]
    pub(crate) mode: String,
    /// Column whose values only grow. When empty, the table's auto-increment column.
    #[config(key = "incrementing.column.name", default = "", importance = Medium, group = "Mode", width = Medium, display = "Incrementing Column Name", dependents = ["validate.non.null"])]
    pub(crate) incrementing: String,
    /// Columns with the time of a row's last change; of several, the first that is not null counts.
    #[config(key = "timestamp.column.name", default = "", importance = Medium, group = "Mode", width = Medium, display = "Timestamp Column Name", dependents = ["validate.non.null"])]
    pub(crate) timestamps: Vec<String>,
    /// Timestamp columns by table: `regex:[column1|column2]`; each table must match exactly one.
    #[config(key = "timestamp.columns.mapping", default = "", importance = Medium, group = "Mode", width = Medium, display = "Timestamp column mappings for tables", dependents = ["validate.non.null"])]
    pub(crate) timestamps_mapping: Vec<String>,
    /// Incrementing column by table: `regex:column`; each table must match exactly one.
    #[config(key = "incrementing.column.mapping", default = "", importance = Medium, group = "Mode", width = Medium, display = "Incrementing column mappings for tables", dependents = ["validate.non.null"])]
    pub(crate) incrementing_mapping: Vec<String>,
    /// Where to begin without a stored offset: milliseconds since the epoch, -1 for now; everything when unset.
    #[config(key = "timestamp.initial", importance = Low, group = "Mode", width = Medium, display = "Unix time value of initial timestamp")]
    pub(crate) timestamp_initial: Option<i64>,
    /// Whether tables whose incrementing or timestamp column may be null are refused, and queries with rows in which it is null.
    #[config(key = "validate.non.null", default = "true", importance = Low, group = "Mode", width = Short, display = "Validate Non Null")]
    pub(crate) validate_non_null: bool,
    /// Query to read instead of tables. In the incremental modes a WHERE clause is appended, so it must not have one of its own: put it into a sub-select.
    #[config(key = "query", default = "", importance = Medium, group = "Mode", width = Short, display = "Query")]
    pub(crate) query: String,
    /// The same as `query`, kept out of logs and answers.
    #[config(key = "query.masked", default = "", importance = Medium, group = "Mode", width = Short, display = "Query")]
    pub(crate) query_masked: Secret,
    /// Whether identifiers are quoted in SQL.
    #[config(key = "quote.sql.identifiers", default = "ALWAYS", importance = Medium, group = "Mode", width = Medium, display = "Quote Identifiers")]
    pub(crate) quote: Quote,
    /// Text put at the end of each statement.
    #[config(key = "query.suffix", default = "", importance = Low, group = "Mode", width = Short, display = "Query suffix")]
    pub(crate) suffix: String,
    /// Isolation of the transactions that read. SQL_SERVER_SNAPSHOT is for SQL Server only, which is not supported here; SQLite has SERIALIZABLE and READ_UNCOMMITTED.
    #[config(key = "transaction.isolation.mode", default = "DEFAULT", importance = Low, group = "Mode", width = Medium, display = "Transaction Isolation Mode")]
    pub(crate) isolation: Isolation,
    /// Failed runs of one query in a row after which the task fails; 0 or less: never.
    #[config(key = "query.retry.attempts", default = "-1", importance = Low, group = "Mode", width = Short, display = "Query Retry Attempts")]
    pub(crate) retry_attempts: i32,

    /// Types of tables to look for. PostgreSQL: TABLE, PARTITIONED TABLE, VIEW, MATERIALIZED VIEW, FOREIGN TABLE, SYSTEM TABLE, SYSTEM VIEW; SQLite: TABLE, VIEW.
    #[config(key = "table.types", default = "TABLE", importance = Low, group = "Connector", width = Medium, display = "Table Types")]
    pub(crate) table_types: Vec<String>,
    /// Milliseconds between the end of a query and its next run.
    #[config(key = "poll.interval.ms", default = "5000", importance = High, group = "Connector", width = Short, display = "Poll Interval (ms)", validator = Validator::at_least(0.0))]
    pub(crate) poll_interval_ms: i32,
    /// Rows in a batch, at most.
    #[config(key = "batch.max.rows", default = "1000", importance = Low, group = "Connector", width = Short, display = "Max Rows Per Batch", validator = Validator::at_least(1.0))]
    pub(crate) batch_rows: i32,
    /// Rows read ahead, at most; 0 is four batches. PostgreSQL rows wait in the server and in one network buffer instead.
    #[config(key = "max.buffer.size", default = "0", importance = Low, group = "Connector", width = Short, display = "Maximum Buffer Size", validator = Validator::at_least(0.0))]
    pub(crate) buffer_rows: i32,
    /// Milliseconds to wait for a batch to fill.
    #[config(key = "poll.linger.ms", default = "5000", importance = Low, group = "Connector", width = Short, display = "Poll Linger (ms)")]
    pub(crate) linger: Duration,
    /// Milliseconds that the start waits for the first list of tables.
    #[config(key = "table.monitoring.startup.polling.limit.ms", default = "10000", importance = Low, group = "Connector", width = Short)]
    pub(crate) startup_limit: Duration,
    /// Milliseconds between looks for new and removed tables, which give the tasks new tables.
    #[config(key = "table.poll.interval.ms", default = "60000", importance = Low, group = "Connector", width = Short, display = "Metadata Change Monitoring Interval (ms)")]
    pub(crate) table_poll_interval: Duration,
    /// Text before the table's bare name in the topic's name; with a query, the topic's whole name.
    #[config(key = "topic.prefix", default = "", importance = High, group = "Connector", width = Medium, display = "Topic Prefix", validator = TOPIC_PREFIX)]
    pub(crate) topic_prefix: String,
    /// Milliseconds that a row's timestamp must lie back before it is read, for transactions that commit late.
    #[config(key = "timestamp.delay.interval.ms", default = "0", importance = High, group = "Connector", width = Medium, display = "Delay Interval (ms)")]
    pub(crate) delay_ms: i64,
    /// Zone in which the database keeps times without a zone.
    #[config(key = "db.timezone", default = "UTC", importance = Medium, group = "Connector", width = Medium, display = "DB time zone")]
    pub(crate) zone: Zone,
    /// Form of timestamps in records.
    #[config(key = "timestamp.granularity", default = "connect_logical", importance = Low, group = "Connector", width = Medium, display = "Timestamp granularity for timestamp columns")]
    pub(crate) granularity: Granularity,
}
