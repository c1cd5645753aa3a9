//! Schemas by id and by guid.

use std::collections::BTreeSet;

use serde_json::{Map, json};
use uuid::Uuid;

use crate::http::query::by_id;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::shown;
use crate::refusal::{Answer, Refusal};
use crate::registry::Registry;
use crate::state::{Identified, State};
use crate::subject::Subject;

/// Where a schema was found: its context, the schema, and the subject that the query named.
struct Found<'a> {
    context: String,
    identified: &'a Identified,
    asked: Option<Subject>,
}

fn found<'a>(state: &'a State, request: &Request, id: &str) -> Answer<Found<'a>> {
    let id: i32 = id.parse().map_err(|_| Refusal::not_found())?;
    let asked = request.query("subject").map(|subject| state.unaliased(request.subject(subject)));
    let looked_in = asked.clone().unwrap_or_else(|| Subject::of_context(request.context()));
    let (context, identified) = by_id(state, id, &looked_in)?;
    Ok(Found { context, identified, asked: asked.filter(|asked| !asked.is_context()) })
}

pub(crate) fn get(registry: &Registry, request: &Request, id: &str) -> Answer<Reply> {
    let state = registry.state();
    let found = found(&state, request, id)?;
    let whole = Subject::of_context(&found.context);
    let mut shown = Map::new();
    if let Some(asked) = &found.asked {
        let places = &found.identified.places;
        let place = places.iter().rev().find(|(name, _)| name == asked.name()).or(places.first());
        if let Some((name, version)) = place {
            shown.insert("subject".to_owned(), json!(whole.named(name).to_string()));
            shown.insert("version".to_owned(), json!(version));
        }
    }
    shown.extend(shown::schema(&state, request, &whole, &found.identified.schema));
    if request.flag("fetchMaxId") {
        let id_max = state.context(&found.context).map_or(0, |context| context.id_max());
        shown.insert("maxId".to_owned(), json!(id_max));
    }
    Reply::json(&shown)
}

pub(crate) fn text(registry: &Registry, request: &Request, id: &str) -> Answer<Reply> {
    let state = registry.state();
    let found = found(&state, request, id)?;
    let whole = Subject::of_context(&found.context);
    Ok(Reply::text(shown::text(&state, request, &whole, &found.identified.schema)))
}

// Subjects and versions that have the schema; those of the subject in the query only, if it names one.
fn places(state: &State, request: &Request, found: &Found<'_>) -> Vec<(String, i32)> {
    let deleted = request.flag("deleted");
    let whole = Subject::of_context(&found.context);
    let places = found.identified.places.iter();
    let places = places.map(|(name, version)| (whole.named(name), *version)).filter(|(subject, version)| {
        let named = found.asked.as_ref().is_none_or(|asked| asked.name() == subject.name());
        named && state.version(subject, *version).is_some_and(|entry| deleted || !entry.deleted)
    });
    places.map(|(subject, version)| (subject.to_string(), version)).collect()
}

pub(crate) fn subjects(registry: &Registry, request: &Request, id: &str) -> Answer<Reply> {
    let state = registry.state();
    let found = found(&state, request, id)?;
    let subjects: BTreeSet<String> =
        places(&state, request, &found).into_iter().map(|(subject, _)| subject).collect();
    Reply::json(&request.page(subjects, None)?)
}

pub(crate) fn versions(registry: &Registry, request: &Request, id: &str) -> Answer<Reply> {
    let state = registry.state();
    let found = found(&state, request, id)?;
    let places = places(&state, request, &found).into_iter();
    let places = places.map(|(subject, version)| json!({"subject": subject, "version": version}));
    Reply::json(&request.page(places, None)?)
}

// Context and id of each place where a content is.
fn contents<'a>(state: &'a State, guid: &str) -> Answer<Vec<(&'a str, i32)>> {
    let wanted = Uuid::parse_str(guid).map_err(|_| Refusal::no_schema(guid))?;
    let mut found = Vec::new();
    for name in state.contexts() {
        let ids = state.context(name).into_iter().flat_map(|context| context.ids_of(wanted));
        found.extend(ids.map(|id| (name, id)));
    }
    match found.is_empty() {
        true => Err(Refusal::no_schema(guid)),
        false => Ok(found),
    }
}

pub(crate) fn of_guid(registry: &Registry, request: &Request, guid: &str) -> Answer<Reply> {
    let state = registry.state();
    let (context, id) = contents(&state, guid)?[0];
    let whole = Subject::of_context(context);
    let (_, identified) = by_id(&state, id, &whole)?;
    Reply::json(&shown::schema(&state, request, &whole, &identified.schema))
}

pub(crate) fn ids_of_guid(registry: &Registry, request: &Request, guid: &str) -> Answer<Reply> {
    let state = registry.state();
    let found = contents(&state, guid)?.into_iter();
    let found = found.map(|(context, id)| json!({"context": context, "id": id}));
    Reply::json(&request.page(found, None)?)
}
