//! Transforms and predicates: keys under an alias.

use std::cmp::Reverse;

use api::config::{
    Catalog, ConfigDef, ConfigKey, ConfigValue, DefaultValue, Importance, Parsed, PluginDescription,
    PluginKind, RawConfig, Type, Validator, Width,
};

use crate::plugin::{check_class, check_version};

/// The two kinds of aliases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AliasKind {
    Transform,
    Predicate,
}

impl AliasKind {
    /// The key that lists the aliases, and the prefix of their keys.
    pub(crate) fn key(self) -> &'static str {
        match self {
            AliasKind::Transform => "transforms",
            AliasKind::Predicate => "predicates",
        }
    }

    fn group(self) -> &'static str {
        match self {
            AliasKind::Transform => "Transforms",
            AliasKind::Predicate => "Predicates",
        }
    }

    fn word(self) -> &'static str {
        match self {
            AliasKind::Transform => "Transformation",
            AliasKind::Predicate => "Predicate",
        }
    }

    pub(crate) fn plugin(self) -> PluginKind {
        match self {
            AliasKind::Transform => PluginKind::Transformation,
            AliasKind::Predicate => PluginKind::Predicate,
        }
    }
}

/// The aliases that a config names, each once.
pub(crate) fn aliases(kind: AliasKind, raw: &RawConfig) -> Vec<String> {
    let Some(Ok(Parsed::List(mut named))) = raw.get(kind.key()).map(|text| Parsed::parse(Type::List, text))
    else {
        return Vec::new();
    };
    let mut seen = std::collections::HashSet::new();
    named.retain(|alias| seen.insert(alias.clone()));
    named
}

/// Adds the keys of every alias to the definition.
pub(crate) fn enrich(definition: &mut ConfigDef, raw: &RawConfig, catalog: &dyn Catalog) {
    for kind in [AliasKind::Transform, AliasKind::Predicate] {
        for alias in aliases(kind, raw) {
            add_alias(definition, kind, &alias, raw, catalog);
        }
    }
}

fn add_alias(
    definition: &mut ConfigDef,
    kind: AliasKind,
    alias: &str,
    raw: &RawConfig,
    catalog: &dyn Catalog,
) {
    let prefix = format!("{}.{alias}.", kind.key());
    let group = format!("{}: {alias}", kind.group());
    let word = kind.word().to_ascii_lowercase();
    let mut order = 0;
    let mut add = |mut key: ConfigKey| {
        key.name = format!("{prefix}{}", key.name);
        key.group = Some(match key.group {
            Some(inner) => format!("{group}: {inner}"),
            None => group.clone(),
        });
        key.dependents = key.dependents.iter().map(|name| format!("{prefix}{name}")).collect();
        // Recommenders look at a plugin's own keys, which have a prefix here.
        key.recommender = None;
        key.order_in_group = order;
        order += 1;
        definition.add(key);
    };
    let mut class = key("type", Type::Class, DefaultValue::Required, Importance::High);
    class.documentation = format!("Class for the '{alias}' {word}.");
    class.display_name = format!("{} type for {alias}", kind.word());
    class.width = Width::Long;
    add(class);
    let plugin =
        raw.get(&format!("{prefix}type")).and_then(|class| catalog.find(class.trim(), &[kind.plugin()]));
    let latest = plugin.map_or(DefaultValue::Null, |it| DefaultValue::Text(it.version.to_owned()));
    let mut version = key("plugin.version", Type::String, latest, Importance::High);
    version.documentation = format!("Version of the '{alias}' {word}: a version or a range.");
    version.display_name = format!("{} version for {alias}", kind.word());
    version.width = Width::Long;
    version.validator = Some(Validator::With(|value| match value {
        Parsed::String(requirement) => crate::version::check_requirement(requirement),
        _ => Ok(()),
    }));
    add(version);
    let Some(plugin) = plugin else { return };
    let mut keys: Vec<ConfigKey> = plugin.definition.keys().cloned().collect();
    if kind == AliasKind::Transform {
        // The framework's keys hide a plugin's of the same name.
        keys.retain(|key| !matches!(key.name.as_str(), "predicate" | "negate"));
        let mut predicate = key("predicate", Type::String, DefaultValue::Null, Importance::Medium);
        predicate.documentation =
            "Alias of the predicate that decides whether the transform applies.".to_owned();
        let mut negate =
            key("negate", Type::Boolean, DefaultValue::Text("false".to_owned()), Importance::Medium);
        negate.documentation = "Whether the transform applies where the predicate does not hold.".to_owned();
        keys.extend([predicate, negate]);
    }
    let groups: Vec<Option<String>> = std::iter::once(None)
        .chain(plugin.definition.groups().into_iter().map(|group| Some(group.to_owned())))
        .collect();
    keys.sort_by_key(|key| {
        let importance = key.importance as u8;
        let group = groups.iter().position(|group| *group == key.group);
        (group, key.order_in_group, Reverse(key.is_required()), importance, key.name.clone())
    });
    keys.into_iter().for_each(add);
}

fn key(name: &str, value_type: Type, default: DefaultValue, importance: Importance) -> ConfigKey {
    ConfigKey {
        name: name.to_owned(),
        value_type,
        default,
        validator: None,
        importance,
        documentation: String::new(),
        group: None,
        order_in_group: -1,
        width: Width::None,
        display_name: name.to_owned(),
        dependents: Vec::new(),
        recommender: None,
    }
}

/// A plugin's own keys under an alias, without those of the framework.
pub(crate) fn plugin_keys(prefix: &str, raw: &RawConfig) -> RawConfig {
    let mut own = raw.with_prefix(prefix);
    for key in ["type", "plugin.version", "predicate", "negate"] {
        own.remove(key);
    }
    own
}

/// Checks classes, versions, predicates and what each plugin says of its keys together.
pub(crate) fn check(values: &mut [ConfigValue], raw: &RawConfig, catalog: &dyn Catalog) {
    let predicates = aliases(AliasKind::Predicate, raw);
    for kind in [AliasKind::Transform, AliasKind::Predicate] {
        for alias in aliases(kind, raw) {
            let prefix = format!("{}.{alias}.", kind.key());
            let Some(class) = values.iter_mut().find(|value| value.name == format!("{prefix}type")) else {
                continue;
            };
            let plugin = check_class(class, kind.plugin(), catalog);
            if kind == AliasKind::Transform {
                check_predicate(values, &alias, &prefix, raw, &predicates);
            }
            if let Some(plugin) = plugin {
                check_plugin(values, plugin, &prefix, raw);
            }
        }
    }
}

fn check_predicate(
    values: &mut [ConfigValue],
    alias: &str,
    prefix: &str,
    raw: &RawConfig,
    predicates: &[String],
) {
    let (negate, predicate) = (format!("{prefix}negate"), format!("{prefix}predicate"));
    if raw.contains(&negate) && !raw.contains(&predicate) {
        add_error(
            values,
            &format!("{prefix}type"),
            format!(
                "Config '{negate}' was provided but there is no config '{predicate}' defining a predicate to be negated."
            ),
        );
    }
    // Kafka finds this out when the task starts.
    if let Some(named) = raw.get(&predicate).map(str::trim)
        && !predicates.iter().any(|known| known == named)
    {
        add_error(
            values,
            &predicate,
            format!(
                "Invalid value {named} for configuration {predicate}: the transform '{alias}' refers to a predicate that \
             'predicates' does not list; add it there with its type, or correct the name"
            ),
        );
    }
}

fn check_plugin(values: &mut [ConfigValue], plugin: &PluginDescription, prefix: &str, raw: &RawConfig) {
    if let Some(version) = values.iter_mut().find(|value| value.name == format!("{prefix}plugin.version")) {
        check_version(version, plugin);
    }
    let faulty = |value: &&ConfigValue| value.name.starts_with(prefix) && !value.errors.is_empty();
    if values.iter().any(|value| faulty(&value)) {
        return;
    }
    // Each key is right by itself: what the plugin still finds are checks between keys.
    for found in (plugin.validate)(&plugin_keys(prefix, raw)) {
        for error in found.errors {
            add_error(values, &format!("{prefix}{}", found.name), error);
        }
    }
}

fn add_error(values: &mut [ConfigValue], key: &str, error: String) {
    if let Some(value) = values.iter_mut().find(|value| value.name == key) {
        value.errors.push(error);
    }
}
