//! Values as Terraform sends them: msgpack on the wire, JSON in the state file. A set is a list here; which of the
//! two it is only its declaration knows.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use rmpv::Value as Pack;
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

/// Code of the msgpack extension type that stands for "unknown"; with 12 it carries what is known about the value.
const UNKNOWN: i8 = 0;

impl Value {
    /// From the wire.
    ///
    /// # Errors
    /// When the bytes are no msgpack, or hold what Terraform does not send.
    pub fn from_msgpack(bytes: &[u8]) -> anyhow::Result<Self> {
        let pack =
            rmpv::decode::read_value(&mut &*bytes).context("the value from Terraform is no msgpack")?;
        Self::from_pack(pack)
    }

    /// For the wire.
    #[must_use]
    pub fn to_msgpack(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let written = rmpv::encode::write_value(&mut bytes, &self.to_pack());
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
        bytes
    }

    fn from_pack(pack: Pack) -> anyhow::Result<Self> {
        Ok(match pack {
            Pack::Nil => Self::Null,
            Pack::Ext(..) => Self::Unknown,
            Pack::Boolean(value) => Self::Bool(value),
            Pack::Integer(value) => match (value.as_i64(), value.as_u64()) {
                (Some(value), _) => Self::Number(value.into()),
                (None, Some(value)) => Self::Number(value.into()),
                (None, None) => bail!("the number {value} is not supported"),
            },
            Pack::F32(value) => Self::Number(float(f64::from(value))?),
            Pack::F64(value) => Self::Number(float(value)?),
            Pack::String(value) => Self::Text(value.into_str().context("a text from Terraform is no UTF-8")?),
            Pack::Array(items) => {
                Self::List(items.into_iter().map(Self::from_pack).collect::<Result<_, _>>()?)
            }
            Pack::Map(entries) => {
                let mut map = BTreeMap::new();
                for (key, value) in entries {
                    let key = key.as_str().context("a key from Terraform is no text")?.to_owned();
                    map.insert(key, Self::from_pack(value)?);
                }
                Self::Map(map)
            }
            Pack::Binary(_) => bail!("binary values are not part of this provider's schema"),
        })
    }

    fn to_pack(&self) -> Pack {
        match self {
            Self::Null => Pack::Nil,
            Self::Unknown => Pack::Ext(UNKNOWN, vec![0]),
            Self::Bool(value) => Pack::Boolean(*value),
            Self::Number(value) => match (value.as_i64(), value.as_u64()) {
                (Some(value), _) => Pack::from(value),
                (None, Some(value)) => Pack::from(value),
                (None, None) => Pack::from(value.as_f64().unwrap_or_default()),
            },
            Self::Text(value) => Pack::from(value.as_str()),
            Self::List(items) => Pack::Array(items.iter().map(Self::to_pack).collect()),
            Self::Map(map) => Pack::Map(
                map.iter().map(|(key, value)| (Pack::from(key.as_str()), value.to_pack())).collect(),
            ),
        }
    }

    /// From the state file or an answer of the cloud.
    #[must_use]
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(value) => Self::Number(value.clone()),
            Json::String(value) => Self::Text(value.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(map) => {
                Self::Map(map.iter().map(|(key, value)| (key.clone(), Self::from_json(value))).collect())
            }
        }
    }

    /// For a request body; what is unknown becomes null.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null | Self::Unknown => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(value) => Json::Number(value.clone()),
            Self::Text(value) => Json::String(value.clone()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(map) => {
                Json::Object(map.iter().map(|(key, value)| (key.clone(), value.to_json())).collect())
            }
        }
    }

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

fn float(value: f64) -> anyhow::Result<Number> {
    // Terraform sends whole numbers as integers, but its state may hold 2.0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Ok((value as i64).into());
    }
    Number::from_f64(value).context("the number is not finite")
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
    fn msgpack_keeps_every_kind_of_value() {
        let mut value = Value::from_json(&json!({
            "null": null, "yes": true, "small": 7, "negative": -3, "large": u64::MAX, "half": 0.5,
            "text": "ä", "list": ["a", ["b"]], "map": {"k": "v"}
        }));
        value.set("later", Value::Unknown);
        assert_eq!(Value::from_msgpack(&value.to_msgpack()).unwrap(), value);
    }

    #[test]
    fn unknown_is_extension_type_0_and_refined_unknowns_are_unknown() {
        assert_eq!(Value::Unknown.to_msgpack(), [0xd4, 0, 0]);
        assert_eq!(Value::from_msgpack(&[0xd4, 12, 0]).unwrap(), Value::Unknown);
    }

    #[test]
    fn a_path_leads_through_blocks() {
        let value = Value::from_json(&json!({"environment": [{"id": "env-1"}]}));
        assert_eq!(value.text("environment.0.id"), "env-1");
        assert_eq!(value.at("environment.1.id"), &Value::Null);
    }
}
