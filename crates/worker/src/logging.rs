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
    // A variable that is set to nothing is one that is not set.
    let level = if level.trim().is_empty() { "info" } else { level };
    let wrong = |why: &str| {
        format!("log level '{level}': {why}; write error, warn, info, debug or trace, or target=level,…")
    };
    // The library takes a word that is no level for a target, and then logs nothing else.
    if let Some(word) = level.split(',').map(str::trim).find(|part| !part.contains('=') && !is_level(part)) {
        return Err(wrong(&format!("'{word}' is no level")));
    }
    let filter = EnvFilter::try_new(level).map_err(|error| wrong(&error.to_string()))?;
    let registry = tracing_subscriber::registry().with(filter).with(ContextLayer);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false);
    match format {
        Format::Text => registry.with(lines.event_format(Text(secrets.clone()))).try_init(),
        Format::Json => registry.with(lines.event_format(Json(secrets.clone()))).try_init(),
    }
    .map_err(|error| format!("logging is set up already: {error}"))?;
    Ok(secrets)
}

fn is_level(word: &str) -> bool {
    word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for level in ["wat", "debgu", "info,sluice_task"] {
            let error = init(Format::Text, level).err().unwrap_or_default();
            assert!(error.contains("is no level; write error, warn"), "{level}: {error}");
        }
        for word in ["error", "WARN", "info", "debug", "trace", "off"] {
            assert!(is_level(word), "{word}");
        }
    }
}
