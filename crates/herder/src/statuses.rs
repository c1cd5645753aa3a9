//! Where it is kept how connectors and tasks are, for others to see.

use api::BoxFuture;

use crate::{Name, TaskId};

/// Something that others may want to know. Nothing in it is a secret: traces are scrubbed (invariant 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusChange {
    /// How a connector object is.
    Object {
        /// Which connector's.
        name: Name,
        /// Kafka Connect's word.
        state: &'static str,
        /// What happened, if it failed.
        trace: Option<String>,
        /// The plugin's version.
        version: Option<String>,
    },
    /// How a task is.
    Task {
        /// Which.
        id: TaskId,
        /// Kafka Connect's word.
        state: &'static str,
        /// What happened, if it failed.
        trace: Option<String>,
        /// The plugin's version.
        version: Option<String>,
    },
    /// A task is no longer wanted.
    TaskGone(TaskId),
    /// A task used a topic.
    TopicUsed {
        /// Which task.
        id: TaskId,
        /// The topic.
        topic: String,
        /// When, in milliseconds since the epoch.
        now_ms: i64,
    },
    /// Somebody wants a connector's topics to be forgotten.
    TopicsForgotten(Name),
    /// A connector was deleted.
    ConnectorGone(Name),
}

/// Keeps statuses. Standalone keeps none: the herder's own state is all there is to see.
pub trait Statuses: Send {
    /// Topics that connectors used, from earlier.
    fn topics(&self) -> Vec<(Name, String)>;

    /// Tells of a change; never waits.
    fn publish(&mut self, change: StatusChange);

    /// Forgets what is not wanted: a connector by its name, a task by name and number.
    fn retain(&mut self, wanted: &dyn Fn(&Name, Option<u32>) -> bool);

    /// Waits until what was told is kept, some seconds at most.
    fn flush(&mut self) -> BoxFuture<'static, ()>;
}

/// Keeps nothing.
#[derive(Debug, Default)]
pub struct NoStatuses;

impl Statuses for NoStatuses {
    fn topics(&self) -> Vec<(Name, String)> {
        Vec::new()
    }

    fn publish(&mut self, _: StatusChange) {}

    fn retain(&mut self, _: &dyn Fn(&Name, Option<u32>) -> bool) {}

    fn flush(&mut self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
