//! What may be asked of the herder's loop.

use config::RawConfig;
use metrics::Snapshot;
use tokio::sync::oneshot;

use crate::view::{GroupWorker, View};
use crate::{Announcement, Fencing, Name, Result, Run, Target, TaskId};

pub(crate) type Reply<T> = oneshot::Sender<T>;

/// A request, with the line for its answer.
pub(crate) enum Command {
    /// Nothing: shows that the loop turns.
    Ping(Reply<()>),
    /// The names of all connectors.
    Names(Reply<Vec<Name>>),
    /// One connector.
    View(Name, Reply<Option<View>>),
    /// All connectors.
    Views(Reply<Vec<View>>),
    /// Stores a config that was validated. Answers whether the connector is new.
    Put {
        name: Name,
        config: RawConfig,
        target: Option<Target>,
        condition: PutIf,
        reply: Reply<Result<(bool, View)>>,
    },
    /// Deletes a connector; answers once nothing of it lives.
    Delete(Name, Reply<Result<()>>),
    /// What is known for metrics, but for what tasks measure themselves.
    Metrics(Reply<Snapshot>),
    /// Sets what is wanted of a connector.
    SetTarget(Name, Target, Reply<Result<()>>),
    /// Starts the connector object anew; answers once it has started or failed.
    RestartObject(Name, Reply<Result<()>>),
    /// Starts the object and tasks anew; answers with the connector as it was, what is chosen being `RESTARTING`.
    Restart { name: Name, include_tasks: bool, only_failed: bool, reply: Reply<Result<View>> },
    /// Starts a task anew.
    RestartTask(Name, u32, Reply<Result<()>>),
    /// Stores the configs of a connector's tasks, which its owner hands in.
    PutTasks(Name, Vec<RawConfig>, Reply<Result<()>>),
    /// Answers whether this worker may do what only the leader of a group may.
    Lead(Reply<Result<()>>),
    /// The workers of the group, which only its leader knows.
    Workers(Reply<Result<Vec<GroupWorker>>>),
    /// Tells all workers of the group.
    Announce(Announcement, Reply<Result<()>>),
    /// Forgets the topics that a connector used.
    ResetTopics(Name, Reply<Result<()>>),
    /// What is known of tasks that may write in transactions, after everything that others stored was read.
    Fencing(Name, Reply<Result<Fencing>>),
    /// Stores that tasks before this generation are fenced, unless it is of earlier itself.
    Fenced { name: Name, generation: u64, reply: Reply<Result<()>> },
    /// Whether this run of a task is the one that is wanted, after everything that others stored was read.
    Confirm(TaskId, Run, Reply<Result<bool>>),
    /// Answers once nothing of the connector lives.
    AtRest(Name, Reply<()>),
    /// Has the group be ready for this worker's leave; answers when it is.
    Rally(Reply<()>),
    /// Stops everything; answers when nothing lives any more. The loop ends then.
    ShutDown(Reply<()>),
}

/// When a config may be stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PutIf {
    /// Always.
    Always,
    /// There is no such connector.
    Absent,
    /// The connector has this config still.
    Same(RawConfig),
}

impl Command {
    /// Whether the leader of a group has to do it, or to say who has to.
    pub(crate) fn is_of_leader(&self) -> bool {
        match self {
            Self::Put { .. }
            | Self::Delete(..)
            | Self::SetTarget(_, Target::Stopped, _)
            | Self::RestartObject(..)
            | Self::Restart { .. }
            | Self::RestartTask(..)
            | Self::PutTasks(..)
            | Self::Fencing(..)
            | Self::Fenced { .. }
            | Self::Lead(_) => true,
            Self::Ping(_)
            | Self::Metrics(_)
            | Self::Names(_)
            | Self::View(..)
            | Self::Views(_)
            | Self::SetTarget(..)
            | Self::Workers(_)
            | Self::Announce(..)
            | Self::ResetTopics(..)
            | Self::Confirm(..)
            | Self::AtRest(..)
            | Self::Rally(_)
            | Self::ShutDown(_) => false,
        }
    }

    /// Whether nobody waits for the answer of one that the leader has to do.
    pub(crate) fn is_given_up(&self) -> bool {
        match self {
            Self::Put { reply, .. } => reply.is_closed(),
            Self::Restart { reply, .. } => reply.is_closed(),
            Self::Fencing(_, reply) => reply.is_closed(),
            Self::Delete(_, reply)
            | Self::SetTarget(_, _, reply)
            | Self::RestartObject(_, reply)
            | Self::RestartTask(_, _, reply)
            | Self::PutTasks(_, _, reply)
            | Self::Fenced { reply, .. }
            | Self::Lead(reply) => reply.is_closed(),
            _ => false,
        }
    }
}
