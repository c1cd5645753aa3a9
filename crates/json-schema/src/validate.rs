//! Whether a document is what a schema asks for.

use std::error::Error;
use std::fmt;

use boon::{Compiler, SchemaIndex, Schemas, UrlLoader};
use serde_json::Value;

use crate::Schema;

// References are looked up beside this name. It is never opened: the loader below refuses.
const BASE: &str = "http://references.invalid/";
const MAIN: &str = "http://references.invalid/%24schema";

/// Checks documents against a schema, by all its keywords.
pub struct Validator {
    schemas: Schemas,
    root: SchemaIndex,
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").finish_non_exhaustive()
    }
}

/// What is not given is not there.
struct Nothing;

impl UrlLoader for Nothing {
    fn load(&self, url: &str) -> Result<Value, Box<dyn Error>> {
        Err(format!("{} is none of the schema's references", url.trim_start_matches(BASE)).into())
    }
}

impl Validator {
    /// A validator of a schema.
    ///
    /// # Errors
    /// The schema is not one of any draft, in words.
    pub fn new(schema: &Schema) -> Result<Self, String> {
        let mut compiler = Compiler::new();
        compiler.use_loader(Box::new(Nothing));
        // What a schema without $schema is for Confluent's library.
        compiler.set_default_draft(boon::Draft::V7);
        for (name, value) in schema.references() {
            let name = name.trim_end_matches('#');
            let url = if name.contains("://") { name.to_owned() } else { format!("{BASE}{name}") };
            compiler.add_resource(&url, value.clone()).map_err(|error| error.to_string())?;
        }
        compiler.add_resource(MAIN, schema.root().clone()).map_err(|error| error.to_string())?;
        let mut schemas = Schemas::new();
        let root = compiler.compile(MAIN, &mut schemas).map_err(|error| format!("{error:#}"))?;
        Ok(Self { schemas, root })
    }

    /// Checks a document.
    ///
    /// # Errors
    /// It is not JSON, or not what the schema asks for, in words: every place that does not fit.
    pub fn check(&self, document: &[u8]) -> Result<(), String> {
        let value: Value = serde_json::from_slice(document).map_err(|error| error.to_string())?;
        let outcome = self.schemas.validate(&value, self.root);
        outcome.map_err(|error| {
            let mut places = Vec::new();
            leaves(&error, &mut places);
            places.join("; ")
        })
    }
}

// The values stay out of the message: they may be secret.
fn leaves(error: &boon::ValidationError<'_, '_>, places: &mut Vec<String>) {
    if places.len() >= 20 {
        return;
    }
    if error.causes.is_empty() {
        let keyword = error.schema_url.rsplit('#').next().unwrap_or_default();
        places.push(format!("{} does not satisfy #{keyword}", shown(&error.instance_location.to_string())));
    }
    error.causes.iter().for_each(|cause| leaves(cause, places));
}

fn shown(location: &str) -> &str {
    if location.is_empty() { "the value" } else { location }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &str, references: &[(&str, &str)], document: &str) -> Result<(), String> {
        let references: Vec<_> =
            references.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Validator::new(&Schema::parse(schema, &references).unwrap())?.check(document.as_bytes())
    }

    #[test]
    fn documents_are_checked_and_errors_hold_no_values() {
        let schema =
            r#"{"type":"object","properties":{"a":{"type":"integer","minimum":5}},"required":["a"]}"#;
        assert_eq!(check(schema, &[], r#"{"a":5}"#), Ok(()));
        let error = check(schema, &[], r#"{"a":4}"#).unwrap_err();
        assert!(error.starts_with("/a does not satisfy #/properties/a"), "{error}");
        assert!(check(schema, &[], "{}").is_err());
        assert!(check(schema, &[], "{").is_err());
    }

    #[test]
    fn references_are_the_ones_that_were_given() {
        let reference = [("b.json", r#"{"type":"string"}"#)];
        assert_eq!(check(r#"{"items":{"$ref":"b.json"}}"#, &reference, r#"["x"]"#), Ok(()));
        assert!(check(r#"{"items":{"$ref":"b.json"}}"#, &reference, "[1]").is_err());
    }
}
