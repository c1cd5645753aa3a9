//! Compares a new schema with the versions of a subject.

use crate::config::{Config, NO_LOGICAL, Policy};
use crate::format::{Checks, Parsed};
use crate::level::Level;
use crate::metadata::property;
use crate::plan::resolve::resolve;
use crate::plan::submission::Prepared;
use crate::schema::Schema;
use crate::state::{Entry, State};
use crate::subject::Subject;

/// What keeps a new schema from being compatible with these versions (oldest first), by the level of the config;
/// empty when nothing does. Versions are compared from the newest on, up to the first that does not fit.
pub(crate) fn problems(
    state: &State,
    subject: &Subject,
    new: &Prepared,
    versions: &[(i32, &Entry)],
    config: &Config,
) -> Vec<String> {
    let level = config.compatibility_level.unwrap_or(Level::Backward);
    // The log of another registry may ask for it; to register as if it did not would be to lie.
    if config.compatibility_policy == Some(Policy::Logical) {
        return vec![NO_LOGICAL.to_owned()];
    }
    if level == Level::None {
        return Vec::new();
    }
    let group = config.compatibility_group.as_deref();
    let group_of = |schema: &Schema| {
        group.and_then(|group| property(schema.metadata.as_ref(), group)).map(str::to_owned)
    };
    let of_new = group_of(&new.schema);
    let compared = versions.iter().rev().filter(|(_, entry)| group_of(&entry.schema) == of_new);
    let count = if level.transitive() { usize::MAX } else { 1 };
    for (version, entry) in compared.take(count) {
        let mut problems = between(state, subject, new, &entry.schema, level, config.compatibility_policy);
        if !problems.is_empty() {
            problems.push(format!("{{oldSchemaVersion: {version}}}"));
            problems.push(format!("{{oldSchema: '{}'}}", entry.schema.text));
            let validated = config.validate_fields.unwrap_or(false);
            problems.push(format!("{{validateFields: '{validated}', compatibility: '{}'}}", level.name()));
            return problems;
        }
    }
    Vec::new()
}

fn between(
    state: &State,
    subject: &Subject,
    new: &Prepared,
    old: &Schema,
    level: Level,
    policy: Option<Policy>,
) -> Vec<String> {
    if new.schema.schema_type != old.schema_type {
        let (new, old) = (new.schema.schema_type.name(), old.schema_type.name());
        return vec![format!("Incompatible because of different schema type: {new} and {old}")];
    }
    let parsed = resolve(state, subject, &old.references, true)
        .map_err(|refusal| refusal.message)
        .and_then(|resolved| Parsed::parse(old.schema_type, &old.text, &resolved, Checks::Stored));
    let old = match parsed {
        Ok(parsed) => parsed,
        Err(reason) => return vec![format!("the stored schema cannot be read: {reason}")],
    };
    let lenient = policy == Some(Policy::Lenient);
    let mut problems = Vec::new();
    if level.backward() {
        problems.extend(Parsed::unreadable(&new.parsed, &old, lenient));
    }
    if level.forward() {
        problems.extend(Parsed::unreadable(&old, &new.parsed, lenient));
    }
    problems
}
