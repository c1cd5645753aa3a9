//! What surrounds every route: which answers a client takes, which methods a path has, trailing slashes.

use axum::extract::Request;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Error;

/// Refuses clients that do not take JSON.
pub(crate) async fn accept(request: Request, next: Next) -> Response {
    match takes(request.headers(), other_form(request.uri().path())) {
        true => next.run(request).await,
        false => Error::NotAcceptable.into_response(),
    }
}

/// What the path may answer with beside JSON: server-sent events, for which browsers ask alone, or plain text.
fn other_form(path: &str) -> Option<&'static str> {
    match path {
        "/metrics" => Some("text/plain"),
        _ if path.starts_with("/sluice/v1/") && path.ends_with("/logs") => Some("text/event-stream"),
        _ => None,
    }
}

fn takes(headers: &HeaderMap, other_form: Option<&str>) -> bool {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').map(str::trim))
        .filter_map(|mut parts| {
            let range = parts.next().filter(|range| !range.is_empty())?;
            let refused = parts.any(|parameter| parameter.strip_prefix("q=").is_some_and(is_zero));
            Some((range.to_ascii_lowercase(), refused))
        })
        .peekable();
    ranges.peek().is_none()
        || ranges.any(|(range, refused)| {
            let other = other_form.is_some_and(|form| range == form || range == "text/*");
            !refused && (other || matches!(range.as_str(), "*/*" | "application/*" | "application/json"))
        })
}

fn is_zero(quality: &str) -> bool {
    quality.parse::<f32>().is_ok_and(|quality| quality == 0.0)
}

/// A path with a trailing slash is the same as without.
pub(crate) fn trim_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    if path.len() > 1 && trimmed.len() < path.len() {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let trimmed = if trimmed.is_empty() { "/" } else { trimmed };
        if let Ok(path) = PathAndQuery::try_from(format!("{trimmed}{query}")) {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(path);
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
    }
    request
}

/// Answers `OPTIONS`: the methods of a path, in plain text.
pub(crate) fn options(methods: &'static [&'static str]) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain".to_owned()), (header::ALLOW, methods.join(","))];
    (headers, methods.join(", ")).into_response()
}

/// Kafka Connect names no methods when it refuses one.
pub(crate) fn without_allow(mut response: Response) -> Response {
    if response.status() == axum::http::StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().remove(header::ALLOW);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_must_be_welcome() {
        let takes_json = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            takes(&headers, None)
        };
        assert!(takes(&HeaderMap::new(), None));
        for accept in
            ["*/*", "application/json", "text/html, application/*;q=0.5", "Application/JSON;v=1", ""]
        {
            assert!(takes_json(accept), "{accept}");
        }
        for accept in ["text/html", "application/xml", "application/json;q=0", "*/*;q=0.0"] {
            assert!(!takes_json(accept), "{accept}");
        }
    }
}
