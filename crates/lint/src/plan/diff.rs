//! The attributes that differ between two values, with what may be shown of them.

use serde_json::{Map, Value};

use super::change::Change;
use super::redact::{HIDDEN, Secrets, at_index, at_key, embedded};
use crate::secret_name::is_secret;

/// An attribute that changes: its path, and its value before and afterwards as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) before: Shown,
    pub(crate) after: Shown,
}

/// A value, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    Value(String),
    Hidden,
    Unknown,
    Absent,
}

/// One value in its two states.
struct Pair<'a> {
    before: &'a Value,
    after: &'a Value,
    unknown: &'a Value,
    before_sensitive: &'a Value,
    after_sensitive: &'a Value,
}

/// The attributes in which a change differs, by path.
pub(crate) fn of(change: &Change, secrets: &Secrets) -> Vec<Difference> {
    let mut found = Vec::new();
    let pair = Pair {
        before: &change.before,
        after: &change.after,
        unknown: &change.after_unknown,
        before_sensitive: &change.before_sensitive,
        after_sensitive: &change.after_sensitive,
    };
    walk("", &pair, secrets, &mut found);
    found
}

fn walk(path: &str, pair: &Pair, secrets: &Secrets, found: &mut Vec<Difference>) {
    let is_unknown = *pair.unknown == Value::Bool(true);
    let nothing_inside = is_false(pair.unknown);
    if pair.before == pair.after && !is_unknown && nothing_inside {
        return;
    }
    let hidden = *pair.before_sensitive == Value::Bool(true) || *pair.after_sensitive == Value::Bool(true);
    if hidden {
        let after = if is_unknown { Shown::Unknown } else { hide(pair.after) };
        found.push(Difference { path: path.to_owned(), before: hide(pair.before), after });
        return;
    }
    if is_unknown {
        let before = show(pair.before, secrets);
        found.push(Difference { path: path.to_owned(), before, after: Shown::Unknown });
        return;
    }
    match (pair.before, pair.after) {
        (Value::Object(_) | Value::Null, Value::Object(_)) | (Value::Object(_), Value::Null) => {
            walk_object(path, pair, secrets, found);
        }
        (Value::Array(before), Value::Array(after)) if has_objects(before) || has_objects(after) => {
            for index in 0..before.len().max(after.len()) {
                let inner = Pair {
                    before: before.get(index).unwrap_or(&Value::Null),
                    after: after.get(index).unwrap_or(&Value::Null),
                    unknown: at_index(pair.unknown, index),
                    before_sensitive: at_index(pair.before_sensitive, index),
                    after_sensitive: at_index(pair.after_sensitive, index),
                };
                walk(&format!("{path}[{index}]"), &inner, secrets, found);
            }
        }
        (Value::String(before), Value::String(after)) => match (embedded(before), embedded(after)) {
            (Some(before), Some(after)) if before != after => {
                let inner = Pair {
                    before: &before,
                    after: &after,
                    unknown: &Value::Null,
                    before_sensitive: &Value::Null,
                    after_sensitive: &Value::Null,
                };
                walk(path, &inner, secrets, found);
            }
            // The same JSON in another form.
            (Some(_), Some(_)) => {}
            _ => push(path, pair, secrets, found),
        },
        _ => push(path, pair, secrets, found),
    }
}

fn walk_object(path: &str, pair: &Pair, secrets: &Secrets, found: &mut Vec<Difference>) {
    let empty = Map::new();
    let (before, after) =
        (pair.before.as_object().unwrap_or(&empty), pair.after.as_object().unwrap_or(&empty));
    let unknown = pair.unknown.as_object().unwrap_or(&empty);
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).chain(unknown.keys()).collect();
    keys.sort();
    keys.dedup();
    // `{ "name": "DB_PASSWORD", "value": ... }`
    let names_secret =
        [before, after].iter().any(|map| map.get("name").and_then(Value::as_str).is_some_and(is_secret));
    for key in keys {
        let is_hidden = is_secret(key) || (names_secret && key == "value");
        let sensitive = Value::Bool(true);
        let inner = Pair {
            before: before.get(key).unwrap_or(&Value::Null),
            after: after.get(key).unwrap_or(&Value::Null),
            unknown: at_key(pair.unknown, key),
            before_sensitive: if is_hidden { &sensitive } else { at_key(pair.before_sensitive, key) },
            after_sensitive: if is_hidden { &sensitive } else { at_key(pair.after_sensitive, key) },
        };
        walk(&join(path, key), &inner, secrets, found);
    }
}

fn push(path: &str, pair: &Pair, secrets: &Secrets, found: &mut Vec<Difference>) {
    // Providers write "nothing" in several ways.
    if pair.before != pair.after && !(is_nothing(pair.before) && is_nothing(pair.after)) {
        let (before, after) = (show(pair.before, secrets), show(pair.after, secrets));
        found.push(Difference { path: path.to_owned(), before, after });
    }
}

fn hide(value: &Value) -> Shown {
    if value.is_null() { Shown::Absent } else { Shown::Hidden }
}

fn show(value: &Value, secrets: &Secrets) -> Shown {
    let text = match value {
        Value::Null => return Shown::Absent,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if secrets.hides(&text) || contains_secret(value, secrets) { Shown::Hidden } else { Shown::Value(text) }
}

// A list or object that is shown whole must not hold a secret by name either.
fn contains_secret(value: &Value, secrets: &Secrets) -> bool {
    match value {
        Value::String(text) => {
            secrets.hides(text) || embedded(text).is_some_and(|inner| contains_secret(&inner, secrets))
        }
        Value::Array(list) => list.iter().any(|member| contains_secret(member, secrets)),
        Value::Object(map) => {
            map.iter().any(|(key, member)| is_secret(key) || contains_secret(member, secrets))
        }
        _ => false,
    }
}

fn has_objects(list: &[Value]) -> bool {
    list.iter().any(|member| member.is_object() || member.is_array())
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_false(mask: &Value) -> bool {
    match mask {
        Value::Bool(unknown) => !unknown,
        Value::Array(list) => list.iter().all(is_false),
        Value::Object(map) => map.values().all(is_false),
        _ => true,
    }
}

fn join(path: &str, key: &str) -> String {
    let is_name = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (path.is_empty(), is_name) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{:?}]", key),
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Shown::Value(text) => text,
            Shown::Hidden => HIDDEN,
            Shown::Unknown => "(known after apply)",
            Shown::Absent => "(none)",
        })
    }
}
