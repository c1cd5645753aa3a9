//! What the two classes' keys mean, in one shape.
//!
//! [`confluent`] and [`aiven`] declare the keys; [`Settings`] is what they come to, and all that the rest of the crate
//! sees. [`check`] holds the checks between keys, in the order of the Java connector.

pub(crate) mod aiven;
mod check;
pub(crate) mod confluent;
mod driver;
mod filter;
mod url;

use std::sync::Arc;
use std::time::Duration;

use api::config::{Config, ConfigDef, ParsedConfig, RawConfig, Report, Secret};

pub(crate) use aiven::AivenKeys;
pub(crate) use confluent::{ConfluentKeys, Granularity, Isolation};
pub(crate) use driver::{PostgresParameters, SslMode};
pub(crate) use filter::{ColumnsOf, TableFilter};
pub(crate) use url::Target;

use crate::numeric::NumericMapping;
use crate::zone::Zone;

/// How rows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Bulk,
    Incrementing,
    Timestamp,
    TimestampIncrementing,
}

impl Mode {
    pub(crate) fn has_id(self) -> bool {
        matches!(self, Mode::Incrementing | Mode::TimestampIncrementing)
    }

    pub(crate) fn has_timestamp(self) -> bool {
        matches!(self, Mode::Timestamp | Mode::TimestampIncrementing)
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Mode::Bulk => "bulk",
            Mode::Incrementing => "incrementing",
            Mode::Timestamp => "timestamp",
            Mode::TimestampIncrementing => "timestamp+incrementing",
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        [Mode::Bulk, Mode::Incrementing, Mode::Timestamp, Mode::TimestampIncrementing]
            .into_iter()
            .find(|mode| mode.text() == text)
    }
}

/// Where timestamps begin without a stored offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InitialTimestamp {
    /// Milliseconds since the epoch, exclusive.
    At(i64),
    /// The database's time at start.
    Now,
}

/// A checked config.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) target: Target,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) attempts: u32,
    pub(crate) backoff: Duration,
    pub(crate) catalog_pattern: Option<String>,
    pub(crate) schema_pattern: Option<String>,
    pub(crate) filter: TableFilter,
    pub(crate) table_types: Vec<String>,
    pub(crate) numeric: NumericMapping,
    pub(crate) granularity: Granularity,
    pub(crate) zone: Zone,
    pub(crate) legacy_calendar: bool,
    pub(crate) mode: Mode,
    pub(crate) columns: ColumnsOf,
    /// The query, instead of tables; secret where it was given as one.
    pub(crate) query: Option<Secret>,
    pub(crate) query_key: &'static str,
    pub(crate) suffix: String,
    pub(crate) timestamp_initial: InitialTimestamp,
    pub(crate) incrementing_initial: i64,
    pub(crate) validate_non_null: bool,
    pub(crate) quote: bool,
    pub(crate) qualify: bool,
    pub(crate) isolation: Isolation,
    /// Failed runs in a row after which the task fails; `None`: never.
    pub(crate) retry_attempts: Option<u32>,
    pub(crate) poll_interval: Duration,
    pub(crate) batch_rows: usize,
    pub(crate) buffer_rows: usize,
    pub(crate) linger: Duration,
    pub(crate) table_poll_interval: Duration,
    pub(crate) startup_limit: Duration,
    pub(crate) topic_prefix: String,
    pub(crate) delay_ms: i64,
    /// Whether a transaction gives each record once (Aiven says so, Confluent does not).
    pub(crate) declares_exactly_once: bool,
}

/// Keys that come to [`Settings`].
pub trait Keys: Config {
    /// The settings; `driver` are the `connection.*` keys that are none of the connector's own.
    ///
    /// # Errors
    /// Whatever keys say against each other, by key.
    fn settle(self, driver: RawConfig) -> Result<Settings, Report>;
}

/// A config of one of the two classes: its own keys, and `connection.*` for the driver.
#[derive(Debug)]
pub struct SourceConfig<K> {
    pub(crate) settings: Arc<Settings>,
    keys: std::marker::PhantomData<fn() -> K>,
}

impl<K: Keys> Config for SourceConfig<K> {
    fn definition() -> &'static ConfigDef {
        K::definition()
    }

    fn from_parsed(values: &ParsedConfig) -> Result<Self, Report> {
        let settings = K::from_parsed(values)?.settle(RawConfig::new())?;
        Ok(Self { settings: Arc::new(settings), keys: std::marker::PhantomData })
    }

    // Driver parameters have names of their own, which no definition lists: they are taken from the raw config.
    fn parse(raw: &RawConfig) -> Result<Self, Report> {
        let definition = K::definition();
        let keys = K::from_parsed(&definition.parse(raw)?)?;
        let driver =
            raw.iter().filter(|(key, _)| definition.key(key).is_none()).filter_map(|(key, value)| {
                Some((key.strip_prefix("connection.").filter(|name| !name.is_empty())?, value?))
            });
        let settings = keys.settle(driver.collect())?;
        Ok(Self { settings: Arc::new(settings), keys: std::marker::PhantomData })
    }
}

/// A task's config: the connector's, and the tables that are the task's.
#[derive(Debug)]
pub struct TaskConfig<K> {
    pub(crate) settings: Arc<Settings>,
    /// Quoted full names.
    pub(crate) tables: Vec<String>,
    /// Whether the list of tables was there when the task was made.
    pub(crate) fetched: bool,
    keys: std::marker::PhantomData<fn() -> K>,
}

/// Key of a task's tables.
pub(crate) const TABLES: &str = "tables";
/// Key that says whether the tables were known.
pub(crate) const TABLES_FETCHED: &str = "tables.fetched";

#[derive(Debug, Config)]
struct TaskKeys {
    /// Tables of the task: full names, quoted, separated by commas. Set by the connector.
    #[config(key = "tables", default = "", importance = High)]
    tables: String,
    /// Whether the list of tables was there when the task was made. Set by the connector.
    #[config(key = "tables.fetched", default = "true", importance = High)]
    fetched: bool,
}

impl<K: Keys> Config for TaskConfig<K> {
    fn definition() -> &'static ConfigDef {
        TaskKeys::definition()
    }

    fn from_parsed(values: &ParsedConfig) -> Result<Self, Report> {
        let config = SourceConfig::<K>::from_parsed(values)?;
        let task = TaskKeys::from_parsed(values)?;
        Ok(Self::of(config, task))
    }

    fn parse(raw: &RawConfig) -> Result<Self, Report> {
        // The task's own keys are none of the driver's, whatever their names.
        Ok(Self::of(SourceConfig::parse(raw)?, TaskKeys::parse(raw)?))
    }
}

impl<K> TaskConfig<K> {
    fn of(config: SourceConfig<K>, task: TaskKeys) -> Self {
        let tables = crate::table::split_quoted(&task.tables);
        Self { settings: config.settings, tables, fetched: task.fetched, keys: std::marker::PhantomData }
    }
}
