//! What the answer of a check may say to those who must not see what references stand for.

use std::collections::HashSet;

use api::config::{ConfigKey, ConfigValue, DefaultValue, Parsed, RawConfig, Type, placeholder};

use crate::Validation;

/// Keys that list names, and what keys of these names begin with.
const LISTS: [(&str, &str); 3] = [
    ("transforms", "transforms."),
    ("predicates", "predicates."),
    ("topic.creation.groups", "topic.creation."),
];

/// A key of an answer.
type Entry = (Option<ConfigKey>, Option<ConfigValue>);

impl Validation {
    /// The same answer for those who must not see what references stand for: each value that came from a config
    /// provider is its reference again, and its errors are one sentence without it. Names of transforms, predicates and
    /// groups of topics that come from there are not named at all: no key of theirs is in the answer. Invariant 5.
    pub fn with_references(mut self, sent: &RawConfig, resolved: &RawConfig) -> Self {
        for (list, prefix) in LISTS {
            if is_looked_up(list, sent, resolved) {
                self.leave_out(list, prefix, &secret_names(list, prefix, sent, resolved));
            }
        }
        for value in self.configs.iter_mut().filter_map(|(_, value)| value.as_mut()) {
            let Some(text) = sent.get(&value.name).filter(|_| is_looked_up(&value.name, sent, resolved))
            else {
                continue;
            };
            value.value = value.value.take().map(|_| text.to_owned());
            value.recommended_values.clear();
            if !value.errors.is_empty() {
                value.errors = vec![format!(
                    "Invalid value {text} for configuration {}: what the reference stands for is not valid",
                    value.name
                )];
            }
        }
        self
    }

    /// The same answer with every text scrubbed that a plugin may have made of other keys' values. What is declared and
    /// what was sent stays as it is: a password that is the word `password` must not change the names of keys. Invariant 5.
    pub fn scrubbed(mut self, sent: &RawConfig, scrub: impl Fn(&str) -> String) -> Self {
        for (key, value) in &mut self.configs {
            let Some(value) = value else { continue };
            for text in value.errors.iter_mut().chain(&mut value.recommended_values) {
                *text = scrub(text);
            }
            let default = key.as_ref().and_then(|key| match &key.default {
                DefaultValue::Text(text) => Some(text),
                _ => None,
            });
            if let Some(text) = &mut value.value
                && !sent.contains(&value.name)
                && Some(&*text) != default
            {
                *text = scrub(text);
            }
        }
        for warning in &mut self.warnings {
            warning.text = scrub(&warning.text);
        }
        self
    }

    // Keys and groups of these names; that one of these keys is wrong, the list says.
    fn leave_out(&mut self, list: &str, prefix: &str, names: &HashSet<String>) {
        let is_of_one = |key: &str| {
            key.strip_prefix(prefix).is_some_and(|rest| beginnings(rest).any(|name| names.contains(name)))
        };
        let all = std::mem::take(&mut self.configs);
        let (left_out, stay): (Vec<_>, Vec<_>) = all.into_iter().partition(|(key, value)| {
            let name = key.as_ref().map(|key| &key.name).or(value.as_ref().map(|value| &value.name));
            name.is_some_and(|name| is_of_one(name))
        });
        self.configs = stay;
        let groups = |entries: &[Entry]| -> HashSet<String> {
            entries.iter().filter_map(|(key, _)| key.as_ref()?.group.clone()).collect()
        };
        let (gone, there) = (groups(&left_out), groups(&self.configs));
        self.groups.retain(|group| !gone.contains(group) || there.contains(group));
        self.warnings.retain(|warning| !is_of_one(&warning.key));
        if left_out.iter().any(|(_, value)| value.as_ref().is_some_and(|value| !value.errors.is_empty())) {
            let error = "a key of one of these names is not valid".to_owned();
            let mut values = self.configs.iter_mut().filter_map(|(_, value)| value.as_mut());
            match values.find(|value| value.name == list) {
                Some(value) => value.errors.push(error),
                None => {
                    let value = ConfigValue {
                        name: list.to_owned(),
                        value: Some(String::new()),
                        recommended_values: Vec::new(),
                        errors: vec![error],
                        visible: true,
                    };
                    self.configs.insert(0, (None, Some(value)));
                }
            }
        }
    }
}

// Whether a part of the value came from a provider.
fn is_looked_up(key: &str, sent: &RawConfig, resolved: &RawConfig) -> bool {
    sent.get(key).is_some_and(|text| placeholder::is_reference(text) && resolved.get(key) != Some(text))
}

/// The names of a list that the sender does not name, neither there nor in a key.
fn secret_names(list: &str, prefix: &str, sent: &RawConfig, resolved: &RawConfig) -> HashSet<String> {
    let mut names = names(resolved.get(list));
    for named in self::names(sent.get(list)) {
        names.remove(&named);
    }
    for rest in sent.iter().filter_map(|(key, _)| key.strip_prefix(prefix)) {
        beginnings(rest).for_each(|name| _ = names.remove(name));
    }
    names
}

fn names(list: Option<&str>) -> HashSet<String> {
    match list.map(|text| Parsed::parse(Type::List, text)) {
        Some(Ok(Parsed::List(names))) => names.into_iter().collect(),
        _ => HashSet::new(),
    }
}

// What stands before each point.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('.').map(|(at, _)| &text[..at])
}
