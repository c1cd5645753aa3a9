//! What the registry sends and takes.

use serde::{Deserialize, Serialize};

/// A schema that another one names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// How it is named in the schema's text.
    pub name: String,
    /// Where it is registered.
    pub subject: String,
    /// Its version there; -1 is the latest.
    pub version: i32,
}

/// A schema as the registry answers it; which members are there depends on the request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Registered {
    /// Its text; empty where the answer has none.
    pub schema: String,
    /// `AVRO` when the answer does not say.
    pub schema_type: Option<String>,
    /// Schemas that it names.
    pub references: Vec<Reference>,
    /// Its id.
    pub id: Option<i32>,
    /// Its version in the subject.
    pub version: Option<i32>,
    /// Its content's GUID.
    pub guid: Option<String>,
    /// The subject.
    pub subject: Option<String>,
}

/// A schema to register or to look up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'a> {
    pub schema: &'a str,
    #[serde(skip_serializing_if = "is_avro")]
    pub schema_type: &'a str,
    #[serde(skip_serializing_if = "<[Reference]>::is_empty")]
    pub references: &'a [Reference],
}

// Old registries know no other types and no such member.
fn is_avro(schema_type: &str) -> bool {
    schema_type == "AVRO"
}

/// An association of a topic with a subject.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Association {
    pub subject: String,
}

/// The body of an error.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    pub error_code: i64,
    #[serde(default)]
    pub message: String,
}
