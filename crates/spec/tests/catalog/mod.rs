//! A small catalog, as a worker with the file connectors would have.

// The fields are read through their keys only.
#![allow(dead_code)]

use api::config::{Catalog, Config, PluginDescription, PluginKind, Report, Secret, Validator};

/// The file source's keys.
#[derive(Debug, Config)]
pub struct FileSourceKeys {
    /// File to read; the standard input when unset.
    #[config(key = "file", importance = High)]
    pub file: Option<String>,
    /// The topic to publish data to.
    #[config(key = "topic", importance = High)]
    pub topic: String,
    /// Most records of a poll.
    #[config(key = "batch.size", default = "2000", importance = Low)]
    pub batch: i32,
}

/// The file sink's keys.
#[derive(Debug, Config)]
pub struct FileSinkKeys {
    /// File to write.
    #[config(key = "file", importance = High)]
    pub file: Option<String>,
    /// Password.
    #[config(key = "password")]
    pub password: Option<Secret>,
}

/// A transform's keys.
#[derive(Debug, Config)]
#[config(check = not_the_same)]
pub struct RouterKeys {
    /// What to look for.
    #[config(key = "regex", importance = High)]
    pub regex: String,
    /// What to put in its place.
    #[config(key = "replacement", importance = High)]
    pub replacement: String,
}

fn not_the_same(keys: &RouterKeys, report: &mut Report) {
    if keys.regex == keys.replacement {
        report.add("replacement", "replacement is the same as regex");
    }
}

/// A predicate's keys.
#[derive(Debug, Config)]
pub struct NameKeys {
    /// Pattern.
    #[config(key = "pattern", importance = High)]
    pub pattern: String,
}

/// A converter's keys.
#[derive(Debug, Config)]
pub struct JsonKeys {
    /// Whether the schema goes with each value.
    #[config(key = "schemas.enable", default = "true", importance = High)]
    pub schemas: bool,
    /// Size of the schema cache.
    #[config(key = "schemas.cache.size", default = "1000", validator = Validator::at_least(0.0))]
    pub cache: i32,
}

/// No keys.
#[derive(Debug, Config)]
pub struct NoKeys {}

/// The list.
pub struct Plugins(Vec<PluginDescription>);

impl Catalog for Plugins {
    fn plugins(&self) -> Vec<&PluginDescription> {
        self.0.iter().collect()
    }
}

/// The catalog.
pub fn catalog() -> Plugins {
    fn plugin<C: Config>(kind: PluginKind, class: &'static str) -> PluginDescription {
        PluginDescription {
            class,
            kind,
            version: "1.2.0",
            definition: C::definition(),
            validate: C::validate,
        }
    }
    Plugins(vec![
        plugin::<FileSourceKeys>(
            PluginKind::Source,
            "org.apache.kafka.connect.file.FileStreamSourceConnector",
        ),
        plugin::<FileSinkKeys>(PluginKind::Sink, "org.apache.kafka.connect.file.FileStreamSinkConnector"),
        plugin::<RouterKeys>(PluginKind::Transformation, "org.apache.kafka.connect.transforms.RegexRouter"),
        plugin::<NameKeys>(
            PluginKind::Transformation,
            "org.apache.kafka.connect.transforms.ExtractField$Key",
        ),
        plugin::<NameKeys>(
            PluginKind::Transformation,
            "org.apache.kafka.connect.transforms.ExtractField$Value",
        ),
        plugin::<NameKeys>(
            PluginKind::Predicate,
            "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        ),
        plugin::<JsonKeys>(PluginKind::Converter, "org.apache.kafka.connect.json.JsonConverter"),
        plugin::<NoKeys>(PluginKind::Converter, "org.apache.kafka.connect.storage.StringConverter"),
        plugin::<NoKeys>(
            PluginKind::HeaderConverter,
            "org.apache.kafka.connect.storage.SimpleHeaderConverter",
        ),
    ])
}
