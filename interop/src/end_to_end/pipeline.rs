//! A pipeline that both workers run.

use serde_json::{Value as Json, json};

use super::topic::Raw;

/// One connector, what goes in, and what comes of it.
pub struct Pipeline {
    /// Its name, and the connector's.
    pub name: &'static str,
    /// The connector's config, without class, file, and topic.
    pub config: Json,
    /// What goes in.
    pub input: Input,
    /// How many records a source writes.
    pub out: usize,
    /// How many records of a sink go to the dead letter topic.
    pub dead: usize,
    /// The state its task ends in.
    pub state: &'static str,
    /// How many bytes of a source's file have their offset stored in the end; all, if not given.
    pub stored: Option<usize>,
    /// Whether the lines of `errors.log.enable` are compared.
    pub logs: bool,
}

/// What goes in.
pub enum Input {
    /// A file for the source connector.
    Lines(&'static str),
    /// Records for the sink connector.
    Records(&'static [Raw]),
    /// What an earlier source has written, for the sink connector: its name, and how many.
    Of(&'static str, usize),
}

/// Kafka's transforms.
pub const T: &str = "org.apache.kafka.connect.transforms";
/// Kafka's converter of JSON.
pub const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
/// Kafka's converter of text.
pub const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
/// Kafka's converters of numbers and bytes.
pub const CONVERTERS: &str = "org.apache.kafka.connect.converters";
/// Confluent's converter of Avro.
pub const AVRO: &str = "io.confluent.connect.avro.AvroConverter";
/// Stands for the URL of a side's registry.
pub const REGISTRY: &str = "http://registry";

impl Pipeline {
    /// A pipeline all of whose records pass.
    pub fn new(name: &'static str, config: Json, input: Input) -> Self {
        let out = match &input {
            Input::Lines(lines) => lines.lines().count(),
            Input::Records(records) => records.len(),
            Input::Of(_, count) => *count,
        };
        Self { name, config, input, out, dead: 0, state: "RUNNING", stored: None, logs: false }
    }

    /// Whether this sink reads what that source writes.
    pub fn reads(&self, source: &Self) -> bool {
        matches!(self.input, Input::Of(name, _) if name == source.name)
    }

    /// … of which only so many records pass.
    pub fn passing(self, out: usize) -> Self {
        Self { out, ..self }
    }

    /// … of which only so many bytes are stored as offset.
    pub fn stored(self, bytes: usize) -> Self {
        Self { stored: Some(bytes), ..self }
    }

    /// … some of whose records go to the dead letter topic.
    pub fn dead(self, dead: usize) -> Self {
        Self { dead, ..self }
    }

    /// … whose task fails.
    pub fn failing(self) -> Self {
        Self { state: "FAILED", ..self }
    }

    /// … whose log is compared.
    pub fn logged(self) -> Self {
        Self { logs: true, ..self }
    }
}

/// Both converters of one class, with a setting.
pub fn converter(class: &str, setting: &str, value: &str) -> Json {
    let mut config = json!({"key.converter": class, "value.converter": class});
    for usage in ["key", "value"] {
        if !setting.is_empty() {
            config[format!("{usage}.converter.{setting}")] = value.into();
        }
    }
    config
}

/// JSON without schemas.
pub fn plain() -> Json {
    converter(JSON, "schemas.enable", "false")
}

/// One config of several.
pub fn all_of<const N: usize>(parts: [Json; N]) -> Json {
    let mut whole = serde_json::Map::new();
    for part in parts {
        if let Json::Object(part) = part {
            whole.extend(part);
        }
    }
    whole.into()
}
