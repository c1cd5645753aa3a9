//! The plugins that a config may name, without the plugins themselves.

use crate::{ConfigDef, ConfigValue, RawConfig};

/// What a plugin does, with Kafka Connect's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PluginKind {
    /// Writes to another system.
    Sink,
    /// Reads from another system.
    Source,
    /// Changes records.
    Transformation,
    /// Chooses records.
    Predicate,
    /// Turns keys and values into bytes and back.
    Converter,
    /// Turns header values into bytes and back.
    HeaderConverter,
}

impl PluginKind {
    /// The name that REST answers use.
    pub fn name(self) -> &'static str {
        match self {
            PluginKind::Sink => "sink",
            PluginKind::Source => "source",
            PluginKind::Transformation => "transformation",
            PluginKind::Predicate => "predicate",
            PluginKind::Converter => "converter",
            PluginKind::HeaderConverter => "header_converter",
        }
    }

    // The word that is cut off a simple class name to make an alias.
    fn suffix(self) -> &'static str {
        match self {
            PluginKind::Sink | PluginKind::Source => "Connector",
            PluginKind::Transformation => "Transformation",
            PluginKind::Predicate => "Predicate",
            PluginKind::Converter => "Converter",
            PluginKind::HeaderConverter => "HeaderConverter",
        }
    }
}

/// What the framework knows of a plugin before it is built.
#[derive(Debug, Clone)]
pub struct PluginDescription {
    /// Full class name, as configs and REST answers show it.
    pub class: &'static str,
    /// What it does.
    pub kind: PluginKind,
    /// Its version.
    pub version: &'static str,
    /// Its keys.
    pub definition: &'static ConfigDef,
    /// Its own validation, cross-field checks included; pure.
    pub validate: fn(&RawConfig) -> Vec<ConfigValue>,
}

/// Names under which a class of this kind is also known: its simple name, and that name up to the kind's word
/// (`org.x.FileStreamSourceConnector` → `FileStreamSourceConnector`, `FileStreamSource`).
pub fn aliases(class: &str, kind: PluginKind) -> Vec<&str> {
    let simple = class.rsplit(['.', '$']).next().unwrap_or(class);
    let mut names = vec![simple];
    if let Some(position) = simple.rfind(kind.suffix())
        && position > 0
    {
        names.push(&simple[..position]);
    }
    names
}

/// Answers which plugins there are. The worker's catalog is its registry; a linter's is a list.
pub trait Catalog {
    /// All plugins.
    fn plugins(&self) -> Vec<&PluginDescription>;

    /// The plugin of one of these kinds, by full name or by an alias that names only one class.
    fn find(&self, name: &str, kinds: &[PluginKind]) -> Option<&PluginDescription> {
        let plugins: Vec<_> =
            self.plugins().into_iter().filter(|plugin| kinds.contains(&plugin.kind)).collect();
        if let Some(exact) = plugins.iter().find(|plugin| plugin.class == name) {
            return Some(exact);
        }
        let mut named = plugins.iter().filter(|plugin| aliases(plugin.class, plugin.kind).contains(&name));
        let first = named.next()?;
        named.all(|other| other.class == first.class).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_kafkas() {
        let class = "org.apache.kafka.connect.file.FileStreamSourceConnector";
        assert_eq!(aliases(class, PluginKind::Source), ["FileStreamSourceConnector", "FileStreamSource"]);
        assert_eq!(aliases("org.x.JsonConverter", PluginKind::Converter), ["JsonConverter", "Json"]);
        assert_eq!(aliases("org.x.Cast$Value", PluginKind::Transformation), ["Value"]);
        assert_eq!(aliases("Connector", PluginKind::Sink), ["Connector"]);
    }
}
