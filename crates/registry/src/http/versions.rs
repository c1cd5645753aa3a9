//! Versions of a subject.

use std::collections::BTreeSet;

use crate::http::query::{Which, anywhere, version as find};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::shown;
use crate::plan::delete as deletion;
use crate::refusal::{Answer, Refusal};
use crate::registry::Registry;

pub(crate) fn list(registry: &Registry, request: &Request, subject: &str) -> Answer<Reply> {
    let state = registry.state();
    let subject = state.unaliased(request.subject(subject));
    let only_deleted = request.flag("deletedOnly");
    let deleted = request.flag("deleted") || only_deleted;
    if !state.has_subject(&subject, deleted) {
        return Err(Refusal::no_subject(&subject));
    }
    let negative = request.flag("deletedAsNegative");
    let versions = state
        .versions(&subject)
        .filter(|(_, entry)| if only_deleted { entry.deleted } else { deleted || !entry.deleted })
        .map(|(version, entry)| if negative && entry.deleted { -version } else { version });
    Reply::json(&request.page(versions, None)?)
}

pub(crate) fn get(registry: &Registry, request: &Request, subject: &str, version: &str) -> Answer<Reply> {
    let which = Which::parse(version)?;
    let state = registry.state();
    let deleted = request.flag("deleted");
    let subject = anywhere(&state, state.unaliased(request.subject(subject)), deleted);
    let (version, entry) = find(&state, &subject, which, deleted)?;
    Reply::json(&shown::version(&state, request, &subject, version, entry))
}

pub(crate) fn text(registry: &Registry, request: &Request, subject: &str, version: &str) -> Answer<Reply> {
    let which = Which::parse(version)?;
    let state = registry.state();
    let deleted = request.flag("deleted");
    let subject = anywhere(&state, state.unaliased(request.subject(subject)), deleted);
    let (_, entry) = find(&state, &subject, which, deleted)?;
    Ok(Reply::text(shown::text(&state, request, &subject, &entry.schema)))
}

pub(crate) fn delete(registry: &Registry, request: &Request, subject: &str, version: &str) -> Answer<Reply> {
    let which = Which::parse(version)?;
    let subject = request.subject(subject);
    let permanent = request.flag("permanent");
    let deleted = registry.change(|state, _| {
        let subject = state.unaliased(subject);
        let number = match which {
            Which::Number(number) => number,
            Which::Latest => find(state, &subject, which, true)?.0,
        };
        deletion::version(state, &subject, number, permanent)
    })?;
    Reply::json(&deleted)
}

/// Ids of the schemas that refer to a version.
pub(crate) fn referenced_by(
    registry: &Registry,
    request: &Request,
    subject: &str,
    version: &str,
) -> Answer<Reply> {
    let which = Which::parse(version)?;
    let state = registry.state();
    let deleted = request.flag("deleted");
    let subject = anywhere(&state, state.unaliased(request.subject(subject)), true);
    let (version, _) = find(&state, &subject, which, true)?;
    let users = state.users(&subject, version).into_iter();
    let users = users.filter(|(_, _, entry)| deleted || !entry.deleted).map(|(_, _, entry)| entry.id);
    let ids: BTreeSet<i32> = users.collect();
    Reply::json(&request.page(ids, None)?)
}
