//! What of a plan's values may be shown (invariant 5). A value is hidden when Terraform marks it sensitive, when its
//! name means a secret, when it looks like one, or when it contains one that was found elsewhere in the plan.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::change::Change;
use crate::secret_name::is_secret;

/// What stands for a hidden value.
pub(crate) const HIDDEN: &str = "(sensitive)";

// Shorter ones would hide every other word; they are hidden where they stand, and where nothing else stands.
const SHORTEST: usize = 4;

#[allow(clippy::expect_used)] // the pattern is a constant, and a test uses it
static LOOKS_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"-----BEGIN |\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|://[^/\s:@]*:[^/\s@]+@|(?i:password|passwd|pwd|secret|token|api[_-]?key)(?:\s*=\s*|:\s+)\S",
    )
    .expect("the pattern is a constant")
});

/// Every secret text of a plan.
#[derive(Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    pub(crate) fn of<'a>(plan: &Value, changes: impl Iterator<Item = &'a Change>) -> Self {
        let mut found = Self::default();
        for change in changes {
            found.collect(&change.before, &change.before_sensitive);
            found.collect(&change.after, &change.after_sensitive);
        }
        found.collect_variables(plan);
        found.0.sort();
        found.0.dedup();
        found
    }

    fn collect(&mut self, value: &Value, sensitive: &Value) {
        if *sensitive == Value::Bool(true) {
            return self.take(value);
        }
        match value {
            Value::Object(map) => {
                let names_secret = map.get("name").and_then(Value::as_str).is_some_and(is_secret);
                for (key, member) in map {
                    if is_secret(key) || (names_secret && key == "value") {
                        self.take(member);
                    } else {
                        self.collect(member, at_key(sensitive, key));
                    }
                }
            }
            Value::Array(list) => {
                for (index, member) in list.iter().enumerate() {
                    self.collect(member, at_index(sensitive, index));
                }
            }
            Value::String(text) => {
                if let Some(inner) = embedded(text) {
                    self.collect(&inner, &Value::Null);
                }
            }
            _ => {}
        }
    }

    // Variables stand in a plan in plain text, sensitive ones too.
    fn collect_variables(&mut self, plan: &Value) {
        let declared = &plan["configuration"]["root_module"]["variables"];
        for (name, variable) in plan["variables"].as_object().into_iter().flatten() {
            if declared[name]["sensitive"] == Value::Bool(true) || is_secret(name) {
                self.take(&variable["value"]);
            }
        }
    }

    fn take(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                self.0.push(text.clone());
                if let Some(inner) = embedded(text) {
                    self.take(&inner);
                }
            }
            Value::Number(number) => self.0.push(number.to_string()),
            Value::Array(list) => list.iter().for_each(|member| self.take(member)),
            Value::Object(map) => map.values().for_each(|member| self.take(member)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Whether a text is, contains or looks like a secret.
    pub(crate) fn hides(&self, text: &str) -> bool {
        let known = |secret: &String| {
            !secret.is_empty()
                && (text == secret || (secret.chars().count() >= SHORTEST && text.contains(secret.as_str())))
        };
        LOOKS_SECRET.is_match(text) || self.0.iter().any(known)
    }
}

/// The part of a mask for a member.
pub(crate) fn at_key<'a>(mask: &'a Value, key: &str) -> &'a Value {
    match mask {
        Value::Bool(true) => mask,
        other => other.get(key).unwrap_or(&Value::Null),
    }
}

/// The part of a mask for an entry.
pub(crate) fn at_index(mask: &Value, index: usize) -> &Value {
    match mask {
        Value::Bool(true) => mask,
        other => other.get(index).unwrap_or(&Value::Null),
    }
}

/// JSON within a text, as policies and container definitions are written.
pub(crate) fn embedded(text: &str) -> Option<Value> {
    let is_json = text.trim_start().starts_with(['{', '[']);
    serde_json::from_str(text).ok().filter(|value: &Value| is_json && (value.is_object() || value.is_array()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_hidden() {
        let none = Secrets::default();
        for text in [
            "-----BEGIN PRIVATE KEY-----",
            "AKIAIOSFODNN7EXAMPLE",
            "postgres://me:pw@host/db",
            "host=x password=pw",
            "token: abc",
        ] {
            assert!(none.hides(text), "{text}");
        }
        for text in [
            "arn:aws:kms:eu-central-1:111122223333:key/1",
            "arn:aws:secretsmanager:eu-central-1:1:secret:db-x",
        ] {
            assert!(!none.hides(text), "{text}");
        }
        let known = Secrets(vec!["abc".to_owned(), "hunter2".to_owned()]);
        assert!(known.hides("abc") && known.hides("x-hunter2-y") && !known.hides("abcd"));
    }
}
