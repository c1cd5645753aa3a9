//! Deletes versions and subjects: softly, then for good.

use crate::plan::Plan;
use crate::record::{Record, Version};
use crate::refusal::{Answer, Refusal};
use crate::state::{Entry, State};
use crate::subject::Subject;

/// Deletes a version; answers its number.
pub(crate) fn version(state: &State, subject: &Subject, version: i32, permanent: bool) -> Answer<Plan<i32>> {
    check_writable(state, subject)?;
    if !state.has_subject(subject, true) {
        return Err(Refusal::no_subject(subject));
    }
    let entry = state.version(subject, version).ok_or_else(|| Refusal::no_version(version))?;
    let mut records = Vec::new();
    if permanent {
        if !entry.deleted {
            return Err(Refusal::version_not_deleted(subject, version));
        }
        check_unreferenced(state, subject, version, true, false)?;
        records.push(gone(subject, version));
        if state.versions(subject).count() == 1 {
            records.extend(settings_gone(state, subject));
        }
    } else {
        if entry.deleted {
            return Err(Refusal::version_deleted(subject, version));
        }
        check_unreferenced(state, subject, version, false, false)?;
        records.push(soft_deleted(subject, version, entry));
    }
    Ok(Plan { records, answer: version })
}

/// Deletes a subject; answers the versions that went, oldest first.
pub(crate) fn subject(state: &State, subject: &Subject, permanent: bool) -> Answer<Plan<Vec<i32>>> {
    check_writable(state, subject)?;
    if !state.has_subject(subject, true) {
        return Err(Refusal::no_subject(subject));
    }
    let live: Vec<i32> = state.live(subject).map(|(version, _)| version).collect();
    if permanent {
        if !live.is_empty() {
            return Err(Refusal::subject_not_deleted(subject));
        }
        let versions: Vec<i32> = state.versions(subject).map(|(version, _)| version).collect();
        for version in &versions {
            check_unreferenced(state, subject, *version, true, true)?;
        }
        let mut records: Vec<_> = versions.iter().rev().map(|version| gone(subject, *version)).collect();
        records.extend(settings_gone(state, subject));
        return Ok(Plan { records, answer: versions });
    }
    let Some(version) = live.last().copied() else { return Err(Refusal::subject_deleted(subject)) };
    for version in &live {
        check_unreferenced(state, subject, *version, false, true)?;
    }
    let records = vec![Record::DeleteSubject { subject: subject.clone(), version }];
    Ok(Plan { records, answer: live })
}

/// Deletes a context that has no subjects.
pub(crate) fn context(state: &State, name: &str) -> Answer<Plan<()>> {
    let whole = Subject::of_context(name);
    check_writable(state, &whole)?;
    let context = state.context(name).filter(|context| context.is_listed()).ok_or_else(Refusal::not_found)?;
    if whole.in_default_context() || !context.is_empty() {
        return Err(Refusal::new(42211, format!("The specified context '{name}' is not empty.")));
    }
    let mut records = vec![Record::Context { context: name.to_owned(), exists: false }];
    records.extend(settings_gone(state, &whole));
    Ok(Plan { records, answer: () })
}

/// Removes what is soft-deleted in a scope, whatever refers to it: for a change to IMPORT.
pub(crate) fn purge(state: &State, scope: impl Fn(&Subject) -> bool) -> Vec<Record> {
    let mut records = Vec::new();
    for subject in state.subjects().filter(|subject| scope(subject)) {
        let deleted = state.versions(&subject).rev().filter(|(_, entry)| entry.deleted);
        records.extend(deleted.map(|(version, _)| gone(&subject, version)));
        records.push(Record::ClearSubject { subject });
    }
    records
}

pub(crate) fn check_writable(state: &State, subject: &Subject) -> Answer<()> {
    match state.mode(subject).read_only() {
        true => Err(Refusal::read_only(subject)),
        false => Ok(()),
    }
}

// A soft delete minds live users, a permanent one all; within a whole subject its own versions do not count.
fn check_unreferenced(
    state: &State,
    subject: &Subject,
    version: i32,
    permanent: bool,
    whole_subject: bool,
) -> Answer<()> {
    let users = state.users(subject, version);
    let counts = |(user, _, entry): &(Subject, i32, &Entry)| {
        (permanent || !entry.deleted) && !(whole_subject && user == subject)
    };
    match users.iter().any(counts) {
        true => Err(Refusal::referenced(subject, version)),
        false => Ok(()),
    }
}

fn soft_deleted(subject: &Subject, version: i32, entry: &Entry) -> Record {
    let value = Version { id: entry.id, schema: entry.schema.as_ref().clone(), deleted: true };
    Record::Schema { subject: subject.clone(), version, value: Some(Box::new(value)) }
}

fn gone(subject: &Subject, version: i32) -> Record {
    Record::Schema { subject: subject.clone(), version, value: None }
}

fn settings_gone(state: &State, subject: &Subject) -> Vec<Record> {
    let mode = state.own_mode(subject).map(|_| Record::Mode { subject: subject.clone(), value: None });
    let config = state.own_config(subject).map(|_| Record::Config { subject: subject.clone(), value: None });
    mode.into_iter().chain(config).collect()
}
