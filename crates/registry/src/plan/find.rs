//! Finds a schema among the versions of a subject.

use crate::format::{Checks, Parsed};
use crate::metadata::{Metadata, VERSION, property};
use crate::plan::resolve::resolve;
use crate::plan::submission::Prepared;
use crate::schema::{Schema, SchemaType};
use crate::state::{Entry, State};
use crate::subject::Subject;

/// The version of the subject that holds this schema: by its fingerprint, else by comparing from the newest on.
/// Soft-deleted versions count only if `deleted`.
pub(crate) fn find<'a>(
    state: &'a State,
    subject: &Subject,
    wanted: &Prepared,
    deleted: bool,
) -> Option<(i32, &'a Entry)> {
    let guid = wanted.schema.guid();
    let candidates = || state.versions(subject).rev().filter(|(_, entry)| deleted || !entry.deleted);
    // A live one is better than a deleted one.
    let same = || candidates().filter(|(_, entry)| entry.schema.guid() == guid);
    let by_guid = same().find(|(_, entry)| !entry.deleted).or_else(|| same().next());
    by_guid.or_else(|| {
        candidates().find(|(version, entry)| is_same(state, subject, wanted, *version, &entry.schema))
    })
}

// Property order, white space and the like do not make a schema another one; references may be inlined by clients that
// do not know them.
fn is_same(state: &State, subject: &Subject, wanted: &Prepared, version: i32, stored: &Schema) -> bool {
    let new = &wanted.schema;
    if new.schema_type != stored.schema_type
        || new.rule_set != stored.rule_set
        || !is_same_metadata(new.metadata.as_ref(), stored.metadata.as_ref(), version)
    {
        return false;
    }
    if new.references == stored.references {
        return new.text == stored.text || is_same_text(state, subject, wanted, stored, Parsed::normalized);
    }
    if new.references.is_empty() && !stored.references.is_empty() {
        return is_same_text(state, subject, wanted, stored, Parsed::inlined);
    }
    false
}

fn is_same_text(
    state: &State,
    subject: &Subject,
    wanted: &Prepared,
    stored: &Schema,
    form: impl Fn(&Parsed) -> String,
) -> bool {
    if stored.schema_type == SchemaType::Protobuf {
        return false; // its canonical text says all
    }
    let Ok(resolved) = resolve(state, subject, &stored.references, true) else { return false };
    let parsed = Parsed::parse(stored.schema_type, &stored.text, &resolved, Checks::Stored);
    parsed.is_ok_and(|parsed| form(&parsed) == form(&wanted.parsed))
}

// A version property on one side only does not count; the new side's must be the version it is compared with.
fn is_same_metadata(new: Option<&Metadata>, stored: Option<&Metadata>, version: i32) -> bool {
    let without = |metadata| Metadata::without(metadata, VERSION);
    match (property(new, VERSION), property(stored, VERSION)) {
        (Some(number), None) => number == version.to_string() && without(new).as_ref() == stored,
        (None, Some(_)) => new == without(stored).as_ref(),
        _ => new == stored,
    }
}
