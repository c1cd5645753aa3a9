//! What is shown of connectors.

use config::RawConfig;

use crate::parts::Counts;
use crate::state::Instance;
use crate::{Condition, Connector, Desired, Name, Target};

/// A connector as it is at one moment. Nothing in it is a secret: configs are as they were sent, traces are scrubbed.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its name.
    pub name: Name,
    /// Its config as it was sent.
    pub config: RawConfig,
    /// What is wanted of it.
    pub target: Target,
    /// The connector object.
    pub object: InstanceView,
    /// The tasks, by number.
    pub tasks: Vec<TaskView>,
    /// Topics that its tasks used.
    pub topics: Vec<String>,
    /// Whether nothing of it lives, not even something that is stopping.
    pub idle: bool,
}

/// The state of a connector object or a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceView {
    /// Kafka Connect's word.
    pub state: &'static str,
    /// What happened, when it failed, or when its start is tried again.
    pub trace: Option<String>,
    /// When it is started again by itself, in milliseconds since the epoch.
    pub retry_at_ms: Option<i64>,
    /// The worker that has it; `None` is this one.
    pub worker_id: Option<String>,
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskView {
    /// Its config as it is stored.
    pub config: RawConfig,
    /// Its state.
    pub state: InstanceView,
}

/// What a task has done, and what it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDetails {
    /// Counters.
    pub counts: Counts,
    /// When it tries again, in milliseconds since the epoch.
    pub next_attempt_at_ms: Option<i64>,
    /// Since when something is tried again or Kafka does not answer, in milliseconds since the epoch.
    pub failing_since_ms: Option<i64>,
    /// Since when a call of the connector's code lasts, in milliseconds since the epoch; `None` between calls.
    pub calling_since_ms: Option<i64>,
}

/// A worker of the group, as its leader has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupWorker {
    /// The URL of its REST API; it ends with `/`.
    pub url: String,
    /// Whether it is this worker, which leads.
    pub is_this: bool,
    /// How many connector objects it was given.
    pub connectors: usize,
    /// How many tasks it was given.
    pub tasks: usize,
}

impl GroupWorker {
    /// Host and port, as in statuses.
    pub fn id(&self) -> &str {
        crate::group::worker_of(&self.url)
    }
}

impl View {
    pub(crate) fn of(name: &Name, connector: &Connector, desired: &Desired) -> Self {
        let task = |(index, config): (u32, &RawConfig)| TaskView {
            config: config.clone(),
            state: InstanceView::of(connector.tasks.get(&index)),
        };
        View {
            name: name.clone(),
            config: desired.config.clone(),
            target: desired.target,
            object: InstanceView::of(Some(&connector.object)),
            tasks: (0..).zip(&desired.tasks).map(task).collect(),
            topics: connector.topics.iter().cloned().collect(),
            idle: connector.is_idle(),
        }
    }
}

impl InstanceView {
    fn of(instance: Option<&Instance>) -> Self {
        let condition = instance.map_or(&Condition::Unassigned, |instance| &instance.condition);
        let retrying = instance.and_then(|instance| instance.retrying.as_ref());
        let (trace, retry_at_ms) = match (condition, retrying) {
            (Condition::Failed { trace, retry_at_ms }, _) => (Some(trace), *retry_at_ms),
            (_, Some(retrying)) => (Some(&retrying.trace), Some(retrying.retry_at_ms)),
            (_, None) => (None, None),
        };
        InstanceView { state: condition.name(), trace: trace.cloned(), retry_at_ms, worker_id: None }
    }
}
