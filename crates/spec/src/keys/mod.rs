//! The framework's keys: what a connector may set, whatever its plugin is.

mod common;
mod extension;
mod sink;
mod source;

pub use common::{CommonKeys, ToleranceText};
pub use extension::{ExtensionKeys, SourceExtensionKeys};
pub use sink::SinkKeys;
pub use source::SourceKeys;

use std::collections::HashSet;

use api::config::{Config, ConfigDef, DefaultValue};

use crate::{ConnectorKind, WorkerDefaults};

/// The keys beyond Kafka Connect's for a kind of connector.
pub fn extensions(kind: ConnectorKind) -> Vec<&'static ConfigDef> {
    let own = (kind == ConnectorKind::Source).then(SourceExtensionKeys::definition);
    own.into_iter().chain([ExtensionKeys::definition()]).collect()
}

/// The framework's keys for a kind of connector, in Kafka's order, with the worker's converters as defaults.
pub fn definition(kind: ConnectorKind, defaults: &WorkerDefaults) -> ConfigDef {
    let mut definition = match kind {
        ConnectorKind::Source => SourceKeys::definition().clone(),
        ConnectorKind::Sink => SinkKeys::definition().clone(),
    };
    number_as_kafka(&mut definition, kind);
    let converters = [
        ("key.converter", &defaults.key_converter),
        ("value.converter", &defaults.value_converter),
        ("header.converter", &defaults.header_converter),
    ];
    for (key, plugin) in converters {
        if let Some(key) = definition.key_mut(key) {
            key.default = DefaultValue::Text(plugin.class.clone());
        }
    }
    definition
}

// Kafka numbers the common keys straight through although three groups take part, those of error handling by
// themselves, a source's own from 1 again, and gives a sink's fixed places.
fn number_as_kafka(definition: &mut ConfigDef, kind: ConnectorKind) {
    let names: Vec<String> = definition.keys().map(|key| key.name.clone()).collect();
    let common = CommonKeys::definition().keys().len();
    let mut order = 0;
    for (index, name) in names.iter().enumerate() {
        let Some(key) = definition.key_mut(name) else { continue };
        if index == common {
            order = 0;
        }
        match (index < common, kind, name.as_str()) {
            (true, _, name) if name.starts_with("errors.") => continue,
            (false, ConnectorKind::Sink, "topics" | "topics.regex") => key.order_in_group = 4,
            (false, ConnectorKind::Sink, _) => continue,
            (false, ConnectorKind::Source, "offsets.storage.topic") => key.order_in_group = 1,
            _ => {
                order += 1;
                key.order_in_group = order;
            }
        }
    }
}

pub(crate) fn has_duplicates(items: &[String]) -> bool {
    let mut seen = HashSet::with_capacity(items.len());
    !items.iter().all(|item| seen.insert(item.as_str()))
}
