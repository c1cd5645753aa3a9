//! Connectors, their tasks and states.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::ConfigMap;

/// Body of `POST /connectors`. Unknown members are refused.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CreateConnectorRequest {
    /// The name; trimmed by the server.
    #[serde(default)]
    pub name: Option<String>,
    /// The config; its `name`, if any, must be the same.
    #[serde(default)]
    pub config: Option<ConfigMap>,
    /// What is wanted of the connector at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_state: Option<InitialState>,
}

/// What is wanted of a connector at first; read in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InitialState {
    /// Moves records.
    Running,
    /// Has paused tasks.
    Paused,
    /// Has no tasks.
    Stopped,
}

impl InitialState {
    /// Reads the word, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        let known = [("RUNNING", Self::Running), ("PAUSED", Self::Paused), ("STOPPED", Self::Stopped)];
        known.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, state)| *state)
    }
}

impl<'de> Deserialize<'de> for InitialState {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::parse(&word).ok_or_else(|| {
            serde::de::Error::custom(format!("initial_state '{word}' is not one of RUNNING, PAUSED, STOPPED"))
        })
    }
}

/// A connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectorInfo {
    /// Its name.
    pub name: String,
    /// Its config as it was sent, references unresolved; always with `name`.
    pub config: ConfigMap,
    /// Its tasks.
    pub tasks: Vec<ConnectorTaskId>,
    /// `source`, `sink` or `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A task's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorTaskId {
    /// The connector.
    pub connector: String,
    /// The number, from 0.
    pub task: u32,
}

/// A task's config.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskInfo {
    /// Which.
    pub id: ConnectorTaskId,
    /// Its config, references unresolved.
    pub config: ConfigMap,
}

/// The state of a connector and its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateInfo {
    /// The connector's name.
    pub name: String,
    /// The state of the connector object.
    pub connector: ConnectorState,
    /// The state of each task, by number.
    pub tasks: Vec<TaskState>,
    /// `source`, `sink` or `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The state of a connector object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorState {
    /// `UNASSIGNED`, `RUNNING`, `PAUSED`, `STOPPED`, `FAILED` or `RESTARTING`.
    pub state: String,
    /// The worker that has it: the host and port of its REST address.
    pub worker_id: String,
    /// The plugin's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What happened, while failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// The state of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskState {
    /// Its number.
    pub id: u32,
    /// `UNASSIGNED`, `RUNNING`, `PAUSED`, `FAILED` or `RESTARTING`.
    pub state: String,
    /// The worker that has it.
    pub worker_id: String,
    /// The plugin's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What happened, while failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// One entry of `GET /connectors?expand=…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Expanded {
    /// With `expand=status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StateInfo>,
    /// With `expand=info`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<ConnectorInfo>,
}

/// The topics that a connector used, by its name.
pub type ActiveTopics = IndexMap<String, TopicList>;

/// Topics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicList {
    /// Their names.
    pub topics: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn create_requests_are_strict() {
        let read = |text: &str| serde_json::from_str::<CreateConnectorRequest>(text);
        let request = read(r#"{"name":"a","config":{"tasks.max":3},"initial_state":"stopped"}"#).unwrap();
        assert_eq!(request.initial_state, Some(InitialState::Stopped));
        assert_eq!(request.config.unwrap().0.get("tasks.max"), Some("3"));
        assert!(read(r#"{"name":"a","foo":1}"#).unwrap_err().to_string().contains("foo"));
        assert!(read(r#"{"initial_state":"FOO"}"#).unwrap_err().to_string().contains("RUNNING"));
    }

    #[test]
    fn status_is_javas() {
        let state = |trace: Option<&str>| TaskState {
            id: 0,
            state: "FAILED".into(),
            worker_id: "h:1".into(),
            version: Some("1".into()),
            trace: trace.map(str::to_owned),
        };
        let text = serde_json::to_string(&state(Some("t"))).unwrap();
        assert_eq!(text, r#"{"id":0,"state":"FAILED","worker_id":"h:1","version":"1","trace":"t"}"#);
        assert!(!serde_json::to_string(&state(None)).unwrap().contains("trace"));
    }
}
