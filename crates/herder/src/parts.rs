//! What the herder is given: plugins, secrets, and the port behind which records are moved.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api::{BoxFuture, Clock, OffsetReader, Registry};
use kafka::Admin;
use metrics::Snapshot;
use parking_lot::Mutex;
use secrets::{LogSecrets, Providers, Redactor};
use spec::{ConnectorSpec, OverridePolicy, TaskSpec, WorkerDefaults};

use crate::{Name, Problems, Run, SourceOffsets, SourceProducers, TaskId};

/// Everything that the herder needs and does not make.
pub struct Parts {
    /// The plugins.
    pub registry: Arc<Registry>,
    /// Where `${…}` references lead.
    pub providers: Providers,
    /// What the log must not show.
    pub log_secrets: LogSecrets,
    /// Offsets of sources, for operators.
    pub offsets: Arc<dyn SourceOffsets>,
    /// What moves records.
    pub tasks: Arc<dyn Tasks>,
    /// What the worker's config decides for connectors.
    pub defaults: WorkerDefaults,
    /// Which client settings connectors may override.
    pub policy: OverridePolicy,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The runtime on which plugins run; the herder has its own, which no plugin can keep busy.
    pub work: tokio::runtime::Handle,
    /// Where configs are checked.
    pub checks: ChecksOn,
    /// How long a connector object or a task may take to stop.
    pub graceful: Duration,
    /// Whether topics that connectors use are remembered (`topic.tracking.enable`).
    pub topic_tracking: bool,
    /// Whether they can be forgotten on request (`topic.tracking.allow.reset`).
    pub topic_reset: bool,
    /// The tasks that run, for their counters.
    pub running: Running,
    /// What is wrong with this worker.
    pub problems: Problems,
}

/// Where configs are checked. Plugins have a say in it: one may take long, block or panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksOn {
    /// On another thread, for which nobody has to wait.
    AnotherThread,
    /// On the herder's own: where time is simulated, since how much of it another thread takes follows from nothing.
    ThisThread,
}

/// Tasks that run, with the run that put them here.
pub type Running = Mutex<HashMap<TaskId, RunningEntry>>;

/// A task that runs.
pub struct RunningEntry {
    pub(crate) run: Run,
    pub(crate) task: Arc<dyn RunningTask>,
}

/// Starts tasks.
pub trait Tasks: Send + Sync {
    /// Starts a task; returns at once. Reports may come before it returns. What the task tells, it scrubs by the
    /// redactor before.
    fn start(
        &self,
        spec: TaskSpec,
        paused: bool,
        redactor: Redactor,
        reports: Arc<dyn TaskReports>,
    ) -> Arc<dyn RunningTask>;

    /// Stored offsets of a connector, for the connector object.
    fn offset_reader(&self, connector: &Name) -> Arc<dyn OffsetReader>;

    /// Who can fence the producers of a source's tasks.
    ///
    /// # Errors
    /// A client setting is wrong, or nothing is written in transactions. Brokers are not contacted.
    fn source_producers(&self, _connector: &ConnectorSpec) -> api::Result<SourceProducers> {
        Err(api::Error::fatal("nothing here is written in transactions"))
    }

    /// The consumer group of a sink's tasks.
    ///
    /// # Errors
    /// A client setting is wrong. Brokers are not contacted.
    fn sink_group(&self, connector: &ConnectorSpec) -> api::Result<SinkGroup>;
}

/// The consumer group of a sink's tasks, and who can look at it.
#[derive(Debug, Clone)]
pub struct SinkGroup {
    /// The group's id.
    pub id: String,
    /// A client of the cluster that the sink reads, with the rights that its config gives.
    pub admin: Arc<dyn Admin>,
}

/// A started task.
pub trait RunningTask: Send + Sync {
    /// Asks it to pause.
    fn pause(&self);
    /// Asks it to go on.
    fn resume(&self);
    /// Stops it and waits until it has stopped, at most about this long, after which it is cancelled.
    fn stop(&self, graceful: Duration) -> BoxFuture<'static, ()>;
    /// What it has done so far.
    fn counts(&self) -> Counts;
    /// Adds what it measures of itself to a snapshot of metrics.
    fn report(&self, into: &mut Snapshot);
}

/// What a task has done since it was started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records read, from the other system or from Kafka.
    pub read: u64,
    /// Records written.
    pub written: u64,
    /// Records that failed and were tolerated or went to the dead letter topic.
    pub failed: u64,
    /// What went wrong last; no secret is in it.
    pub last_error: Option<String>,
    /// When it is tried again, as [`Clock::elapsed`]; `None` when nothing is.
    pub next_attempt_at: Option<Duration>,
    /// Since when something is tried again or Kafka does not answer, as [`Clock::elapsed`]; `None` when all is well.
    pub failing_since: Option<Duration>,
    /// Since when a call of the connector's code lasts, as [`Clock::elapsed`]; `None` between calls.
    pub calling_since: Option<Duration>,
}

/// Takes a task's word; never waits.
pub trait TaskReports: Send + Sync + fmt::Debug {
    /// It moves records.
    fn running(&self);
    /// It is paused.
    fn paused(&self);
    /// It tries the same again after this time. The trace holds no secret, here and below.
    fn retrying(&self, trace: &str, wait: Duration);
    /// It failed and has ended.
    fn failed(&self, trace: &str);
    /// It used a topic.
    fn topic_used(&self, topic: &str);
    /// It has taken over its place from earlier instances: whether it is still wanted. Asked of exactly-once sources.
    ///
    /// # Errors
    /// It is not, or will not be.
    fn confirm(&self) -> BoxFuture<'_, api::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
