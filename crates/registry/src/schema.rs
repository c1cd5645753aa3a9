//! What a registered schema consists of, and what makes two of them the same.

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::metadata::Metadata;
use crate::rules::RuleSet;

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SchemaType {
    /// Apache Avro; also when nothing is said.
    #[default]
    Avro,
    /// JSON Schema.
    Json,
    /// Protocol Buffers.
    Protobuf,
}

impl SchemaType {
    /// All of them, as they are listed.
    pub const ALL: [Self; 3] = [Self::Json, Self::Protobuf, Self::Avro];

    /// Reads a name; a missing or empty one is Avro.
    pub(crate) fn named(name: Option<&str>) -> Option<Self> {
        match name.unwrap_or_default() {
            "" | "AVRO" => Some(Self::Avro),
            "JSON" => Some(Self::Json),
            "PROTOBUF" => Some(Self::Protobuf),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Json => "JSON",
            Self::Protobuf => "PROTOBUF",
        }
    }
}

/// A schema that another one uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// How the user names it: an Avro full name, a Protobuf import path, a JSON Schema `$ref`.
    pub name: String,
    /// Under which subject it is registered; without a context it is the user's.
    pub subject: String,
    /// Its version.
    pub version: i32,
}

/// A schema with everything that belongs to its identity, but for its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The format.
    pub schema_type: SchemaType,
    /// The canonical text.
    pub text: String,
    /// What it uses.
    pub references: Vec<Reference>,
    /// Tags and properties.
    pub metadata: Option<Metadata>,
    /// Rules that clients run.
    pub rule_set: Option<RuleSet>,
    guid: Uuid,
}

impl Schema {
    /// A schema; its fingerprint is computed.
    #[must_use]
    pub fn new(
        schema_type: SchemaType,
        text: String,
        references: Vec<Reference>,
        metadata: Option<Metadata>,
        rule_set: Option<RuleSet>,
    ) -> Self {
        let guid = fingerprint(&text, &references, metadata.as_ref(), rule_set.as_ref());
        Self { schema_type, text, references, metadata, rule_set, guid }
    }

    /// The same in all registries for the same content: an MD5, shown as a UUID. The type is not a part of it.
    #[must_use]
    pub fn guid(&self) -> Uuid {
        self.guid
    }

    /// The same schema with other metadata.
    #[must_use]
    pub fn with_metadata(&self, metadata: Option<Metadata>) -> Self {
        Self::new(
            self.schema_type,
            self.text.clone(),
            self.references.clone(),
            metadata,
            self.rule_set.clone(),
        )
    }
}

// Text, references, then a 1 and the metadata, then a 1 and the rules: the order is the original's.
fn fingerprint(
    text: &str,
    references: &[Reference],
    metadata: Option<&Metadata>,
    rule_set: Option<&RuleSet>,
) -> Uuid {
    let mut hash = Md5::new();
    hash.update(text);
    for reference in references {
        hash.update(&reference.name);
        hash.update(&reference.subject);
        hash.update(reference.version.to_be_bytes());
    }
    if let Some(metadata) = metadata {
        hash.update([1]);
        metadata.hash_into(&mut hash);
    }
    if let Some(rule_set) = rule_set {
        hash.update([1]);
        rule_set.hash_into(&mut hash);
    }
    Uuid::from_bytes(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(schema_type: SchemaType, text: &str) -> Schema {
        Schema::new(schema_type, text.to_owned(), Vec::new(), None, None)
    }

    // What Confluent's registry answers for such content, its bytes put together and hashed by another program: text;
    // name, subject and four bytes of version of each reference; 1 and metadata; 1 and rules, with a 1 behind a rule
    // that is disabled.
    #[test]
    fn the_guid_is_the_originals() {
        let text = r#"{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"buyer","type":"shop.Buyer"}]}"#;
        let references = r#"[{"name": "shop.Buyer", "subject": "buyers", "version": 258}]"#;
        let metadata = r#"{"properties": {"owner": "shop-team"}, "sensitive": ["password"],
                           "tags": {"Order.buyer": ["PRIVATE", "PERSON"]}}"#;
        let rules = |disabled: bool| {
            let rules = format!(
                r#"{{"domainRules": [{{"name": "upper", "doc": "as it was", "kind": "TRANSFORM", "mode": "WRITE",
                     "type": "CEL", "tags": ["PERSON"], "params": {{"scale": "2"}}, "expr": "x", "onSuccess": "NONE",
                     "onFailure": "ERROR", "disabled": {disabled}}}]}}"#
            );
            serde_json::from_str::<RuleSet>(&rules).unwrap()
        };
        let check = |references: Option<&str>, metadata: Option<&str>, rules: Option<RuleSet>, guid: &str| {
            let schema = Schema::new(
                SchemaType::Avro,
                text.to_owned(),
                serde_json::from_str(references.unwrap_or("[]")).unwrap(),
                metadata.map(|metadata| serde_json::from_str(metadata).unwrap()),
                rules,
            );
            assert_eq!(schema.guid().to_string(), guid);
        };
        let (references, metadata) = (Some(references), Some(metadata));
        check(None, None, None, "14ed9d9a-943b-1314-1ab5-21106da1f395");
        check(references, None, None, "209d91d1-ab71-8f26-f563-b2b37750d4d0");
        check(references, metadata, None, "febac3b7-c26b-fa38-9690-3ff7230eb13e");
        check(references, metadata, Some(rules(false)), "ae605689-d342-e651-ae3b-9f0652e27557");
        check(references, metadata, Some(rules(true)), "7611328c-f9d8-4c53-56c1-be99c9f84dc9");
    }

    #[test]
    fn the_type_is_not_a_part_of_it() {
        assert_eq!(schema(SchemaType::Avro, "{}").guid(), schema(SchemaType::Json, "{}").guid());
    }

    #[test]
    fn references_and_metadata_are() {
        let plain = schema(SchemaType::Avro, "{}");
        let reference = Reference { name: "a".to_owned(), subject: "b".to_owned(), version: 1 };
        let with = |version| {
            let reference = Reference { version, ..reference.clone() };
            Schema::new(SchemaType::Avro, "{}".to_owned(), vec![reference], None, None).guid()
        };
        assert_ne!(plain.guid(), with(1));
        assert_ne!(with(1), with(2));
        assert_ne!(plain.guid(), plain.with_metadata(Some(Metadata::default())).guid());
    }
}
