//! The plugins that a config names.

use std::fmt;

use api::config::{Catalog, ConfigDef, ConfigValue, DefaultValue, PluginDescription, PluginKind, RawConfig};

use crate::{ConnectorKind, sensitive, version};

/// Why a config has no connector plugin. REST answers 400 with its text, which is Kafka's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClassProblem {
    /// There is no `connector.class`.
    Missing(String),
    /// No connector has this class or alias.
    Unknown(String),
}

impl fmt::Display for ClassProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClassProblem::Missing(text) | ClassProblem::Unknown(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for ClassProblem {}

/// The connector plugin of a config. Give it the config as it was sent: Kafka's text for a missing class shows the
/// whole config, here with everything hidden whose name sounds like a secret.
///
/// # Errors
/// There is no such plugin.
pub fn connector_plugin<'a>(
    sent: &RawConfig,
    catalog: &'a dyn Catalog,
) -> Result<(&'a PluginDescription, ConnectorKind), ClassProblem> {
    let class = sent.get("connector.class").map(str::trim).filter(|class| !class.is_empty());
    let Some(class) = class else {
        let shown: Vec<String> = sent
            .iter()
            .map(|(key, value)| format!("{key}={}", sensitive::shown(key, value.unwrap_or("null"))))
            .collect();
        let text = format!("Connector config {{{}}} contains no connector type", shown.join(", "));
        return Err(ClassProblem::Missing(text));
    };
    match catalog.find(class, &[PluginKind::Source, PluginKind::Sink]) {
        Some(plugin) if plugin.kind == PluginKind::Source => Ok((plugin, ConnectorKind::Source)),
        Some(plugin) => Ok((plugin, ConnectorKind::Sink)),
        None => Err(ClassProblem::Unknown(unknown_class(class, catalog))),
    }
}

fn unknown_class(class: &str, catalog: &dyn Catalog) -> String {
    let mut connectors: Vec<_> = catalog
        .plugins()
        .into_iter()
        .filter(|plugin| matches!(plugin.kind, PluginKind::Source | PluginKind::Sink))
        .collect();
    connectors.sort_by_key(|plugin| (plugin.kind, plugin.class));
    let described: Vec<String> = connectors
        .iter()
        .map(|plugin| {
            let PluginDescription { class, version, .. } = plugin;
            let kind = plugin.kind.name();
            format!(
                "PluginDesc{{klass=class {class}, name='{class}', version='{version}', \
                 encodedVersion={version}, type={kind}, typeName='{kind}', location='built-in'}}"
            )
        })
        .collect();
    format!(
        "Failed to find any class that implements Connector and which name matches {class}, available connectors \
         are: {}",
        described.join(", ")
    )
}

/// Every kind of plugin.
pub(crate) const EVERY_KIND: [PluginKind; 6] = [
    PluginKind::Source,
    PluginKind::Sink,
    PluginKind::Transformation,
    PluginKind::Predicate,
    PluginKind::Converter,
    PluginKind::HeaderConverter,
];

/// Checks the value of a CLASS key against the catalog: puts the full name in, or Kafka's error.
pub(crate) fn check_class<'a>(
    value: &mut ConfigValue,
    kind: PluginKind,
    catalog: &'a dyn Catalog,
) -> Option<&'a PluginDescription> {
    value.recommended_values = classes(kind, catalog);
    let class = value.value.clone()?;
    if let Some(plugin) = catalog.find(&class, &[kind]) {
        value.value = Some(plugin.class.to_owned());
        return Some(plugin);
    }
    value.value = None;
    let invalid =
        |value: &str, why: &str, key: &str| format!("Invalid value {value} for configuration {key}: {why}");
    let inner: Vec<String> = classes(kind, catalog)
        .into_iter()
        .filter(|known| known.strip_prefix(&class).is_some_and(|rest| rest.starts_with('$')))
        .collect();
    let error = if !inner.is_empty() {
        let why =
            format!("{} is abstract and cannot be created. Did you mean {}?", word(kind), inner.join(", "));
        invalid(&format!("class {class}"), &why, &value.name)
    } else if let Some(other) = catalog.find(&class, &EVERY_KIND) {
        invalid(&format!("class {}", other.class), &format!("Not a {}", word(kind)), &value.name)
    } else {
        invalid(&class, &format!("Class {class} could not be found."), &value.name)
    };
    value.errors.push(error);
    None
}

/// Makes a plugin's version the default of its `*.plugin.version` key.
pub(crate) fn default_version(definition: &mut ConfigDef, key: &str, plugin: &PluginDescription) {
    if let Some(key) = definition.key_mut(key) {
        key.default = DefaultValue::Text(plugin.version.to_owned());
    }
}

/// Checks a `*.plugin.version` key against the one version there is, and recommends that.
pub(crate) fn check_version(value: &mut ConfigValue, plugin: &PluginDescription) {
    value.recommended_values = vec![plugin.version.to_owned()];
    let Some(requirement) = value.value.as_deref().filter(|_| value.errors.is_empty()) else { return };
    if version::is_met(requirement, plugin.version) == Ok(false) {
        value.errors.push(format!(
            "Plugin {} not found that matches the version range {requirement}, available versions: [{}]",
            plugin.class, plugin.version
        ));
    }
}

fn classes(kind: PluginKind, catalog: &dyn Catalog) -> Vec<String> {
    let mut classes: Vec<String> = catalog
        .plugins()
        .into_iter()
        .filter(|plugin| plugin.kind == kind)
        .map(|plugin| plugin.class.to_owned())
        .collect();
    classes.sort();
    classes
}

// The Java interface, as error texts name it.
fn word(kind: PluginKind) -> &'static str {
    match kind {
        PluginKind::Source | PluginKind::Sink => "Connector",
        PluginKind::Transformation => "Transformation",
        PluginKind::Predicate => "Predicate",
        PluginKind::Converter => "Converter",
        PluginKind::HeaderConverter => "HeaderConverter",
    }
}
