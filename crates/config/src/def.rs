//! A set of keys, and what it says of a config.

use indexmap::IndexMap;

use crate::report::invalid_text;
use crate::{ConfigKey, DefaultValue, FieldType, HIDDEN, Parsed, RawConfig, Report, Type};

/// Keys in order, as Kafka's `ConfigDef`.
#[derive(Debug, Clone, Default)]
pub struct ConfigDef {
    keys: IndexMap<String, ConfigKey>,
}

/// The state of one key in a config, as Kafka's `ConfigValue`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigValue {
    /// The key.
    pub name: String,
    /// The parsed value as text, passwords hidden; `None` when there is none.
    pub value: Option<String>,
    /// Values to choose from.
    pub recommended_values: Vec<String>,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// Whether it matters, given the other keys.
    pub visible: bool,
}

/// Values that passed the checks of their keys.
#[derive(Debug, Clone, Default)]
pub struct ParsedConfig {
    values: IndexMap<String, Option<Parsed>>,
}

impl ConfigDef {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key. A key that is there already stays as it is: framework keys win over a plugin's.
    pub fn add(&mut self, mut key: ConfigKey) {
        if key.group.is_some() && key.order_in_group < 0 {
            let before = self.keys.values().filter(|other| other.group == key.group).count();
            key.order_in_group = i32::try_from(before).unwrap_or(i32::MAX - 1) + 1;
        }
        self.keys.entry(key.name.clone()).or_insert(key);
    }

    /// Adds all keys of another definition.
    pub fn add_all(&mut self, other: &ConfigDef) {
        for key in other.keys() {
            self.add(key.clone());
        }
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &ConfigKey> {
        self.keys.values()
    }

    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&ConfigKey> {
        self.keys.get(name)
    }

    /// The key of this name, to be changed.
    pub fn key_mut(&mut self, name: &str) -> Option<&mut ConfigKey> {
        self.keys.get_mut(name)
    }

    /// Groups in the order first seen.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for group in self.keys.values().filter_map(|key| key.group.as_deref()) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    /// Parses every key.
    ///
    /// # Errors
    /// Every problem, by key.
    pub fn parse(&self, raw: &RawConfig) -> Result<ParsedConfig, Report> {
        let mut report = Report::default();
        let mut values = IndexMap::with_capacity(self.keys.len());
        for key in self.keys.values() {
            let (parsed, errors) = examine(key, raw);
            for error in errors {
                report.add(&key.name, error);
            }
            values.insert(key.name.clone(), parsed);
        }
        if report.is_empty() { Ok(ParsedConfig { values }) } else { Err(report) }
    }

    /// The state of every key.
    pub fn validate(&self, raw: &RawConfig) -> Vec<ConfigValue> {
        let values = self.keys.values().map(|key| {
            let (parsed, errors) = examine(key, raw);
            let recommended_values = match (key.recommender, &key.validator) {
                (Some(recommend), _) => recommend(raw),
                (None, Some(validator)) => {
                    validator.choices().iter().map(|text| (*text).to_owned()).collect()
                }
                (None, None) => Vec::new(),
            };
            let value = parsed.map(|parsed| parsed.shown());
            ConfigValue { name: key.name.clone(), value, recommended_values, errors, visible: true }
        });
        values.collect()
    }

    /// The config with every PASSWORD replaced by `[hidden]`; references (`${…}`) stay, since they are no secret.
    pub fn redacted(&self, raw: &RawConfig) -> RawConfig {
        let mut shown = raw.clone();
        for key in self.keys.values().filter(|key| key.value_type == Type::Password) {
            if raw.get(&key.name).is_some_and(|text| !crate::placeholder::is_reference(text)) {
                shown.set(key.name.clone(), HIDDEN);
            }
        }
        shown
    }
}

// Kafka checks a value even when it is missing or could not be parsed: it is null then.
fn examine(key: &ConfigKey, raw: &RawConfig) -> (Option<Parsed>, Vec<String>) {
    let mut errors = Vec::new();
    let text = match (&key.default, raw.contains(&key.name)) {
        (_, true) => raw.get(&key.name),
        (DefaultValue::Text(default), false) => Some(default.as_str()),
        (DefaultValue::Null, false) => None,
        (DefaultValue::Required, false) => {
            errors
                .push(format!("Missing required configuration \"{}\" which has no default value.", key.name));
            None
        }
    };
    let shown = |text| if key.value_type == Type::Password { HIDDEN } else { text };
    let parsed = text.and_then(|text| match Parsed::parse(key.value_type, text) {
        Ok(parsed) => Some(parsed),
        Err(why) => {
            errors.push(invalid_text(&key.name, Some(shown(text)), why));
            None
        }
    });
    if let Some(validator) = &key.validator
        && (parsed.is_some() || key.default != DefaultValue::Null)
        && !(key.is_required() && text.is_none())
    {
        let value = parsed.as_ref().map(Parsed::in_errors);
        let problems = validator.problems(parsed.as_ref());
        errors.extend(problems.iter().map(|why| invalid_text(&key.name, value.as_deref(), why)));
    }
    (parsed, errors)
}

impl ParsedConfig {
    /// A field of its type; called by derived code.
    pub fn field<T: FieldType>(&self, key: &str, report: &mut Report) -> Option<T> {
        let value = self.values.get(key).and_then(Option::as_ref);
        match T::from_value(value) {
            Ok(field) => Some(field),
            Err(why) => {
                report.invalid(key, value.map(Parsed::shown).as_deref(), &why);
                None
            }
        }
    }
}
