//! Under which subject a schema is registered and found.

use api::Usage;
use api::config::{FieldType, Parsed, Type, config_enum};

/// A strategy, by its class's name: with or without its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// By the topic: `orders-value`.
    Topic,
    /// By the record: `shop.Order`.
    Record,
    /// By both: `orders-shop.Order`.
    TopicRecord,
    /// As the registry associates a subject with the topic, else by another strategy.
    Associated,
}

config_enum! {
    /// What [`Strategy::Associated`] does for a topic without association.
    pub enum Fallback {
        /// As [`Strategy::Topic`].
        Topic = "TOPIC",
        /// As [`Strategy::Record`].
        Record = "RECORD",
        /// As [`Strategy::TopicRecord`].
        TopicRecord = "TOPIC_RECORD",
        /// An error.
        None = "NONE",
    }
}

const PACKAGE: &str = "io.confluent.kafka.serializers.subject.";

impl FieldType for Strategy {
    const TYPE: Type = Type::String;

    fn from_value(value: Option<&Parsed>) -> Result<Self, String> {
        let (Some(Parsed::String(text)) | Some(Parsed::Class(text))) = value else {
            return Err("Value must be non-null".to_owned());
        };
        match text.strip_prefix(PACKAGE).unwrap_or(text) {
            "TopicNameStrategy" => Ok(Strategy::Topic),
            "RecordNameStrategy" => Ok(Strategy::Record),
            "TopicRecordNameStrategy" => Ok(Strategy::TopicRecord),
            "AssociatedNameStrategy" => Ok(Strategy::Associated),
            _ => Err(format!(
                "it is one of {PACKAGE}TopicNameStrategy, RecordNameStrategy, TopicRecordNameStrategy, \
                 AssociatedNameStrategy; other classes cannot be loaded"
            )),
        }
    }
}

impl Strategy {
    /// Whether the subject depends on the schema's name.
    pub fn uses_name(self) -> bool {
        matches!(self, Strategy::Record | Strategy::TopicRecord)
    }

    /// The subject; `name` is the schema's.
    ///
    /// # Errors
    /// The strategy needs a name and the schema has none. [`Strategy::Associated`] needs the registry, and is as
    /// [`Strategy::Topic`] here.
    pub fn subject(self, topic: &str, usage: Usage, name: Option<&str>) -> Result<String, String> {
        let name = || {
            name.ok_or_else(|| {
                "the subject is named by the record's name, and the schema is no record with a name"
                    .to_owned()
            })
        };
        let suffix = if usage == Usage::Key { "key" } else { "value" };
        Ok(match self {
            Strategy::Topic | Strategy::Associated => format!("{topic}-{suffix}"),
            Strategy::Record => name()?.to_owned(),
            Strategy::TopicRecord => format!("{topic}-{}", name()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        let of = |strategy: Strategy, usage, name| strategy.subject("orders", usage, name);
        assert_eq!(of(Strategy::Topic, Usage::Value, None).unwrap(), "orders-value");
        assert_eq!(of(Strategy::Topic, Usage::Key, Some("x.Y")).unwrap(), "orders-key");
        assert_eq!(of(Strategy::Record, Usage::Key, Some("x.Y")).unwrap(), "x.Y");
        assert_eq!(of(Strategy::TopicRecord, Usage::Value, Some("x.Y")).unwrap(), "orders-x.Y");
        assert!(of(Strategy::Record, Usage::Value, None).is_err());
    }

    #[test]
    fn strategies_are_classes() {
        let of = |text: &str| Strategy::from_value(Some(&Parsed::String(text.to_owned())));
        assert_eq!(of("io.confluent.kafka.serializers.subject.RecordNameStrategy"), Ok(Strategy::Record));
        assert_eq!(of("TopicNameStrategy"), Ok(Strategy::Topic));
        assert!(of("com.acme.MyStrategy").unwrap_err().contains("cannot be loaded"));
    }
}
