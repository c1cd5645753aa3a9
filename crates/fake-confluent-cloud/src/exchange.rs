//! A request as the routes see it, and what they answer.
//!
//! Routes are plain functions from the state and a [`Request`] to a [`Reply`]: no I/O, so that one lock around the
//! state is enough and a route is read as a list of cases.

use axum::http::Method;
use serde_json::{Value, json};

/// What was asked.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: Method,
    /// The path as sent, without the query.
    pub path: String,
    /// Decoded parts of the path.
    pub segments: Vec<String>,
    /// Decoded pairs of the query, in order.
    pub query: Vec<(String, String)>,
    /// The body; null when there was none.
    pub body: Value,
    /// Why the body is not JSON, when it is not.
    pub body_error: Option<String>,
    /// Key and secret of Basic authentication.
    pub credentials: Option<(String, String)>,
}

impl Request {
    /// Method and path parts, to be matched against.
    pub fn route(&self) -> (&str, Vec<&str>) {
        (self.method.as_str(), self.segments.iter().map(String::as_str).collect())
    }

    /// First value of a query parameter that is not empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter says `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.query(name) == Some("true")
    }
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub body: Option<Value>,
    /// Media type of the body.
    pub media_type: &'static str,
    /// Seconds of a Retry-After header.
    pub retry_after: Option<u32>,
}

const JSON: &str = "application/json";
/// Schema Registry names its answers so, but for refused credentials and broken requests.
const SCHEMA_REGISTRY_JSON: &str = "application/vnd.schemaregistry.v1+json";

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, body: Some(body), media_type: JSON, retry_after: None }
    }

    pub fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    pub fn empty(status: u16) -> Self {
        Self { status, body: None, media_type: JSON, retry_after: None }
    }
}

/// Why a request was refused. Each API shows it in its own form.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub status: u16,
    /// Code of Kafka REST, Connect and Schema Registry bodies, `40403` for example.
    pub number: u32,
    pub message: String,
}

impl Refusal {
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, number: u32::from(status), message: message.into() }
    }

    /// With a code that is finer than the status.
    pub fn coded(number: u32, message: impl Into<String>) -> Self {
        let status = if number > 999 { number / 100 } else { number };
        Self { status: u16::try_from(status).unwrap_or(500), number, message: message.into() }
    }

    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, message)
    }
}

/// What a route gives.
pub(crate) type Answer = Result<Reply, Refusal>;

/// The families of APIs, which differ in credentials and in the form of their errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Control,
    Connect,
    Kafka,
    Registry,
}

impl Api {
    /// By the first part of the path. What has no prefix of its own is Schema Registry's.
    pub fn of(segments: &[String]) -> Option<Self> {
        match segments.first()?.as_str() {
            "org" | "iam" | "networking" | "cmk" | "srcm" | "pim" | "endpoint" => Some(Self::Control),
            "connect" => Some(Self::Connect),
            "kafka" => Some(Self::Kafka),
            "subjects" | "schemas" | "config" | "mode" | "compatibility" | "contexts" | "catalog" => {
                Some(Self::Registry)
            }
            _ => None,
        }
    }

    /// The media type of an answer.
    pub fn media_type(self, request: &Request, status: u16) -> &'static str {
        let of_catalog = request.segments.first().is_some_and(|part| part == "catalog");
        match (self, status) {
            (Self::Registry, 200 | 404 | 409 | 422 | 500..) if !of_catalog => SCHEMA_REGISTRY_JSON,
            _ => JSON,
        }
    }

    /// The form that this API gives its errors.
    pub fn refuse(self, refusal: &Refusal, trace: &str) -> Reply {
        let Refusal { status, number, message } = refusal;
        let body = match self {
            Self::Control => json!({"errors": [{
                "id": trace, "status": status.to_string(), "code": code_of(*status), "detail": message, "source": {},
            }]}),
            Self::Connect => json!({"error": {"code": number, "message": message}}),
            Self::Kafka | Self::Registry => json!({"error_code": number, "message": message}),
        };
        Reply::json(*status, body)
    }
}

fn code_of(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden_access",
        404 => "resource_not_found",
        409 => "resource_conflict",
        422 => "unprocessable_entity",
        429 => "rate_limit_exceeded",
        _ => "internal_server_error",
    }
}
