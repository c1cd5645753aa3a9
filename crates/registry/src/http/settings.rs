//! Configs and modes.

use serde_json::{Map, Value, json};

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::routes::method_not_allowed;
use crate::plan::{config as configs, mode as modes};
use crate::refusal::{Answer, Refusal};
use crate::registry::Registry;

/// The config of a subject; without a name that of the context or of everything.
pub(crate) fn config(registry: &Registry, request: &Request, method: &str, subject: &str) -> Answer<Reply> {
    let subject = request.subject(subject);
    match method {
        "GET" => {
            let state = registry.state();
            let level = registry.defaults.level;
            if subject.is_global() || request.flag("defaultToGlobal") {
                return Reply::json(&state.config(&subject, level).members());
            }
            let own = state.own_config(&subject);
            let own = own.ok_or_else(|| Refusal::no_subject_level(&subject))?;
            Reply::json(&own.members())
        }
        "PUT" => {
            let update: Map<String, Value> = request.body()?;
            let config = registry.change(|state, _| configs::update(state, &subject, &update))?;
            Reply::json(&config.members_as_put())
        }
        "DELETE" => {
            let config = registry.change(|state, defaults| configs::delete(state, defaults, &subject))?;
            Reply::json(&config.members())
        }
        _ => Err(method_not_allowed()),
    }
}

/// The mode of a subject; without a name that of the context or of everything.
pub(crate) fn mode(registry: &Registry, request: &Request, method: &str, subject: &str) -> Answer<Reply> {
    let subject = request.subject(subject);
    let mode = match method {
        "GET" => {
            let state = registry.state();
            if subject.is_global() || request.flag("defaultToGlobal") {
                state.mode(&subject)
            } else {
                let own = state.own_mode(&subject);
                own.ok_or_else(|| Refusal::no_subject_mode(&subject))?
            }
        }
        "PUT" => {
            let body: Map<String, Value> = request.body()?;
            let name = body.get("mode").and_then(Value::as_str).unwrap_or_default();
            let force = request.flag("force");
            registry.change(|state, defaults| modes::set(state, defaults, &subject, name, force))?
        }
        "DELETE" => {
            let recursive = request.flag("recursive");
            registry.change(|state, defaults| modes::delete(state, defaults, &subject, recursive))?
        }
        _ => return Err(method_not_allowed()),
    };
    Reply::json(&json!({"mode": mode}))
}
