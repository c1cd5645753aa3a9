//! Keys that all registry converters share.

use api::Usage;
use api::config::{
    Config, ConfigDef, FieldType, Parsed, ParsedConfig, RawConfig, Report, Secret, Type, Validator,
};

use crate::client::ClientKeys;
use crate::subject::{Fallback, Strategy};
use crate::wire;

/// Keys of the registry's client, of subjects, and of which schema is written with.
#[derive(Debug, Clone, Config)]
#[config(group = "Schema Registry", check = check)]
pub struct RegistryConfig {
    /// Keys of the client.
    #[config(flatten)]
    pub client: ClientKeys,
    /// Whether a record's schema is registered when it is not yet. It goes before the keys `use.*`.
    #[config(key = "auto.register.schemas", default = "true", importance = Medium)]
    pub auto_register: bool,
    /// The id of the schema to write with; -1 is none.
    #[config(key = "use.schema.id", default = "-1", importance = Low)]
    pub schema_id: i32,
    /// The GUID of the schema to write with.
    #[config(key = "use.schema.guid", importance = Low)]
    pub schema_guid: Option<String>,
    /// Whether the latest schema of the subject is written with, and read with.
    #[config(key = "use.latest.version", default = "false", importance = Low)]
    pub latest_version: bool,
    /// Metadata of the schema to write with, and to read with: `name=value`, separated by commas.
    #[config(key = "use.latest.with.metadata", importance = Low)]
    pub latest_with_metadata: Option<Vec<String>>,
    /// Whether the registry normalizes schemas: what differs in order only is the same.
    #[config(key = "normalize.schemas", default = "false", importance = Low)]
    pub normalize: bool,
    /// Whether the latest schema must be able to read data of the record's schema.
    #[config(key = "latest.compatibility.strict", default = "true", importance = Low)]
    pub latest_strict: bool,
    /// Whether the schema of `use.schema.id` must be able to read data of the record's schema.
    #[config(key = "id.compatibility.strict", default = "true", importance = Low)]
    pub id_strict: bool,
    /// Under which subject a key's schema is registered.
    #[config(key = "key.subject.name.strategy", default = "io.confluent.kafka.serializers.subject.TopicNameStrategy", importance = Medium)]
    pub key_strategy: Strategy,
    /// Under which subject a value's schema is registered.
    #[config(key = "value.subject.name.strategy", default = "io.confluent.kafka.serializers.subject.TopicNameStrategy", importance = Medium)]
    pub value_strategy: Strategy,
    /// What AssociatedNameStrategy does for a topic without association.
    #[config(key = "subject.name.strategy.fallback.type", default = "TOPIC", importance = Low)]
    pub fallback: Fallback,
    /// The Kafka cluster's id, for AssociatedNameStrategy.
    #[config(key = "subject.name.strategy.kafka.cluster.id", importance = Low)]
    pub cluster: Option<String>,
    /// Where a key names its schema: in its first bytes, or in a header.
    #[config(key = "key.schema.id.serializer", default = "io.confluent.kafka.serializers.schema.id.PrefixSchemaIdSerializer", importance = Low)]
    pub key_id: IdPlace,
    /// Where a value names its schema: in its first bytes, or in a header.
    #[config(key = "value.schema.id.serializer", default = "io.confluent.kafka.serializers.schema.id.PrefixSchemaIdSerializer", importance = Low)]
    pub value_id: IdPlace,
    /// How many schemas are remembered, each way.
    #[config(key = "schemas.cache.config", default = "1000", importance = Low, validator = Validator::at_least(1.0))]
    pub schemas_cached: i32,
}

/// Where a message names its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdPlace {
    /// In its first bytes.
    Prefix,
    /// In a header.
    Header,
}

const PACKAGE: &str = "io.confluent.kafka.serializers.schema.id.";

impl FieldType for IdPlace {
    const TYPE: Type = Type::String;

    fn from_value(value: Option<&Parsed>) -> Result<Self, String> {
        let Some(Parsed::String(text)) = value else { return Err("Value must be non-null".to_owned()) };
        match text.strip_prefix(PACKAGE).unwrap_or(text) {
            "PrefixSchemaIdSerializer" => Ok(IdPlace::Prefix),
            "HeaderSchemaIdSerializer" => Ok(IdPlace::Header),
            _ => Err(format!("it is {PACKAGE}PrefixSchemaIdSerializer or {PACKAGE}HeaderSchemaIdSerializer")),
        }
    }
}

fn check(config: &RegistryConfig, report: &mut Report) {
    if config.metadata().is_none() {
        report.add("use.latest.with.metadata", "each item is name=value");
    }
    if config.schema_guid.as_deref().is_some_and(|guid| wire::parse_guid(guid.trim()).is_none()) {
        report.add("use.schema.guid", "it is no GUID: 32 hex digits, with or without hyphens");
    }
}

impl RegistryConfig {
    /// The metadata that is asked for, as pairs; `None` when an item is no pair.
    pub fn metadata(&self) -> Option<Vec<(String, String)>> {
        let items = self.latest_with_metadata.as_deref().unwrap_or_default();
        items
            .iter()
            .map(|item| {
                item.split_once('=').map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
            })
            .collect()
    }

    /// The strategy for keys or values.
    pub fn strategy(&self, usage: Usage) -> Strategy {
        if usage == Usage::Key { self.key_strategy } else { self.value_strategy }
    }

    /// Where keys or values name their schema.
    pub fn id_place(&self, usage: Usage) -> IdPlace {
        if usage == Usage::Key { self.key_id } else { self.value_id }
    }
}

/// A converter's declared keys, with those whose names are open: `request.header.NAME`.
#[derive(Debug, Clone)]
pub struct WithHeaders<K> {
    /// The declared keys.
    pub keys: K,
    /// Headers of each call to the registry.
    pub headers: Vec<(String, Secret)>,
}

impl<K: Config> Config for WithHeaders<K> {
    fn definition() -> &'static ConfigDef {
        K::definition()
    }

    fn from_parsed(values: &ParsedConfig) -> Result<Self, Report> {
        Ok(Self { keys: K::from_parsed(values)?, headers: Vec::new() })
    }

    fn cross_check(&self, report: &mut Report) {
        self.keys.cross_check(report);
    }

    fn parse(raw: &RawConfig) -> Result<Self, Report> {
        Ok(Self { keys: K::parse(raw)?, headers: request_headers(raw) })
    }
}

/// The values of `request.header.NAME`, which are sent with each call.
fn request_headers(raw: &RawConfig) -> Vec<(String, Secret)> {
    let named = raw.with_prefix("request.header.");
    named.iter().filter_map(|(name, value)| Some((name.to_owned(), Secret::new(value?)))).collect()
}
