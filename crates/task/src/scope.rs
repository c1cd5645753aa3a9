//! What all parts of one task share: its name, its commands, the clock, and the way to tell of its state.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::data::OffsetMap;
use api::{BoxFuture, Clock, Error, OffsetReader, Result};
use kafka::Producer;
use parking_lot::Mutex;
use secrets::Redactor;
use spec::TaskSpec;

use crate::back_off::BackOff;
use crate::causes;
use crate::commands::Commands;
use crate::environment::OffsetStore;
use crate::measures::Measures;
use crate::spawner::TaskSpawner;
use crate::stats::Counters;
use crate::{Environment, StatusListener, TaskId, TaskState, WorkerSettings};

/// Kafka acknowledges within milliseconds; when nothing comes for so long, it is told.
pub(crate) const STALLED_AFTER: Duration = Duration::from_secs(5);

/// Lent to every part of one task.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) id: TaskId,
    pub(crate) spec: Arc<TaskSpec>,
    pub(crate) environment: Environment,
    pub(crate) commands: Commands,
    pub(crate) counters: Arc<Counters>,
    /// Takes what the config's references stand for out of every text that leaves the task.
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) spawner: Arc<TaskSpawner>,
    pub(crate) listener: Arc<dyn StatusListener>,
    /// Topics that the listener knows of.
    pub(crate) told_topics: Arc<Mutex<HashSet<String>>>,
    /// The task was given up: whatever still runs of it must not be seen outside.
    pub(crate) cancelled: Arc<AtomicBool>,
}

/// A wait ended because the task is to stop.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interrupted;

impl Scope {
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.environment.clock
    }

    pub(crate) fn measures(&self) -> &Measures {
        &self.counters.measures
    }

    pub(crate) fn settings(&self) -> &WorkerSettings {
        &self.environment.settings
    }

    /// Whether the task was given up. Looked at before each write that others would see, because a plugin that blocks
    /// its thread cannot be dropped before it returns.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    pub(crate) fn tell(&self, state: TaskState) {
        self.measures().state(self.clock().elapsed(), &state);
        if !self.is_cancelled() {
            self.listener.changed(&self.id, state);
        }
    }

    pub(crate) fn tell_topic_used(&self, topic: &str) {
        if !self.is_cancelled() && self.told_topics.lock().insert(topic.to_owned()) {
            self.listener.topic_used(&self.id, topic);
        }
    }

    /// Says that the same will be tried again after this time.
    pub(crate) fn tell_retrying(&self, error: &Error, wait: Duration) {
        tracing::warn!("{}; trying again in {} ms", self.text_of(error), wait.as_millis());
        let now = self.clock().elapsed();
        self.counters.retry(error, now, now + wait);
        if !self.is_cancelled() {
            self.listener.retrying(&self.id, &self.trace_of(error), wait);
        }
    }

    /// Says that Kafka does not answer, which no call of a client does: they only take longer. The state stays what
    /// it is, as in Kafka Connect.
    pub(crate) fn tell_stalled(&self, what: &str, reason: &str, since: Duration) {
        let text = self.redactor.scrub(&format!("{what}: {reason}")).into_owned();
        if self.counters.stalled(text.clone(), since) {
            let seconds = self.clock().elapsed().saturating_sub(since).as_secs();
            tracing::warn!(
                "{text}; it has been so for {seconds} s, and goes on by itself when Kafka answers"
            );
        }
    }

    /// Kafka answers, or nothing is expected of it.
    pub(crate) fn tell_flowing(&self) {
        if let Some(since) = self.counters.flowing() {
            let seconds = self.clock().elapsed().saturating_sub(since).as_secs();
            tracing::info!("Kafka answers again; it had not for {seconds} s");
        }
    }

    /// Waits for what Kafka has to acknowledge, and says so when it takes long.
    pub(crate) async fn acknowledged<T>(&self, producer: &dyn Producer, wait: impl Future<Output = T>) -> T {
        let since = self.clock().elapsed();
        let mut wait = std::pin::pin!(wait);
        loop {
            if let Some(output) = self.at_most(STALLED_AFTER, wait.as_mut()).await {
                self.tell_flowing();
                return output;
            }
            self.tell_not_acknowledged(producer, since);
        }
    }

    /// Says that Kafka does not acknowledge what this producer sent.
    pub(crate) fn tell_not_acknowledged(&self, producer: &dyn Producer, since: Duration) {
        let reason = producer.trouble().map(|trouble| trouble.reason);
        let reason = reason.as_deref().unwrap_or(
            "it neither takes nor refuses the records; look at the brokers' logs for a full disk, for missing replicas \
             (min.insync.replicas) or for a partition without a leader",
        );
        self.tell_stalled("Kafka does not acknowledge what was sent", reason, since);
    }

    /// An error with its causes on one line, without secrets (invariant 5).
    pub(crate) fn text_of(&self, error: &Error) -> String {
        self.redactor.scrub(&causes::of(error)).into_owned()
    }

    /// An error without its causes and without secrets (invariant 5).
    pub(crate) fn message_of(&self, error: &Error) -> String {
        self.redactor.scrub(&error.to_string()).into_owned()
    }

    /// The trace of an error, without secrets (invariant 5).
    pub(crate) fn trace_of(&self, error: &Error) -> String {
        self.redactor.scrub(&error.trace()).into_owned()
    }

    /// Waits, unless the task is to stop.
    pub(crate) async fn pause(&mut self, wait: Duration) -> std::result::Result<(), Interrupted> {
        let sleep = self.clock().sleep(wait);
        tokio::select! {
            biased;
            () = self.commands.stopped() => Err(Interrupted),
            () = sleep => Ok(()),
        }
    }

    /// Waits for a future at most this long; `None` when the time is over, and the future is dropped.
    pub(crate) async fn at_most<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        let sleep = self.clock().sleep(limit);
        tokio::select! {
            biased;
            output = future => Some(output),
            () = sleep => None,
        }
    }

    /// Until when a task that ends may take, as [`Clock::elapsed`]: whoever said stop gives it up then, and one that ends
    /// by itself takes no longer.
    pub(crate) fn end(&self) -> Duration {
        let own = || self.clock().elapsed() + self.settings().graceful_timeout;
        self.commands.stop_by().unwrap_or_else(own)
    }

    /// A back-off whose jitter depends on the task's name and on what it is for.
    pub(crate) fn back_off(&self, purpose: &str) -> BackOff {
        let mut hasher = DefaultHasher::new();
        (self.id.connector.as_ref(), self.id.task, purpose).hash(&mut hasher);
        BackOff::new(hasher.finish())
    }

    /// What the connector reads stored offsets with.
    pub(crate) fn offset_reader(&self) -> Arc<dyn OffsetReader> {
        let store = self.environment.offsets.clone();
        Arc::new(StoredOffsets { connector: self.id.connector.clone(), store })
    }
}

#[derive(Debug)]
struct StoredOffsets {
    connector: Arc<str>,
    store: Arc<dyn OffsetStore>,
}

impl OffsetReader for StoredOffsets {
    fn offsets<'a>(&'a self, partitions: &'a [OffsetMap]) -> BoxFuture<'a, Result<Vec<Option<OffsetMap>>>> {
        self.store.load(&self.connector, partitions)
    }
}
