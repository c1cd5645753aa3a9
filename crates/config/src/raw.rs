//! A config as it was sent: text by key.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Keys and texts in the order they were sent. A null (JSON) is kept as `None`, as Kafka Connect does.
///
/// It may hold secrets, so `Debug` prints the keys only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawConfig(IndexMap<String, Option<String>>);

impl fmt::Debug for RawConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawConfig")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl RawConfig {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of a key; `None` when the key is absent or null.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_deref()
    }

    /// Whether the key is there, be it null.
    pub fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Sets a key; one that is there keeps its place.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.insert(key.into(), Some(value.into()));
    }

    /// Sets a key to null.
    pub fn set_null(&mut self, key: impl Into<String>) {
        self.0.insert(key.into(), None);
    }

    /// As [`Self::set`], in a chain.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, value);
        self
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        self.0.shift_remove(key).flatten()
    }

    /// All keys in order; null as `None`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_deref()))
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys that begin with the prefix, without it, as Kafka's `originalsWithPrefix`.
    pub fn with_prefix(&self, prefix: &str) -> RawConfig {
        let stripped = self.0.iter().filter_map(|(key, value)| {
            let rest = key.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
            Some((rest.to_owned(), value.clone()))
        });
        RawConfig(stripped.collect())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for RawConfig {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        RawConfig(entries.into_iter().map(|(key, value)| (key.into(), Some(value.into()))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_value() {
        let raw = RawConfig::new().with("password", "canary");
        assert!(!format!("{raw:?}").contains("canary"));
        assert!(format!("{raw:?}").contains("password"));
    }

    #[test]
    fn a_prefix_is_taken_off() {
        let raw: RawConfig = [("a.b", "1"), ("a.", "2"), ("c", "3")].into_iter().collect();
        assert_eq!(raw.with_prefix("a."), [("b", "1")].into_iter().collect());
    }
}
