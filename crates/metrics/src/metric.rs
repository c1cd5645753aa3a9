//! What is known of a metric.

use std::cmp::Ordering;

/// Attributes that have the same labels and are shown together: an MBean type of Kafka Connect.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// Kafka's name, such as `source-task-metrics`.
    pub name: &'static str,
    /// The names of its labels, in order.
    pub labels: &'static [&'static str],
}

/// How a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the task or the worker starts anew.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It is a word: shown as one more label of a value that is always 1.
    Text,
}

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Records.
    Records,
    /// Bytes.
    Bytes,
    /// A number of things that are no records.
    Count,
    /// Things in a second.
    PerSecond,
    /// Milliseconds.
    Milliseconds,
    /// Milliseconds since the epoch.
    EpochMilliseconds,
    /// A share, from 0 to 1.
    Ratio,
    /// Nothing that has a unit.
    None,
}

impl Unit {
    /// The word for it in tables.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Records => "records",
            Unit::Bytes => "bytes",
            Unit::Count => "count",
            Unit::PerSecond => "per second",
            Unit::Milliseconds => "ms",
            Unit::EpochMilliseconds => "ms since 1970",
            Unit::Ratio => "0 to 1",
            Unit::None => "",
        }
    }
}

/// A metric.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Where it belongs.
    pub group: &'static Group,
    /// Kafka's name within the group, such as `source-record-poll-total`.
    pub attribute: &'static str,
    /// How its value goes.
    pub kind: Kind,
    /// What its value counts.
    pub unit: Unit,
    /// What it says, in a sentence without a full stop.
    pub meaning: &'static str,
}

impl Metric {
    /// The label that holds the word of a [`Kind::Text`].
    pub fn text_label(&self) -> String {
        self.attribute.replace('-', "_")
    }

    fn key(&self) -> (&'static str, &'static str) {
        (self.group.name, self.attribute)
    }
}

impl Ord for Metric {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Metric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
