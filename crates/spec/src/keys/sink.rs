//! Keys that sinks have beside the common ones.

use api::config::{Config, Parsed, Validator};

use super::common::CommonKeys;

/// What a sink may set, in Kafka's order.
#[derive(Debug, Clone, Config)]
pub struct SinkKeys {
    /// What every connector may set.
    #[config(flatten)]
    pub common: CommonKeys,
    /// The topics to read; either this or `topics.regex`.
    #[config(key = "topics", default = "", importance = High, group = "Common", width = Long,
        display = "Topics", validator = Validator::With(unique_topics))]
    pub topics: Vec<String>,
    /// A regular expression; topics whose whole name matches are read, also those that appear later. Either this or
    /// `topics`. Look-around and back-references are not supported.
    #[config(key = "topics.regex", default = "", importance = High, group = "Common", width = Long,
        display = "Topics regex", validator = Validator::With(valid_regex))]
    pub topics_regex: String,
    /// The topic for records that failed in a converter or transform, with `errors.tolerance=all`; empty is none.
    #[config(key = "errors.deadletterqueue.topic.name", default = "", group = "Error Handling", width = Medium,
        display = "Dead Letter Queue Topic Name")]
    pub dead_letter_topic: String,
    /// Replicas of the dead letter topic, when the connector creates it.
    #[config(key = "errors.deadletterqueue.topic.replication.factor", default = "3", group = "Error Handling",
        width = Medium, display = "Dead Letter Queue Topic Replication Factor")]
    pub dead_letter_replicas: i16,
    /// Whether headers of dead letters tell where and why the record failed; their names begin with
    /// `__connect.errors.`.
    #[config(key = "errors.deadletterqueue.context.headers.enable", default = "false", group = "Error Handling",
        width = Medium, display = "Enable Error Context Headers")]
    pub dead_letter_headers: bool,
}

fn unique_topics(value: &Parsed) -> Result<(), String> {
    let Parsed::List(topics) = value else { return Ok(()) };
    if topics.iter().any(String::is_empty) {
        return Err("Configuration 'topics' values must not be empty.".to_owned());
    }
    match super::has_duplicates(topics) {
        true => Err("Configuration 'topics' values must not be duplicated.".to_owned()),
        false => Ok(()),
    }
}

fn valid_regex(value: &Parsed) -> Result<(), String> {
    let Parsed::String(pattern) = value else { return Ok(()) };
    crate::pattern::whole(pattern).map(drop)
}
