//! Bodies under `/sluice/v1`, which Kafka Connect does not have.

use serde::{Deserialize, Serialize};

/// Answer of `GET /sluice/v1/connectors/{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorDetails {
    /// The connector's name.
    pub name: String,
    /// What its user wants: `STARTED`, `PAUSED` or `STOPPED`.
    pub target_state: String,
    /// How it is altogether.
    pub health: ConnectorHealth,
    /// Why it is not [`ConnectorHealth::Ok`]: a sentence for each part that is the reason.
    pub reasons: Vec<String>,
    /// The connector object.
    pub connector: InstanceDetails,
    /// The tasks, by number.
    pub tasks: Vec<TaskDetails>,
    /// Workers of the group whose part of this is missing.
    #[serde(default)]
    pub unanswered: Vec<Unanswered>,
}

/// A worker of the group that was asked for its part of an answer and did not give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unanswered {
    /// Which, as in status answers; null when it is the leader and nobody knows who that is, so that workers may be missing
    /// that are not named here.
    pub worker_id: Option<String>,
    /// Why not.
    pub error: String,
}

/// A worker of the group, in the answer of `GET /sluice/v1/workers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerInfo {
    /// Host and port, as in status answers.
    pub worker_id: String,
    /// The URL of its REST API, as it tells the others; it ends with `/`.
    pub url: String,
    /// Whether it leads the group: what changes connectors is done there, whichever worker is asked.
    pub leader: bool,
    /// How many connector objects it was given.
    pub connectors: usize,
    /// How many tasks it was given.
    pub tasks: usize,
    /// What is wrong with it, each with what to do: an internal topic that is gone, a group that is another cluster's. It is
    /// known of the worker that is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// How a connector is altogether: what Kafka Connect's states do not tell, since a task that tries the same again and again
/// is RUNNING there. Of several that are true, the first in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConnectorHealth {
    /// Its user has stopped it.
    Stopped,
    /// Its user has paused it.
    Paused,
    /// Nothing of it moves records: all tasks, or the connector object that is to make them, failed.
    Failed,
    /// A task makes no progress: Kafka or the connector's code has not answered it for a minute.
    Stalled,
    /// Something failed or is tried again, and the rest goes on.
    Degraded,
    /// Something has not started yet, or no worker has it.
    Starting,
    /// All of it does what it should.
    Ok,
}

/// A connector object or task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceDetails {
    /// Its state, as in status answers.
    pub state: String,
    /// What went wrong last, also when it is being tried again.
    pub last_error: Option<String>,
    /// When it is tried again, in milliseconds since the epoch.
    pub next_attempt_ms: Option<i64>,
    /// Since when it has been tried again, or Kafka has not answered a task, in milliseconds since the epoch; null when
    /// all is well.
    #[serde(default)]
    pub failing_since_ms: Option<i64>,
    /// The worker that has it, as in status answers.
    #[serde(default)]
    pub worker_id: Option<String>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDetails {
    /// Its number.
    pub id: u32,
    /// How it is.
    #[serde(flatten)]
    pub instance: InstanceDetails,
    /// Since when a call of the connector's code lasts, in milliseconds since the epoch; null between calls.
    #[serde(default)]
    pub calling_since_ms: Option<i64>,
    /// What it has done since it was started; null when it does not run, or the worker that has it did not answer.
    pub records: Option<RecordCounts>,
}

/// What a task has done since it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCounts {
    /// Records read, from the other system or from Kafka.
    pub read: u64,
    /// Records written.
    pub written: u64,
    /// Records that failed and were tolerated.
    pub failed: u64,
}

/// Body of `GET` and `PUT /sluice/v1/connectors/{name}/log-level`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorLogLevel {
    /// The level of lines about this connector, as [`crate::LoggerLevel::level`]; null leaves it to the loggers.
    pub level: Option<String>,
}

/// Answer of `GET /sluice/v1/connectors/{name}/logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLines {
    /// The last lines about the connector of all workers that have some, by time; those of one worker are in its order.
    pub lines: Vec<LogLine>,
    /// How many older lines are no longer kept.
    pub dropped: u64,
    /// What `after=` is to be to get the lines that come after these.
    #[serde(default)]
    pub next: String,
    /// Workers of the group whose lines are missing.
    #[serde(default)]
    pub unanswered: Vec<Unanswered>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Numbers the lines that one worker has of a connector while it runs, from 1.
    pub number: u64,
    /// The worker that wrote it, as in status answers.
    #[serde(default)]
    pub worker_id: String,
    /// When, in milliseconds since the epoch.
    pub time_ms: i64,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    pub level: String,
    /// The task it is about; null when it is the connector.
    pub task: Option<u64>,
    /// The text, with line ends where a trace has them. No secret is in it.
    pub message: String,
    /// Which part of the worker wrote it.
    pub target: String,
}
