//! Schemas as they are shown.

use serde_json::{Map, Value, json};

use crate::format::{Checks, Parsed};
use crate::http::request::Request;
use crate::plan::resolve::resolve;
use crate::plan::submission::Submission;
use crate::schema::{Schema, SchemaType};
use crate::state::{Entry, State};
use crate::subject::Subject;

/// A version with everything.
pub(crate) fn version(
    state: &State,
    request: &Request,
    subject: &Subject,
    version: i32,
    entry: &Entry,
) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("subject".to_owned(), json!(subject.to_string()));
    shown.insert("version".to_owned(), json!(version));
    shown.insert("id".to_owned(), json!(entry.id));
    shown.extend(schema(state, request, subject, &entry.schema));
    shown.insert("ts".to_owned(), json!(entry.written_ms));
    if entry.deleted {
        shown.insert("deleted".to_owned(), json!(true));
    }
    shown
}

/// What belongs to the schema itself. What is empty is left out.
pub(crate) fn schema(
    state: &State,
    request: &Request,
    subject: &Subject,
    schema: &Schema,
) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("guid".to_owned(), json!(schema.guid().to_string()));
    shown.insert("schemaType".to_owned(), json!(schema.schema_type));
    if !schema.references.is_empty() {
        let mut references = schema.references.clone();
        if request.query("referenceFormat").is_some_and(|format| format.eq_ignore_ascii_case("qualified")) {
            for reference in &mut references {
                reference.subject = Subject::parse_in(subject.context(), &reference.subject).to_string();
            }
        }
        shown.insert("references".to_owned(), json!(references));
    }
    if let Some(metadata) = &schema.metadata {
        shown.insert("metadata".to_owned(), json!(metadata));
    }
    if let Some(rule_set) = &schema.rule_set {
        shown.insert("ruleSet".to_owned(), json!(rule_set));
    }
    shown.insert("schema".to_owned(), json!(text(state, request, subject, schema)));
    shown
}

/// The text in the form that the query's `format` asks for; the canonical one when it names none that the type has.
pub(crate) fn text(state: &State, request: &Request, subject: &Subject, schema: &Schema) -> String {
    let form: fn(&Parsed) -> Option<String> = match (schema.schema_type, request.query("format")) {
        (SchemaType::Avro, Some("resolved")) => Parsed::resolved,
        (SchemaType::Protobuf, Some("serialized")) => Parsed::serialized,
        _ => return schema.text.clone(),
    };
    in_form(state, subject, schema, form).unwrap_or_else(|| schema.text.clone())
}

/// Who sends a Protobuf descriptor is answered one: clients without a parser keep the answer and go on with it.
pub(crate) fn as_sent(
    mut shown: Map<String, Value>,
    state: &State,
    subject: &Subject,
    submission: &Submission,
    schema: &Schema,
) -> Map<String, Value> {
    if submission.is_descriptor()
        && let Some(text) = in_form(state, subject, schema, Parsed::serialized)
    {
        shown.insert("schema".to_owned(), json!(text));
    }
    shown
}

fn in_form(
    state: &State,
    subject: &Subject,
    schema: &Schema,
    form: fn(&Parsed) -> Option<String>,
) -> Option<String> {
    let resolved = resolve(state, subject, &schema.references, true).ok()?;
    form(&Parsed::parse(schema.schema_type, &schema.text, &resolved, Checks::Stored).ok()?)
}
