//! Contexts, and what the registry says of itself.

use serde_json::json;

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::plan::delete as deletion;
use crate::refusal::Answer;
use crate::registry::Registry;
use crate::subject::context_named;

pub(crate) fn list(registry: &Registry, request: &Request) -> Answer<Reply> {
    let state = registry.state();
    let prefix = request.query("contextPrefix").unwrap_or_default();
    let names = state.contexts().into_iter().filter(|name| name.starts_with(prefix));
    Reply::json(&request.page(names, None)?)
}

pub(crate) fn delete(registry: &Registry, context: &str) -> Answer<Reply> {
    let context = context_named(context);
    registry.change(|state, _| deletion::context(state, &context))?;
    Ok(Reply::nothing())
}

pub(crate) fn cluster_id() -> Answer<Reply> {
    let clusters = json!({"schema-registry-cluster": "schema-registry"});
    Reply::json(&json!({"scope": {"path": [], "clusters": clusters}, "id": ""}))
}

pub(crate) fn server_version() -> Answer<Reply> {
    Reply::json(&json!({"version": env!("CARGO_PKG_VERSION"), "commitId": ""}))
}
