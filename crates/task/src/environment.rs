//! What a worker lends to its tasks, and what it hears of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api::config::RawConfig;
use api::data::OffsetMap;
use api::{BoxFuture, Clock, Error, Registry, Result, SourceOffsets};
use kafka::{Clients, EncodedBatch};
use spec::ConnectorSpec;

/// What a worker lends to all of its tasks. Cheap to clone.
#[derive(Clone)]
pub struct Environment {
    /// The plugins.
    pub registry: Arc<Registry>,
    /// Makes Kafka clients.
    pub clients: Arc<dyn Clients>,
    /// Offsets of sources.
    pub offsets: Arc<dyn OffsetStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The worker's settings.
    pub settings: Arc<WorkerSettings>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The worker's settings that tasks need.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// `offset.flush.interval.ms`.
    pub offset_flush_interval: Duration,
    /// `offset.flush.timeout.ms`: the longest wait for acknowledgements and for storing offsets.
    pub offset_flush_timeout: Duration,
    /// `task.shutdown.graceful.timeout.ms`: the longest wait for a task that failed to clean up.
    pub graceful_timeout: Duration,
    /// For producers: `bootstrap.servers` and the worker's `producer.*`, without prefix.
    pub producer: RawConfig,
    /// For consumers: `bootstrap.servers` and the worker's `consumer.*`, without prefix.
    pub consumer: RawConfig,
    /// For admin clients: the worker's own client keys and its `admin.*`, without prefix.
    pub admin: RawConfig,
    /// `topic.creation.enable`.
    pub topic_creation_enabled: bool,
    /// Bytes of a source task that may be on their way to Kafka; nothing is polled above it.
    pub source_budget_bytes: usize,
    /// Bytes that a sink task may fetch at once.
    pub sink_budget_bytes: usize,
    /// The worker group (`group.id`); `None` in standalone mode.
    pub worker_group: Option<Arc<str>>,
    /// `exactly.once.source.support=enabled`: sources of a group write in transactions.
    pub exactly_once: bool,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self {
            offset_flush_interval: Duration::from_secs(60),
            offset_flush_timeout: Duration::from_secs(5),
            graceful_timeout: Duration::from_secs(5),
            producer: RawConfig::new(),
            consumer: RawConfig::new(),
            admin: RawConfig::new(),
            topic_creation_enabled: true,
            source_budget_bytes: 6 << 20,
            sink_budget_bytes: 16 << 20,
            worker_group: None,
            exactly_once: false,
        }
    }
}

/// Where the offsets of sources are kept: the port that the herder implements.
pub trait OffsetStore: Send + Sync + fmt::Debug {
    /// The stored offset of each partition, in order; `None` where there is none.
    ///
    /// # Errors
    /// The store cannot be read.
    fn load<'a>(
        &'a self,
        connector: &'a str,
        partitions: &'a [OffsetMap],
    ) -> BoxFuture<'a, Result<Vec<Option<OffsetMap>>>>;

    /// Stores offsets; they are durable when it returns. Of two calls the later one counts, also when the first
    /// was dropped before it returned.
    ///
    /// # Errors
    /// They are not known to be stored; they will be given again.
    fn store<'a>(&'a self, connector: &'a str, offsets: &'a SourceOffsets) -> BoxFuture<'a, Result<()>>;

    /// The store for the tasks of this connector when it has one of its own; `None` is this one. What it reads is what
    /// was committed before the call.
    ///
    /// # Errors
    /// It cannot be opened.
    fn of_connector<'a>(
        &'a self,
        _connector: &'a ConnectorSpec,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn OffsetStore>>>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// The topic that it is in, if it is in one.
    fn topic(&self) -> Option<&str> {
        None
    }

    /// The records that store these offsets, for a task that sends them in its transaction.
    ///
    /// # Errors
    /// It is in no topic.
    fn records(&self, _connector: &str, _offsets: &SourceOffsets) -> Result<EncodedBatch> {
        Err(Error::fatal("offsets that are in no topic cannot be written in a transaction"))
    }

    /// Offsets that [`Self::records`] were made of are committed: copies that others read are due.
    ///
    /// # Errors
    /// They were not made. It is said, and has no other consequence.
    fn committed<'a>(
        &'a self,
        _connector: &'a str,
        _offsets: &'a SourceOffsets,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Names a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId {
    /// The connector's name.
    pub connector: Arc<str>,
    /// The task's number.
    pub task: u32,
}

/// Kafka Connect's form: `name-0`.
impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.connector, self.task)
    }
}

/// Whether a task should move records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// It should.
    Running,
    /// It should wait.
    Paused,
}

/// What a task is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// It moves records.
    Running,
    /// It waits to be resumed.
    Paused,
    /// It gave up.
    Failed {
        /// Why, as status answers show it.
        trace: String,
    },
    /// It was stopped, and left nothing behind.
    Unassigned,
}

/// Hears of a task. Calls come from the task's loop: they must not block. A cancelled task is silent.
pub trait StatusListener: Send + Sync {
    /// The task's state changed.
    fn changed(&self, id: &TaskId, state: TaskState);

    /// The task sent records to this topic, or read some of it; told once a topic.
    fn topic_used(&self, id: &TaskId, topic: &str);

    /// The task has taken over its place from earlier instances, and is about to read where it stands: whether it is
    /// still wanted. Asked of exactly-once sources.
    ///
    /// # Errors
    /// Another instance is to have its place, or will have.
    fn confirm<'a>(&'a self, _id: &'a TaskId) -> BoxFuture<'a, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Something went wrong that passes; the task tries again after this time and stays what it is. The trace is as
    /// status answers show it.
    fn retrying(&self, id: &TaskId, trace: &str, next_attempt: Duration);
}
