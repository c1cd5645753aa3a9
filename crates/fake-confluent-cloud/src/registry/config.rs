//! Compatibility levels and modes, of the registry and of single subjects.

use serde_json::{Value, json};

use super::{Registry, compatibility, not_found, subject_not_found};
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::{merge, text};

const MODES: &[&str] = &["READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT"];

pub(crate) fn route(registry: &mut Registry, request: &Request, kind: &str, rest: &[&str]) -> Answer {
    match (kind, rest) {
        ("config", []) => of_all(registry, request),
        ("config", [subject]) => of_subject(registry, request, subject),
        ("mode", []) => mode_of_all(registry, request),
        ("mode", [subject]) => mode_of_subject(registry, request, subject),
        _ => Err(not_found()),
    }
}

fn of_all(registry: &mut Registry, request: &Request) -> Answer {
    match request.method.as_str() {
        "GET" => Ok(Reply::ok(registry.config.clone())),
        "PUT" => {
            merge(&mut registry.config, &read(&request.body)?);
            Ok(Reply::ok(echo(&registry.config)))
        }
        "DELETE" => {
            let was = std::mem::replace(&mut registry.config, Registry::default().config);
            Ok(Reply::ok(was))
        }
        _ => Err(not_found()),
    }
}

fn of_subject(registry: &mut Registry, request: &Request, subject: &str) -> Answer {
    match request.method.as_str() {
        "GET" => match registry.configs.get(subject) {
            Some(config) => Ok(Reply::ok(config.clone())),
            None if request.flag("defaultToGlobal") => Ok(Reply::ok(registry.config.clone())),
            None => {
                let why = "does not have subject-level compatibility configured";
                Err(Refusal::coded(40408, format!("Subject '{subject}' {why}")))
            }
        },
        "PUT" => {
            let change = read(&request.body)?;
            let config = registry.configs.entry(subject.to_owned()).or_insert(json!({}));
            merge(config, &change);
            Ok(Reply::ok(echo(config)))
        }
        "DELETE" => registry.configs.remove(subject).map(Reply::ok).ok_or_else(|| subject_not_found(subject)),
        _ => Err(not_found()),
    }
}

/// A change: what is absent keeps its value, null clears it. It calls the level `compatibility`, while an answer to GET
/// or DELETE calls it `compatibilityLevel`.
fn read(sent: &Value) -> Result<Value, Refusal> {
    let mut change = json!({});
    if let Some(level) = sent.get("compatibility") {
        if let Some(level) = level.as_str() {
            compatibility::check_level(level)?;
        }
        change["compatibilityLevel"] = level.clone();
    }
    for key in ["compatibilityGroup", "normalize", "alias"] {
        if let Some(value) = sent.get(key) {
            change[key] = value.clone();
        }
    }
    Ok(change)
}

/// The answer to a change: all of the config, with the level under the name that a change has for it.
fn echo(config: &Value) -> Value {
    let mut echo = config.clone();
    if let Some(object) = echo.as_object_mut()
        && let Some(level) = object.shift_remove("compatibilityLevel")
    {
        object.insert("compatibility".to_owned(), level);
    }
    echo
}

fn mode_of_all(registry: &mut Registry, request: &Request) -> Answer {
    match request.method.as_str() {
        "GET" => Ok(Reply::ok(json!({"mode": registry.mode}))),
        "PUT" => {
            registry.mode = read_mode(&request.body)?;
            Ok(Reply::ok(json!({"mode": registry.mode})))
        }
        _ => Err(not_found()),
    }
}

fn mode_of_subject(registry: &mut Registry, request: &Request, subject: &str) -> Answer {
    match request.method.as_str() {
        "GET" => match registry.modes.get(subject) {
            Some(mode) => Ok(Reply::ok(json!({"mode": mode}))),
            None if request.flag("defaultToGlobal") => Ok(Reply::ok(json!({"mode": registry.mode}))),
            None => {
                let why = "does not have subject-level mode configured";
                Err(Refusal::coded(40409, format!("Subject '{subject}' {why}")))
            }
        },
        "PUT" => {
            let mode = read_mode(&request.body)?;
            registry.modes.insert(subject.to_owned(), mode.clone());
            Ok(Reply::ok(json!({"mode": mode})))
        }
        "DELETE" => match registry.modes.remove(subject) {
            Some(mode) => Ok(Reply::ok(json!({"mode": mode}))),
            None => Err(subject_not_found(subject)),
        },
        _ => Err(not_found()),
    }
}

fn read_mode(sent: &Value) -> Result<String, Refusal> {
    match text(sent, "mode") {
        Some(mode) if MODES.contains(&mode) => Ok(mode.to_owned()),
        other => Err(Refusal::coded(42204, format!("Invalid mode {other:?}. Valid values are {MODES:?}"))),
    }
}
