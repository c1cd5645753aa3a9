//! What is shared out among workers: connectors and tasks.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// A task of a connector.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Task {
    /// The connector's name.
    pub connector: Arc<str>,
    /// The task's number, from 0.
    pub task: u32,
}

impl Task {
    /// A task by name and number.
    pub fn new(connector: impl Into<Arc<str>>, task: u32) -> Self {
        Self { connector: connector.into(), task }
    }
}

/// As Kafka Connect shows it: `name-0`.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.connector, self.task)
    }
}

/// Connector objects and tasks. The order is the one in which a worker got them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Connector objects, by the connector's name.
    pub connectors: Vec<Arc<str>>,
    /// Tasks.
    pub tasks: Vec<Task>,
}

impl Work {
    /// Whether it is nothing.
    pub fn is_empty(&self) -> bool {
        self.connectors.is_empty() && self.tasks.is_empty()
    }

    /// This, but for what is in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let connectors: HashSet<&Arc<str>> = other.connectors.iter().collect();
        let tasks: HashSet<&Task> = other.tasks.iter().collect();
        Self {
            connectors: self.connectors.iter().filter(|name| !connectors.contains(name)).cloned().collect(),
            tasks: self.tasks.iter().filter(|task| !tasks.contains(task)).cloned().collect(),
        }
    }

    /// This, and behind it what of `other` is not in it.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        let more = other.without(self);
        both.connectors.extend(more.connectors);
        both.tasks.extend(more.tasks);
        both
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_keeps_its_place() {
        let before = Work { connectors: vec!["b".into(), "a".into()], tasks: vec![Task::new("a", 1)] };
        let given = Work { connectors: vec!["c".into(), "a".into()], tasks: vec![Task::new("a", 0)] };
        let revoked = Work { connectors: vec!["b".into()], tasks: vec![] };
        let after = before.without(&revoked).with(&given);
        assert_eq!(after.connectors, ["a".into(), "c".into()]);
        assert_eq!(after.tasks, [Task::new("a", 1), Task::new("a", 0)]);
        assert!(after.without(&after).is_empty());
        assert_eq!(after.tasks[0].to_string(), "a-1");
    }
}
