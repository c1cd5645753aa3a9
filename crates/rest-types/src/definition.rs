//! Definitions and values of config keys.

use config::{ConfigKey, ConfigValue, DefaultValue, HIDDEN, Parsed, Type};
use serde::{Deserialize, Serialize};

/// Answer of `PUT /connector-plugins/{plugin}/config/validate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigInfos {
    /// The plugin, as the request named it.
    pub name: String,
    /// How many problems there are.
    pub error_count: usize,
    /// The groups of keys.
    pub groups: Vec<String>,
    /// Each key.
    pub configs: Vec<ConfigInfo>,
}

/// A key with its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigInfo {
    /// What the key is; `None` for one that nobody declared.
    pub definition: Option<ConfigKeyInfo>,
    /// What was given for it.
    pub value: Option<ConfigValueInfo>,
}

/// What a key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigKeyInfo {
    /// The key.
    pub name: String,
    /// `STRING`, `INT`, …
    #[serde(rename = "type")]
    pub value_type: String,
    /// Whether it must be given.
    pub required: bool,
    /// What stands for it when it is not given.
    pub default_value: Option<String>,
    /// `HIGH`, `MEDIUM` or `LOW`.
    pub importance: String,
    /// What it means.
    pub documentation: String,
    /// Its group.
    pub group: Option<String>,
    /// Its place in the group; -1 without.
    pub order_in_group: i32,
    /// `NONE`, `SHORT`, `MEDIUM` or `LONG`.
    pub width: String,
    /// Its name in forms.
    pub display_name: String,
    /// Keys whose recommended values depend on it.
    pub dependents: Vec<String>,
}

/// What was given for a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigValueInfo {
    /// The key.
    pub name: String,
    /// The value; passwords are hidden.
    pub value: Option<String>,
    /// Values to choose from.
    pub recommended_values: Vec<String>,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// Whether it matters.
    pub visible: bool,
}

impl From<&ConfigKey> for ConfigKeyInfo {
    fn from(key: &ConfigKey) -> Self {
        let default_value = match &key.default {
            DefaultValue::Required | DefaultValue::Null => None,
            DefaultValue::Text(_) if key.value_type == Type::Password => Some(HIDDEN.to_owned()),
            // As Kafka prints a parsed default: `1` of a DOUBLE is `1.0`, a list has no blanks.
            DefaultValue::Text(text) => Some(
                Parsed::parse(key.value_type, text).map_or_else(|_| text.clone(), |parsed| parsed.shown()),
            ),
        };
        Self {
            name: key.name.clone(),
            value_type: key.value_type.name().to_owned(),
            required: key.is_required(),
            default_value,
            importance: key.importance.name().to_owned(),
            documentation: key.documentation.clone(),
            group: key.group.clone(),
            order_in_group: key.order_in_group,
            width: key.width.name().to_owned(),
            display_name: key.display_name.clone(),
            dependents: key.dependents.clone(),
        }
    }
}

impl From<ConfigValue> for ConfigValueInfo {
    fn from(value: ConfigValue) -> Self {
        let ConfigValue { name, value, recommended_values, errors, visible } = value;
        Self { name, value, recommended_values, errors, visible }
    }
}

#[cfg(test)]
mod tests {
    use config::{Importance, Width};

    use super::*;

    #[test]
    fn a_definition_is_javas() {
        let key = ConfigKey {
            name: "tasks.max".into(),
            value_type: Type::Int,
            default: DefaultValue::Text("1".into()),
            validator: None,
            importance: Importance::High,
            documentation: "Maximum.".into(),
            group: Some("Common".into()),
            order_in_group: 4,
            width: Width::Short,
            display_name: "Tasks max".into(),
            dependents: vec![],
            recommender: None,
        };
        let text = serde_json::to_string(&ConfigKeyInfo::from(&key)).unwrap();
        let expected = r#"{"name":"tasks.max","type":"INT","required":false,"default_value":"1","importance":"HIGH","documentation":"Maximum.","group":"Common","order_in_group":4,"width":"SHORT","display_name":"Tasks max","dependents":[]}"#;
        assert_eq!(text, expected);
        let password =
            ConfigKey { value_type: Type::Password, default: DefaultValue::Text("canary".into()), ..key };
        assert_eq!(ConfigKeyInfo::from(&password).default_value.as_deref(), Some(HIDDEN));
    }
}
