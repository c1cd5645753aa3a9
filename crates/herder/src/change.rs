//! What is stored of connectors, and how it changes.

use std::sync::Arc;

use api::BoxFuture;
use config::RawConfig;

use crate::distributed::SessionKey;
use crate::{Error, Fencing, Result};

/// A connector's name.
pub type Name = Arc<str>;

/// What a connector's user wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Moves records.
    Started,
    /// Has its tasks, which move nothing.
    Paused,
    /// Has no tasks.
    Stopped,
}

/// A change of what is stored. Configs are as they were sent: references are not resolved (invariant 5).
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A connector was created or has a new config.
    Config {
        /// Which.
        name: Name,
        /// The whole config.
        config: RawConfig,
        /// What is wanted of it; `None` leaves that as it is (`Started` when it is new).
        target: Option<Target>,
    },
    /// Something else is wanted of a connector.
    Target {
        /// Which.
        name: Name,
        /// What.
        target: Target,
    },
    /// A connector's tasks.
    Tasks {
        /// Which.
        name: Name,
        /// The config of each task, from task 0.
        configs: Vec<RawConfig>,
        /// Stands for the resolved connector config that the tasks were made of: when it differs, converters or
        /// transforms may, and every task starts anew even if its own config is the same. `None` when it is not known,
        /// because this process did not make them.
        applied: Option<u64>,
    },
    /// Somebody wants a connector to be started anew, wherever its parts run. It is not kept.
    Restart {
        /// Which.
        name: Name,
        /// Whether its tasks are meant, too.
        include_tasks: bool,
        /// Whether only what failed is meant.
        only_failed: bool,
    },
    /// A connector is gone.
    Deleted {
        /// Which.
        name: Name,
    },
}

impl Change {
    /// The connector concerned.
    pub fn name(&self) -> &Name {
        match self {
            Change::Config { name, .. }
            | Change::Target { name, .. }
            | Change::Tasks { name, .. }
            | Change::Restart { name, .. }
            | Change::Deleted { name } => name,
        }
    }
}

/// Something for all workers of a group that is about no connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// What requests between them are signed with from now on.
    SessionKey(SessionKey),
    /// Somebody gives a logger this level on all workers that run now. It is not kept.
    Level {
        /// The logger.
        logger: String,
        /// Java's word.
        level: String,
    },
    /// Somebody gives lines about a connector this level on all workers, or takes it away. It is kept as long as the connector
    /// lives.
    ConnectorLevel {
        /// The connector.
        connector: Name,
        /// Java's word; `None` leaves it to the loggers.
        level: Option<String>,
    },
}

/// Keeps what users want. Standalone has it in memory; a group of workers has it in a topic.
pub trait Store: Send {
    /// What was stored earlier, once: to be taken in before anything else.
    fn stored(&mut self) -> Vec<Change> {
        Vec::new()
    }

    /// Stores a change. Answers what is to be applied now, in order: this change, and those of others that were
    /// stored before it and not yet answered by [`Store::next`].
    ///
    /// # Errors
    /// Nothing was stored.
    fn write(&mut self, change: Change) -> BoxFuture<'_, Result<Vec<Change>>>;

    /// Tells all workers, this one too. Answers what is to be applied, as [`Store::write`] does. A standalone worker has
    /// nobody to tell.
    ///
    /// # Errors
    /// Nobody was told.
    fn announce(&mut self, announcement: Announcement) -> BoxFuture<'_, Result<Vec<Change>>> {
        let _ = announcement;
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// What is known of a connector's tasks that may write in transactions, also of one that was deleted.
    fn fencing(&self, _name: &Name) -> Fencing {
        Fencing::default()
    }

    /// Stores that tasks of earlier are fenced, and that so many may write from now on. Answers as [`Store::write`].
    ///
    /// # Errors
    /// Nothing was stored; so always where nothing is written in transactions.
    fn write_task_count(&mut self, _name: Name, _count: u32) -> BoxFuture<'_, Result<Vec<Change>>> {
        let why = "a standalone worker writes nothing in transactions".to_owned();
        Box::pin(std::future::ready(Err(Error::Failed(why))))
    }

    /// Whether this worker, if it leads its group, may write what only the leader may. It finds out when it writes that it
    /// may not any more.
    fn may_write(&self) -> bool {
        true
    }

    /// Takes the right to write as the leader from whoever had it.
    ///
    /// # Errors
    /// It could not be taken.
    fn claim(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// This worker does not lead any more.
    fn release(&mut self) {}

    /// Where this worker has read to, in a group; what others stored before is then known.
    fn offset(&self) -> i64 {
        0
    }

    /// Everything that others stored before this call and that was not yet answered.
    ///
    /// # Errors
    /// It cannot be read.
    fn catch_up(&mut self) -> BoxFuture<'_, Result<Vec<Change>>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// The next change that somebody else stored. Dropping the future loses nothing.
    fn next(&mut self) -> BoxFuture<'_, Change>;
}
