//! Lists of subjects and schemas.

use serde_json::Value;

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::shown;
use crate::refusal::Answer;
use crate::registry::Registry;
use crate::state::State;
use crate::subject::{Subject, has_prefix};

/// Schemas that one answer has at most.
const SCHEMAS_MAX: usize = 1000;

pub(crate) fn subjects(registry: &Registry, request: &Request) -> Answer<Reply> {
    let state = registry.state();
    let only_deleted = request.flag("deletedOnly");
    let deleted = request.flag("deleted");
    let listed = |subject: &Subject| {
        let mut versions = state.versions(subject);
        versions.any(|(_, entry)| if only_deleted { entry.deleted } else { deleted || !entry.deleted })
    };
    let names =
        prefixed(&state, request, ":*:").into_iter().filter(listed).map(|subject| subject.to_string());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    Reply::json(&request.page(names, None)?)
}

pub(crate) fn schemas(registry: &Registry, request: &Request) -> Answer<Reply> {
    let state = registry.state();
    let deleted = request.flag("deleted");
    let latest_only = request.flag("latestOnly");
    let rule_type = request.query("ruleType");
    let mut found = Vec::new();
    for subject in prefixed(&state, request, "") {
        let versions = state.versions(&subject).filter(|(_, entry)| deleted || !entry.deleted);
        let mut versions: Vec<_> = versions.collect();
        if latest_only {
            versions.drain(..versions.len().saturating_sub(1));
        }
        versions.retain(|(_, entry)| {
            rule_type.is_none_or(|wanted| {
                let rules = entry.schema.rule_set.iter().flat_map(|rules| rules.rules());
                rules.into_iter().any(|rule| rule.rule_type.as_deref() == Some(wanted))
            })
        });
        found.extend(versions.into_iter().map(|(version, entry)| (subject.clone(), version, entry)));
    }
    let page = request.page(found, Some(SCHEMAS_MAX))?.into_iter();
    let page = page.map(|(subject, version, entry)| {
        Value::Object(shown::version(&state, request, &subject, version, entry))
    });
    Reply::json(&page.collect::<Vec<_>>())
}

// Subjects that the query's prefix means; with a context before the path those in it.
fn prefixed(state: &State, request: &Request, default: &str) -> Vec<Subject> {
    let prefix = request.query("subjectPrefix");
    state
        .subjects()
        .filter(|subject| match (&request.context, prefix) {
            (Some(context), None) => subject.context() == context,
            (Some(context), Some(prefix)) if !prefix.starts_with(':') => {
                subject.context() == context && subject.name().starts_with(prefix)
            }
            (_, prefix) => has_prefix(subject, prefix.unwrap_or(default)),
        })
        .collect()
}
