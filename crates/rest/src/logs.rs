//! What REST asks of the log: a port, since the log belongs to whoever puts the worker together.

use std::fmt;

use rest_types::sluice::LogLine;
use rest_types::{LoggerLevel, Loggers};
use tokio::sync::watch;

/// The log of a worker: the levels of its loggers, and the last lines about each connector.
pub trait Logs: Send + Sync {
    /// All loggers that are known and not off, by name.
    fn loggers(&self) -> Loggers;

    /// The level of a logger; none if it is not known.
    fn logger(&self, name: &str) -> Option<LoggerLevel>;

    /// Sets the level of a logger and of all whose names begin with its name; answers the names of those that were
    /// changed by it, sorted.
    ///
    /// # Errors
    /// There are too many loggers, or the name is too long.
    fn set_logger(&self, name: &str, level: Level) -> Result<Vec<String>, String>;

    /// The level of lines about a connector, if it has one of its own.
    fn connector_level(&self, connector: &str) -> Option<Level>;

    /// Gives a connector a level of its own, or takes it away.
    ///
    /// # Errors
    /// There are too many connectors with one.
    fn set_connector_level(&self, connector: &str, level: Option<Level>) -> Result<(), String>;

    /// The lines about a connector that are kept and have a higher number than this one, and how many lines that have are
    /// no longer kept.
    fn lines(&self, connector: &str, after: u64) -> (Vec<LogLine>, u64);

    /// Changes whenever there is a new line about some connector.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// Levels as Java's loggers have them, the most silent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Off,
    /// As [`Level::Error`] here.
    Fatal,
    /// Errors.
    Error,
    /// Warnings, too.
    Warn,
    /// What happens, too.
    Info,
    /// How, too.
    Debug,
    /// Everything.
    Trace,
    /// As [`Level::Trace`] here.
    All,
}

impl Level {
    const ALL: [Level; 8] = [
        Level::Off,
        Level::Fatal,
        Level::Error,
        Level::Warn,
        Level::Info,
        Level::Debug,
        Level::Trace,
        Level::All,
    ];

    /// Its name, in capitals.
    pub fn name(self) -> &'static str {
        match self {
            Level::Off => "OFF",
            Level::Fatal => "FATAL",
            Level::Error => "ERROR",
            Level::Warn => "WARN",
            Level::Info => "INFO",
            Level::Debug => "DEBUG",
            Level::Trace => "TRACE",
            Level::All => "ALL",
        }
    }

    /// Reads a name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
