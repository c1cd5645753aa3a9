//! Log lines, as text or JSON, which of them are written, and the last ones about each connector.
//!
//! Text is `[time] LEVEL [connector|task-0] message (target)`, with the connector's part only where there is one: the
//! layout that Kafka Connect has, which people and tools know. Loggers have Java's names beside ours (`names`).

mod context;
mod filter;
mod format;
mod keep;
mod levels;
mod lines;
mod names;

use std::sync::Arc;

use chrono::Utc;
use parking_lot::{Mutex, RwLock};
use rest::logs::Level;
use rest_types::sluice::LogLine;
use rest_types::{LoggerLevel, Loggers};
use secrets::LogSecrets;
use tokio::sync::watch;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use context::ContextLayer;
use filter::Filter;
use format::{Json, Text};
use keep::Keep;
use levels::Levels;
use lines::Lines;

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The log of this process. Cheap to clone; clones are one.
#[derive(Debug, Clone)]
pub struct Logs {
    secrets: LogSecrets,
    levels: Arc<RwLock<Levels>>,
    lines: Arc<Mutex<Lines>>,
    changes: watch::Sender<u64>,
}

/// A log that nobody writes to: levels can be looked at and set, without an effect.
impl Default for Logs {
    fn default() -> Self {
        Self::with(Levels::default())
    }
}

/// Sends log lines of this process to standard output. `level` is a level, or `target=level` pairs separated by
/// commas. What the answer's secrets know by then stands in no line, whichever part of the process writes it
/// (invariant 5).
///
/// # Errors
/// The level is not one, or logging is set up already.
pub fn init(format: Format, level: &str) -> Result<Logs, String> {
    // A variable that is set to nothing is one that is not set.
    let level = if level.trim().is_empty() { "info" } else { level };
    let levels = Levels::parse(level).map_err(|why| {
        format!("log level '{level}': {why}; write error, warn, info, debug or trace, or target=level,…")
    })?;
    let logs = Logs::with(levels);
    let Logs { secrets, levels, lines, changes } = logs.clone();
    let keep = Keep { lines, changes, secrets: secrets.clone() };
    let registry = tracing_subscriber::registry().with(Filter(levels)).with(ContextLayer).with(keep);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false);
    match format {
        Format::Text => registry.with(lines.event_format(Text(secrets))).try_init(),
        Format::Json => registry.with(lines.event_format(Json(secrets))).try_init(),
    }
    .map_err(|error| format!("logging is set up already: {error}"))?;
    Ok(logs)
}

impl Logs {
    fn with(levels: Levels) -> Self {
        Self {
            secrets: LogSecrets::default(),
            levels: Arc::new(RwLock::new(levels)),
            lines: Arc::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// Where the log looks up what it must not show.
    pub fn secrets(&self) -> &LogSecrets {
        &self.secrets
    }

    fn change<T>(&self, change: impl FnOnce(&mut Levels) -> T) -> T {
        let changed = change(&mut self.levels.write());
        // Every place that writes lines asks again; libraries that log by another crate have one limit for all.
        tracing::callsite::rebuild_interest_cache();
        log::set_max_level(match self.levels.read().most().into_level() {
            None => log::LevelFilter::Off,
            Some(tracing::Level::ERROR) => log::LevelFilter::Error,
            Some(tracing::Level::WARN) => log::LevelFilter::Warn,
            Some(tracing::Level::INFO) => log::LevelFilter::Info,
            Some(tracing::Level::DEBUG) => log::LevelFilter::Debug,
            Some(tracing::Level::TRACE) => log::LevelFilter::Trace,
        });
        changed
    }
}

impl rest::Logs for Logs {
    fn loggers(&self) -> Loggers {
        self.levels.read().all()
    }

    fn logger(&self, name: &str) -> Option<LoggerLevel> {
        self.levels.read().get(name)
    }

    fn set_logger(&self, name: &str, level: Level) -> Result<Vec<String>, String> {
        self.change(|levels| levels.set(name, level, Utc::now().timestamp_millis()))
    }

    fn connector_level(&self, connector: &str) -> Option<Level> {
        self.levels.read().connector(connector)
    }

    fn set_connector_level(&self, connector: &str, level: Option<Level>) -> Result<(), String> {
        self.change(|levels| levels.set_connector(connector, level))
    }

    fn lines(&self, connector: &str, after: u64) -> (Vec<LogLine>, u64) {
        let (mut lines, dropped) = self.lines.lock().after(connector, after);
        // Invariant 5: a secret may have become known after the line was written.
        for line in &mut lines {
            line.message = self.secrets.scrub(Some(connector), &line.message).into_owned();
        }
        (lines, dropped)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
