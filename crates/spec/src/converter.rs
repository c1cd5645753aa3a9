//! Converters: the connector's own with its own keys, or the worker's with the worker's.

use api::config::{Catalog, ConfigDef, ConfigValue, PluginKind, RawConfig};

use crate::plugin::{EVERY_KIND, check_class, check_version, default_version};
use crate::{PluginConfig, WorkerDefaults};

/// The three places of a converter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Header,
    Key,
    Value,
}

impl Place {
    /// In the order of validate answers.
    pub(crate) const ALL: [Place; 3] = [Place::Header, Place::Key, Place::Value];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Place::Header => "header.converter",
            Place::Key => "key.converter",
            Place::Value => "value.converter",
        }
    }

    pub(crate) fn plugin(self) -> PluginKind {
        match self {
            Place::Header => PluginKind::HeaderConverter,
            Place::Key | Place::Value => PluginKind::Converter,
        }
    }

    fn of_worker(self, defaults: &WorkerDefaults) -> &PluginConfig {
        match self {
            Place::Header => &defaults.header_converter,
            Place::Key => &defaults.key_converter,
            Place::Value => &defaults.value_converter,
        }
    }

    fn version_key(self) -> String {
        format!("{}.plugin.version", self.key())
    }

    fn converter_type(self) -> &'static str {
        match self {
            Place::Header => "header",
            Place::Key => "key",
            Place::Value => "value",
        }
    }
}

/// Gives the keys of the converters' versions their defaults: those of the classes that are taken.
pub(crate) fn default_versions(
    definition: &mut ConfigDef,
    raw: &RawConfig,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
) {
    for place in Place::ALL {
        let class = raw.get(place.key()).unwrap_or(&place.of_worker(defaults).class);
        if let Some(plugin) = catalog.find(class.trim(), &[place.plugin()]) {
            default_version(definition, &place.version_key(), plugin);
        }
    }
}

/// Checks the classes and versions of converters that the connector names.
pub(crate) fn check_classes(values: &mut [ConfigValue], raw: &RawConfig, catalog: &dyn Catalog) {
    for place in Place::ALL {
        let mut plugin = None;
        if let Some(value) = values.iter_mut().find(|value| value.name == place.key()) {
            let own = raw.get(place.key()).is_some();
            let before = value.clone();
            plugin = check_class(value, place.plugin(), catalog);
            // The worker's converter was checked when the worker started.
            if !own {
                value.value = before.value;
                value.errors = before.errors;
            }
        }
        let version = place.version_key();
        if let Some(value) = values.iter_mut().find(|value| value.name == version) {
            match plugin {
                Some(plugin) => check_version(value, plugin),
                // A class that nobody knows has no versions.
                None => {
                    let known = |class: &str| catalog.find(class.trim(), &EVERY_KIND).is_some();
                    value.visible = raw.get(place.key()).is_none_or(known);
                }
            }
        }
    }
}

/// The keys of a converter that the connector names, with their prefix; the worker's are not looked at.
pub(crate) fn section(
    place: Place,
    raw: &RawConfig,
    catalog: &dyn Catalog,
) -> Option<(ConfigDef, Vec<ConfigValue>)> {
    let plugin = catalog.find(raw.get(place.key())?.trim(), &[place.plugin()])?;
    let prefix = format!("{}.", place.key());
    let mut own = own_keys(place, raw);
    if plugin.definition.key("converter.type").is_some() && !own.contains("converter.type") {
        own.set("converter.type", place.converter_type());
    }
    let mut definition = ConfigDef::new();
    for key in plugin.definition.keys() {
        let mut key = key.clone();
        key.name = format!("{prefix}{}", key.name);
        key.dependents = key.dependents.iter().map(|name| format!("{prefix}{name}")).collect();
        definition.add(key);
    }
    let values = (plugin.validate)(&own).into_iter().map(|mut value| {
        value.name = format!("{prefix}{}", value.name);
        value
    });
    Some((definition, values.collect()))
}

/// The converter that a connector uses, with its keys.
pub(crate) fn resolve(
    place: Place,
    raw: &RawConfig,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
) -> PluginConfig {
    let named = raw.get(place.key()).and_then(|class| catalog.find(class.trim(), &[place.plugin()]));
    match named {
        Some(plugin) => PluginConfig { class: plugin.class.to_owned(), config: own_keys(place, raw) },
        None => place.of_worker(defaults).clone(),
    }
}

/// Keys of converters that the connector does not name: they have no effect.
pub(crate) fn without_effect(raw: &RawConfig) -> Vec<(String, String)> {
    let places = Place::ALL.into_iter().filter(|place| !raw.contains(place.key()));
    places
        .flat_map(|place| {
            let prefix = format!("{}.", place.key());
            raw.iter().filter(move |(key, _)| key.starts_with(&prefix)).map(move |(key, _)| {
                let text = format!(
                    "'{}' is not set here, so the worker's converter is used with the worker's keys, and this key \
                     has no effect",
                    place.key()
                );
                (key.to_owned(), text)
            })
        })
        .collect()
}

fn own_keys(place: Place, raw: &RawConfig) -> RawConfig {
    let mut own = raw.with_prefix(&format!("{}.", place.key()));
    own.remove("plugin.version");
    own
}
