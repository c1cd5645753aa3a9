//! Field names that are kept free (`validateFields`).

use std::collections::BTreeSet;

use crate::metadata::{Metadata, property};
use crate::plan::submission::Prepared;
use crate::refusal::{Answer, Refusal};
use crate::schema::SchemaType;
use crate::state::State;
use crate::subject::Subject;

/// Names that no top-level field may have, with commas.
const RESERVED: &str = "confluent:reserved";

/// JSON Schema keeps names that begin so for itself.
const JSON_PREFIX: &str = "$$";

/// Checks the top-level fields of a new schema, and that it reserves what the latest version did.
pub(crate) fn check(state: &State, subject: &Subject, new: &Prepared) -> Answer<()> {
    let reserved = names(new.schema.metadata.as_ref());
    let latest = state.live(subject).next_back().map(|(_, entry)| names(entry.schema.metadata.as_ref()));
    if let Some(missing) = latest.unwrap_or_default().difference(&reserved).next() {
        let message = format!("The new schema has reserved field {missing} removed from its metadata");
        return Err(Refusal::invalid_schema(message));
    }
    for field in new.parsed.top_level_fields() {
        if reserved.contains(field.as_str()) {
            let message = format!("The new schema has field that conflicts with the reserved field {field}");
            return Err(Refusal::invalid_schema(message));
        }
        if new.schema.schema_type == SchemaType::Json && field.starts_with(JSON_PREFIX) {
            let message =
                format!("The new schema has field {field}: names that begin with {JSON_PREFIX} are reserved");
            return Err(Refusal::invalid_schema(message));
        }
    }
    Ok(())
}

fn names(metadata: Option<&Metadata>) -> BTreeSet<&str> {
    let list = property(metadata, RESERVED).unwrap_or_default();
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}
