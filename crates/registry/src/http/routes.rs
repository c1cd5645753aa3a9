//! From a path to what answers it.

use serde_json::json;

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::{compatibility, contexts, ids, listing, settings, subjects, versions};
use crate::refusal::{Answer, Refusal};
use crate::registry::Registry;
use crate::schema::SchemaType;

/// Answers a request.
pub(crate) fn answer(registry: &Registry, request: &Request) -> Answer<Reply> {
    let path = request.path();
    if let ["subjects", subject, ..] | ["compatibility", "subjects", subject, ..] = path.as_slice()
        && subject.is_empty()
    {
        return Err(Refusal::invalid_subject(subject));
    }
    match (request.method.as_str(), path.as_slice()) {
        ("GET" | "POST", []) => Reply::json(&json!({})),

        ("GET", ["subjects"]) => listing::subjects(registry, request),
        ("POST", ["subjects", subject]) => subjects::look_up(registry, request, subject),
        ("DELETE", ["subjects", subject]) => subjects::delete(registry, request, subject),
        ("GET", ["subjects", subject, "metadata"]) => subjects::with_metadata(registry, request, subject),
        ("GET", ["subjects", subject, "versions"]) => versions::list(registry, request, subject),
        ("POST", ["subjects", subject, "versions"]) => subjects::register(registry, request, subject),
        ("GET", ["subjects", subject, "versions", version]) => {
            versions::get(registry, request, subject, version)
        }
        ("DELETE", ["subjects", subject, "versions", version]) => {
            versions::delete(registry, request, subject, version)
        }
        ("GET", ["subjects", subject, "versions", version, "schema"]) => {
            versions::text(registry, request, subject, version)
        }
        ("GET", ["subjects", subject, "versions", version, "referencedby"]) => {
            versions::referenced_by(registry, request, subject, version)
        }

        ("GET", ["schemas"]) => listing::schemas(registry, request),
        ("GET", ["schemas", "types"]) => Reply::json(&SchemaType::ALL),
        ("GET", ["schemas", "ids", id]) => ids::get(registry, request, id),
        ("GET", ["schemas", "ids", id, "schema"]) => ids::text(registry, request, id),
        ("GET", ["schemas", "ids", id, "subjects"]) => ids::subjects(registry, request, id),
        ("GET", ["schemas", "ids", id, "versions"]) => ids::versions(registry, request, id),
        ("GET", ["schemas", "guids", guid]) => ids::of_guid(registry, request, guid),
        ("GET", ["schemas", "guids", guid, "ids"]) => ids::ids_of_guid(registry, request, guid),

        ("POST", ["compatibility", "subjects", subject, "versions"]) => {
            compatibility::check(registry, request, subject, None)
        }
        ("POST", ["compatibility", "subjects", subject, "versions", version]) => {
            compatibility::check(registry, request, subject, Some(version))
        }

        (method, ["config"]) => settings::config(registry, request, method, ""),
        (method, ["config", subject]) => settings::config(registry, request, method, subject),
        (method, ["mode"]) => settings::mode(registry, request, method, ""),
        (method, ["mode", subject]) => settings::mode(registry, request, method, subject),

        ("GET", ["contexts"]) => contexts::list(registry, request),
        ("DELETE", ["contexts", context]) => contexts::delete(registry, context),
        ("GET", ["v1", "metadata", "id"]) => contexts::cluster_id(),
        ("GET", ["v1", "metadata", "version"]) => contexts::server_version(),
        ("GET", ["v1", "metadata", "deployment"]) => Reply::json(&json!({"attributes": []})),
        _ if exists(&path) => Err(method_not_allowed()),
        _ => Err(Refusal::not_found()),
    }
}

/// Whether a request may write to the log. To register is all that is a POST of them.
pub(crate) fn changes(request: &Request) -> bool {
    match request.method.as_str() {
        "POST" => matches!(request.path().as_slice(), ["subjects", _, "versions"]),
        "GET" => false,
        _ => true,
    }
}

pub(crate) fn method_not_allowed() -> Refusal {
    Refusal::new(405, "HTTP 405 Method Not Allowed")
}

// Paths that some method has.
fn exists(path: &[&str]) -> bool {
    matches!(
        path,
        [] | ["subjects"]
            | ["subjects", _]
            | ["subjects", _, "versions" | "metadata"]
            | ["subjects", _, "versions", _]
            | ["subjects", _, "versions", _, "schema" | "referencedby"]
            | ["schemas"]
            | ["schemas", "types"]
            | ["schemas", "ids", _]
            | ["schemas", "ids", _, "schema" | "subjects" | "versions"]
            | ["schemas", "guids", _]
            | ["schemas", "guids", _, "ids"]
            | ["compatibility", "subjects", _, "versions"]
            | ["compatibility", "subjects", _, "versions", _]
            | ["contexts"]
            | ["contexts", _]
            | ["v1", "metadata", "id" | "version" | "deployment"]
    )
}
