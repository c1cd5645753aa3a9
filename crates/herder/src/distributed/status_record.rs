//! The records of the status topic (`status.storage.topic`), as Kafka Connect 4.x writes and reads them.

use data::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Name, TaskId};

/// What a status is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusKey {
    /// A connector object.
    Connector(Name),
    /// A task.
    Task(TaskId),
    /// A topic that a connector used.
    Topic {
        /// The topic.
        topic: String,
        /// The connector.
        connector: Name,
    },
}

/// How a connector object or a task is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Kafka Connect's word.
    pub state: String,
    /// What happened, if it failed.
    pub trace: Option<String>,
    /// The worker that says so: host and port of its REST API.
    pub worker_id: String,
    /// The group's generation in which it was said; 0 without a group.
    pub generation: i32,
    /// The plugin's version.
    pub version: Option<String>,
}

/// When a connector used a topic first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicUse {
    /// The topic.
    pub name: String,
    /// The connector.
    pub connector: String,
    /// The task that was first.
    pub task: u32,
    /// Milliseconds since the epoch.
    #[serde(rename = "discoverTimestamp")]
    pub discovered_ms: i64,
}

/// A record of the status topic; `None` is a tombstone.
#[derive(Debug, Clone, PartialEq)]
pub enum StatusRecord {
    /// Of a connector object or a task.
    Instance(StatusKey, Option<Status>),
    /// Of a topic.
    Topic(StatusKey, Option<TopicUse>),
}

const CONNECTOR: &str = "status-connector-";
const TASK: &str = "status-task-";
const TOPIC: &str = "status-topic-";

#[derive(Serialize, Deserialize)]
struct Topic {
    topic: TopicUse,
}

impl StatusKey {
    /// The connector concerned.
    pub fn connector(&self) -> &Name {
        match self {
            StatusKey::Connector(name) => name,
            StatusKey::Task(id) => &id.connector,
            StatusKey::Topic { connector, .. } => connector,
        }
    }

    /// The record's key.
    pub fn encode(&self) -> Bytes {
        let key = match self {
            StatusKey::Connector(name) => format!("{CONNECTOR}{name}"),
            StatusKey::Task(id) => format!("{TASK}{}-{}", id.connector, id.task),
            StatusKey::Topic { topic, connector } => format!("{TOPIC}{topic}:connector-{connector}"),
        };
        Bytes::from(key.into_bytes())
    }

    fn parse(key: &[u8]) -> Result<Option<Self>, String> {
        let key = std::str::from_utf8(key).map_err(|_| "its key is not UTF-8".to_owned())?;
        if let Some(name) = key.strip_prefix(CONNECTOR) {
            return Ok(Some(StatusKey::Connector(name.into())));
        }
        if let Some(task) = key.strip_prefix(TASK) {
            let named = task.rsplit_once('-').and_then(|(name, task)| Some((name, task.parse().ok()?)));
            let (name, task) = named.ok_or("its key names no task")?;
            return Ok(Some(StatusKey::Task(TaskId { connector: name.into(), task })));
        }
        if let Some(used) = key.strip_prefix(TOPIC) {
            // A topic's name has no colon.
            let named = used.split_once(':');
            let named = named.and_then(|(topic, rest)| Some((topic, rest.strip_prefix("connector-")?)));
            let (topic, connector) = named.ok_or("its key names no topic and connector")?;
            return Ok(Some(StatusKey::Topic { topic: topic.to_owned(), connector: connector.into() }));
        }
        Ok(None)
    }
}

impl StatusRecord {
    /// Reads a record. `Ok(None)` is one of a kind that is not known.
    ///
    /// # Errors
    /// It is of a known kind and cannot be read.
    pub fn parse(key: &[u8], value: Option<&[u8]>) -> Result<Option<Self>, String> {
        let Some(key) = StatusKey::parse(key)? else { return Ok(None) };
        Ok(Some(match key {
            StatusKey::Topic { .. } => {
                StatusRecord::Topic(key, value.map(json::<Topic>).transpose()?.map(|value| value.topic))
            }
            StatusKey::Connector(_) | StatusKey::Task(_) => {
                StatusRecord::Instance(key, value.map(json).transpose()?)
            }
        }))
    }

    /// The record's key and value.
    pub fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            StatusRecord::Instance(key, status) => (key.encode(), status.as_ref().map(text)),
            StatusRecord::Topic(key, used) => {
                (key.encode(), used.clone().map(|topic| text(&Topic { topic })))
            }
        }
    }
}

fn json<'a, T: Deserialize<'a>>(value: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(value).map_err(|error| {
        format!("its value is not a status (line {}, column {})", error.line(), error.column())
    })
}

fn text(value: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(value).unwrap_or_default()) // texts and numbers: nothing of it can fail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_those_of_kafka_connect() {
        let status = Status {
            state: "FAILED".to_owned(),
            trace: Some("a\n\tb".to_owned()),
            worker_id: "h:8083".to_owned(),
            generation: 7,
            version: None,
        };
        let used = TopicUse {
            name: "orders".to_owned(),
            connector: "a-b".to_owned(),
            task: 0,
            discovered_ms: 1_700_000_000_000,
        };
        let task = TaskId { connector: "a-b".into(), task: 3 };
        let topic = StatusKey::Topic { topic: "orders".to_owned(), connector: "a-b".into() };
        let state =
            r#"{"state":"FAILED","trace":"a\n\tb","worker_id":"h:8083","generation":7,"version":null}"#;
        let use_text =
            r#"{"topic":{"name":"orders","connector":"a-b","task":0,"discoverTimestamp":1700000000000}}"#;
        let cases = [
            (
                StatusRecord::Instance(StatusKey::Connector("a-b".into()), Some(status.clone())),
                "status-connector-a-b",
                Some(state),
            ),
            (StatusRecord::Instance(StatusKey::Task(task), Some(status)), "status-task-a-b-3", Some(state)),
            (StatusRecord::Instance(StatusKey::Connector("a".into()), None), "status-connector-a", None),
            (
                StatusRecord::Topic(topic.clone(), Some(used)),
                "status-topic-orders:connector-a-b",
                Some(use_text),
            ),
            (StatusRecord::Topic(topic, None), "status-topic-orders:connector-a-b", None),
        ];
        for (record, key, value) in cases {
            let (written_key, written) = record.encode();
            assert_eq!(std::str::from_utf8(&written_key).unwrap(), key);
            assert_eq!(written.as_deref().map(|value| std::str::from_utf8(value).unwrap()), value, "{key}");
            assert_eq!(StatusRecord::parse(&written_key, written.as_deref()), Ok(Some(record)), "{key}");
        }
    }

    #[test]
    fn older_workers_wrote_no_version() {
        let value = br#"{"state":"RUNNING","trace":null,"worker_id":"h:1","generation":1}"#;
        let Ok(Some(StatusRecord::Instance(_, Some(status)))) =
            StatusRecord::parse(b"status-connector-a", Some(value))
        else {
            panic!("not read")
        };
        assert_eq!(status.version, None);
    }

    #[test]
    fn other_records_are_left_alone() {
        assert_eq!(StatusRecord::parse(b"else", None), Ok(None));
        for key in ["status-task-a", "status-task-a-x", "status-topic-a", "status-topic-a:b"] {
            assert!(StatusRecord::parse(key.as_bytes(), None).is_err(), "{key}");
        }
        assert!(StatusRecord::parse(b"status-connector-a", Some(b"[]")).is_err());
    }
}
