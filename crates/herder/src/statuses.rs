//! Where it is kept how connectors and tasks are, for others to see.

use api::BoxFuture;

use crate::{InstanceView, Name, TaskId};

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
    /// The worker that had a connector object, or a task of it, is gone, and nobody has it now.
    Lost {
        /// Which connector's.
        name: Name,
        /// Which task; `None` is the connector object.
        task: Option<u32>,
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

    /// Topics that a connector used, on whatever worker.
    fn topics_of(&self, connector: &Name) -> Vec<String>;

    /// How a connector object or a task of it is, as whoever runs it says.
    fn seen(&self, connector: &Name, task: Option<u32>) -> Option<InstanceView>;

    /// The generation of the group in which statuses are told from now on.
    fn set_generation(&mut self, generation: i32);

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

    fn topics_of(&self, _: &Name) -> Vec<String> {
        Vec::new()
    }

    fn seen(&self, _: &Name, _: Option<u32>) -> Option<InstanceView> {
        None
    }

    fn set_generation(&mut self, _: i32) {}

    fn publish(&mut self, _: StatusChange) {}

    fn retain(&mut self, _: &dyn Fn(&Name, Option<u32>) -> bool) {}

    fn flush(&mut self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
