//! All problems of a config, by key.

use std::fmt;

use indexmap::IndexMap;

use crate::ConfigValue;

/// Every problem found, by the key at fault, in the order found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report(IndexMap<String, Vec<String>>);

impl Report {
    /// Adds a problem of a key. The text says what is wrong and what to do.
    pub fn add(&mut self, key: impl Into<String>, problem: impl Into<String>) {
        self.0.entry(key.into()).or_default().push(problem.into());
    }

    /// Adds Kafka's text for a value that is refused: `Invalid value V for configuration K: why`.
    pub fn invalid(&mut self, key: &str, value: Option<&str>, why: &str) {
        self.add(key, invalid_text(key, value, why));
    }

    /// Takes in another report.
    pub fn merge(&mut self, other: Report) {
        for (key, problems) in other.0 {
            self.0.entry(key).or_default().extend(problems);
        }
    }

    /// Whether no problem was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of problems.
    pub fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// The problems by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(key, problems)| (key.as_str(), problems.as_slice()))
    }

    /// The problems of a key.
    pub fn of(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// Puts the problems beside the values; a key that is not among them is added without a value.
    pub fn add_to(self, values: &mut Vec<ConfigValue>) {
        for (key, problems) in self.0 {
            match values.iter_mut().find(|value| value.name == key) {
                Some(value) => value.errors.extend(problems),
                None => values.push(ConfigValue {
                    name: key,
                    value: None,
                    recommended_values: Vec::new(),
                    errors: problems,
                    visible: true,
                }),
            }
        }
    }
}

/// One problem a line; a text that does not name its key gets it in front.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (key, problems) in &self.0 {
            for problem in problems {
                match problem.contains(key.as_str()) {
                    true => write!(f, "{separator}{problem}")?,
                    false => write!(f, "{separator}{key}: {problem}")?,
                }
                separator = "\n";
            }
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

/// Kafka's text for a value that is refused; null is printed as `null`.
pub(crate) fn invalid_text(key: &str, value: Option<&str>, why: &str) -> String {
    format!("Invalid value {} for configuration {key}: {why}", value.unwrap_or("null"))
}
