//! A connector and how its state goes on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::plugins;

/// What a connector is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Provisioning,
    Running,
    Degraded,
    Failed,
    Paused,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Running => "RUNNING",
            Self::Degraded => "DEGRADED",
            Self::Failed => "FAILED",
            Self::Paused => "PAUSED",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Provisioning, Self::Running, Self::Degraded, Self::Failed, Self::Paused]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A connector.
#[derive(Debug)]
pub(crate) struct Connector {
    /// `lcc-…`.
    pub id: String,
    /// As sent, secrets included: only masked copies leave the fake.
    pub config: BTreeMap<String, String>,
    pub state: State,
    /// Why it failed.
    pub trace: String,
    /// The state that comes after some reads.
    pub next: Option<(u32, State)>,
    /// `{partition, offset}` pairs.
    pub offsets: Vec<Value>,
    /// The last change of offsets, as its status shows it, and the reads until it is applied.
    pub offset_change: Option<(u32, Value)>,
}

impl Connector {
    pub fn class(&self) -> &str {
        self.config.get("connector.class").map_or("", String::as_str)
    }

    /// `source` or `sink`.
    pub fn kind(&self) -> &'static str {
        plugins::find(self.class()).map_or("source", |plugin| plugin.kind)
    }

    /// Another state comes after `reads`; with none it is there at once.
    pub fn await_reads(&mut self, reads: u32, state: State) {
        self.next = Some((reads, state));
        if reads == 0 {
            self.read();
        }
    }

    /// Counts a read of the state.
    pub fn read(&mut self) {
        match &mut self.next {
            Some((0, state)) => {
                self.state = *state;
                self.next = None;
            }
            Some((reads, _)) => *reads -= 1,
            None => {}
        }
    }

    /// Number of tasks: what was asked for, or one.
    pub fn tasks(&self) -> u32 {
        self.config.get("tasks.max").and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    pub fn status(&self, name: &str) -> Value {
        let worker = &self.id;
        // Tasks exist once the connector has started.
        let tasks: Vec<Value> = match self.state {
            State::Provisioning => Vec::new(),
            state => (0..self.tasks())
                .map(
                    |task| json!({"id": task, "state": state.name(), "worker_id": worker, "msg": self.trace}),
                )
                .collect(),
        };
        json!({
            "name": name, "type": self.kind(),
            "connector": {"state": self.state.name(), "worker_id": worker, "trace": self.trace}, "tasks": tasks,
        })
    }

    pub fn task_ids(&self, name: &str) -> Vec<Value> {
        (0..self.tasks()).map(|task| json!({"connector": name, "task": task})).collect()
    }
}
