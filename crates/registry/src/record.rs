//! Records of the registry's topic, in the format of Confluent's `_schemas`.
//!
//! Key and value are JSON. The order of a key's members matters: compaction compares bytes. All that the registry
//! knows is what these records say; [`crate::state::State`] is made by applying them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::level::Mode;
use crate::metadata::Metadata;
use crate::rules::RuleSet;
use crate::schema::{Reference, Schema, SchemaType};
use crate::subject::Subject;

/// Tenants are a thing of the original's cloud; outside of it there is this one.
const TENANT: &str = "default";

/// One thing that happened. `None` is a tombstone: the thing is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A version of a subject.
    Schema {
        /// The subject.
        subject: Subject,
        /// Its version.
        version: i32,
        /// What it is now.
        value: Option<Box<Version>>,
    },
    /// The config of a subject, a context or everything.
    Config {
        /// Whose.
        subject: Subject,
        /// What it is now.
        value: Option<Box<Config>>,
    },
    /// The mode of a subject, a context or everything.
    Mode {
        /// Whose.
        subject: Subject,
        /// What it is now.
        value: Option<Mode>,
    },
    /// All versions up to this one are soft-deleted.
    DeleteSubject {
        /// The subject.
        subject: Subject,
        /// The highest of them.
        version: i32,
    },
    /// Soft-deleted versions are forgotten.
    ClearSubject {
        /// Whose: a subject's, all of a context, or all.
        subject: Subject,
    },
    /// A context.
    Context {
        /// Its name.
        context: String,
        /// Whether it is there; otherwise it is gone.
        exists: bool,
    },
    /// Nothing: it is written to find the end of the topic, and stands for what this version does not know.
    Nothing,
}

/// A version of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The schema's id in its context.
    pub id: i32,
    /// The schema.
    pub schema: Schema,
    /// Soft-deleted: hidden, but its number stays taken.
    pub deleted: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum KeyType {
    Schema,
    Config,
    Mode,
    DeleteSubject,
    ClearSubject,
    Context,
    Noop,
}

// The members in the order in which they must be written.
#[derive(Serialize)]
struct Key<'a> {
    keytype: KeyType,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    magic: u8,
}

#[derive(Deserialize)]
struct AnyKey {
    keytype: String,
    magic: Option<u8>,
    context: Option<String>,
    subject: Option<String>,
    version: Option<i32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchemaValue {
    subject: String,
    version: i32,
    id: i32,
    schema_type: Option<SchemaType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    references: Option<Vec<Reference>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule_set: Option<RuleSet>,
    schema: String,
    #[serde(default)]
    deleted: bool,
}

#[derive(Serialize, Deserialize)]
struct OfSubject<T> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(flatten)]
    value: T,
}

#[derive(Serialize, Deserialize)]
struct ModeValue {
    mode: Mode,
}

#[derive(Serialize, Deserialize)]
struct Watermark {
    version: i32,
}

#[derive(Serialize)]
struct ContextValue<'a> {
    tenant: &'a str,
    context: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Empty {}

impl Record {
    /// Key and value as bytes.
    ///
    /// # Errors
    /// None in fact: all of it is plain data.
    pub fn encode(&self) -> serde_json::Result<(Vec<u8>, Option<Vec<u8>>)> {
        let key = |keytype, subject: Option<&Subject>, version| {
            // The registry's own config and mode have no subject.
            let subject = subject.filter(|subject| !subject.is_global()).map(Subject::to_string);
            let magic = u8::from(matches!(keytype, KeyType::Schema));
            serde_json::to_vec(&Key { keytype, tenant: None, context: None, subject, version, magic })
        };
        let named = |subject: &Subject| (!subject.is_global()).then(|| subject.to_string());
        Ok(match self {
            Self::Schema { subject, version, value } => {
                let value = value.as_ref().map(|value| {
                    let schema = &value.schema;
                    serde_json::to_vec(&SchemaValue {
                        subject: subject.to_string(),
                        version: *version,
                        id: value.id,
                        schema_type: Some(schema.schema_type),
                        references: (!schema.references.is_empty()).then(|| schema.references.clone()),
                        metadata: schema.metadata.clone(),
                        rule_set: schema.rule_set.clone(),
                        schema: schema.text.clone(),
                        deleted: value.deleted,
                    })
                });
                (key(KeyType::Schema, Some(subject), Some(*version))?, value.transpose()?)
            }
            Self::Config { subject, value } => {
                let value = value.as_ref().map(|value| {
                    serde_json::to_vec(&OfSubject { subject: named(subject), value: value.as_ref() })
                });
                (key(KeyType::Config, Some(subject), None)?, value.transpose()?)
            }
            Self::Mode { subject, value } => {
                let value = value.map(|mode| {
                    serde_json::to_vec(&OfSubject { subject: named(subject), value: ModeValue { mode } })
                });
                (key(KeyType::Mode, Some(subject), None)?, value.transpose()?)
            }
            Self::DeleteSubject { subject, version } => {
                let value =
                    OfSubject { subject: Some(subject.to_string()), value: Watermark { version: *version } };
                (key(KeyType::DeleteSubject, Some(subject), None)?, Some(serde_json::to_vec(&value)?))
            }
            Self::ClearSubject { subject } => {
                let value = OfSubject { subject: named(subject), value: Empty {} };
                (key(KeyType::ClearSubject, Some(subject), None)?, Some(serde_json::to_vec(&value)?))
            }
            Self::Context { context, exists } => {
                let key = Key {
                    keytype: KeyType::Context,
                    tenant: Some(TENANT),
                    context: Some(context),
                    subject: None,
                    version: None,
                    magic: 0,
                };
                let value = exists.then(|| serde_json::to_vec(&ContextValue { tenant: TENANT, context }));
                (serde_json::to_vec(&key)?, value.transpose()?)
            }
            Self::Nothing => (key(KeyType::Noop, None, None)?, None),
        })
    }

    /// Reads a record. Kinds and members that are not known are passed over: a newer registry may have written them.
    ///
    /// # Errors
    /// It is no record of a registry; the text says why.
    pub fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Self, String> {
        let key: AnyKey = serde_json::from_slice(key).map_err(|error| format!("its key: {error}"))?;
        let magic_max = u8::from(key.keytype == "SCHEMA");
        if key.magic.is_some_and(|magic| magic > magic_max) {
            return Err(format!("its key: a {} of magic {:?} is not known", key.keytype, key.magic));
        }
        let subject = || Subject::parse(key.subject.as_deref().unwrap_or_default());
        let named = || key.subject.as_deref().map(Subject::parse).ok_or("its key has no subject");
        Ok(match key.keytype.as_str() {
            "SCHEMA" => {
                let version = key.version.ok_or("its key has no version")?;
                let value = value.map(version_of).transpose()?;
                Self::Schema { subject: named()?, version, value }
            }
            "CONFIG" => {
                let value = value.map(|value| read::<Config>(value).map(Box::new)).transpose()?;
                Self::Config { subject: subject(), value }
            }
            "MODE" => {
                let value = value.map(read::<ModeValue>).transpose()?;
                Self::Mode { subject: subject(), value: value.map(|value| value.mode) }
            }
            "DELETE_SUBJECT" => match value {
                Some(value) => {
                    Self::DeleteSubject { subject: named()?, version: read::<Watermark>(value)?.version }
                }
                None => Self::Nothing,
            },
            "CLEAR_SUBJECT" if value.is_some() => Self::ClearSubject { subject: subject() },
            "CONTEXT" => {
                let context = key.context.clone().ok_or("its key has no context")?;
                Self::Context { context, exists: value.is_some() }
            }
            _ => Self::Nothing,
        })
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: &[u8]) -> Result<T, String> {
    serde_json::from_slice(value).map_err(|error| format!("its value: {error}"))
}

fn version_of(value: &[u8]) -> Result<Box<Version>, String> {
    // A schema that is null with a value around it was never written by anyone, but is easily read.
    if serde_json::from_slice::<Value>(value).is_ok_and(|value| value["schema"].is_null()) {
        return Err("its value has no schema".to_owned());
    }
    let value: SchemaValue = read(value)?;
    let schema = Schema::new(
        value.schema_type.unwrap_or_default(),
        value.schema,
        value.references.unwrap_or_default(),
        value.metadata,
        value.rule_set,
    );
    Ok(Box::new(Version { id: value.id, schema, deleted: value.deleted }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;

    #[track_caller]
    fn check(record: &Record, key: &str, value: Option<&str>) {
        let (written_key, written_value) = record.encode().unwrap();
        assert_eq!(String::from_utf8(written_key.clone()).unwrap(), key);
        assert_eq!(written_value.clone().map(|value| String::from_utf8(value).unwrap()).as_deref(), value);
        assert_eq!(&Record::decode(&written_key, written_value.as_deref()).unwrap(), record);
    }

    fn version(deleted: bool) -> Version {
        let text = "\"string\"".to_owned();
        Version { id: 7, schema: Schema::new(SchemaType::Avro, text, Vec::new(), None, None), deleted }
    }

    #[test]
    fn the_bytes_of_each_kind() {
        let subject = Subject::parse("s");
        check(
            &Record::Schema { subject: subject.clone(), version: 1, value: Some(Box::new(version(false))) },
            r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#,
            Some(
                r#"{"subject":"s","version":1,"id":7,"schemaType":"AVRO","schema":"\"string\"","deleted":false}"#,
            ),
        );
        check(
            &Record::Schema { subject: Subject::parse(":.c:s"), version: 2, value: None },
            r#"{"keytype":"SCHEMA","subject":":.c:s","version":2,"magic":1}"#,
            None,
        );
        check(
            &Record::Config {
                subject: Subject::global(),
                value: Some(Box::new(Config::of_level(Level::Full))),
            },
            r#"{"keytype":"CONFIG","magic":0}"#,
            Some(r#"{"compatibilityLevel":"FULL"}"#),
        );
        check(
            &Record::Config {
                subject: subject.clone(),
                value: Some(Box::new(Config::of_level(Level::None))),
            },
            r#"{"keytype":"CONFIG","subject":"s","magic":0}"#,
            Some(r#"{"subject":"s","compatibilityLevel":"NONE"}"#),
        );
        check(
            &Record::Mode { subject: subject.clone(), value: Some(Mode::Import) },
            r#"{"keytype":"MODE","subject":"s","magic":0}"#,
            Some(r#"{"subject":"s","mode":"IMPORT"}"#),
        );
        check(
            &Record::DeleteSubject { subject: subject.clone(), version: 3 },
            r#"{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}"#,
            Some(r#"{"subject":"s","version":3}"#),
        );
        check(
            &Record::ClearSubject { subject },
            r#"{"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}"#,
            Some(r#"{"subject":"s"}"#),
        );
        check(
            &Record::Context { context: ".c".to_owned(), exists: true },
            r#"{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}"#,
            Some(r#"{"tenant":"default","context":".c"}"#),
        );
        check(&Record::Nothing, r#"{"keytype":"NOOP","magic":0}"#, None);
    }

    #[test]
    fn what_older_and_newer_registries_write() {
        let read = |key: &str, value: &str| Record::decode(key.as_bytes(), Some(value.as_bytes())).unwrap();
        let global = read(
            r#"{"keytype":"CONFIG","subject":null,"magic":0}"#,
            r#"{"compatibilityLevel":"NONE","new":{"a":1}}"#,
        );
        let level = Some(Box::new(Config::of_level(Level::None)));
        assert_eq!(global, Record::Config { subject: Subject::global(), value: level });
        let old = read(
            r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":0}"#,
            r#"{"subject":"s","version":1,"id":7,"md5":"Vxdd","references":null,"schema":"\"string\"","deleted":true}"#,
        );
        assert_eq!(
            old,
            Record::Schema { subject: Subject::parse("s"), version: 1, value: Some(Box::new(version(true))) }
        );
        assert_eq!(read(r#"{"keytype":"ASSOC","magic":0}"#, "{}"), Record::Nothing);
    }

    #[test]
    fn what_is_no_record_is_said_so() {
        for (key, value) in [
            ("", "{}"),
            ("[]", "{}"),
            (r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":2}"#, "{}"),
            (r#"{"keytype":"SCHEMA","subject":"s","magic":1}"#, "{}"),
            (r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#, "{}"),
            (r#"{"keytype":"MODE","magic":0}"#, r#"{"mode":"SOFT"}"#),
            (r#"{"keytype":"DELETE_SUBJECT","magic":0}"#, r#"{"version":1}"#),
        ] {
            Record::decode(key.as_bytes(), Some(value.as_bytes())).unwrap_err();
        }
    }
}
