//! Values of metrics at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Metric;

/// What a value is of: which connector, which task. Names only; nothing of a config can be a label (invariant 5).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Labels {
    /// The connector's name.
    pub connector: Option<Arc<str>>,
    /// The task's number.
    pub task: Option<u32>,
}

impl Labels {
    /// Of the worker as a whole.
    pub fn worker() -> Self {
        Self::default()
    }

    /// Of a connector.
    pub fn connector(name: &Arc<str>) -> Self {
        Self { connector: Some(name.clone()), task: None }
    }

    /// Of a task.
    pub fn task(connector: &Arc<str>, task: u32) -> Self {
        Self { connector: Some(connector.clone()), task: Some(task) }
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number; not a number where there is nothing to tell of, as in Kafka.
    Number(f64),
    /// A word, of a [`crate::Kind::Text`].
    Text(String),
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What it is of.
    pub labels: Labels,
    /// The value.
    pub value: Value,
}

/// Values of metrics at one moment: of each metric its points. What is not there is not told: a connector that is gone
/// leaves no series.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    families: BTreeMap<&'static Metric, Vec<Point>>,
    runs: BTreeMap<Labels, u64>,
}

impl Snapshot {
    /// Adds a number.
    pub fn number(&mut self, metric: &'static Metric, labels: &Labels, value: f64) {
        self.add(metric, labels, Value::Number(value));
    }

    /// Adds a word.
    pub fn text(&mut self, metric: &'static Metric, labels: &Labels, value: impl Into<String>) {
        self.add(metric, labels, Value::Text(value.into()));
    }

    /// Says which start of a task its counters are of: those of another one began at zero.
    pub fn set_run(&mut self, task: &Labels, run: u64) {
        self.runs.insert(task.clone(), run);
    }

    /// Which start of a task its counters are of.
    pub fn run_of(&self, task: &Labels) -> Option<u64> {
        self.runs.get(task).copied()
    }

    fn add(&mut self, metric: &'static Metric, labels: &Labels, value: Value) {
        self.families.entry(metric).or_default().push(Point { labels: labels.clone(), value });
    }

    /// The metrics that have points, by group and attribute, with these.
    pub fn families(&self) -> impl Iterator<Item = (&'static Metric, &[Point])> {
        self.families.iter().map(|(metric, points)| (*metric, points.as_slice()))
    }

    /// The points of a metric.
    pub fn points(&self, metric: &'static Metric) -> &[Point] {
        self.families.get(metric).map(Vec::as_slice).unwrap_or_default()
    }

    /// The number that a metric has for these labels.
    pub fn number_of(&self, metric: &'static Metric, labels: &Labels) -> Option<f64> {
        self.points(metric).iter().find(|point| point.labels == *labels).and_then(|point| match point.value {
            Value::Number(number) => Some(number),
            Value::Text(_) => None,
        })
    }
}
