//! The config of a subject, of a context, or of the registry.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::format::Checks;
use crate::level::Level;
use crate::metadata::Metadata;
use crate::refusal::{Answer, Refusal};
use crate::rules::RuleSet;

/// How strict a check of compatibility is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Policy {
    /// As the rules of the format say.
    Strict,
    /// JSON Schema: an optional property may be added to an open model.
    Lenient,
    /// As strict, and for the tables that Flink and Iceberg would make of it. It is read from a log, but not set here:
    /// those checks are not made.
    Logical,
}

/// What can be set. A member that is not set leaves it to what stands behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(missing_docs)] // the names are the API's, and each is explained where it is used
pub struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalize: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate_fields: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate_new_schemas: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate_rules: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatibility_level: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatibility_policy: Option<Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatibility_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_rule_set: Option<RuleSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_rule_set: Option<RuleSet>,
}

const LEVEL: &str = "compatibilityLevel";

/// Why the policy `LOGICAL` cannot be had.
pub(crate) const NO_LOGICAL: &str = "the compatibility policy LOGICAL is not served: this registry does not check what \
                                     Flink and Iceberg would make of a schema; set compatibilityPolicy to STRICT or LENIENT";

impl Config {
    /// A config with a level only.
    #[must_use]
    pub fn of_level(level: Level) -> Self {
        Self { compatibility_level: Some(level), ..Self::default() }
    }

    /// This config after an update: a member that is absent keeps its value, null clears it, unknown ones are
    /// ignored.
    pub(crate) fn updated(&self, update: &Map<String, Value>) -> Answer<Self> {
        let mut members = self.members();
        for (name, value) in update {
            let name = if name == "compatibility" { LEVEL } else { name };
            if value.is_null() {
                members.remove(name);
                continue;
            }
            members.insert(name.to_owned(), value.clone());
        }
        if let Some(level) = members.get(LEVEL)
            && level.as_str().and_then(Level::named).is_none()
        {
            return Err(Refusal::invalid_level());
        }
        if let Some(policy) = members.get_mut("compatibilityPolicy") {
            *policy = Value::String(policy.as_str().unwrap_or_default().to_ascii_uppercase());
            let message = match Policy::deserialize(&*policy) {
                Ok(Policy::Strict | Policy::Lenient) => None,
                // One that is in the log already stays until it is changed.
                Ok(Policy::Logical) if self.compatibility_policy == Some(Policy::Logical) => None,
                Ok(Policy::Logical) => Some(NO_LOGICAL),
                Err(_) => Some("Invalid compatibility policy. Valid values are strict and lenient"),
            };
            if let Some(message) = message {
                return Err(Refusal::new(42203, message));
            }
        }
        let read = Self::deserialize(Value::Object(members));
        let config =
            read.map_err(|error| Refusal::new(422, format!("the config cannot be read: {error}")))?;
        // The log may hold one that says false; what is set must be true.
        if update.get("validateRules").is_some_and(|value| value == &Value::Bool(false)) {
            return Err(Refusal::invalid_rules(
                "validateRules cannot be false: rule sets are always validated; leave it out or set it to true",
            ));
        }
        for rules in [&config.default_rule_set, &config.override_rule_set].into_iter().flatten() {
            rules.check()?;
        }
        Ok(config)
    }

    /// This config, and for what a subject may leave to its context the value from there. Its level is not among
    /// them: a subject with a config of its own and no level has the server's.
    pub(crate) fn over(&self, behind: &Self) -> Self {
        Self {
            normalize: self.normalize.or(behind.normalize),
            validate_fields: self.validate_fields.or(behind.validate_fields),
            validate_new_schemas: self.validate_new_schemas.or(behind.validate_new_schemas),
            validate_rules: self.validate_rules.or(behind.validate_rules),
            compatibility_policy: self.compatibility_policy.or(behind.compatibility_policy),
            compatibility_group: self.compatibility_group.clone().or(behind.compatibility_group.clone()),
            ..self.clone()
        }
    }

    /// Whether it adds metadata or rules to new versions.
    pub(crate) fn decorates(&self) -> bool {
        self.default_metadata.is_some()
            || self.override_metadata.is_some()
            || self.default_rule_set.is_some()
            || self.override_rule_set.is_some()
    }

    /// How closely a new schema is looked at (`validateNewSchemas`).
    pub(crate) fn checks(&self) -> Checks {
        match self.validate_new_schemas {
            Some(false) => Checks::Unvalidated,
            None | Some(true) => Checks::New,
        }
    }

    /// As a JSON object.
    pub(crate) fn members(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            _ => Map::new(), // its members are plain data: it is always an object
        }
    }

    /// As PUT answers it: the level is named as PUT names it.
    pub(crate) fn members_as_put(&self) -> Map<String, Value> {
        let rename = |(name, value)| {
            let name = if name == LEVEL { "compatibility".to_owned() } else { name };
            (name, value)
        };
        self.members().into_iter().map(rename).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn updated(config: &Config, update: Value) -> Answer<Config> {
        config.updated(update.as_object().unwrap())
    }

    #[test]
    fn absent_keeps_and_null_clears() {
        let config =
            updated(&Config::default(), json!({"compatibility": "full", "normalize": true})).unwrap();
        assert_eq!(config.compatibility_level, Some(Level::Full));
        let config = updated(&config, json!({"alias": "other", "unknown": 1})).unwrap();
        assert_eq!((config.compatibility_level, config.normalize), (Some(Level::Full), Some(true)));
        let config = updated(&config, json!({"compatibility": null})).unwrap();
        assert_eq!((config.compatibility_level, config.normalize), (None, Some(true)));
    }

    #[test]
    fn wrong_members_are_told_by_code() {
        let config = Config::default();
        assert_eq!(updated(&config, json!({"compatibility": "up"})).unwrap_err().code, 42203);
        assert_eq!(updated(&config, json!({"compatibility": 1})).unwrap_err().code, 42203);
        assert_eq!(updated(&config, json!({"compatibilityPolicy": "soft"})).unwrap_err().code, 42203);
        assert_eq!(updated(&config, json!({"compatibilityPolicy": "logical"})).unwrap_err().code, 42203);
        assert_eq!(updated(&config, json!({"validateRules": false})).unwrap_err().code, 42210);
        assert_eq!(updated(&config, json!({"normalize": "maybe"})).unwrap_err().code, 422);
        let rules = json!({"overrideRuleSet": {"domainRules": [{"name": "0"}]}});
        assert_eq!(updated(&config, rules).unwrap_err().code, 42210);
    }
}
