//! Keys that sources have beside the common ones.

use api::config::{Config, Parsed, Validator};

use super::common::CommonKeys;

/// What a source may set, in Kafka's order.
#[derive(Debug, Clone, Config)]
pub struct SourceKeys {
    /// What every connector may set.
    #[config(flatten)]
    pub common: CommonKeys,
    /// Names of groups of settings for topics that the connector creates; each has its own keys
    /// `topic.creation.GROUP.*`, and the group `default`, which is always there, takes every topic that no other
    /// takes.
    #[config(key = "topic.creation.groups", default = "", importance = Low, group = "Topic Creation",
        width = Long, display = "Topic Creation Groups", validator = Validator::With(unique_groups))]
    pub topic_creation_groups: Vec<String>,
    /// Whether the connector may run only when the worker and the connector give exactly-once delivery (`required`),
    /// or also without (`requested`).
    #[config(key = "exactly.once.support", default = "requested", group = "Exactly Once Support", width = Short,
        display = "Exactly once support", validator = Validator::OneOfIgnoringCase(&["requested", "required"]))]
    pub exactly_once: String,
    /// What ends a transaction of an exactly-once source: each `poll`, an `interval`, or the `connector` itself.
    #[config(key = "transaction.boundary", default = "poll", group = "Exactly Once Support", width = Short,
        display = "Transaction Boundary",
        validator = Validator::OneOfIgnoringCase(&["poll", "interval", "connector"]))]
    pub boundary: String,
    /// Milliseconds between the commits of transactions with `transaction.boundary=interval`; when unset, the
    /// worker's `offset.flush.interval.ms`.
    #[config(key = "transaction.boundary.interval.ms", importance = Low, group = "Exactly Once Support",
        width = Short, display = "Transaction boundary interval", validator = Validator::With(not_negative))]
    pub boundary_interval_ms: Option<i64>,
    /// A topic for this connector's offsets alone; when unset, the worker keeps them.
    #[config(key = "offsets.storage.topic", importance = Low, group = "offsets.topic", width = Long,
        display = "Offsets topic", validator = Validator::NonEmpty)]
    pub offsets_topic: Option<String>,
}

fn unique_groups(value: &Parsed) -> Result<(), String> {
    let Parsed::List(groups) = value else { return Ok(()) };
    match super::has_duplicates(groups) {
        true => Err("Duplicate alias provided.".to_owned()),
        false => Ok(()),
    }
}

fn not_negative(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Long(number) if *number < 0 => Err("Value must be at least 0".to_owned()),
        _ => Ok(()),
    }
}
