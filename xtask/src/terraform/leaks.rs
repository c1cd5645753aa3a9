//! Looking for secrets where they must not be.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// Where a secret cannot be kept out, with the provider as it is: resource type and attribute.
///
/// Confluent's provider has no write-only arguments, so what it makes or is given stands in state and plan.
pub const UNAVOIDABLE: [(&str, &str); 2] =
    [("confluent_api_key", "secret"), ("confluent_connector", "config_sensitive")];

/// Variables that carry secrets to such a resource; a plan holds the values of its variables.
const UNAVOIDABLE_VARIABLES: [&str; 1] = ["connector_secrets"];

/// Secrets to look for; the sources add to it as the run goes on.
#[derive(Debug, Default)]
pub struct Secrets(BTreeSet<String>);

/// Places of a document that hold a secret.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Where it cannot be avoided: `confluent_api_key.secret`.
    pub unavoidable: BTreeSet<String>,
    /// Anywhere else.
    pub leaks: BTreeSet<String>,
}

impl Secrets {
    /// Adds one. A short text would be found by chance.
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= 12 {
            self.0.insert(secret.to_owned());
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds the secrets of API keys that a state holds.
    pub fn add_keys_of(&mut self, state: &Value) {
        if state["type"] == "confluent_api_key"
            && let Some(secret) = state["values"]["secret"].as_str()
        {
            self.add(secret);
        }
        match state {
            Value::Array(entries) => entries.iter().for_each(|entry| self.add_keys_of(entry)),
            Value::Object(entries) => entries.values().for_each(|entry| self.add_keys_of(entry)),
            _ => {}
        }
    }

    /// Searches a state or a plan.
    pub fn search(&self, document: &Value) -> Found {
        let mut found = Found::default();
        self.walk(document, "", None, &mut found);
        found
    }

    /// Searches a text; a log is no place for any secret.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret))
    }

    /// Files below `folder` that hold a secret. Documents that [`Self::search`] looks into are left out by their ending.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn search_logs(&self, folder: &Path, left_out: &str) -> anyhow::Result<Vec<String>> {
        let mut hits = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_file()
                && !name.ends_with(left_out)
                && self.is_in(&String::from_utf8_lossy(&std::fs::read(&path)?))
            {
                hits.push(name);
            }
        }
        Ok(hits)
    }

    fn walk(&self, value: &Value, path: &str, resource: Option<&str>, found: &mut Found) {
        match value {
            Value::String(text) if self.is_in(text) => match unavoidable(resource, path) {
                Some(place) => drop(found.unavoidable.insert(place)),
                None => drop(
                    found.leaks.insert(format!("{} {path}", resource.unwrap_or_default()).trim().to_owned()),
                ),
            },
            Value::Array(entries) => {
                for entry in entries {
                    self.walk(entry, path, resource, found);
                }
            }
            Value::Object(entries) => {
                // A resource begins where a type and an address are; paths are counted from there.
                let kind =
                    entries.get("type").and_then(Value::as_str).filter(|_| entries.contains_key("address"));
                for (key, entry) in entries {
                    match kind {
                        Some(kind) => self.walk(entry, key, Some(kind), found),
                        None => self.walk(entry, &format!("{path}.{key}"), resource, found),
                    }
                }
            }
            _ => {}
        }
    }
}

// `values.secret`, `change.after.secret`, `change.before.config_sensitive.connection.password`.
fn unavoidable(resource: Option<&str>, path: &str) -> Option<String> {
    if let Some(variable) = path.strip_prefix(".variables.").and_then(|rest| rest.split('.').next())
        && UNAVOIDABLE_VARIABLES.contains(&variable)
    {
        return Some(format!("variable {variable}"));
    }
    let rest =
        ["values.", "change.after.", "change.before."].iter().find_map(|prefix| path.strip_prefix(prefix))?;
    let (kind, attribute) = UNAVOIDABLE.iter().find(|(kind, attribute)| {
        resource == Some(kind)
            && rest.strip_prefix(attribute).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })?;
    Some(format!("{kind}.{attribute}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secrets() -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add("the-secret-of-a-key");
        secrets.add("short");
        secrets
    }

    #[test]
    fn a_keys_own_secret_cannot_be_avoided() {
        let state = json!({"values": {"root_module": {"resources": [
            {"address": "confluent_api_key.x", "type": "confluent_api_key", "values": {"secret": "the-secret-of-a-key"}},
        ]}}});
        let found = secrets().search(&state);
        assert_eq!(found.unavoidable, BTreeSet::from(["confluent_api_key.secret".to_owned()]));
        assert!(found.leaks.is_empty());
        let mut keys = Secrets::default();
        keys.add_keys_of(&state);
        assert_eq!(keys.len(), 1);
    }

    #[test]
    fn anywhere_else_it_is_a_leak() {
        let state = json!({
            "values": {"outputs": {"key": {"value": "k:the-secret-of-a-key"}}},
            "resource_changes": [
                {"address": "confluent_connector.x", "type": "confluent_connector",
                 "change": {"after": {"config_nonsensitive": {"password": "the-secret-of-a-key"}, "x": "short"}}},
                {"address": "confluent_connector.x", "type": "confluent_connector",
                 "change": {"after": {"config_sensitive": {"database.password": "the-secret-of-a-key"}}}},
            ],
        });
        let found = secrets().search(&state);
        assert_eq!(
            found.leaks.into_iter().collect::<Vec<_>>(),
            [".values.outputs.key.value", "confluent_connector change.after.config_nonsensitive.password"]
        );
        assert_eq!(found.unavoidable, BTreeSet::from(["confluent_connector.config_sensitive".to_owned()]));
        let plan = json!({"variables": {
            "connector_secrets": {"value": {"db": {"password": "the-secret-of-a-key"}}},
            "other": {"value": "the-secret-of-a-key"},
        }});
        let found = secrets().search(&plan);
        assert_eq!(found.leaks, BTreeSet::from([".variables.other.value".to_owned()]));
        assert_eq!(found.unavoidable, BTreeSet::from(["variable connector_secrets".to_owned()]));
    }

    #[test]
    fn logs_are_searched_as_text() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("apply.out"), "… the-secret-of-a-key …").unwrap();
        std::fs::write(folder.path().join("plan.json.out"), "the-secret-of-a-key").unwrap();
        assert_eq!(secrets().search_logs(folder.path(), ".json.out").unwrap(), ["apply.out"]);
    }
}
