//! Values as Terraform sends them: msgpack on the wire, JSON in the state file. A set is a list here; which of the
//! two it is only its declaration knows.

mod wire;

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json};

/// One value. An object is a [`Value::Map`] by attribute name.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not set.
    Null,
    /// Known only after something has been applied.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(Number),
    /// Text.
    Text(String),
    /// A list or a set.
    List(Vec<Value>),
    /// A map or an object.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// What lies at a dotted path, where a number is a place in a list: `environment.0.id`. Null when nothing is there.
    #[must_use]
    pub fn at(&self, path: &str) -> &Value {
        let mut here = self;
        for step in path.split('.') {
            let next = match here {
                Self::Map(map) => map.get(step),
                Self::List(items) => step.parse::<usize>().ok().and_then(|place| items.get(place)),
                Self::Unknown => return &Self::Unknown,
                _ => None,
            };
            match next {
                Some(next) => here = next,
                None => return &Self::Null,
            }
        }
        here
    }

    /// The text at a path; empty when there is none.
    #[must_use]
    pub fn text(&self, path: &str) -> &str {
        match self.at(path) {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// The list at a path; empty when there is none.
    #[must_use]
    pub fn list(&self, path: &str) -> &[Value] {
        match self.at(path) {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The texts of a map at a path, without what is null.
    #[must_use]
    pub fn texts(&self, path: &str) -> BTreeMap<String, String> {
        let Self::Map(map) = self.at(path) else { return BTreeMap::new() };
        map.iter()
            .filter_map(|(key, value)| match value {
                Self::Text(text) => Some((key.clone(), text.clone())),
                _ => None,
            })
            .collect()
    }

    /// Puts a value under a name; nothing happens on what is no object.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        if let Self::Map(map) = self {
            map.insert(name.to_owned(), value.into());
        }
    }

    /// Null, or a list or block list without elements.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Null) || matches!(self, Self::List(items) if items.is_empty())
    }

    /// The empty value of its kind: false, 0, no text, no elements.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null | Self::Unknown => false,
            Self::Bool(value) => !value,
            Self::Number(value) => value.as_f64() == Some(0.0),
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.is_empty(),
        }
    }

    /// Whether nothing inside is unknown.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Map(map) => map.values().all(Self::is_known),
            _ => true,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&Json> for Value {
    fn from(json: &Json) -> Self {
        Self::from_json(json)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}

impl From<BTreeMap<String, Value>> for Value {
    fn from(map: BTreeMap<String, Value>) -> Self {
        Self::Map(map)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_blocks() {
        let value = Value::from_json(&json!({"environment": [{"id": "env-1"}]}));
        assert_eq!(value.text("environment.0.id"), "env-1");
        assert_eq!(value.at("environment.1.id"), &Value::Null);
    }
}
