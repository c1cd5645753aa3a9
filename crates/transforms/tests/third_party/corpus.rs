//! How many transforms of real connector files are served.

use std::collections::BTreeMap;
use std::path::Path;

use api::Registry;
use api::config::{Catalog, PluginKind};
use serde_json::Value;

// Files that were templates escape `$` this way.
const ESCAPED_DOLLAR: &str = "$${DNE}";

// So many of 100 lines must be served.
const PERCENT_MIN: usize = 95;

#[test]
fn the_corpus_transform_lines_are_served() {
    let Some(shared) = testkit::shared("the_corpus_transform_lines_are_served") else { return };
    let mut counts = BTreeMap::new();
    for folder in ["corpus/connectors", "corpus/managed"] {
        count_folder(&shared.join(folder), &mut counts);
    }
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    let known: Vec<_> = registry.plugins().into_iter().collect();
    let served = |class: &str| {
        known.iter().any(|plugin| plugin.kind == PluginKind::Transformation && plugin.class == class)
    };
    let all: usize = counts.values().sum();
    let mut rest: Vec<_> = counts.iter().filter(|(class, _)| !served(class)).collect();
    rest.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let missing: usize = rest.iter().map(|(_, count)| **count).sum();
    println!("{} of {all} transform lines are served; not served: {rest:?}", all - missing);
    assert!(all > 100, "the corpus was not read: {all} lines");
    assert!(
        (all - missing) * 100 >= all * PERCENT_MIN,
        "{} of {all} lines are served; not: {rest:?}",
        all - missing
    );
}

fn count_folder(folder: &Path, counts: &mut BTreeMap<String, usize>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => count_folder(&path, counts),
            false => {
                let text = std::fs::read_to_string(&path).unwrap();
                if let Ok(config) = serde_json::from_str(&text) {
                    count(&config, counts);
                }
            }
        }
    }
}

fn count(config: &Value, counts: &mut BTreeMap<String, usize>) {
    let Value::Object(entries) = config else { return };
    for (key, value) in entries {
        match value {
            Value::String(class) if is_type_of_transform(key) => {
                *counts.entry(class.replace(ESCAPED_DOLLAR, "$")).or_default() += 1;
            }
            inner => count(inner, counts),
        }
    }
}

fn is_type_of_transform(key: &str) -> bool {
    let alias = key.strip_prefix("transforms.").and_then(|rest| rest.strip_suffix(".type"));
    alias.is_some_and(|alias| !alias.is_empty() && !alias.contains('.'))
}
