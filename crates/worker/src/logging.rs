//! Log lines, as text or JSON.
//!
//! Text is `[time] LEVEL [connector|task-0] message (target)`, with the connector's part only where there is one: the
//! layout that Kafka Connect has, which people and tools know.

mod context;
mod format;

use secrets::LogSecrets;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use context::ContextLayer;
use format::{Json, Text};

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends log lines of this process to standard output. `level` is a level, or `target=level` pairs separated by
/// commas. What the answer knows by then stands in no line, whichever part of the process writes it (invariant 5).
///
/// # Errors
/// The level is not one, or logging is set up already.
pub fn init(format: Format, level: &str) -> Result<LogSecrets, String> {
    let secrets = LogSecrets::default();
    let filter = EnvFilter::try_new(level).map_err(|error| {
        format!("log level '{level}': {error}; write error, warn, info, debug or trace, or target=level,…")
    })?;
    let registry = tracing_subscriber::registry().with(filter).with(ContextLayer);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false);
    match format {
        Format::Text => registry.with(lines.event_format(Text(secrets.clone()))).try_init(),
        Format::Json => registry.with(lines.event_format(Json(secrets.clone()))).try_init(),
    }
    .map_err(|error| format!("logging is set up already: {error}"))?;
    Ok(secrets)
}
