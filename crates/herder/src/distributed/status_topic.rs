//! How connectors and tasks are, kept in the status topic of Kafka Connect.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kafka::{CompactedLog, FetchedRecord};
use parking_lot::Mutex;

use super::background::Background;
use super::status_record::{Status, StatusKey, StatusRecord, TopicUse};
use crate::statuses::{StatusChange, Statuses};
use crate::{Condition, InstanceView, Name, TaskId};

/// The pause after reading failed.
const PAUSE: Duration = Duration::from_secs(1);

/// The status topic. What is published is written in the background, in order; for each connector object, task and topic
/// only the newest counts, so that a broker that is away holds nothing up.
pub struct StatusTopic {
    worker_id: String,
    generation: i32,
    seen: Arc<Mutex<Seen>>,
    background: Arc<Background>,
    follower: tokio::task::JoinHandle<()>,
}

/// What the topic says.
#[derive(Debug, Default)]
struct Seen {
    instances: BTreeMap<StatusKey, Status>,
    uses: BTreeMap<StatusKey, TopicUse>,
    /// What was published here last.
    told: BTreeMap<StatusKey, Told>,
}

/// What was published here last of something.
#[derive(Debug)]
struct Told {
    status: Status,
    /// Whether it was read in the topic: what comes after it is somebody else's.
    read: bool,
}

impl StatusTopic {
    /// Reads the topic, and follows it. Statuses that this worker publishes carry its id.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn open(mut log: CompactedLog, worker_id: String) -> kafka::Result<Self> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let records = log.read_to_end().await?;
        seen.lock().take_in(&records); // nothing was told yet
        let background = Arc::new(Background::new(log.writer().clone()));
        let follower = tokio::spawn(follow(log, seen.clone(), background.clone()));
        Ok(Self { worker_id, generation: 0, seen, background, follower })
    }

    fn write(&mut self, record: StatusRecord) {
        let (key, value) = record.encode();
        self.background.write(key, value);
    }

    // What ends here must not hide what somebody else has begun meanwhile.
    fn is_ours_to_say(&self, key: &StatusKey, state: &str) -> bool {
        let late = [Condition::Unassigned.name(), "FAILED"].contains(&state);
        let seen = self.seen.lock();
        let seen = seen.instances.get(key);
        !late
            || seen.is_none_or(|seen| seen.worker_id == self.worker_id || seen.generation <= self.generation)
    }

    fn instance(&mut self, key: StatusKey, state: &str, trace: Option<String>, version: Option<String>) {
        let (worker_id, generation) = (self.worker_id.clone(), self.generation);
        let status = Status { state: state.to_owned(), trace, worker_id, generation, version };
        let known = self.seen.lock().told.get(&key).is_some_and(|told| told.status == status);
        if known {
            return;
        }
        if !self.is_ours_to_say(&key, state) {
            self.seen.lock().told.remove(&key);
            return;
        }
        let mut seen = self.seen.lock();
        seen.told.insert(key.clone(), Told { status: status.clone(), read: false });
        seen.instances.insert(key.clone(), status.clone());
        drop(seen);
        self.write(StatusRecord::Instance(key, Some(status)));
    }

    // The word of the worker that is gone stays, but for its state.
    fn lost(&mut self, key: StatusKey) {
        let Some(seen) = self.seen.lock().instances.get(&key).cloned() else { return };
        let state = Condition::Unassigned.name().to_owned();
        let status = Status { state, trace: None, generation: self.generation, ..seen };
        let mut seen = self.seen.lock();
        seen.told.remove(&key);
        seen.instances.insert(key.clone(), status.clone());
        drop(seen);
        self.write(StatusRecord::Instance(key, Some(status)));
    }

    fn gone(&mut self, key: StatusKey) {
        let mut seen = self.seen.lock();
        let (told, known) = (seen.told.remove(&key).is_some(), seen.instances.remove(&key).is_some());
        drop(seen);
        if told || known {
            self.write(StatusRecord::Instance(key, None));
        }
    }

    fn forget_topics(&mut self, forgotten: &dyn Fn(&StatusKey) -> bool) {
        let keys: Vec<_> = self.seen.lock().uses.keys().filter(|key| forgotten(key)).cloned().collect();
        for key in keys {
            self.seen.lock().uses.remove(&key);
            self.write(StatusRecord::Topic(key, None));
        }
    }

    fn forget(&mut self, forgotten: &dyn Fn(&StatusKey) -> bool) {
        let keys: Vec<_> = self.seen.lock().instances.keys().filter(|key| forgotten(key)).cloned().collect();
        for key in keys {
            self.gone(key);
        }
        self.forget_topics(forgotten);
    }
}

impl Drop for StatusTopic {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl Statuses for StatusTopic {
    fn topics(&self) -> Vec<(Name, String)> {
        let seen = self.seen.lock();
        seen.uses.values().map(|used| (used.connector.as_str().into(), used.name.clone())).collect()
    }

    fn topics_of(&self, connector: &Name) -> Vec<String> {
        let seen = self.seen.lock();
        let of = seen.uses.values().filter(|used| *used.connector == **connector);
        of.map(|used| used.name.clone()).collect()
    }

    fn seen(&self, connector: &Name, task: Option<u32>) -> Option<InstanceView> {
        let seen = self.seen.lock();
        let status = seen.instances.get(&key_of(connector, task))?;
        Some(InstanceView {
            state: word(&status.state)?,
            trace: status.trace.clone(),
            retry_at_ms: None,
            worker_id: Some(status.worker_id.clone()),
        })
    }

    fn set_generation(&mut self, generation: i32) {
        self.generation = generation;
    }

    fn publish(&mut self, change: StatusChange) {
        match change {
            StatusChange::Object { name, state, trace, version } => {
                self.instance(StatusKey::Connector(name), state, trace, version);
            }
            StatusChange::Task { id, state, trace, version } => {
                self.instance(StatusKey::Task(id), state, trace, version);
            }
            StatusChange::Lost { name, task } => self.lost(key_of(&name, task)),
            StatusChange::TaskGone(id) => self.gone(StatusKey::Task(id)),
            StatusChange::TopicUsed { id, topic, now_ms } => {
                let key = StatusKey::Topic { topic: topic.clone(), connector: id.connector.clone() };
                let used = TopicUse {
                    name: topic,
                    connector: id.connector.to_string(),
                    task: id.task,
                    discovered_ms: now_ms,
                };
                if !self.seen.lock().uses.contains_key(&key) {
                    self.seen.lock().uses.insert(key.clone(), used.clone());
                    self.write(StatusRecord::Topic(key, Some(used)));
                }
            }
            StatusChange::TopicsForgotten(name) => self.forget_topics(&|key| *key.connector() == name),
            StatusChange::ConnectorGone(name) => self.forget(&|key| *key.connector() == name),
        }
    }

    fn retain(&mut self, wanted: &dyn Fn(&Name, Option<u32>) -> bool) {
        self.forget(&|key| match key {
            StatusKey::Task(TaskId { connector, task }) => !wanted(connector, Some(*task)),
            StatusKey::Connector(name) | StatusKey::Topic { connector: name, .. } => !wanted(name, None),
        });
    }

    fn flush(&mut self) -> api::BoxFuture<'static, ()> {
        self.background.flush()
    }
}

fn key_of(connector: &Name, task: Option<u32>) -> StatusKey {
    match task {
        None => StatusKey::Connector(connector.clone()),
        Some(task) => StatusKey::Task(TaskId { connector: connector.clone(), task }),
    }
}

// Words that Kafka Connect has.
fn word(state: &str) -> Option<&'static str> {
    const WORDS: [&str; 6] = ["UNASSIGNED", "RUNNING", "PAUSED", "STOPPED", "RESTARTING", "FAILED"];
    WORDS.into_iter().find(|word| *word == state)
}

async fn follow(mut log: CompactedLog, seen: Arc<Mutex<Seen>>, background: Arc<Background>) {
    loop {
        match log.next().await {
            Ok(records) => {
                for (key, status) in seen.lock().take_in(&records) {
                    let (key, value) = StatusRecord::Instance(key, Some(status)).encode();
                    background.write(key, value);
                }
            }
            Err(error) => {
                tracing::error!(topic = log.topic(), "reading the status topic failed: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

impl Seen {
    /// Answers what is to be said again.
    fn take_in(&mut self, records: &[FetchedRecord]) -> Vec<(StatusKey, Status)> {
        let mut again = Vec::new();
        for record in records {
            let Some(key) = &record.key else { continue };
            match StatusRecord::parse(key, record.value.as_deref()) {
                Ok(Some(StatusRecord::Instance(key, Some(status)))) => {
                    match self.ours_over(&key, Some(&status)) {
                        None => self.instance(key, status),
                        Some(ours) => again.push((key, ours)),
                    }
                }
                Ok(Some(StatusRecord::Instance(key, None))) => match self.ours_over(&key, None) {
                    None => _ = self.instances.remove(&key),
                    Some(ours) => again.push((key, ours)),
                },
                Ok(Some(StatusRecord::Topic(key, Some(used)))) => _ = self.uses.insert(key, used),
                Ok(Some(StatusRecord::Topic(key, None))) => _ = self.uses.remove(&key),
                Ok(None) => {}
                Err(why) => {
                    let (partition, offset) = (record.partition, record.offset);
                    tracing::warn!(partition, offset, "a record of the status topic is ignored: {why}");
                }
            }
        }
        again
    }

    /// What this worker runs, others may still call UNASSIGNED or RESTARTING, or gone: a worker that stood still for a
    /// while and does not know yet that it has lost it, or a leader whose record was held up on its way. Who runs it says
    /// so again.
    fn ours_over(&mut self, key: &StatusKey, read: Option<&Status>) -> Option<Status> {
        let told = self.told.get_mut(key)?;
        if read == Some(&told.status) {
            told.read = true;
            return None;
        }
        // Before it was read, it is still to come, and counts then.
        let is_older = read.is_none_or(|read| read.generation <= told.status.generation);
        let lives = told.status.state != Condition::Unassigned.name();
        if !told.read || !is_older || !lives {
            return None;
        }
        told.read = false;
        Some(told.status.clone())
    }

    // The late word of who had it before must not hide who has it now.
    fn instance(&mut self, key: StatusKey, status: Status) {
        let hides = self.instances.get(&key).is_some_and(|known| {
            status.state == "UNASSIGNED"
                && known.state == "RUNNING"
                && known.generation >= status.generation
                && known.worker_id != status.worker_id
        });
        if !hides {
            self.instances.insert(key, status);
        }
    }
}
