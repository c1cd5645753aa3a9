//! Sources: connectors that read another system.

use std::sync::Arc;
use std::time::Duration;

use config::{Config, RawConfig, Report};
use data::{OffsetMap, SourceRecord};

use crate::{Clock, ConnectorContext, OffsetReader, Result, Spawner};

/// The plan of a source: which tasks there are. It moves no records.
pub trait SourceConnector: Sized + Send + 'static {
    /// Full class name, as in `connector.class`; a twin of a Java connector has the twin's.
    const CLASS: &'static str;
    /// Class name of the task, shown in task configs and dead letters.
    const TASK_CLASS: &'static str;
    /// Version shown by `/connector-plugins` and status.
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// The connector's keys.
    type Config: Config;
    /// What moves the records.
    type Task: SourceTask;

    /// Starts the connector object: may look at the other system and watch it. `raw` is the resolved config, to make
    /// task configs of; it may hold secrets.
    ///
    /// # Errors
    /// The connector is shown as FAILED.
    fn start(
        config: Self::Config,
        raw: RawConfig,
        context: ConnectorContext,
    ) -> impl Future<Output = Result<Self>> + Send;

    /// Configs of at most `max_tasks` tasks. Called after start, and again after
    /// [`crate::ConnectorEvents::request_task_reconfiguration`].
    ///
    /// # Errors
    /// The connector is shown as FAILED, running tasks go on.
    fn task_configs(&mut self, max_tasks: usize) -> impl Future<Output = Result<Vec<RawConfig>>> + Send;

    /// Stops watching. Dropped when it takes longer than the graceful time-out.
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

    /// Whether records and offsets written in one transaction give exactly-once delivery with this config.
    fn exactly_once_support(_config: &Self::Config) -> ExactlyOnceSupport {
        ExactlyOnceSupport::Unsupported
    }

    /// Whether the task says where transactions end ([`SourceBatch::boundary`]).
    fn defines_transaction_boundaries(_config: &Self::Config) -> bool {
        false
    }

    /// Looks at offsets that an operator wants to store; `Ok(true)` says that the connector has taken care of
    /// whatever it keeps outside of Kafka. The framework stores them in any case.
    ///
    /// # Errors
    /// The offsets are refused: nothing is stored.
    fn alter_offsets(_config: &Self::Config, _changes: &[OffsetChange]) -> Result<bool> {
        Ok(false)
    }
}

/// A change of one source partition's offset: `(partition, offset)`; no offset resets it.
pub type OffsetChange = (Option<OffsetMap>, Option<OffsetMap>);

/// Whether a source is exactly-once when the worker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExactlyOnceSupport {
    /// Yes.
    Supported,
    /// No, or not known.
    Unsupported,
}

/// Lent to a source task.
#[derive(Debug, Clone)]
pub struct SourceContext {
    /// The connector's name.
    pub connector: Arc<str>,
    /// The task's number.
    pub task: u32,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Side work.
    pub spawner: Arc<dyn Spawner>,
    /// Stored offsets.
    pub offsets: Arc<dyn OffsetReader>,
}

/// Moves records from the other system, one batch a call. The framework owns the loop: pause, back-pressure,
/// retries and cancellation exist once, there.
pub trait SourceTask: Sized + Send + 'static {
    /// The task's keys: the connector's and those that the connector adds for each task.
    type Config: Config;

    /// Makes a task that is ready to poll: opens connections, reads stored offsets.
    ///
    /// # Errors
    /// A retriable error is tried again with back-off, and shown; any other fails the task.
    fn start(config: Self::Config, context: SourceContext) -> impl Future<Output = Result<Self>> + Send;

    /// The next records, in order. Waits at most `max_wait`; an empty batch is a normal answer. Each batch should
    /// stay within some megabytes: the byte budget is looked at between batches. The future may be dropped only when
    /// the task is cancelled, after which nothing else is called.
    ///
    /// # Errors
    /// After a retriable error the same is polled again, with back-off; nothing may be skipped.
    fn poll(&mut self, max_wait: Duration) -> impl Future<Output = Result<SourceBatch>> + Send;

    /// Everything up to these offsets is durable in Kafka and stored. Called between polls, never beside one.
    ///
    /// # Errors
    /// Logged; they do not fail the task.
    fn commit(&mut self, _durable: &SourceOffsets) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Closes what `start` opened. Dropped when it takes longer than the graceful time-out.
    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// Records of one poll.
#[derive(Debug, Clone, Default)]
pub struct SourceBatch {
    /// The records in order.
    pub records: Vec<SourceRecord>,
    /// What becomes of the transaction after the last record, with `transaction.boundary=connector`.
    pub boundary: Boundary,
}

impl SourceBatch {
    /// No records.
    pub fn empty() -> Self {
        Self::default()
    }
}

impl From<Vec<SourceRecord>> for SourceBatch {
    fn from(records: Vec<SourceRecord>) -> Self {
        Self { records, boundary: Boundary::Continue }
    }
}

/// What becomes of a source's transaction after a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Boundary {
    /// It stays open.
    #[default]
    Continue,
    /// It is committed.
    Commit,
    /// It is aborted; its records are not read again.
    Abort,
}

/// The newest durable offset of each source partition that moved.
pub type SourceOffsets = Vec<(Option<Arc<OffsetMap>>, OffsetMap)>;
