//! Registers a schema.

use std::sync::Arc;

use crate::config::Config;
use crate::metadata::{Metadata, VERSION};
use crate::plan::compatibility::problems;
use crate::plan::find::{find, latest};
use crate::plan::submission::{Prepared, Submission};
use crate::plan::{Defaults, Plan, reserved};
use crate::record::{Record, Version};
use crate::refusal::{Answer, Refusal};
use crate::schema::Schema;
use crate::state::State;
use crate::subject::Subject;

/// A schema that is registered now, or was before.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub id: i32,
    pub version: i32,
    pub schema: Arc<Schema>,
}

/// How a request wants it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ways {
    pub normalize: bool,
    /// Compatibility is not checked.
    pub force: bool,
}

/// Registers a schema under a subject. The same content in the subject changes nothing.
pub(crate) fn register(
    state: &State,
    defaults: &Defaults,
    subject: &Subject,
    submission: &Submission,
    ways: Ways,
) -> Answer<Plan<Registered>> {
    subject.check()?;
    // Rules that are inherited were checked when they came, by this registry or another one.
    if let Some(rules) = &submission.rule_set {
        rules.check()?;
    }
    let mode = state.mode(subject);
    let config = state.config(subject, defaults.level);
    // What is imported stays as it is.
    let normalize = !mode.takes_ids() && (ways.normalize || config.normalize == Some(true));
    if let Some(known) = known_as_sent(state, subject, submission, &config, normalize)? {
        return Ok(Plan::unchanged(known));
    }
    let brings_id = submission.id.is_some_and(|id| id >= 0);
    if mode.read_only() {
        return Err(Refusal::read_only(subject));
    }
    if brings_id && !mode.takes_ids() {
        return Err(Refusal::not_permitted(format!("Subject {subject} is not in import mode")));
    }
    if !brings_id && mode.takes_ids() {
        return Err(Refusal::not_permitted(format!("Subject {subject} is not in read-write mode")));
    }
    let next = state.versions(subject).next_back().map_or(Some(1), |(version, _)| version.checked_add(1));
    let next = next.ok_or_else(|| Refusal::new(50001, "there are no more version numbers"))?;
    if brings_id {
        let sent = submission.as_sent(state, subject, normalize)?;
        let sent = sent.ok_or_else(|| Refusal::invalid_schema("Empty schema"))?;
        return import(state, subject, submission, &sent, next);
    }
    let mut prepared = submission.prepare(state, subject, &config, normalize, config.checks())?;
    if submission.version == Some(-1) {
        let metadata = Metadata::with(prepared.schema.metadata.clone(), VERSION, next.to_string());
        prepared.schema = prepared.schema.with_metadata(Some(metadata));
    }
    let asked = submission.version.filter(|version| *version != 0 && *version != -1);
    let known = find(state, subject, &prepared, false);
    if let Some((version, entry)) = known.filter(|(version, _)| asked.is_none_or(|asked| asked == *version)) {
        let schema = Arc::clone(&entry.schema);
        return Ok(Plan::unchanged(Registered { id: entry.id, version, schema }));
    }
    if let Some(asked) = asked.filter(|asked| *asked != next) {
        let message = format!("Version {asked} is not the next one of subject {subject}, which is {next}");
        return Err(Refusal::invalid_schema(message));
    }
    if config.validate_fields == Some(true) {
        reserved::check(state, subject, &prepared)?;
    }
    if !ways.force {
        let live: Vec<_> = state.live(subject).collect();
        let problems = problems(state, subject, &prepared, &live, &config);
        if !problems.is_empty() {
            return Err(Refusal::incompatible(subject, &problems));
        }
    }
    let context = state.context(subject.context());
    let known = context.and_then(|context| context.ids_of(prepared.schema.guid()).next());
    let id = match known {
        Some(id) => id,
        None => {
            let next = context.map_or(Some(1), |context| context.id_max().checked_add(1));
            next.ok_or_else(|| Refusal::new(50001, "there are no more ids in this context"))?
        }
    };
    Ok(write(state, subject, next, id, prepared.schema))
}

// What is there is answered whatever the mode is and later versions have: a producer that registers its schema at each
// start needs nothing else. Where a config adds to schemas, what is there cannot be told from what was sent.
fn known_as_sent(
    state: &State,
    subject: &Subject,
    submission: &Submission,
    config: &Config,
    normalize: bool,
) -> Answer<Option<Registered>> {
    let latest_only = submission.version == Some(-1);
    let any_version = latest_only || matches!(submission.version, None | Some(0));
    if !any_version || config.decorates() || !state.has_subject(subject, false) {
        return Ok(None);
    }
    let Some(sent) = submission.as_sent(state, subject, normalize)? else { return Ok(None) };
    let found = match latest_only {
        true => latest(state, subject, &sent),
        false => find(state, subject, &sent, false),
    };
    let id = submission.id.filter(|id| *id >= 0);
    let found = found.filter(|(_, entry)| id.is_none_or(|id| id == entry.id));
    Ok(found.map(|(version, entry)| Registered { id: entry.id, version, schema: Arc::clone(&entry.schema) }))
}

// The client knows id and, perhaps, version; nothing is checked but that the id is not another schema's.
fn import(
    state: &State,
    subject: &Subject,
    submission: &Submission,
    prepared: &Prepared,
    next: i32,
) -> Answer<Plan<Registered>> {
    let id = submission.id.unwrap_or_default();
    let schema = &prepared.schema;
    let holder = state.context(subject.context()).and_then(|context| context.identified(id));
    if holder.is_some_and(|holder| holder.schema.guid() != schema.guid()) {
        return Err(Refusal::not_permitted(format!("Overwrite new schema with id {id} is not permitted.")));
    }
    let asked = submission.version.filter(|version| *version > 0);
    let same = |(version, entry): &(i32, &crate::state::Entry)| {
        entry.id == id && asked.is_none_or(|asked| asked == *version)
    };
    if let Some((version, entry)) = state.live(subject).find(same) {
        let schema = Arc::clone(&entry.schema);
        return Ok(Plan::unchanged(Registered { id, version, schema }));
    }
    Ok(write(state, subject, asked.unwrap_or(next), id, schema.clone()))
}

fn write(state: &State, subject: &Subject, version: i32, id: i32, schema: Schema) -> Plan<Registered> {
    let mut records = Vec::new();
    let recorded = state.context(subject.context()).is_some_and(|context| context.is_recorded());
    if !subject.in_default_context() && !recorded {
        records.push(Record::Context { context: subject.context().to_owned(), exists: true });
    }
    let answer = Registered { id, version, schema: Arc::new(schema.clone()) };
    let value = Some(Box::new(Version { id, schema, deleted: false }));
    records.push(Record::Schema { subject: subject.clone(), version, value });
    // A soft-deleted version of the same schema has had its day, unless somebody still refers to it.
    for (old, entry) in state.versions(subject) {
        if old != version && entry.deleted && entry.id == id && state.users(subject, old).is_empty() {
            records.push(Record::Schema { subject: subject.clone(), version: old, value: None });
        }
    }
    Plan { records, answer }
}
