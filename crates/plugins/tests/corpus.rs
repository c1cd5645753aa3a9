//! Configs as people have them, and such with one mistake each, against the transforms and converters of this build.
//! Connectors that it does not have are stood in for by plugins without keys.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use api::config::{Catalog, Config, PluginDescription, PluginKind, RawConfig};
use spec::{OverridePolicy, WorkerDefaults};
use testkit::connector_files::{read, read_all};

#[derive(Debug, Clone, Config)]
struct NoKeys {}

struct Plugins {
    ours: api::Registry,
    others: Vec<PluginDescription>,
}

impl Catalog for Plugins {
    fn plugins(&self) -> Vec<&PluginDescription> {
        self.ours.plugins().into_iter().chain(&self.others).collect()
    }
}

/// Our plugins, and a stand-in for each connector that a config names and we do not have.
fn catalog(configs: &[(String, RawConfig)]) -> Plugins {
    let ours = sluice_plugins::registry();
    let kinds = [PluginKind::Source, PluginKind::Sink];
    let mut classes = BTreeMap::new();
    for (_, config) in configs {
        let is_sink = config.contains("topics") || config.contains("topics.regex");
        let kind = if is_sink { PluginKind::Sink } else { PluginKind::Source };
        let class = config.get("connector.class").unwrap_or_default().trim();
        if !class.is_empty() && ours.find(class, &kinds).is_none() {
            classes.entry(class.to_owned()).or_insert(kind);
        }
    }
    let others = classes.into_iter().map(|(class, kind)| PluginDescription {
        kind,
        version: "1.0.0",
        definition: NoKeys::definition(),
        validate: NoKeys::validate,
        class: class.leak(), // it lives as long as the test
    });
    Plugins { others: others.collect(), ours }
}

/// Whether a key is the framework's, a transform's, a predicate's or a converter's.
fn is_ours(key: &str) -> bool {
    let parts =
        ["transforms", "predicates", "key.converter", "value.converter", "header.converter", "errors"];
    parts.iter().any(|part| key == *part || key.strip_prefix(part).is_some_and(|rest| rest.starts_with('.')))
        || ["topics", "topics.regex", "tasks.max", "connector.class", "transform"].contains(&key)
}

#[test]
fn nothing_of_the_corpus_crashes_the_validator_and_what_is_refused_is_counted() {
    let name = "nothing_of_the_corpus_crashes_the_validator_and_what_is_refused_is_counted";
    let Some(shared) = testkit::shared(name) else { return };
    let mut problems: BTreeMap<String, usize> = BTreeMap::new();
    let (mut files, mut transforms, mut known) = (0, 0, 0);
    for folder in ["connectors", "managed", "broken"] {
        let configs = read_all(&shared.join("corpus").join(folder));
        let catalog = catalog(&configs);
        for (_, config) in &configs {
            files += 1;
            let answer = spec::validate(config, &catalog, &WorkerDefaults::default(), &OverridePolicy::All);
            let _ = spec::build(config, &catalog, &WorkerDefaults::default(), &OverridePolicy::All);
            for (key, value) in config.iter() {
                let is_type = folder != "broken" && key.starts_with("transforms.");
                if is_type && key.ends_with(".type") && key.split('.').count() == 3 {
                    transforms += 1;
                    let class = value.unwrap_or_default().trim();
                    known += usize::from(catalog.find(class, &[PluginKind::Transformation]).is_some());
                }
            }
            if folder != "broken" {
                let report = answer.report();
                let of_ours = report.iter().filter(|(key, _)| is_ours(key));
                for (key, texts) in of_ours {
                    let kind = key.split('.').next_back().unwrap_or(key);
                    *problems
                        .entry(format!("{kind}: {}", texts[0].chars().take(90).collect::<String>()))
                        .or_default() += 1;
                }
            }
        }
    }
    println!("{files} files; {known} of {transforms} transform lines name a class that is here");
    for (problem, count) in &problems {
        println!("{count:4} {problem}");
    }
    assert!(files > 300, "{files} files");
}

#[test]
fn a_mistake_in_the_pipeline_is_said_on_the_key_that_has_it() {
    let Some(shared) = testkit::shared("a_mistake_in_the_pipeline_is_said_on_the_key_that_has_it") else {
        return;
    };
    let broken = shared.join("corpus/broken");
    let catalog = catalog(&read_all(&broken));
    let table = fs::read_to_string(broken.join("BROKEN.tsv")).unwrap();
    // The fault is the connector's, or another worker's: what these say is for the connector's own tests.
    let elsewhere = ["converter-unsuitable", "online-only"];
    let (mut found, mut missed) = (BTreeSet::new(), Vec::new());
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (file, mistake, key) = (fields[0], fields[1], fields[3]);
        let schemaless_into_a_sink = file.starts_with("22--"); // the JDBC sink's wish
        if !is_ours(key)
            || elsewhere.contains(&mistake)
            || file.contains("mirrormaker")
            || schemaless_into_a_sink
        {
            continue;
        }
        let config = read(&broken.join(file)).unwrap();
        // A class that no plugin has is the mistake of one file: a stand-in must not hide it.
        let answer = match mistake {
            "plugin-unknown" => spec::validate(
                &config,
                &sluice_plugins::registry(),
                &WorkerDefaults::default(),
                &OverridePolicy::All,
            ),
            _ => spec::validate(&config, &catalog, &WorkerDefaults::default(), &OverridePolicy::All),
        };
        let said = !answer.report().of(key).is_empty()
            || answer.warnings.iter().any(|warning| warning.key == key)
            || spec::unknown_keys(&config, &catalog, &WorkerDefaults::default())
                .iter()
                .any(|(unknown, _)| unknown == key);
        if said {
            found.insert(file.to_owned());
        } else {
            missed.push(format!("{file}: {key}"));
        }
    }
    println!("{} mistakes found", found.len());
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(found.len() >= 15, "{found:?}");
}
