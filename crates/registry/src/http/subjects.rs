//! Registers, looks up and deletes.

use serde_json::{Map, Value, json};

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::shown;
use crate::metadata::property;
use crate::plan::find::look_up as look_up_under;
use crate::plan::register::Ways;
use crate::plan::submission::Submission;
use crate::plan::{delete as deletion, register as registration};
use crate::refusal::{Answer, Refusal};
use crate::registry::Registry;
use crate::subject::Subject;

pub(crate) fn register(registry: &Registry, request: &Request, subject: &str) -> Answer<Reply> {
    let submission: Submission = request.body()?;
    let subject = request.subject(subject);
    let ways = Ways { normalize: request.flag("normalize"), force: request.flag("force") };
    let known = registry.change(|state, defaults| {
        let subject = state.unaliased(subject.clone());
        registration::register(state, defaults, &subject, &submission, ways)
    })?;
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(known.id));
    shown.insert("version".to_owned(), json!(known.version));
    let state = registry.state();
    shown.extend(shown::schema(&state, request, &subject, &known.schema));
    Reply::json(&shown::as_sent(shown, &state, &subject, &submission, &known.schema))
}

pub(crate) fn look_up(registry: &Registry, request: &Request, subject: &str) -> Answer<Reply> {
    let submission: Submission = request.body()?;
    let deleted = request.flag("deleted");
    let state = registry.state();
    let subject = state.unaliased(request.subject(subject));
    let look_up_in = |subject: &Subject| {
        let config = state.config(subject, registry.defaults.level);
        let wanted = request.flag("normalize") || config.normalize == Some(true);
        let normalize = wanted && !state.mode(subject).takes_ids();
        look_up_under(&state, subject, &submission, &config, normalize, deleted)
    };
    let mut found = look_up_in(&subject)?.map(|found| (subject.clone(), found));
    if found.is_none() && subject.in_default_context() {
        // What is no schema there, for want of what it refers to, is not there.
        let elsewhere = state.contexts().into_iter().map(|context| subject.moved_to(context));
        let elsewhere = elsewhere.filter(|other| *other != subject && state.has_subject(other, deleted));
        found = elsewhere.into_iter().find_map(|subject| {
            let found = look_up_in(&subject).ok().flatten()?;
            Some((subject, found))
        });
    }
    let (subject, (version, entry)) = found.ok_or_else(|| match state.has_subject(&subject, deleted) {
        true => Refusal::new(40403, "Schema not found"),
        false => Refusal::no_subject(&subject),
    })?;
    let shown = shown::version(&state, request, &subject, version, entry);
    Reply::json(&shown::as_sent(shown, &state, &subject, &submission, &entry.schema))
}

pub(crate) fn delete(registry: &Registry, request: &Request, subject: &str) -> Answer<Reply> {
    let subject = request.subject(subject);
    let permanent = request.flag("permanent");
    let versions = registry.change(|state, _| {
        let subject = state.unaliased(subject);
        deletion::subject(state, &subject, permanent)
    })?;
    Reply::json(&versions)
}

/// The newest version that has all of these properties.
pub(crate) fn with_metadata(registry: &Registry, request: &Request, subject: &str) -> Answer<Reply> {
    let state = registry.state();
    let deleted = request.flag("deleted");
    let subject = state.unaliased(request.subject(subject));
    if !state.has_subject(&subject, deleted) {
        return Err(Refusal::no_subject(&subject));
    }
    let pairs: Vec<_> = request.queries("key").zip(request.queries("value")).collect();
    let has_all = |metadata: Option<&crate::metadata::Metadata>| {
        pairs.iter().all(|(key, value)| property(metadata, key) == Some(value))
    };
    let found = state
        .versions(&subject)
        .rev()
        .find(|(_, entry)| (deleted || !entry.deleted) && has_all(entry.schema.metadata.as_ref()));
    let (version, entry) = found.ok_or_else(|| Refusal::new(40403, "Schema not found"))?;
    let shown: Value = Value::Object(shown::version(&state, request, &subject, version, entry));
    Reply::json(&shown)
}
