//! Schemas by id, and all of them.

use serde_json::{Value, json};

use super::subjects::page;
use super::{Registry, Version, not_found, show};
use crate::exchange::{Answer, Refusal, Reply, Request};

pub(crate) fn route(registry: &Registry, request: &Request, rest: &[&str]) -> Answer {
    let deleted = request.flag("deleted");
    match (request.method.as_str(), rest) {
        ("GET", []) => Ok(Reply::ok(page(request, all(registry, request, deleted)))),
        ("GET", ["types"]) => Ok(Reply::ok(json!(["JSON", "PROTOBUF", "AVRO"]))),
        ("GET", ["ids", id]) => {
            let (subject, version) = by_id(registry, id)?;
            let mut shown = show(subject, version);
            if let Some(object) = shown.as_object_mut() {
                object.retain(|key, _| key != "subject" && key != "version" && key != "id");
            }
            Ok(Reply::ok(shown))
        }
        ("GET", ["ids", id, "schema"]) => {
            let (_, version) = by_id(registry, id)?;
            Ok(Reply::ok(serde_json::from_str(&version.schema.text).unwrap_or(json!(version.schema.text))))
        }
        ("GET", ["ids", id, kind @ ("subjects" | "versions")]) => {
            let (_, found) = by_id(registry, id)?;
            let theirs = entries(registry)
                .filter(|(_, version)| version.id == found.id && (deleted || !version.deleted));
            let list: Value = match *kind {
                "subjects" => theirs.map(|(subject, _)| json!(subject)).collect(),
                _ => theirs
                    .map(|(subject, version)| json!({"subject": subject, "version": version.number}))
                    .collect(),
            };
            Ok(Reply::ok(page(request, list)))
        }
        _ => Err(not_found()),
    }
}

fn entries(registry: &Registry) -> impl Iterator<Item = (&String, &Version)> {
    registry
        .subjects
        .iter()
        .flat_map(|(subject, versions)| versions.iter().map(move |version| (subject, version)))
}

fn by_id<'a>(registry: &'a Registry, id: &str) -> Result<(&'a String, &'a Version), Refusal> {
    entries(registry)
        .find(|(_, version)| version.id.to_string() == id)
        .ok_or_else(|| Refusal::coded(40403, format!("Schema {id} not found")))
}

fn all(registry: &Registry, request: &Request, deleted: bool) -> Value {
    let prefix = request.query("subjectPrefix").unwrap_or_default();
    let latest_only = request.flag("latestOnly");
    entries(registry)
        .filter(|(subject, version)| subject.starts_with(prefix) && (deleted || !version.deleted))
        .filter(|(subject, version)| {
            let newest = registry.live(subject).next_back();
            !latest_only || newest.is_some_and(|newest| newest.number == version.number)
        })
        .map(|(subject, version)| show(subject, version))
        .collect()
}
