//! The state of every key of a connector's config, and what is wrong with it.

use api::config::{Catalog, Config, ConfigDef, ConfigKey, ConfigValue, PluginDescription, RawConfig, Report};

use crate::converter::{self, Place};
use crate::overrides::{self, Client, OverridePolicy};
use crate::plugin::{check_version, connector_plugin, default_version};
use crate::warning::{Warning, warnings};
use crate::{ConnectorKind, WorkerDefaults, aliases, exactly_once, keys, sink_topics, topic_creation};

const NULL_VALUE: &str = "Null value can not be supplied as the configuration value.";

/// The answer of a validation, as Kafka's `ConfigInfos`.
#[derive(Debug, Clone, Default)]
pub struct Validation {
    /// `connector.class` as given.
    pub name: String,
    /// Problems of the connector part, and keys with problems of the other parts, as Kafka counts.
    pub error_count: usize,
    /// Groups, in the order first seen.
    pub groups: Vec<String>,
    /// Keys in Kafka's order: first those that only a problem speaks of, without declaration; then the connector's;
    /// then client overrides; then header, key and value converter.
    pub configs: Vec<(Option<ConfigKey>, Option<ConfigValue>)>,
    /// Keys that are accepted and have no effect.
    pub warnings: Vec<Warning>,
}

impl Validation {
    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.error_count == 0
    }

    /// The problems by key.
    pub fn report(&self) -> Report {
        let mut report = Report::default();
        for value in self.configs.iter().filter_map(|(_, value)| value.as_ref()) {
            for error in &value.errors {
                report.add(&value.name, error);
            }
        }
        report
    }

    fn add_groups(&mut self, definition: &ConfigDef) {
        for group in definition.groups() {
            if !self.groups.iter().any(|known| known == group) {
                self.groups.push(group.to_owned());
            }
        }
    }

    fn add_part(&mut self, definition: &ConfigDef, values: Vec<ConfigValue>, count: impl Fn(usize) -> usize) {
        self.add_groups(definition);
        self.error_count += values.iter().map(|value| count(value.errors.len())).sum::<usize>();
        let (declared, undeclared): (Vec<_>, Vec<_>) =
            values.into_iter().partition(|value| definition.key(&value.name).is_some());
        self.configs.extend(undeclared.into_iter().map(|value| (None, Some(value))));
        for key in definition.keys() {
            let value = declared.iter().find(|value| value.name == key.name).cloned();
            self.configs.push((Some(key.clone()), value));
        }
    }
}

/// Checks a connector's resolved config: pure and complete. REST, herder and offline lint use this one.
///
/// A config without a known `connector.class` gets an error on that key; REST asks
/// [`crate::connector_plugin`] first, because Kafka answers such a request with another status.
pub fn validate(
    raw: &RawConfig,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
    policy: &OverridePolicy,
) -> Validation {
    let raw = &without_providers(raw);
    let mut validation = Validation {
        name: raw.get("connector.class").unwrap_or_default().trim().to_owned(),
        ..Validation::default()
    };
    let (plugin, kind) = match connector_plugin(raw, catalog) {
        Ok(found) => found,
        Err(problem) => {
            let definition = keys::CommonKeys::definition();
            let mut values = definition.validate(raw);
            let class = values.iter_mut().find(|value| value.name == "connector.class");
            if let Some(class) = class.filter(|class| class.errors.is_empty()) {
                class.errors.push(problem.to_string());
            }
            validation.add_part(definition, values, |errors| errors);
            return validation;
        }
    };
    let (definition, values) = connector_part(raw, plugin, kind, catalog, defaults);
    validation.add_part(&definition, values, |errors| errors);
    for client in Client::ALL.into_iter().filter(|client| client.is_used(kind, raw)) {
        let (definition, values) = overrides::section(client, raw, policy);
        validation.add_part(&definition, values, |errors| errors.min(1));
    }
    for place in Place::ALL {
        if let Some((definition, values)) = converter::section(place, raw, catalog) {
            validation.add_part(&definition, values, |errors| errors.min(1));
        }
    }
    let is_set = |definition: &&ConfigDef| definition.keys().any(|key| raw.contains(&key.name));
    for extensions in keys::extensions(kind).into_iter().filter(is_set) {
        validation.add_part(extensions, extensions.validate(raw), |errors| errors);
    }
    validation.warnings = warnings(raw, kind, defaults);
    validation
}

/// The config without `config.providers*`: a connector cannot define providers.
pub(crate) fn without_providers(raw: &RawConfig) -> RawConfig {
    let mut raw = raw.clone();
    let providers: Vec<String> = raw
        .iter()
        .filter(|(key, _)| *key == "config.providers" || key.starts_with("config.providers."))
        .map(|(key, _)| key.to_owned())
        .collect();
    for key in providers {
        raw.remove(&key);
    }
    raw
}

fn connector_part(
    raw: &RawConfig,
    plugin: &PluginDescription,
    kind: ConnectorKind,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
) -> (ConfigDef, Vec<ConfigValue>) {
    let mut definition = keys::definition(kind, defaults);
    default_version(&mut definition, "connector.plugin.version", plugin);
    converter::default_versions(&mut definition, raw, catalog, defaults);
    aliases::enrich(&mut definition, raw, catalog);
    let mut values = definition.validate(raw);
    if let Some(version) = values.iter_mut().find(|value| value.name == "connector.plugin.version") {
        check_version(version, plugin);
    }
    converter::check_classes(&mut values, raw, catalog);
    aliases::check(&mut values, raw, catalog);
    add_plugin(&mut definition, &mut values, plugin, raw);
    framework_checks(raw, plugin, kind, catalog, defaults).add_to(&mut values);
    (definition, values)
}

// A plugin may declare a framework key again: its declaration is shown then, in the framework's place.
fn add_plugin(
    definition: &mut ConfigDef,
    values: &mut Vec<ConfigValue>,
    plugin: &PluginDescription,
    raw: &RawConfig,
) {
    for key in plugin.definition.keys() {
        match definition.key_mut(&key.name) {
            Some(known) => *known = key.clone(),
            None => definition.add(key.clone()),
        }
    }
    for found in (plugin.validate)(raw) {
        match values.iter_mut().find(|value| value.name == found.name) {
            Some(known) => {
                let new: Vec<_> =
                    found.errors.into_iter().filter(|error| !known.errors.contains(error)).collect();
                known.errors.extend(new);
            }
            None => values.push(found),
        }
    }
}

fn framework_checks(
    raw: &RawConfig,
    plugin: &PluginDescription,
    kind: ConnectorKind,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
) -> Report {
    let mut report = Report::default();
    for (key, value) in raw.iter() {
        if value.is_none() {
            report.add(key, NULL_VALUE);
        }
    }
    // A client that this connector does not have is not checked by the policy, but a login module that may run code
    // is refused wherever it stands.
    for client in Client::ALL.into_iter().filter(|client| !client.is_used(kind, raw)) {
        for (setting, text) in raw.with_prefix(client.prefix()).iter() {
            if let Some(why) = overrides::login_problem(setting, text.unwrap_or_default()) {
                report.invalid(&format!("{}{setting}", client.prefix()), Some("[hidden]"), &why);
            }
        }
    }
    match kind {
        ConnectorKind::Sink => {
            sink_topics::check(raw, &mut report);
            sink_topics::check_group(raw, defaults, &mut report);
        }
        ConnectorKind::Source => {
            exactly_once::check(raw, plugin.class, catalog, defaults, &mut report);
            if defaults.topic_creation
                && topic_creation::is_configured(raw)
                && let Err(problems) = topic_creation::parse(raw)
            {
                report.merge(problems);
            }
        }
    }
    report
}
