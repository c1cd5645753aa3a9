//! Finds a schema among the versions of a subject.

use std::cell::OnceCell;

use crate::config::Config;
use crate::format::{Checks, Parsed};
use crate::metadata::{Metadata, VERSION, property};
use crate::plan::resolve::resolve;
use crate::plan::submission::{Prepared, Submission};
use crate::refusal::Answer;
use crate::schema::SchemaType;
use crate::state::likeness::{Kept, Likeness, of_text};
use crate::state::{Entry, State};
use crate::subject::Subject;

/// The version of the subject that holds the schema of a request: as it was sent, else with what the latest version and
/// the config add when it is registered. Soft-deleted versions count only if `deleted`.
///
/// # Errors
/// What was sent is no schema.
pub(crate) fn look_up<'a>(
    state: &'a State,
    subject: &Subject,
    submission: &Submission,
    config: &Config,
    normalize: bool,
    deleted: bool,
) -> Answer<Option<(i32, &'a Entry)>> {
    let Some(sent) = submission.as_sent(state, subject, normalize)? else { return Ok(None) };
    if let Some(found) = find(state, subject, &sent, deleted) {
        return Ok(Some(found));
    }
    let Some((_, latest)) = state.live(subject).next_back() else { return Ok(None) };
    let decorated = submission.decorated(sent, &latest.schema, config);
    Ok(decorated.and_then(|wanted| find(state, subject, &wanted, deleted)))
}

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
    let comparison = Comparison::new(state, subject, wanted);
    by_guid.or_else(|| candidates().find(|(version, entry)| comparison.is_same(*version, entry)))
}

/// The latest version, if it holds this schema.
pub(crate) fn latest<'a>(state: &'a State, subject: &Subject, wanted: &Prepared) -> Option<(i32, &'a Entry)> {
    let comparison = Comparison::new(state, subject, wanted);
    state.live(subject).next_back().filter(|(version, entry)| comparison.is_same(*version, entry))
}

/// A schema that is compared with versions of a subject; the forms of its text are made when one of them needs them.
struct Comparison<'a> {
    state: &'a State,
    subject: &'a Subject,
    wanted: &'a Prepared,
    normalized: OnceCell<Likeness>,
    inlined: OnceCell<Likeness>,
}

impl<'a> Comparison<'a> {
    fn new(state: &'a State, subject: &'a Subject, wanted: &'a Prepared) -> Self {
        Self { state, subject, wanted, normalized: OnceCell::new(), inlined: OnceCell::new() }
    }

    // Property order, white space and the like do not make a schema another one; references may be inlined by clients
    // that do not know them.
    fn is_same(&self, version: i32, entry: &Entry) -> bool {
        let (new, stored) = (&self.wanted.schema, &entry.schema);
        if new.schema_type != stored.schema_type
            || new.rule_set != stored.rule_set
            || !is_same_metadata(new.metadata.as_ref(), stored.metadata.as_ref(), version)
        {
            return false;
        }
        if new.references == stored.references {
            return new.text == stored.text
                || self.is_alike(entry, &entry.normalized, &self.normalized, Parsed::normalized);
        }
        if new.references.is_empty() && !stored.references.is_empty() {
            return self.is_alike(entry, &entry.inlined, &self.inlined, Parsed::inlined);
        }
        false
    }

    fn is_alike(
        &self,
        entry: &Entry,
        kept: &Kept,
        own: &OnceCell<Likeness>,
        form: impl Fn(&Parsed) -> String,
    ) -> bool {
        let stored = &entry.schema;
        if stored.schema_type == SchemaType::Protobuf {
            return false; // its canonical text says all
        }
        let Ok(resolved) = resolve(self.state, self.subject, &stored.references, true) else { return false };
        let likeness = kept.get(&resolved, || {
            let parsed = Parsed::parse(stored.schema_type, &stored.text, &resolved, Checks::Stored);
            parsed.ok().map(|parsed| form(&parsed))
        });
        likeness.is_some_and(|likeness| likeness == *own.get_or_init(|| of_text(&form(&self.wanted.parsed))))
    }
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
