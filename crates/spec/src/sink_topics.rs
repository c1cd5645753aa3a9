//! Checks between a sink's keys, with Kafka's texts.

use api::config::{Parsed, RawConfig, Report, Type};

use crate::{WorkerDefaults, pattern};

/// What is read, and where bad records go.
pub(crate) fn check(raw: &RawConfig, report: &mut Report) {
    let text = |key| raw.get(key).map(str::trim).filter(|text| !text.is_empty());
    let (topics, regex) = (text("topics"), text("topics.regex"));
    let both = |report: &mut Report, problem: &str| {
        report.add("topics", problem);
        report.add("topics.regex", problem);
    };
    match (topics, regex) {
        (Some(_), Some(_)) => {
            both(report, "topics and topics.regex are mutually exclusive options, but both are set.");
        }
        (None, None) => both(report, "Must configure one of topics or topics.regex"),
        _ => {}
    }
    let Some(dead_letters) = text("errors.deadletterqueue.topic.name") else { return };
    if let Some(Ok(Parsed::List(list))) = topics.map(|topics| Parsed::parse(Type::List, topics))
        && list.iter().any(|topic| topic == dead_letters)
    {
        report.add("topics", format!(
            "The DLQ topic '{dead_letters}' may not be included in the list of topics ('topics=[{}]') consumed by \
             the connector",
            list.join(", ")
        ));
    }
    if let Some(regex) = regex
        && pattern::whole(regex).is_ok_and(|pattern| pattern.is_match(dead_letters))
    {
        report.add(
            "topics.regex",
            format!(
                "The DLQ topic '{dead_letters}' may not be matched by the regex for the topics \
             ('topics.regex={regex}') consumed by the connector"
            ),
        );
    }
}

/// A sink's consumers must not join the workers' own group.
pub(crate) fn check_group(raw: &RawConfig, defaults: &WorkerDefaults, report: &mut Report) {
    let Some(worker) = defaults.group_id.as_deref() else { return };
    let name = raw.get("name").unwrap_or_default().trim();
    match raw.get("consumer.override.group.id").map(str::trim) {
        Some(group) if group == worker => report.add(
            "consumer.override.group.id",
            format!("Consumer group {group} conflicts with Connect worker group {worker}"),
        ),
        None if format!("connect-{name}") == worker => report.add(
            "name",
            format!(
                "Consumer group for sink connector named {name} conflicts with Connect worker group {worker}"
            ),
        ),
        _ => {}
    }
}
