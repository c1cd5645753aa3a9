//! The typed meaning of a config, as the herder and the tasks take it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use api::config::RawConfig;
use regex::Regex;

/// Which way records go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectorKind {
    /// Into Kafka.
    Source,
    /// Out of Kafka.
    Sink,
}

impl ConnectorKind {
    /// The word in REST answers.
    pub fn name(self) -> &'static str {
        match self {
            ConnectorKind::Source => "source",
            ConnectorKind::Sink => "sink",
        }
    }
}

/// A valid connector. Made of the **resolved** config, so it may hold secrets: every part that does prints keys only.
#[derive(Debug, Clone)]
pub struct ConnectorSpec {
    /// Its name.
    pub name: Arc<str>,
    /// Full class name of the plugin, whatever alias the config used.
    pub class: String,
    /// Which way records go.
    pub kind: ConnectorKind,
    /// Most tasks, at least 1.
    pub tasks_max: usize,
    /// Whether more task configs than that are an error (else a warning).
    pub tasks_max_enforced: bool,
    /// The resolved config, for the plugin.
    pub config: RawConfig,
    /// What happens to each record.
    pub pipeline: Arc<PipelineSpec>,
    /// What is special to sources.
    pub source: Option<SourceSpec>,
    /// What is special to sinks.
    pub sink: Option<SinkSpec>,
    /// Client settings that the connector overrides.
    pub overrides: ClientOverrides,
}

/// One task, ready to be built.
#[derive(Debug, Clone)]
pub struct TaskSpec {
    /// The task's number, from 0.
    pub task: u32,
    /// The connector that it belongs to.
    pub connector: Arc<ConnectorSpec>,
    /// The task's resolved config, as the connector made it.
    pub config: RawConfig,
}

/// A plugin and its keys, without prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginConfig {
    /// Full class name.
    pub class: String,
    /// Its keys.
    pub config: RawConfig,
}

/// Converters, transforms and what to do about errors.
#[derive(Debug, Clone)]
pub struct PipelineSpec {
    /// The connector's key converter, or the worker's with the worker's keys.
    pub key_converter: PluginConfig,
    /// The connector's value converter, or the worker's.
    pub value_converter: PluginConfig,
    /// The connector's header converter, or the worker's.
    pub header_converter: PluginConfig,
    /// In the order they are applied.
    pub transforms: Vec<TransformSpec>,
    /// What to do about errors.
    pub errors: ErrorPolicy,
}

/// One transform of the chain.
#[derive(Debug, Clone)]
pub struct TransformSpec {
    /// Its name in the config.
    pub alias: String,
    /// What it is.
    pub plugin: PluginConfig,
    /// When it applies; always when absent.
    pub predicate: Option<PredicateSpec>,
}

/// When a transform applies.
#[derive(Debug, Clone)]
pub struct PredicateSpec {
    /// Its name in the config.
    pub alias: String,
    /// What it is.
    pub plugin: PluginConfig,
    /// Whether it is turned around.
    pub negate: bool,
}

/// The keys `errors.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorPolicy {
    /// Whether a bad record fails the task.
    pub tolerance: Tolerance,
    /// How long a retriable conversion or transform error is tried again; `None` is for ever, zero is not at all.
    pub retry_timeout: Option<Duration>,
    /// The longest pause between tries.
    pub retry_delay_max: Duration,
    /// Whether errors are logged.
    pub log: bool,
    /// Whether the log shows the records' contents.
    pub log_messages: bool,
}

/// `errors.tolerance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerance {
    /// A bad record fails the task.
    None,
    /// A bad record is reported and left out.
    All,
}

/// What is special to sources.
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// Rules for topics that do not exist yet; `None` leaves them to the broker.
    pub topic_creation: Option<TopicCreationSpec>,
    /// Where records go that could not be converted (`sluice.errors.source.*`).
    pub dead_letters: Option<DeadLetterSpec>,
    /// What ends a transaction, on a worker that has them.
    pub boundary: TransactionBoundary,
    /// A topic of its own for its offsets (`offsets.storage.topic`).
    pub offsets_topic: Option<String>,
}

/// `transaction.boundary`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransactionBoundary {
    /// Each poll.
    #[default]
    Poll,
    /// So much time; `None` is the worker's `offset.flush.interval.ms`.
    Interval(Option<Duration>),
    /// The connector, when it says so.
    Connector,
}

/// The keys `topic.creation.*`.
#[derive(Debug, Clone)]
pub struct TopicCreationSpec {
    /// The groups in the order of `topic.creation.groups`; the default group, which takes every topic, is the last.
    pub groups: Vec<TopicGroup>,
}

/// Settings for topics whose names match.
#[derive(Debug, Clone)]
pub struct TopicGroup {
    /// The group's name.
    pub name: String,
    /// A topic matches when one of these matches its whole name…
    pub include: Vec<Regex>,
    /// …and none of these does.
    pub exclude: Vec<Regex>,
    /// Partitions; -1 is the broker's default.
    pub partitions: i32,
    /// Replicas; -1 is the broker's default.
    pub replication_factor: i32,
    /// Topic configs.
    pub configs: BTreeMap<String, String>,
}

impl TopicCreationSpec {
    /// The settings for a topic: the first group that matches; the default group always does.
    pub fn group_of(&self, topic: &str) -> Option<&TopicGroup> {
        self.groups.iter().find(|group| {
            group.include.iter().any(|regex| regex.is_match(topic))
                && !group.exclude.iter().any(|regex| regex.is_match(topic))
        })
    }
}

/// What is special to sinks.
#[derive(Debug, Clone)]
pub struct SinkSpec {
    /// What is read.
    pub topics: SinkTopics,
    /// Where bad records go.
    pub dead_letters: Option<DeadLetterSpec>,
}

/// `topics` or `topics.regex`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkTopics {
    /// These.
    List(Vec<String>),
    /// Those whose whole name matches.
    Pattern(String),
}

/// The keys `errors.deadletterqueue.*` of a sink, `sluice.errors.source.*` of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterSpec {
    /// The topic.
    pub topic: String,
    /// Replicas of the topic when it is created; -1 is the broker's default.
    pub replication_factor: i32,
    /// Whether headers tell what went wrong.
    pub context_headers: bool,
}

/// `producer.override.*`, `consumer.override.*`, `admin.override.*`, without prefix, allowed by the worker's policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientOverrides {
    /// For producers.
    pub producer: RawConfig,
    /// For consumers.
    pub consumer: RawConfig,
    /// For admin clients.
    pub admin: RawConfig,
}
