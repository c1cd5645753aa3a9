//! How connectors and tasks are, kept in the status topic of Kafka Connect.

use std::collections::BTreeMap;

use kafka::CompactedLog;

use super::background::Background;
use super::status_record::{Status, StatusKey, StatusRecord, TopicUse};
use crate::statuses::{StatusChange, Statuses};
use crate::{Name, TaskId};

/// The status topic. What is published is written in the background, in order; for each connector object, task and topic
/// only the newest counts, so that a broker that is away holds nothing up.
pub struct StatusTopic {
    worker_id: String,
    known: BTreeMap<StatusKey, Status>,
    uses: BTreeMap<StatusKey, TopicUse>,
    background: Background,
}

impl StatusTopic {
    /// Reads the topic. Statuses that this worker publishes carry its id.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn open(mut log: CompactedLog, worker_id: String) -> kafka::Result<Self> {
        let (mut known, mut uses) = (BTreeMap::new(), BTreeMap::new());
        for record in log.read_to_end().await? {
            let Some(key) = &record.key else { continue };
            match StatusRecord::parse(key, record.value.as_deref()) {
                Ok(Some(StatusRecord::Instance(key, Some(status)))) => _ = known.insert(key, status),
                Ok(Some(StatusRecord::Instance(key, None))) => _ = known.remove(&key),
                Ok(Some(StatusRecord::Topic(key, Some(used)))) => _ = uses.insert(key, used),
                Ok(Some(StatusRecord::Topic(key, None))) => _ = uses.remove(&key),
                Ok(None) => {}
                Err(why) => {
                    let (partition, offset) = (record.partition, record.offset);
                    tracing::warn!(partition, offset, "a record of the status topic is ignored: {why}");
                }
            }
        }
        let background = Background::new(log.writer().clone());
        Ok(Self { worker_id, known, uses, background })
    }

    fn write(&mut self, record: StatusRecord) {
        let (key, value) = record.encode();
        self.background.write(key, value);
    }
}

impl Statuses for StatusTopic {
    fn topics(&self) -> Vec<(Name, String)> {
        let used = self.uses.values();
        used.map(|used| (used.connector.as_str().into(), used.name.clone())).collect()
    }

    fn publish(&mut self, change: StatusChange) {
        match change {
            StatusChange::Object { name, state, trace, version } => {
                self.instance(StatusKey::Connector(name), state, trace, version);
            }
            StatusChange::Task { id, state, trace, version } => {
                self.instance(StatusKey::Task(id), state, trace, version);
            }
            StatusChange::TaskGone(id) => self.gone(StatusKey::Task(id)),
            StatusChange::TopicUsed { id, topic, now_ms } => {
                let key = StatusKey::Topic { topic: topic.clone(), connector: id.connector.clone() };
                let used = TopicUse {
                    name: topic,
                    connector: id.connector.to_string(),
                    task: id.task,
                    discovered_ms: now_ms,
                };
                if !self.uses.contains_key(&key) {
                    self.uses.insert(key.clone(), used.clone());
                    self.write(StatusRecord::Topic(key, Some(used)));
                }
            }
            StatusChange::TopicsForgotten(name) => self.forget_topics(&name),
            StatusChange::ConnectorGone(name) => {
                let keys: Vec<_> =
                    self.known.keys().filter(|key| *key.connector() == name).cloned().collect();
                for key in keys {
                    self.gone(key);
                }
                self.forget_topics(&name);
            }
        }
    }

    fn retain(&mut self, wanted: &dyn Fn(&Name, Option<u32>) -> bool) {
        let unwanted = |key: &&StatusKey| match key {
            StatusKey::Task(TaskId { connector, task }) => !wanted(connector, Some(*task)),
            StatusKey::Connector(name) | StatusKey::Topic { connector: name, .. } => !wanted(name, None),
        };
        let stale: Vec<_> = self.known.keys().filter(unwanted).cloned().collect();
        for key in stale {
            self.gone(key);
        }
        let forgotten: Vec<_> = self.uses.keys().filter(unwanted).cloned().collect();
        for key in forgotten {
            self.uses.remove(&key);
            self.write(StatusRecord::Topic(key, None));
        }
    }

    fn flush(&mut self) -> api::BoxFuture<'static, ()> {
        self.background.flush()
    }
}

impl StatusTopic {
    fn instance(&mut self, key: StatusKey, state: &str, trace: Option<String>, version: Option<String>) {
        let status = Status {
            state: state.to_owned(),
            trace,
            worker_id: self.worker_id.clone(),
            generation: 0,
            version,
        };
        if self.known.get(&key) == Some(&status) {
            return;
        }
        self.known.insert(key.clone(), status.clone());
        self.write(StatusRecord::Instance(key, Some(status)));
    }

    fn gone(&mut self, key: StatusKey) {
        if self.known.remove(&key).is_some() {
            self.write(StatusRecord::Instance(key, None));
        }
    }

    fn forget_topics(&mut self, name: &Name) {
        let keys: Vec<_> = self.uses.keys().filter(|key| key.connector() == name).cloned().collect();
        for key in keys {
            self.uses.remove(&key);
            self.write(StatusRecord::Topic(key, None));
        }
    }
}
