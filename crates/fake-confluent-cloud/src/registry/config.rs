//! Compatibility levels and modes, of the registry and of single subjects.

use serde_json::{Value, json};

use super::{Registry, compatibility, not_found};
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::{at, merge, text};

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
            let (kept, echo) = read(&request.body)?;
            merge(&mut registry.config, &kept);
            Ok(Reply::ok(echo))
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
            None if request.query("defaultToGlobal") == Some("true") => {
                Ok(Reply::ok(registry.config.clone()))
            }
            None => Err(no_config(subject)),
        },
        "PUT" => {
            let (kept, echo) = read(&request.body)?;
            merge(registry.configs.entry(subject.to_owned()).or_insert(json!({})), &kept);
            Ok(Reply::ok(echo))
        }
        "DELETE" => match registry.configs.remove(subject) {
            Some(was) => Ok(Reply::ok(was)),
            None => Err(no_config(subject)),
        },
        _ => Err(not_found()),
    }
}

fn no_config(subject: &str) -> Refusal {
    Refusal::coded(40408, format!("Subject '{subject}' does not have subject-level compatibility configured"))
}

/// A change calls the level `compatibility`, an answer to GET calls it `compatibilityLevel`.
fn read(sent: &Value) -> Result<(Value, Value), Refusal> {
    let mut kept = json!({});
    let mut echo = json!({});
    if let Some(level) = text(sent, "compatibility") {
        compatibility::check_level(level)?;
        kept["compatibilityLevel"] = json!(level);
        echo["compatibility"] = json!(level);
    }
    for key in ["compatibilityGroup", "normalize", "alias"] {
        if let Some(value) = at(sent, key) {
            kept[key] = value.clone();
            echo[key] = value.clone();
        }
    }
    if kept.as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(Refusal::coded(42203, "Invalid compatibility level: nothing to set"));
    }
    Ok((kept, echo))
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
    let none =
        || Refusal::coded(40409, format!("Subject '{subject}' does not have subject-level mode configured"));
    match request.method.as_str() {
        "GET" => match registry.modes.get(subject) {
            Some(mode) => Ok(Reply::ok(json!({"mode": mode}))),
            None if request.query("defaultToGlobal") == Some("true") => {
                Ok(Reply::ok(json!({"mode": registry.mode})))
            }
            None => Err(none()),
        },
        "PUT" => {
            let mode = read_mode(&request.body)?;
            registry.modes.insert(subject.to_owned(), mode.clone());
            Ok(Reply::ok(json!({"mode": mode})))
        }
        "DELETE" => {
            registry.modes.remove(subject).map(|mode| Reply::ok(json!({"mode": mode}))).ok_or_else(none)
        }
        _ => Err(not_found()),
    }
}

fn read_mode(sent: &Value) -> Result<String, Refusal> {
    match text(sent, "mode") {
        Some(mode) if MODES.contains(&mode) => Ok(mode.to_owned()),
        other => Err(Refusal::coded(42204, format!("Invalid mode {other:?}. Valid values are {MODES:?}"))),
    }
}
