//! Lists: filters and pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::collection::Shape;
use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::at;

const PAGE_SIZE: usize = 10;
const PAGE_SIZE_MAX: usize = 100;

/// A page of a collection. Objects that are on their way out are no longer listed.
pub(crate) fn list(shape: &Shape, cloud: &mut Cloud, request: &Request) -> Answer {
    let environment = request.query("environment");
    if shape.environment.is_some() && environment.is_none() {
        return Err(Refusal::bad("environment is required"));
    }
    // A reader of lists sees progress too, or it would wait for ever.
    for object in cloud.objects.entry(shape.name).or_default().values_mut() {
        if !object.is_deleting() {
            object.read();
        }
    }
    let found: Vec<&Value> = cloud
        .all(shape.name)
        .filter(|(_, object)| !object.is_deleting())
        .map(|(_, object)| &object.body)
        .filter(|body| shape.environment.is_none() || shape.environment_of(body) == environment)
        .filter(|body| request.query.iter().all(|(key, value)| passes(body, key, value)))
        .collect();
    page(shape, &cloud.url, request, &found)
}

/// One page of `found`, with links to the others.
pub(crate) fn page(shape: &Shape, url: &str, request: &Request, found: &[&Value]) -> Answer {
    let size = match request.query("page_size") {
        None => PAGE_SIZE,
        Some(text) => match text.parse() {
            Ok(size @ 1..=PAGE_SIZE_MAX) => size,
            _ => {
                return Err(Refusal::bad(format!("page_size must be from 1 to {PAGE_SIZE_MAX}, not {text}")));
            }
        },
    };
    let start = match request.query("page_token") {
        None => 0,
        Some(token) => offset(token).ok_or_else(|| Refusal::bad("page_token is not one of this list"))?,
    };
    let data: Vec<&Value> = found.iter().skip(start).take(size).copied().collect();
    let mut metadata = json!({"first": link(url, request, size, None), "total_size": found.len()});
    if start + size < found.len() {
        metadata["next"] = json!(link(url, request, size, Some(start + size)));
    }
    Ok(Reply::ok(json!({
        "api_version": shape.api_version, "kind": format!("{}List", shape.kind), "metadata": metadata, "data": data,
    })))
}

fn passes(body: &Value, key: &str, wanted: &str) -> bool {
    if wanted.is_empty() || matches!(key, "page_size" | "page_token" | "environment") {
        return true;
    }
    let found = match key {
        "gateway_type" => {
            return at(body, "spec.config.kind")
                .and_then(Value::as_str)
                .is_some_and(|kind| kind.starts_with(wanted));
        }
        "resource" => at(body, "spec.config.resource_id"),
        _ => at(body, key),
    };
    match found {
        Some(Value::String(text)) => {
            text == wanted || wanted.strip_suffix('*').is_some_and(|start| text.starts_with(start))
        }
        Some(Value::Array(values)) => values.iter().any(|value| value == wanted),
        Some(object @ Value::Object(_)) => object["id"] == wanted,
        Some(other) => serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| wanted == *other),
        None => false,
    }
}

fn link(url: &str, request: &Request, size: usize, offset: Option<usize>) -> String {
    let mut query: Vec<String> = request
        .query
        .iter()
        .filter(|(key, _)| key != "page_token" && key != "page_size")
        .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    query.push(format!("page_size={size}"));
    if let Some(offset) = offset {
        query.push(format!("page_token={}", URL_SAFE_NO_PAD.encode(format!("offset {offset}"))));
    }
    format!("{url}{}?{}", request.path, query.join("&"))
}

fn offset(token: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix("offset ")?.parse().ok()
}
