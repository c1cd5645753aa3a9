//! Connector files: plain Kafka Connect JSON.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::place::{Lines, Place};

/// A connector's config in a file of its own.
#[derive(Debug)]
pub(crate) struct ConnectorFile {
    pub(crate) path: PathBuf,
    pub(crate) name: Option<String>,
    pub(crate) config: Map<String, Value>,
    text: String,
    lines: Lines,
}

/// Folders whose JSON files are connectors and nothing else.
const FOLDERS: [&str; 2] = ["connectors", "rendered"];

/// Ids of Confluent Cloud's plugins that the blueprint knows.
const MANAGED_CLASSES: [&str; 8] = [
    "DatagenSource",
    "DynamoDbSink",
    "PostgresCdcSource",
    "PostgresCdcSourceV2",
    "PostgresSink",
    "PostgresSource",
    "S3_SINK",
    "HttpSink",
];

/// Keys that only managed connectors have.
const MANAGED_KEYS: [&str; 5] = [
    "input.data.format",
    "kafka.auth.mode",
    "kafka.service.account.id",
    "output.data.format",
    "provider.integration.id",
];

/// Reads a connector from JSON; `None` when the file holds something else.
///
/// # Errors
/// Where it is not JSON, and why, when it stands where connectors stand.
pub(crate) fn parse(path: &Path, text: String) -> Result<Option<ConnectorFile>, (Place, String)> {
    let expected =
        path.components().any(|component| FOLDERS.iter().any(|name| component.as_os_str() == *name));
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) if expected => {
            return Err((
                Place { line: error.line().max(1), column: error.column().max(1) },
                error.to_string(),
            ));
        }
        Err(_) => return Ok(None),
    };
    if expected && !value.is_object() {
        return Err((Place { line: 1, column: 1 }, "a connector is an object".to_owned()));
    }
    let Some(mut config) = config_of(&value).cloned() else { return Ok(None) };
    let flat_name = config.get("name").and_then(Value::as_str).map(str::to_owned);
    let name = value.get("name").and_then(Value::as_str).map(str::to_owned).or(flat_name);
    config.remove("name");
    let lines = Lines::of(&text);
    Ok(Some(ConnectorFile { path: path.to_owned(), name, config, text, lines }))
}

// An overlay has no class of its own.
fn config_of(value: &Value) -> Option<&Map<String, Value>> {
    let has_name = value.get("name").is_some_and(Value::is_string);
    let nested = value.get("config").and_then(Value::as_object);
    let is_config = |config: &&Map<String, Value>| config.contains_key("connector.class");
    nested.filter(|config| has_name || is_config(config)).or_else(|| value.as_object().filter(is_config))
}

impl ConnectorFile {
    /// A setting as text; numbers and booleans as Kafka Connect reads them.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        Some(text_of(self.config.get(key)?))
    }

    pub(crate) fn class(&self) -> String {
        self.text("connector.class").unwrap_or_default()
    }

    /// The class without its package.
    pub(crate) fn short_class(&self) -> String {
        self.class().rsplit('.').next().unwrap_or_default().to_owned()
    }

    /// Whether it is written for Confluent Cloud's managed plugins.
    pub(crate) fn is_managed(&self) -> bool {
        MANAGED_CLASSES.contains(&self.class().as_str())
            || MANAGED_KEYS.iter().any(|key| self.config.contains_key(*key))
    }

    /// Topics that a sink reads.
    pub(crate) fn topics(&self) -> Vec<String> {
        let topics = self.text("topics").unwrap_or_default();
        topics.split(',').map(|topic| topic.trim().to_owned()).filter(|topic| !topic.is_empty()).collect()
    }

    pub(crate) fn is_sink(&self) -> bool {
        self.config.contains_key("topics") || self.config.contains_key("topics.regex")
    }

    /// Where a key stands.
    pub(crate) fn place(&self, key: &str) -> Place {
        let quoted = Value::from(key).to_string();
        let followed_by_colon =
            |index: &usize| self.text[index + quoted.len()..].trim_start().starts_with(':');
        let found = self.text.match_indices(&quoted).map(|(index, _)| index).find(followed_by_colon);
        self.lines.place(&self.text, found.unwrap_or(0))
    }
}

/// A value as Kafka Connect would read it.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
