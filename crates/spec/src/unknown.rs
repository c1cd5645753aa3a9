//! Keys that nothing declares. Kafka Connect says nothing about them, so a misspelled key stays unset in silence.

use std::collections::HashSet;

use api::config::{Catalog, ConfigDef, RawConfig};

use crate::converter::Place;
use crate::{ConnectorKind, WorkerDefaults, aliases, connector_plugin, keys};

// Prefixes under which any key may stand; what is wrong there is said elsewhere.
const OPEN: [&str; 5] =
    ["producer.override.", "consumer.override.", "admin.override.", "topic.creation.", "config.providers"];

/// Keys of a config that nothing declares, each with the known key that is nearest to it, if one is near. Empty when
/// the connector's plugin is not known.
pub fn unknown_keys(
    raw: &RawConfig,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
) -> Vec<(String, Option<String>)> {
    let Ok((plugin, kind)) = connector_plugin(raw, catalog) else { return Vec::new() };
    let mut definition = keys::definition(kind, defaults);
    aliases::enrich(&mut definition, raw, catalog);
    definition.add_all(plugin.definition);
    let mut known: HashSet<String> = definition.keys().map(|key| key.name.clone()).collect();
    known.extend(keys::extensions(kind).into_iter().flat_map(ConfigDef::keys).map(|key| key.name.clone()));
    known.insert("task.class".to_owned());
    let mut open: Vec<String> = OPEN.iter().map(|prefix| (*prefix).to_owned()).collect();
    for place in Place::ALL {
        let prefix = format!("{}.", place.key());
        match raw.get(place.key()).and_then(|class| catalog.find(class.trim(), &[place.plugin()])) {
            Some(plugin) => known.extend(plugin.definition.keys().map(|key| format!("{prefix}{}", key.name))),
            // The worker's converter, or one that is not known: nothing can be said of its keys.
            None => open.push(prefix),
        }
    }
    for alias_kind in [aliases::AliasKind::Transform, aliases::AliasKind::Predicate] {
        for alias in aliases::aliases(alias_kind, raw) {
            let prefix = format!("{}.{alias}.", alias_kind.key());
            let class = raw.get(&format!("{prefix}type"));
            if class.and_then(|class| catalog.find(class.trim(), &[alias_kind.plugin()])).is_none() {
                open.push(prefix);
            }
        }
    }
    if kind == ConnectorKind::Source {
        // Said as a warning of its own.
        open.push("errors.deadletterqueue.".to_owned());
    }
    raw.iter()
        .map(|(key, _)| key)
        .filter(|key| !known.contains(*key) && !open.iter().any(|prefix| key.starts_with(prefix.as_str())))
        .map(|key| (key.to_owned(), nearest_key(key, known.iter().map(String::as_str))))
        .collect()
}

/// The known key that is nearest to a text, if it is near enough to be what was meant: at most one mistake in five
/// letters, and never more than three.
pub fn nearest_key<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let limit = (text.chars().count() / 5).clamp(1, 3);
    known
        .map(|word| (distance(text, word), word))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, word)| word.to_owned())
}

// Letters that must be put in, left out, changed, or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let width = right.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut previous: Vec<usize> = (0..width).collect();
    for row in 1..=left.len() {
        let mut current = vec![row; width];
        for column in 1..width {
            let changed = usize::from(left[row - 1] != right[column - 1]);
            let mut best =
                (previous[column] + 1).min(current[column - 1] + 1).min(previous[column - 1] + changed);
            if row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1]
            {
                best = best.min(before[column - 2] + 1);
            }
            current[column] = best;
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found() {
        assert_eq!(distance("colum", "column"), 1);
        assert_eq!(distance("tpoic", "topic"), 1);
        assert_eq!(distance("", "abc"), 3);
        let near =
            |text| nearest_key(text, ["incrementing.column.name", "auto.evolve", "transforms"].into_iter());
        assert_eq!(near("incrementing.colum.name").as_deref(), Some("incrementing.column.name"));
        assert_eq!(near("transform").as_deref(), Some("transforms"));
        assert_eq!(near("confluent.license"), None);
    }
}
