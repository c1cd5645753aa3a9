//! Values on the wire and in files: msgpack and JSON.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use rmpv::Value as Pack;
use serde_json::{Number, Value as Json};

use super::Value;

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
}

fn float(value: f64) -> anyhow::Result<Number> {
    // Terraform sends whole numbers as integers, but its state may hold 2.0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Ok((value as i64).into());
    }
    Number::from_f64(value).context("the number is not finite")
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
}
