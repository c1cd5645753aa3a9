//! What the answer of a check says of references.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

mod catalog;

use api::config::{ConfigKey, ConfigValue, RawConfig};
use sluice_spec as spec;
use spec::{OverridePolicy, Validation, WorkerDefaults};

use catalog::catalog;

fn validate(raw: &RawConfig) -> Validation {
    spec::validate(raw, &catalog(), &WorkerDefaults::default(), &OverridePolicy::default())
}

fn source(entries: &[(&str, &str)]) -> RawConfig {
    let entries =
        [("name", "s"), ("connector.class", "FileStreamSource"), ("topic", "t")].iter().chain(entries);
    entries.copied().collect()
}

fn entry<'a>(validation: &'a Validation, name: &str) -> (&'a ConfigKey, &'a ConfigValue) {
    let mut both = validation.configs.iter().filter_map(|(key, value)| key.as_ref().zip(value.as_ref()));
    both.find(|(key, _)| key.name == name).unwrap()
}

#[test]
fn invariant_5_what_a_reference_stands_for_is_not_shown() {
    let sent = source(&[("batch.size", "${env:SIZE}"), ("file", "${env:FILE}")]);
    let resolved = source(&[("batch.size", "canary"), ("file", "canary")]);
    let answer = validate(&resolved).with_references(&sent, &resolved);
    assert!(!format!("{answer:?}").contains("canary"));
    assert_eq!(entry(&answer, "file").1.value.as_deref(), Some("${env:FILE}"));
    assert_eq!(entry(&answer, "batch.size").1.errors.len(), 1);
    // A plugin may quote another key's value.
    let sent = source(&[("batch.size", "canary")]);
    let quoted = validate(&sent).scrubbed(&sent, |text| text.replace("canary", "${env:X}"));
    assert!(entry(&quoted, "batch.size").1.errors[0].contains("${env:X}"));
}

#[test]
fn invariant_5_names_that_come_from_a_reference_are_not_named() {
    let sent = source(&[
        ("transforms", "open, ${env:T}"),
        ("transforms.open.type", "nope"),
        ("transforms.named.type", "nope"),
        ("predicates", "${env:P}"),
        ("topic.creation.groups", "${env:G}"),
        ("topic.creation.default.partitions", "1"),
        ("topic.creation.default.replication.factor", "1"),
    ]);
    let mut resolved = sent.clone();
    resolved.set("transforms", "open, canary.1, named, canary-2");
    resolved.set("predicates", "canary");
    resolved.set("topic.creation.groups", "canary,canary");
    let before = validate(&resolved);
    assert!(format!("{before:?}").contains("Transforms: canary-2"), "the answer would name it");
    let answer = before.clone().with_references(&sent, &resolved);
    assert!(!format!("{answer:?}").contains("canary"), "{answer:?}");
    assert_eq!(answer.error_count, before.error_count);
    for list in ["transforms", "predicates"] {
        let value = entry(&answer, list).1;
        assert_eq!(value.value.as_deref(), sent.get(list));
        let wrong = "what the reference stands for is not valid";
        assert!(value.errors.len() == 1 && value.errors[0].ends_with(wrong), "{:?}", value.errors);
    }
    // Whoever names one sees its keys.
    for alias in ["open", "named"] {
        assert_eq!(entry(&answer, &format!("transforms.{alias}.type")).1.errors.len(), 1);
        assert!(answer.groups.contains(&format!("Transforms: {alias}")), "{:?}", answer.groups);
    }
    let errors: Vec<_> = answer.report().iter().map(|(key, _)| key.to_owned()).collect();
    assert!(errors.iter().all(|key| !key.contains("canary")), "{errors:?}");
}
