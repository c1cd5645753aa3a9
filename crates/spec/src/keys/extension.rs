//! Keys that Kafka Connect does not have. All begin with `sluice.` and are off by default; answers show them only where
//! a config sets one, so that Kafka's own answers stay Kafka's.

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

fn replicas(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Short(number) if *number == 0 || *number < -1 => {
            Err("Value must be at least 1, or -1 for the broker's default".to_owned())
        }
        _ => Ok(()),
    }
}
