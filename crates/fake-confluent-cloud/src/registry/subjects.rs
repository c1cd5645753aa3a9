//! Subjects and their versions.

use serde_json::{Value, json};

use super::schema::Schema;
use super::{Registry, Version, compatibility, not_found, show, subject_not_found};
use crate::exchange::{Answer, Refusal, Reply, Request};

pub(crate) fn route(registry: &mut Registry, request: &Request, rest: &[&str]) -> Answer {
    let deleted = request.flag("deleted");
    match (request.method.as_str(), rest) {
        ("GET", []) => {
            let prefix = request.query("subjectPrefix").unwrap_or_default();
            let seen = |versions: &Vec<Version>| deleted || versions.iter().any(|version| !version.deleted);
            let subjects =
                registry.subjects.iter().filter(|(name, all)| name.starts_with(prefix) && seen(all));
            let names: Vec<&String> = subjects.map(|(name, _)| name).collect();
            Ok(Reply::ok(page(request, json!(names))))
        }
        ("POST", [subject]) => look_up(registry, request, subject),
        ("DELETE", [subject]) => delete_subject(registry, subject, request.flag("permanent")),
        ("GET", [subject, "versions"]) => {
            let versions = registry.subjects.get(*subject).into_iter().flatten();
            let numbers: Vec<u32> = versions
                .filter(|version| deleted || !version.deleted)
                .map(|version| version.number)
                .collect();
            if numbers.is_empty() {
                return Err(subject_not_found(subject));
            }
            Ok(Reply::ok(page(request, json!(numbers))))
        }
        ("POST", [subject, "versions"]) => register(registry, request, subject),
        ("GET", [subject, "versions", number]) => {
            Ok(Reply::ok(show(subject, registry.version(subject, number, deleted)?)))
        }
        ("GET", [subject, "versions", number, "schema"]) => {
            let version = registry.version(subject, number, deleted)?;
            Ok(Reply::ok(serde_json::from_str(&version.schema.text).unwrap_or(json!(version.schema.text))))
        }
        ("GET", [subject, "versions", number, "referencedby"]) => {
            let number = registry.version(subject, number, true)?.number;
            Ok(Reply::ok(json!(referrers(registry, subject, number))))
        }
        ("DELETE", [subject, "versions", number]) => {
            delete_version(registry, subject, number, request.flag("permanent"))
        }
        _ => Err(not_found()),
    }
}

/// `offset` and `limit` of a list.
pub(crate) fn page(request: &Request, list: Value) -> Value {
    let number = |name: &str| request.query(name).and_then(|text| text.parse::<usize>().ok());
    let Value::Array(list) = list else { return list };
    let limit = number("limit").unwrap_or(usize::MAX);
    list.into_iter().skip(number("offset").unwrap_or(0)).take(limit).collect()
}

fn look_up(registry: &Registry, request: &Request, subject: &str) -> Answer {
    let schema = Schema::read(registry, &request.body)?;
    if !registry.subjects.contains_key(subject) {
        return Err(subject_not_found(subject));
    }
    let mut versions = registry.live(subject).rev();
    match versions.find(|version| version.schema == schema) {
        Some(version) => Ok(Reply::ok(show(subject, version))),
        None => Err(Refusal::coded(40403, "Schema not found")),
    }
}

fn register(registry: &mut Registry, request: &Request, subject: &str) -> Answer {
    registry.check_writable(subject)?;
    let schema = Schema::read(registry, &request.body)?;
    if let Some(version) = registry.live(subject).find(|version| version.schema == schema) {
        return Ok(Reply::ok(show(subject, version)));
    }
    let obstacles = compatibility::obstacles(registry, subject, &schema);
    if !obstacles.is_empty() {
        let level = registry.level(subject);
        let message = format!(
            "Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: \
             {obstacles:?}, {{compatibility: '{level}'}}"
        );
        return Err(Refusal::coded(40901, message));
    }
    let id = registry.id_of(&schema);
    let versions = registry.subjects.entry(subject.to_owned()).or_default();
    let number = versions.last().map_or(1, |version| version.number + 1);
    versions.push(Version { number, id, schema, deleted: false });
    let last = versions.len() - 1;
    Ok(Reply::ok(show(subject, &versions[last])))
}

/// Ids of the schemas that refer to a version.
fn referrers(registry: &Registry, subject: &str, number: u32) -> Vec<u32> {
    let refers = |reference: &Value| reference["subject"] == subject && reference["version"] == number;
    let versions = registry.subjects.values().flatten();
    let mut ids: Vec<u32> = versions
        .filter(|version| !version.deleted && version.schema.references.iter().any(refers))
        .map(|version| version.id)
        .collect();
    ids.dedup();
    ids
}

fn check_unreferenced(registry: &Registry, subject: &str, number: u32) -> Result<(), Refusal> {
    match referrers(registry, subject, number).is_empty() {
        true => Ok(()),
        false => {
            let message = format!("One or more references exist to the schema {subject} version {number}");
            Err(Refusal::coded(42206, message))
        }
    }
}

fn delete_subject(registry: &mut Registry, subject: &str, permanent: bool) -> Answer {
    registry.check_writable(subject)?;
    let versions = registry.subjects.get(subject).ok_or_else(|| subject_not_found(subject))?;
    let live: Vec<u32> =
        versions.iter().filter(|version| !version.deleted).map(|version| version.number).collect();
    if permanent {
        if !live.is_empty() {
            let message =
                format!("Subject '{subject}' was not deleted first before being permanently deleted");
            return Err(Refusal::coded(40405, message));
        }
        let gone: Vec<u32> = versions.iter().map(|version| version.number).collect();
        forget(registry, subject);
        return Ok(Reply::ok(json!(gone)));
    }
    if live.is_empty() {
        return Err(Refusal::coded(40404, format!("Subject '{subject}' was soft deleted.")));
    }
    for number in &live {
        check_unreferenced(registry, subject, *number)?;
    }
    for version in registry.subjects.get_mut(subject).into_iter().flatten() {
        version.deleted = true;
    }
    Ok(Reply::ok(json!(live)))
}

fn delete_version(registry: &mut Registry, subject: &str, number: &str, permanent: bool) -> Answer {
    registry.check_writable(subject)?;
    let found = registry.version(subject, number, true)?;
    let (number, deleted) = (found.number, found.deleted);
    match (permanent, deleted) {
        (true, false) => {
            let message = format!(
                "Subject '{subject}' Version {number} was not deleted first before being permanently deleted"
            );
            return Err(Refusal::coded(40407, message));
        }
        (false, true) => {
            let message = format!("Subject '{subject}' Version {number} was soft deleted.");
            return Err(Refusal::coded(40406, message));
        }
        _ => check_unreferenced(registry, subject, number)?,
    }
    let versions = registry.subjects.entry(subject.to_owned()).or_default();
    if permanent {
        versions.retain(|version| version.number != number);
    } else if let Some(version) = versions.iter_mut().find(|version| version.number == number) {
        version.deleted = true;
    }
    if versions.is_empty() {
        forget(registry, subject);
    }
    Ok(Reply::ok(json!(number)))
}

/// Nothing is left of a subject, its settings neither.
fn forget(registry: &mut Registry, subject: &str) {
    registry.subjects.remove(subject);
    registry.configs.remove(subject);
    registry.modes.remove(subject);
}
