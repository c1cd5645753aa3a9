//! What the worker decides for connectors that do not.

use api::config::RawConfig;

use crate::{PluginConfig, RestartPolicy};

/// The worker's part in a connector's meaning. Made by the worker of its own config.
#[derive(Debug, Clone)]
pub struct WorkerDefaults {
    /// Converter of keys for connectors that name none, with the worker's `key.converter.*`.
    pub key_converter: PluginConfig,
    /// Converter of values for connectors that name none.
    pub value_converter: PluginConfig,
    /// Converter of header values for connectors that name none.
    pub header_converter: PluginConfig,
    /// `topic.creation.enable`: whether `topic.creation.*` keys of connectors count.
    pub topic_creation: bool,
    /// `group.id` of a distributed worker; `None` is a standalone worker.
    pub group_id: Option<String>,
    /// `exactly.once.source.support=enabled`: whether sources write in transactions.
    pub exactly_once: bool,
    /// `sluice.restart.*`, for connectors that do not say.
    pub restart: RestartPolicy,
}

impl Default for WorkerDefaults {
    /// A standalone worker with JSON converters, as in the property file that ships with Kafka.
    fn default() -> Self {
        let plugin = |class: &str| PluginConfig { class: class.to_owned(), config: RawConfig::new() };
        Self {
            key_converter: plugin("org.apache.kafka.connect.json.JsonConverter"),
            value_converter: plugin("org.apache.kafka.connect.json.JsonConverter"),
            header_converter: plugin("org.apache.kafka.connect.storage.SimpleHeaderConverter"),
            topic_creation: true,
            group_id: None,
            exactly_once: false,
            restart: RestartPolicy::default(),
        }
    }
}
