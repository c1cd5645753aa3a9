//! Sinks: connectors that write to another system.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use config::{Config, RawConfig, Report};
use data::{Offsets, SinkRecord, TopicPartition};

use crate::{Clock, ConnectorContext, Error, Result, Spawner};

/// The plan of a sink: which tasks there are.
pub trait SinkConnector: Sized + Send + 'static {
    /// Full class name, as in `connector.class`; a twin of a Java connector has the twin's.
    const CLASS: &'static str;
    /// Class name of the task, shown in task configs and dead letters.
    const TASK_CLASS: &'static str;
    /// Version shown by `/connector-plugins` and status.
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// The connector's keys.
    type Config: Config;
    /// What moves the records.
    type Task: SinkTask;

    /// Starts the connector object. `raw` is the resolved config, to make task configs of; it may hold secrets.
    ///
    /// # Errors
    /// The connector is shown as FAILED.
    fn start(
        config: Self::Config,
        raw: RawConfig,
        context: ConnectorContext,
    ) -> impl Future<Output = Result<Self>> + Send;

    /// Configs of at most `max_tasks` tasks; most sinks give `max_tasks` copies of their config, since Kafka's group
    /// protocol spreads the partitions.
    ///
    /// # Errors
    /// The connector is shown as FAILED, running tasks go on.
    fn task_configs(&mut self, max_tasks: usize) -> impl Future<Output = Result<Vec<RawConfig>>> + Send;

    /// Stops. Dropped when it takes longer than the graceful time-out.
    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Looks whether the config works against the real system; a step of its own, after validation, on request.
    ///
    /// # Errors
    /// Problems by key.
    fn check_connection(
        _config: Self::Config,
    ) -> impl Future<Output = std::result::Result<(), Report>> + Send {
        async { Ok(()) }
    }

    /// Looks at offsets that an operator wants to set (`None` resets the partition); see
    /// [`crate::SourceConnector::alter_offsets`].
    ///
    /// # Errors
    /// The offsets are refused: nothing is changed.
    fn alter_offsets(_config: &Self::Config, _changes: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        Ok(false)
    }
}

/// Lent to a sink task.
#[derive(Debug, Clone)]
pub struct SinkContext {
    /// The connector's name.
    pub connector: Arc<str>,
    /// The task's number.
    pub task: u32,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Side work.
    pub spawner: Arc<dyn Spawner>,
    /// What the task may ask of the consumer.
    pub requests: SinkRequests,
    /// Whether rejected records are reported somewhere (`errors.tolerance=all`); if not, a rejection fails the task.
    pub reports_rejections: bool,
}

/// Moves records to the other system.
///
/// *Accepted* and *durable* are two words: [`SinkTask::put`] accepts, [`SinkTask::flush`] makes durable.
pub trait SinkTask: Sized + Send + 'static {
    /// The task's keys.
    type Config: Config;

    /// Makes a task that is ready to open partitions.
    ///
    /// # Errors
    /// A retriable error is tried again with back-off, and shown; any other fails the task.
    fn start(config: Self::Config, context: SinkContext) -> impl Future<Output = Result<Self>> + Send;

    /// These partitions will be put from now on. With cooperative assignment only the new ones are named.
    ///
    /// # Errors
    /// Fail the task.
    fn open(&mut self, _partitions: &[TopicPartition]) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// These partitions go elsewhere. When they were revoked, `flush` was called just before and its offsets are
    /// committed after this returns; when they were lost, another task may already have them: nothing may be written.
    ///
    /// # Errors
    /// Fail the task.
    fn close(
        &mut self,
        _partitions: &[TopicPartition],
        _reason: CloseReason,
    ) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Accepts the records, in order within each partition. It is also called without records, at least about once a
    /// second, so that time can pass. Records that can never be written are returned as rejections: the others of
    /// the batch are accepted all the same.
    ///
    /// # Errors
    /// After a retriable error the runtime keeps the batch and offers all of it again; any other fails the task.
    fn put(&mut self, records: &[SinkRecord]) -> impl Future<Output = Result<PutOutcome>> + Send;

    /// Makes accepted records durable and says up to where: for each partition the offset of the next record to
    /// read. `accepted` has the offsets after the last accepted records. Partitions that are left out keep their
    /// committed offset; a sink that closes files by itself returns only what is closed.
    ///
    /// # Errors
    /// Nothing is committed. Retriable: the partitions are closed as lost, read again from their committed offsets and
    /// opened again, so that what the sink holds is dropped and comes again. Any other fails the task.
    fn flush(&mut self, accepted: &Offsets) -> impl Future<Output = Result<Offsets>> + Send;

    /// Closes what `start` opened. Dropped when it takes longer than the graceful time-out.
    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// Why partitions are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// Given back in order, or the task stops.
    Revoked,
    /// Taken away: the group went on without this task.
    Lost,
}

/// What became of a batch that was put.
#[derive(Debug, Default)]
pub struct PutOutcome {
    /// Records that can never be written, in order.
    pub rejected: Vec<Rejection>,
}

impl PutOutcome {
    /// Every record was accepted.
    pub fn accepted() -> Self {
        Self::default()
    }
}

/// A record that can never be written.
#[derive(Debug)]
pub struct Rejection {
    /// Its place in the batch.
    pub index: usize,
    /// Why.
    pub error: Error,
}

/// What a sink task may ask of its consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkRequest {
    /// Go on reading at this offset; it also becomes the committed one.
    Seek(TopicPartition, i64),
    /// Read no more of these partitions until they are resumed.
    Pause(Vec<TopicPartition>),
    /// Read them again.
    Resume(Vec<TopicPartition>),
    /// Flush and commit as soon as this call returns.
    Commit,
    /// After a retriable error of `put`, wait this long before the batch is offered again.
    Backoff(Duration),
}

/// Requests of a sink task, looked at by the runtime after each call.
#[derive(Debug, Clone, Default)]
pub struct SinkRequests(Arc<Mutex<Vec<SinkRequest>>>);

impl SinkRequests {
    /// Adds a request.
    pub fn push(&self, request: SinkRequest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// Takes all requests, in order.
    pub fn take(&self) -> Vec<SinkRequest> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
