//! `topic.creation.*`: settings for topics that a source writes to and that do not exist yet.

use std::collections::BTreeMap;

use api::config::{Parsed, RawConfig, Report, Type};
use regex::Regex;

use crate::pattern;
use crate::{TopicCreationSpec, TopicGroup};

const PREFIX: &str = "topic.creation.";
const DEFAULT: &str = "default";

/// Whether the config says anything about topic creation; without a word of it, the broker creates topics.
pub(crate) fn is_configured(raw: &RawConfig) -> bool {
    raw.iter().any(|(key, _)| key.starts_with(PREFIX))
}

/// Reads the groups; the default group is the last.
///
/// # Errors
/// Every problem, by key. Kafka reports them when the connector starts.
pub(crate) fn parse(raw: &RawConfig) -> Result<TopicCreationSpec, Report> {
    let mut report = Report::default();
    let default = default_group(raw, &mut report);
    let mut groups = Vec::new();
    for name in list(raw, "topic.creation.groups").into_iter().filter(|name| name != DEFAULT) {
        groups.push(group(raw, &name, &default, &mut report));
    }
    groups.push(default);
    if report.is_empty() { Ok(TopicCreationSpec { groups }) } else { Err(report) }
}

/// Keys without effect, with the reason.
pub(crate) fn without_effect(raw: &RawConfig) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let groups = list(raw, "topic.creation.groups");
    if groups.iter().any(|group| group == DEFAULT) {
        found.push((
            "topic.creation.groups".to_owned(),
            "the group 'default' is always there and always last; listing it has no effect".to_owned(),
        ));
    }
    for (key, _) in raw.iter() {
        let Some(rest) = key.strip_prefix(PREFIX).filter(|rest| *rest != "groups") else { continue };
        if matches!(rest, "default.include" | "default.exclude") {
            found.push((
                key.to_owned(),
                "the default group takes every topic that no other takes; the key has no effect".to_owned(),
            ));
        } else if !rest.starts_with("default.") && !groups.iter().any(|group| is_of_group(rest, group)) {
            found.push((
                key.to_owned(),
                "the group is not listed in 'topic.creation.groups', so the key has no effect".to_owned(),
            ));
        }
    }
    found
}

fn is_of_group(rest: &str, group: &str) -> bool {
    rest.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'))
}

fn default_group(raw: &RawConfig, report: &mut Report) -> TopicGroup {
    let every = Regex::new("").expect("the empty pattern is valid");
    TopicGroup {
        name: DEFAULT.to_owned(),
        include: vec![every],
        exclude: Vec::new(),
        partitions: number(raw, DEFAULT, "partitions", None, report),
        replication_factor: number(raw, DEFAULT, "replication.factor", None, report),
        configs: configs(raw, DEFAULT),
    }
}

fn group(raw: &RawConfig, name: &str, default: &TopicGroup, report: &mut Report) -> TopicGroup {
    TopicGroup {
        name: name.to_owned(),
        include: patterns(raw, name, "include", report),
        exclude: patterns(raw, name, "exclude", report),
        partitions: number(raw, name, "partitions", Some(default.partitions), report),
        replication_factor: number(raw, name, "replication.factor", Some(default.replication_factor), report),
        configs: configs(raw, name),
    }
}

fn number(raw: &RawConfig, group: &str, setting: &str, otherwise: Option<i32>, report: &mut Report) -> i32 {
    let key = format!("{PREFIX}{group}.{setting}");
    let Some(text) = raw.get(&key) else {
        return otherwise.unwrap_or_else(|| {
            report.add(&key, format!("Missing required configuration \"{key}\" which has no default value."));
            -1
        });
    };
    // Kafka's replication factor is a SHORT.
    let value_type = if setting == "partitions" { Type::Int } else { Type::Short };
    let number = match Parsed::parse(value_type, text) {
        Ok(Parsed::Int(number)) => number,
        Ok(Parsed::Short(number)) => number.into(),
        Ok(_) => -1,
        Err(why) => {
            report.invalid(&key, Some(text), why);
            return -1;
        }
    };
    if number < 1 && number != -1 {
        let what = if setting == "partitions" { "Number of partitions" } else { "Replication factor" };
        report.invalid(&key, Some(text), &format!("{what} must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default"));
    }
    number
}

fn patterns(raw: &RawConfig, group: &str, setting: &str, report: &mut Report) -> Vec<Regex> {
    let key = format!("{PREFIX}{group}.{setting}");
    let mut patterns = Vec::new();
    for text in list(raw, &key) {
        match pattern::whole(&text) {
            Ok(regex) => patterns.push(regex),
            Err(why) => report.invalid(&key, Some(&text), &why),
        }
    }
    patterns
}

// Whatever is not one of the framework's settings is a topic config.
fn configs(raw: &RawConfig, group: &str) -> BTreeMap<String, String> {
    let settings = raw.with_prefix(&format!("{PREFIX}{group}."));
    settings
        .iter()
        .filter(|(key, _)| !matches!(*key, "include" | "exclude" | "partitions" | "replication.factor"))
        .filter_map(|(key, value)| Some((key.to_owned(), value?.trim().to_owned())))
        .collect()
}

fn list(raw: &RawConfig, key: &str) -> Vec<String> {
    match raw.get(key).map(|text| Parsed::parse(Type::List, text)) {
        Some(Ok(Parsed::List(items))) => items,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(entries: &[(&str, &str)]) -> RawConfig {
        entries.iter().copied().collect()
    }

    #[test]
    fn the_first_group_that_matches_wins() {
        let spec = parse(&raw(&[
            ("topic.creation.default.partitions", "3"),
            ("topic.creation.default.replication.factor", "-1"),
            ("topic.creation.groups", "default, compacted, logs"),
            ("topic.creation.compacted.include", "table-.*, state"),
            ("topic.creation.compacted.exclude", "table-tmp"),
            ("topic.creation.compacted.cleanup.policy", "compact"),
            ("topic.creation.logs.include", ".*-log|table-.*"),
            ("topic.creation.logs.partitions", "1"),
        ]))
        .unwrap();
        let of = |topic| spec.group_of(topic).unwrap();
        assert_eq!(of("table-a").name, "compacted");
        assert_eq!((of("state").partitions, of("state").configs["cleanup.policy"].as_str()), (3, "compact"));
        assert_eq!((of("table-tmp").name.as_str(), of("table-tmp").partitions), ("logs", 1));
        assert_eq!((of("xstate").name.as_str(), of("anything").replication_factor), ("default", -1));
    }

    #[test]
    fn all_problems_are_named() {
        let report = parse(&raw(&[
            ("topic.creation.groups", "a"),
            ("topic.creation.a.include", "(x"),
            ("topic.creation.a.partitions", "0"),
            ("topic.creation.default.replication.factor", "many"),
        ]))
        .unwrap_err();
        let keys: Vec<&str> = report.iter().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            [
                "topic.creation.default.partitions",
                "topic.creation.default.replication.factor",
                "topic.creation.a.include",
                "topic.creation.a.partitions"
            ]
        );
    }
}
