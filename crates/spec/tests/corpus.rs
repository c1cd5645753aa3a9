//! Connector configs as people have them, and such with one mistake each.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

mod catalog;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use api::config::{Catalog, Config, PluginDescription, PluginKind, RawConfig};
use sluice_spec as spec;
use spec::{OverridePolicy, WorkerDefaults};
use testkit::connector_files::{read, read_all};

use catalog::{JsonKeys, NoKeys};

struct Plugins(Vec<PluginDescription>);

impl Catalog for Plugins {
    fn plugins(&self) -> Vec<&PluginDescription> {
        self.0.iter().collect()
    }
}

// Every class that the configs name, without keys of its own: what is left is what the framework has to say.
fn everything_in(configs: &[(String, RawConfig)]) -> Plugins {
    let mut classes = BTreeSet::new();
    for (_, config) in configs {
        let is_sink = config.contains("topics") || config.contains("topics.regex");
        let kind = if is_sink { PluginKind::Sink } else { PluginKind::Source };
        if let Some(class) = config.get("connector.class").map(str::trim)
            && !classes.iter().any(|(known, _): &(String, PluginKind)| known == class)
        {
            classes.insert((class.to_owned(), kind));
        }
        for (key, value) in config.iter() {
            let kind = match key {
                "key.converter" | "value.converter" => PluginKind::Converter,
                "header.converter" => PluginKind::HeaderConverter,
                key if is_type_of("transforms", key) => PluginKind::Transformation,
                key if is_type_of("predicates", key) => PluginKind::Predicate,
                _ => continue,
            };
            classes.insert((value.unwrap_or_default().trim().to_owned(), kind));
        }
    }
    let plugin = |(class, kind): (String, PluginKind)| PluginDescription {
        kind,
        version: "1.0.0",
        definition: if class.ends_with("JsonConverter") {
            JsonKeys::definition()
        } else {
            NoKeys::definition()
        },
        validate: if class.ends_with("JsonConverter") { JsonKeys::validate } else { NoKeys::validate },
        // The list lives as long as the test.
        class: class.leak(),
    };
    Plugins(classes.into_iter().filter(|(class, _)| !class.is_empty()).map(plugin).collect())
}

fn is_type_of(kind: &str, key: &str) -> bool {
    let alias = key
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.strip_suffix(".type"));
    alias.is_some_and(|alias| !alias.contains('.'))
}

// Fragments without topics, placeholders for numbers, and overrides that the default policy does not allow.
const REASONS: [&str; 4] = [
    "Must configure one of topics or topics.regex",
    "policy does not allow",
    "Not a number of type INT",
    "Value must be non-null",
];

#[test]
fn configs_of_others_are_valid_or_refused_for_a_known_reason() {
    let Some(shared) = testkit::shared("configs_of_others_are_valid_or_refused_for_a_known_reason") else {
        return;
    };
    let configs = read_all(&shared.join("corpus/connectors"));
    let catalog = everything_in(&configs);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut valid, mut built, mut warned, mut unknown) = (0, 0, 0, 0);
    for (file, config) in &configs {
        let answer = spec::validate(config, &catalog, &WorkerDefaults::default(), &OverridePolicy::default());
        let spec = spec::build(config, &catalog, &WorkerDefaults::default(), &OverridePolicy::default());
        assert_eq!(answer.is_valid(), spec.is_ok(), "{file}");
        valid += usize::from(answer.is_valid());
        built += usize::from(spec.is_ok());
        warned += usize::from(!answer.warnings.is_empty());
        unknown += spec::unknown_keys(config, &catalog, &WorkerDefaults::default()).len();
        for problem in answer.report().iter().flat_map(|(_, problems)| problems) {
            let known = REASONS.iter().find(|reason| problem.contains(**reason));
            assert!(known.is_some(), "{file}: {problem}");
            *counts.entry(known.unwrap()).or_default() += 1;
        }
    }
    println!(
        "{} configs, {valid} valid, {built} built, {warned} with warnings, {unknown} unknown keys",
        configs.len()
    );
    for (reason, count) in &counts {
        println!("{count:4} {reason}");
    }
    assert!(valid * 10 > configs.len() * 8, "{valid} of {}", configs.len());
}

#[test]
fn mistakes_in_framework_keys_are_found() {
    let Some(shared) = testkit::shared("mistakes_in_framework_keys_are_found") else { return };
    let catalog = everything_in(&read_all(&shared.join("corpus/connectors")));
    let table = fs::read_to_string(shared.join("corpus/broken/BROKEN.tsv")).unwrap();
    let mut found = Vec::new();
    let mut missed = Vec::new();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (file, mistake, key) = (fields[0], fields[1], fields[3]);
        let ours = matches!(
            mistake,
            "topics-and-regex"
                | "missing-topics"
                | "regex-invalid"
                | "smt-without-type"
                | "smt-unknown"
                | "smt-abstract"
                | "predicate-undefined"
                | "tasks-max"
                | "dlq-on-source"
                | "plugin-unknown"
        ) || ["errors.tolerance", "value.converter", "value.converter.schema.enable", "transform"]
            .contains(&key);
        if !ours || file.contains("mirrormaker") || mistake == "converter-unsuitable" {
            continue;
        }
        let config = read(&shared.join("corpus/broken").join(file)).unwrap();
        let answer = spec::validate(&config, &catalog, &WorkerDefaults::default(), &OverridePolicy::All);
        let said = !answer.report().of(key).is_empty()
            || answer.warnings.iter().any(|warning| warning.key == key)
            || spec::unknown_keys(&config, &catalog, &WorkerDefaults::default())
                .iter()
                .any(|(unknown, near)| unknown == key && near.is_some());
        if said { found.push(file.to_owned()) } else { missed.push(format!("{file}: {key}")) }
    }
    println!("{} mistakes found", found.len());
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(found.len() >= 12, "{found:?}");
}
