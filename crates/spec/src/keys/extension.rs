//! Keys that Kafka Connect does not have. All begin with `sluice.` and are off by default; answers show them only where
//! a config sets one, so that Kafka's own answers stay Kafka's.

use std::time::Duration;

use api::config::{Config, Parsed, Validator};

/// What a source may set beyond Kafka Connect.
#[derive(Debug, Clone, Config)]
pub struct SourceExtensionKeys {
    /// A topic for records that a transform or converter could not process, with `errors.tolerance=all` and, the
    /// one that fails the task, with `none`. Key and value are written as JSON with schema, headers as text, and
    /// headers `__connect.errors.*` tell what went wrong. Empty is none; Kafka Connect has dead letters for sinks
    /// only.
    #[config(key = "sluice.errors.source.topic", default = "", group = "Error Handling", width = Medium,
        display = "Topic for records that a source could not convert")]
    pub topic: String,
    /// Replicas of that topic, when the connector creates it; -1 is the broker's default.
    #[config(key = "sluice.errors.source.topic.replication.factor", default = "-1", importance = Low,
        group = "Error Handling", width = Medium, display = "Replicas of that topic",
        validator = Validator::With(replicas))]
    pub replicas: i16,
}

/// What every connector may set beyond Kafka Connect.
#[derive(Debug, Clone, Config)]
pub struct ExtensionKeys {
    /// How often a connector object or a task that failed is started anew by itself before it stays FAILED; 0 is never, as
    /// in Kafka Connect, -1 always. When unset, what the worker says under the same key.
    #[config(key = "sluice.restart.max.attempts", importance = Low, group = "Restarts", width = Short,
        display = "Restarts of what failed", validator = Validator::With(attempts))]
    pub restart_attempts: Option<i32>,
    /// The pause before the first such start, in milliseconds; it doubles from one to the next. When unset, what the worker
    /// says.
    #[config(key = "sluice.restart.backoff.ms", importance = Low, group = "Restarts", width = Short,
        display = "First pause before a restart")]
    pub restart_backoff: Option<Duration>,
    /// The longest pause, in milliseconds. When unset, what the worker says.
    #[config(key = "sluice.restart.backoff.max.ms", importance = Low, group = "Restarts", width = Short,
        display = "Longest pause before a restart")]
    pub restart_backoff_max: Option<Duration>,
    /// After so many milliseconds without a failure, failures are counted anew. When unset, what the worker says.
    #[config(key = "sluice.restart.reset.ms", importance = Low, group = "Restarts", width = Short,
        display = "Time after which failures are forgotten")]
    pub restart_reset: Option<Duration>,
}

fn attempts(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Int(number) if *number < -1 => Err("Value must be at least 0, or -1 for no limit".to_owned()),
        _ => Ok(()),
    }
}

fn replicas(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Short(number) if *number == 0 || *number < -1 => {
            Err("Value must be at least 1, or -1 for the broker's default".to_owned())
        }
        _ => Ok(()),
    }
}
