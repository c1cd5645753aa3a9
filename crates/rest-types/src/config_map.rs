//! A connector's config in a body.

use config::RawConfig;
use indexmap::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Text by key. In a request numbers and booleans become the text that they were written as (`1e3` stays `1e3`), null
/// stays null; objects and arrays are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigMap(pub RawConfig);

impl Serialize for ConfigMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ConfigMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = IndexMap::<String, Box<RawValue>>::deserialize(deserializer)?;
        let mut config = RawConfig::new();
        for (key, value) in values {
            let text = value.get();
            match text.as_bytes().first() {
                Some(b'"') => {
                    let text: String = serde_json::from_str(text).map_err(D::Error::custom)?;
                    config.set(key, text);
                }
                Some(b'n') => config.set_null(key),
                Some(b'{') => return Err(not_a_text::<D>(&key, "an object")),
                Some(b'[') => return Err(not_a_text::<D>(&key, "an array")),
                _ => config.set(key, text),
            }
        }
        Ok(Self(config))
    }
}

fn not_a_text<'de, D: Deserializer<'de>>(key: &str, found: &str) -> D::Error {
    D::Error::custom(format!(
        "the value of config key '{key}' must be a text, a number, a boolean or null, not {found}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_become_texts() {
        let text = r#"{"a": 1, "b":true, "c":null, "d":"\u00e9\n", "e": 1e3, "f":12345678901234567890123, "g":-0.10}"#;
        let ConfigMap(config) = serde_json::from_str(text).unwrap();
        let expected = [
            ("a", Some("1")),
            ("b", Some("true")),
            ("c", None),
            ("d", Some("é\n")),
            ("e", Some("1e3")),
            ("f", Some("12345678901234567890123")),
            ("g", Some("-0.10")),
        ];
        assert_eq!(config.iter().collect::<Vec<_>>(), expected);
        for refused in [r#"{"a":{}}"#, r#"{"a":[1]}"#, "[]", "1", r#"{"a":"#, r#"{"a":"\ud800"}"#] {
            assert!(serde_json::from_str::<ConfigMap>(refused).is_err(), "{refused}");
        }
    }
}
