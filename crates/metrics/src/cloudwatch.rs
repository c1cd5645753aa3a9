//! The metrics that Sluice publishes to CloudWatch: names, units and dimensions, once.
//!
//! A worker publishes them by lines of its log ([`crate::emf`]) when its config asks for it. Whoever publishes a metric
//! takes its name from here, and the rules over alarms and dashboards accept no other. A metric whose
//! [`Metric::published`] is false has its name settled and no publisher yet: an alarm on it must be behind a variable that
//! is off, because it could not fire.

/// Namespace of all of them.
pub const NAMESPACE: &str = "Sluice";

/// A dimension that all metrics have: the environment, such as `prod`.
pub const ENVIRONMENT: &str = "Environment";
/// The connector's name.
pub const CONNECTOR: &str = "Connector";
/// The task's number within its connector.
pub const TASK: &str = "Task";

/// What a value counts, in CloudWatch's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Time in seconds.
    Seconds,
    /// Nothing that has a unit: a state or a share.
    None,
}

impl Unit {
    /// CloudWatch's word.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
            Unit::None => "None",
        }
    }
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What a value counts.
    pub unit: Unit,
    /// Its dimensions, all of them: CloudWatch knows a metric by its name and exactly these.
    pub dimensions: &'static [&'static str],
    /// What it says, and which values are bad.
    pub description: &'static str,
    /// Whether something publishes it today.
    pub published: bool,
}

const fn metric(
    name: &'static str,
    unit: Unit,
    dimensions: &'static [&'static str],
    description: &'static str,
) -> Metric {
    Metric { name, unit, dimensions, description, published: true }
}

const fn unpublished(metric: Metric) -> Metric {
    Metric { published: false, ..metric }
}

const OF_CONNECTOR: &[&str] = &[ENVIRONMENT, CONNECTOR];
const OF_TASK: &[&str] = &[ENVIRONMENT, CONNECTOR, TASK];

/// All metrics of the namespace [`NAMESPACE`].
pub const PUBLISHED: &[Metric] = &[
    metric(
        "connector_status",
        Unit::None,
        OF_CONNECTOR,
        "1 while the connector is running, 0 in any other state",
    ),
    metric("connector_task_count", Unit::Count, OF_CONNECTOR, "tasks that the connector has"),
    metric(
        "connector_failed_task_count",
        Unit::Count,
        OF_CONNECTOR,
        "tasks that have failed; above 0 is bad",
    ),
    metric("task_status", Unit::None, OF_TASK, "1 while the task is running, 0 in any other state"),
    metric("records_in", Unit::Count, OF_CONNECTOR, "records read since the last value"),
    metric("records_out", Unit::Count, OF_CONNECTOR, "records delivered since the last value"),
    metric(
        "dead_letter_records",
        Unit::Count,
        OF_CONNECTOR,
        "records written to the dead letter topic since the last value",
    ),
    metric("sink_lag", Unit::Count, OF_CONNECTOR, "records of its topics that a sink has not yet delivered"),
    unpublished(metric(
        "replication_slot_lag_seconds",
        Unit::Seconds,
        OF_CONNECTOR,
        "age of the oldest change that a change capture connector has not confirmed",
    )),
    unpublished(metric(
        "poller_heartbeat",
        Unit::Count,
        &[ENVIRONMENT],
        "1 for each pass of the poller; missing is bad",
    )),
    unpublished(metric(
        "refresh_targets_failures",
        Unit::Count,
        &[ENVIRONMENT],
        "passes of the target refresher that failed",
    )),
];

/// The metric of this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    PUBLISHED.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_one_form() {
        for (index, metric) in PUBLISHED.iter().enumerate() {
            let in_form = metric.name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(in_form, "{}", metric.name);
            assert!(
                !metric.description.is_empty() && metric.dimensions.contains(&ENVIRONMENT),
                "{}",
                metric.name
            );
            let first = PUBLISHED.iter().position(|other| other.name == metric.name);
            assert_eq!(first, Some(index), "{} stands twice", metric.name);
        }
        assert_eq!(find("connector_status").map(|metric| metric.dimensions), Some(OF_CONNECTOR));
        assert_eq!(find("connector-status"), None);
    }
}
