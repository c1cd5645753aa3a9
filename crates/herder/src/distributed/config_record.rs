//! The records of the config topic (`config.storage.topic`), as Kafka Connect 4.x writes and reads them: keys are
//! texts, values are JSON objects without a schema.

use std::collections::BTreeMap;

use config::RawConfig;
use data::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Name, Target};

/// A record of the config topic.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigRecord {
    /// `connector-NAME`: its config as it was sent; `None` once it is deleted.
    Connector(Name, Option<RawConfig>),
    /// `task-NAME-N`: a task's config. It counts once a commit follows.
    Task(Name, u32, RawConfig),
    /// `commit-NAME`: the connector has so many tasks, whose configs came before.
    Commit(Name, u32),
    /// `target-state-NAME`: what is wanted of it; `None` takes that back.
    Target(Name, Option<Target>),
    /// `restart-connector-NAME`: somebody wants it to be restarted.
    Restart {
        /// Which connector.
        name: Name,
        /// Whether its tasks are meant, too.
        include_tasks: bool,
        /// Whether only what failed is meant.
        only_failed: bool,
    },
    /// `tasks-fencing-NAME`: with exactly-once support, how many tasks of it may have open transactions.
    Fencing(Name, u32),
    /// `session-key`: what the workers of the group sign their requests to each other with.
    SessionKey(SessionKey),
    /// `logger-cluster-NAMESPACE`: a level for all workers.
    Logger(String, String),
    /// `logger-cluster-sluice.connector.NAME`: a level for lines about a connector, on all workers, as long as the connector
    /// lives; `None` takes it away. To a Java worker it is that of a logger to which nobody writes.
    ConnectorLevel(Name, Option<String>),
}

/// What the workers of a group sign requests to each other with (KIP-507). Its `Debug` does not show the key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionKey {
    /// The key, in standard base64.
    pub key: String,
    /// The algorithm that it is for: `HmacSHA256`.
    pub algorithm: String,
    /// When it was made, in milliseconds since the epoch.
    #[serde(rename = "creation-timestamp")]
    pub created_ms: i64,
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key: _, algorithm, created_ms } = self;
        f.debug_struct("SessionKey")
            .field("algorithm", algorithm)
            .field("created_ms", created_ms)
            .finish_non_exhaustive() // invariant 5
    }
}

#[derive(Serialize, Deserialize)]
struct Properties {
    properties: RawConfig,
}

#[derive(Serialize, Deserialize)]
struct Tasks {
    tasks: u32,
}

#[derive(Serialize, Deserialize)]
struct TargetState<'a> {
    #[serde(borrow)]
    state: Option<&'a str>,
    #[serde(rename = "state.v2", borrow)]
    state_v2: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct RestartRequest {
    #[serde(rename = "include-tasks")]
    include_tasks: bool,
    #[serde(rename = "only-failed")]
    only_failed: bool,
}

#[derive(Serialize, Deserialize)]
struct TaskCount {
    #[serde(rename = "task-count")]
    task_count: u32,
}

#[derive(Serialize, Deserialize)]
struct Level {
    level: String,
}

#[derive(Deserialize)]
struct OwnLevel {
    level: Option<String>,
}

const TARGET: &str = "target-state-";
const CONNECTOR: &str = "connector-";
const TASK: &str = "task-";
const COMMIT: &str = "commit-";
const RESTART: &str = "restart-connector-";
const FENCING: &str = "tasks-fencing-";
const SESSION_KEY: &str = "session-key";
const LOGGER: &str = "logger-cluster-";
/// Of the namespaces of loggers, those that stand for connectors.
const CONNECTOR_LOGGER: &str = "sluice.connector.";

impl ConfigRecord {
    /// Reads a record. `Ok(None)` is one of a kind that is not known.
    ///
    /// # Errors
    /// It is of a known kind and cannot be read. The text holds none of the record's values.
    pub fn parse(key: &[u8], value: Option<&[u8]>) -> Result<Option<Self>, String> {
        let key = std::str::from_utf8(key).map_err(|_| "its key is not UTF-8".to_owned())?;
        // Kafka Connect's order: the first prefix that fits decides.
        let record = if let Some(name) = key.strip_prefix(TARGET) {
            match value {
                None => Self::Target(name.into(), None),
                Some(value) => Self::Target(name.into(), Some(parse_target(value)?)),
            }
        } else if let Some(name) = key.strip_prefix(CONNECTOR) {
            let config = value.map(json::<Properties>).transpose()?;
            Self::Connector(name.into(), config.map(|config| config.properties))
        } else if let Some(task) = key.strip_prefix(TASK) {
            let (name, index) = task.rsplit_once('-').ok_or("its key names no task")?;
            let index = index.parse().map_err(|_| "its key names no task".to_owned())?;
            let config = json::<Properties>(value.ok_or("a task's config cannot be taken back")?)?;
            Self::Task(name.into(), index, config.properties)
        } else if let Some(name) = key.strip_prefix(COMMIT) {
            Self::Commit(name.into(), json::<Tasks>(value.ok_or("a commit cannot be taken back")?)?.tasks)
        } else if let Some(name) = key.strip_prefix(RESTART) {
            let Some(value) = value else { return Ok(None) };
            // A missing or a wrong field is no, as in Kafka Connect.
            let fields: BTreeMap<String, serde_json::Value> = json(value)?;
            let flag = |name| fields.get(name).and_then(serde_json::Value::as_bool).unwrap_or(false);
            let (include_tasks, only_failed) = (flag("include-tasks"), flag("only-failed"));
            Self::Restart { name: name.into(), include_tasks, only_failed }
        } else if let Some(name) = key.strip_prefix(FENCING) {
            let count = json::<TaskCount>(value.ok_or("a task count cannot be taken back")?)?;
            Self::Fencing(name.into(), count.task_count)
        } else if key == SESSION_KEY {
            Self::SessionKey(json(value.ok_or("a session key cannot be taken back")?)?)
        } else if let Some(name) =
            key.strip_prefix(LOGGER).and_then(|logger| logger.strip_prefix(CONNECTOR_LOGGER))
        {
            let level = value.map(json::<OwnLevel>).transpose()?;
            Self::ConnectorLevel(name.into(), level.and_then(|level| level.level))
        } else if let Some(namespace) = key.strip_prefix(LOGGER) {
            let Some(value) = value else { return Ok(None) };
            Self::Logger(namespace.to_owned(), json::<Level>(value)?.level)
        } else {
            return Ok(None);
        };
        Ok(Some(record))
    }

    /// The record's key and value.
    pub fn encode(&self) -> (Bytes, Option<Bytes>) {
        let (key, value) = match self {
            Self::Connector(name, config) => {
                let value = config.as_ref().map(|config| text(&Properties { properties: config.clone() }));
                (format!("{CONNECTOR}{name}"), value)
            }
            Self::Task(name, index, config) => {
                (format!("{TASK}{name}-{index}"), Some(text(&Properties { properties: config.clone() })))
            }
            Self::Commit(name, tasks) => (format!("{COMMIT}{name}"), Some(text(&Tasks { tasks: *tasks }))),
            Self::Target(name, target) => (format!("{TARGET}{name}"), target.map(target_text)),
            Self::Restart { name, include_tasks, only_failed } => {
                let request = RestartRequest { include_tasks: *include_tasks, only_failed: *only_failed };
                (format!("{RESTART}{name}"), Some(text(&request)))
            }
            Self::Fencing(name, count) => {
                (format!("{FENCING}{name}"), Some(text(&TaskCount { task_count: *count })))
            }
            Self::SessionKey(key) => (SESSION_KEY.to_owned(), Some(text(key))),
            Self::Logger(namespace, level) => {
                (format!("{LOGGER}{namespace}"), Some(text(&Level { level: level.clone() })))
            }
            Self::ConnectorLevel(name, level) => {
                let value = level.as_ref().map(|level| text(&Level { level: level.clone() }));
                (format!("{LOGGER}{CONNECTOR_LOGGER}{name}"), value)
            }
        };
        (Bytes::from(key.into_bytes()), value)
    }
}

fn json<'a, T: Deserialize<'a>>(value: &'a [u8]) -> Result<T, String> {
    // Serde's text may quote the value; its place does not.
    serde_json::from_slice(value).map_err(|error| {
        format!("its value is not what its key promises (line {}, column {})", error.line(), error.column())
    })
}

fn text(value: &impl Serialize) -> Bytes {
    // Texts, numbers and maps with text keys: nothing of it can fail.
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}

// Workers before 3.5 know no STOPPED: the old field says PAUSED to them.
fn target_text(target: Target) -> Bytes {
    let (state, state_v2) = match target {
        Target::Started => ("STARTED", "STARTED"),
        Target::Paused => ("PAUSED", "PAUSED"),
        Target::Stopped => ("PAUSED", "STOPPED"),
    };
    text(&TargetState { state: Some(state), state_v2: Some(state_v2) })
}

fn parse_target(value: &[u8]) -> Result<Target, String> {
    let TargetState { state, state_v2 } = json(value)?;
    match state_v2.or(state) {
        Some("STARTED") => Ok(Target::Started),
        Some("PAUSED") => Ok(Target::Paused),
        Some("STOPPED") => Ok(Target::Stopped),
        _ => Err("its state is none of STARTED, PAUSED and STOPPED".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> RawConfig {
        RawConfig::new().with("connector.class", "FileStreamSource").with("file", "/a/é\"")
    }

    #[test]
    fn records_are_those_of_kafka_connect() {
        let name: Name = "a-b".into();
        let cases = [
            (
                ConfigRecord::Connector(name.clone(), Some(config())),
                "connector-a-b",
                Some(r#"{"properties":{"connector.class":"FileStreamSource","file":"/a/é\""}}"#),
            ),
            (ConfigRecord::Connector(name.clone(), None), "connector-a-b", None),
            (
                ConfigRecord::Task(name.clone(), 12, RawConfig::new().with("x", "1")),
                "task-a-b-12",
                Some(r#"{"properties":{"x":"1"}}"#),
            ),
            (ConfigRecord::Commit(name.clone(), 2), "commit-a-b", Some(r#"{"tasks":2}"#)),
            (
                ConfigRecord::Target(name.clone(), Some(Target::Stopped)),
                "target-state-a-b",
                Some(r#"{"state":"PAUSED","state.v2":"STOPPED"}"#),
            ),
            (ConfigRecord::Target(name.clone(), None), "target-state-a-b", None),
            (
                ConfigRecord::Restart { name: name.clone(), include_tasks: true, only_failed: false },
                "restart-connector-a-b",
                Some(r#"{"include-tasks":true,"only-failed":false}"#),
            ),
            (ConfigRecord::Fencing(name.clone(), 3), "tasks-fencing-a-b", Some(r#"{"task-count":3}"#)),
            (
                ConfigRecord::SessionKey(SessionKey {
                    key: "a2V5".to_owned(),
                    algorithm: "HmacSHA256".to_owned(),
                    created_ms: 1_700_000_000_000,
                }),
                "session-key",
                Some(r#"{"key":"a2V5","algorithm":"HmacSHA256","creation-timestamp":1700000000000}"#),
            ),
            (
                ConfigRecord::Logger("org.apache.kafka".to_owned(), "DEBUG".to_owned()),
                "logger-cluster-org.apache.kafka",
                Some(r#"{"level":"DEBUG"}"#),
            ),
            (
                ConfigRecord::ConnectorLevel("a.b".into(), Some("DEBUG".to_owned())),
                "logger-cluster-sluice.connector.a.b",
                Some(r#"{"level":"DEBUG"}"#),
            ),
            (ConfigRecord::ConnectorLevel(name.clone(), None), "logger-cluster-sluice.connector.a-b", None),
        ];
        for (record, key, value) in cases {
            let (written_key, written) = record.encode();
            assert_eq!(std::str::from_utf8(&written_key).unwrap(), key);
            assert_eq!(written.as_deref().map(|value| std::str::from_utf8(value).unwrap()), value, "{key}");
            assert_eq!(ConfigRecord::parse(&written_key, written.as_deref()), Ok(Some(record)), "{key}");
        }
    }

    #[test]
    fn what_older_workers_wrote_is_read() {
        let target = |value: &str| ConfigRecord::parse(b"target-state-a", Some(value.as_bytes()));
        assert_eq!(
            target(r#"{"state":"PAUSED"}"#),
            Ok(Some(ConfigRecord::Target("a".into(), Some(Target::Paused))))
        );
        let restart = ConfigRecord::parse(b"restart-connector-a", Some(br#"{"include-tasks":"yes"}"#));
        let expected = ConfigRecord::Restart { name: "a".into(), include_tasks: false, only_failed: false };
        assert_eq!(restart, Ok(Some(expected)));
        let taken = ConfigRecord::parse(b"logger-cluster-sluice.connector.a", Some(br#"{"level":null}"#));
        assert_eq!(taken, Ok(Some(ConfigRecord::ConnectorLevel("a".into(), None))));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_without_its_values() {
        for (key, value) in [
            ("target-state-a", Some(r#"{"state":"hunter2"}"#)),
            ("connector-a", Some(r#"{"properties":{"password":{"hunter2":1}}}"#)),
            ("connector-a", Some("hunter2")),
            ("task-a", Some(r#"{"properties":{}}"#)),
            ("task-a-x", Some(r#"{"properties":{}}"#)),
            ("task-a-0", None),
            ("commit-a", Some(r#"{"tasks":-1}"#)),
            ("commit-a", None),
            ("session-key", Some(r#"{"key":"hunter2"}"#)),
        ] {
            let error = ConfigRecord::parse(key.as_bytes(), value.map(str::as_bytes)).unwrap_err();
            assert!(!error.contains("hunter2"), "{key}: {error}");
        }
        assert_eq!(ConfigRecord::parse(b"something-else", Some(b"{}")), Ok(None));
        assert!(ConfigRecord::parse(b"\xff", Some(b"{}")).is_err());
    }
}
