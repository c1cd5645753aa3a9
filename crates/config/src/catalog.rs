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

/// The package whose class is meant when an alias stands for several.
const PREFERRED: &str = "io.confluent.";

fn only_class<'a>(mut plugins: impl Iterator<Item = &'a PluginDescription>) -> Option<&'a PluginDescription> {
    let first = plugins.next()?;
    plugins.all(|other| other.class == first.class).then_some(first)
}

/// What a source connector says of itself with a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcePromises {
    /// Whether it gives each record once, when records and offsets are written in one transaction.
    pub exactly_once: bool,
    /// Whether it says where transactions end.
    pub boundaries: bool,
}

/// Answers which plugins there are. The worker's catalog is its registry; a linter's is a list.
pub trait Catalog {
    /// All plugins.
    fn plugins(&self) -> Vec<&PluginDescription>;

    /// What a source connector of this class says of itself with a config. `None` when it cannot be asked: a list of names
    /// knows no connectors, and what cannot be read promises nothing.
    fn source_promises(&self, _class: &str, _raw: &RawConfig) -> Option<SourcePromises> {
        None
    }

    /// The plugin of one of these kinds, by full name or by an alias. Of several classes of one alias
    /// (`JdbcSourceConnector` is Confluent's and Aiven's), the one of package `io.confluent.` is meant, if there is
    /// exactly one: it is the one that configs in circulation mean. Kafka Connect drops an alias of several classes;
    /// there, the user chose which of them to install, which cannot be done here, so this differs on purpose.
    fn find(&self, name: &str, kinds: &[PluginKind]) -> Option<&PluginDescription> {
        let plugins: Vec<_> =
            self.plugins().into_iter().filter(|plugin| kinds.contains(&plugin.kind)).collect();
        if let Some(exact) = plugins.iter().find(|plugin| plugin.class == name) {
            return Some(exact);
        }
        let named: Vec<_> =
            plugins.into_iter().filter(|plugin| aliases(plugin.class, plugin.kind).contains(&name)).collect();
        only_class(named.iter().copied())
            .or_else(|| only_class(named.iter().copied().filter(|it| it.class.starts_with(PREFERRED))))
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

    struct Listed(Vec<PluginDescription>);

    impl Catalog for Listed {
        fn plugins(&self) -> Vec<&PluginDescription> {
            self.0.iter().collect()
        }
    }

    fn found(classes: &[(&'static str, PluginKind)], name: &str) -> Option<&'static str> {
        static NO_KEYS: std::sync::LazyLock<ConfigDef> = std::sync::LazyLock::new(ConfigDef::default);
        let plugin = |&(class, kind): &(&'static str, PluginKind)| PluginDescription {
            class,
            kind,
            version: "1",
            definition: &NO_KEYS,
            validate: |_| Vec::new(),
        };
        let catalog = Listed(classes.iter().map(plugin).collect());
        catalog.find(name, &[PluginKind::Source, PluginKind::Sink]).map(|plugin| plugin.class)
    }

    #[test]
    fn an_alias_of_several_classes_means_confluents() {
        let confluent = ("io.confluent.connect.jdbc.JdbcSourceConnector", PluginKind::Source);
        let aiven = ("io.aiven.connect.jdbc.JdbcSourceConnector", PluginKind::Source);
        let other = ("io.confluent.other.JdbcSourceConnector", PluginKind::Source);
        for both in [[confluent, aiven], [aiven, confluent]] {
            assert_eq!(found(&both, "JdbcSourceConnector"), Some(confluent.0));
            assert_eq!(found(&both, "JdbcSource"), Some(confluent.0));
            assert_eq!(found(&both, aiven.0), Some(aiven.0));
            assert_eq!(found(&both, "JdbcSink"), None);
        }
        assert_eq!(found(&[aiven], "JdbcSource"), Some(aiven.0));
        assert_eq!(found(&[confluent, aiven, other], "JdbcSource"), None);
        let third = ("org.x.JdbcSourceConnector", PluginKind::Source);
        assert_eq!(found(&[third, aiven], "JdbcSource"), None);
    }
}
