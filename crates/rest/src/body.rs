//! Request bodies and path parameters, with errors of our own form.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// The largest body, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// What stays as it is in one segment of a path.
pub(crate) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            return Err(Error::UnsupportedMediaType);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(refused)?;
        if bytes.is_empty() {
            return Err(Error::BadRequest("the request has no body; send a JSON object".to_owned()));
        }
        // Derived code would read the members of a struct from an array, too.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Error::BadRequest("the request's body must be a JSON object".to_owned()));
        }
        serde_json::from_slice(&bytes)
            .map(JsonBody)
            .map_err(|error| Error::BadRequest(format!("cannot read the request's body: {error}")))
    }
}

fn refused(rejection: BytesRejection) -> Error {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::TooLarge(format!("the request's body is larger than {BODY_BYTES_MAX} bytes"))
        }
        _ => Error::BadRequest(format!("cannot read the request's body: {}", rejection.body_text())),
    }
}

// Without a content type anything goes, as in Kafka Connect.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let text = value.to_str().unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// The first variable part of the path, percent-decoded: a connector's or a plugin's name, slashes and blanks
/// included.
pub(crate) struct Name(pub(crate) String);

/// A connector's name and a task's number.
pub(crate) struct NameAndTask(pub(crate) String, pub(crate) u32);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        variables(parts, state).await?.into_iter().next().map(Name).ok_or(Error::NoSuchPath)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for NameAndTask {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let mut variables = variables(parts, state).await?.into_iter();
        let (Some(name), Some(task)) = (variables.next(), variables.next()) else {
            return Err(Error::NoSuchPath);
        };
        match task.parse() {
            Ok(task) => Ok(NameAndTask(name, task)),
            Err(_) => Err(Error::NotFound("HTTP 404 Not Found".to_owned())),
        }
    }
}

async fn variables<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<String>, Error> {
    let raw = axum::extract::RawPathParams::from_request_parts(parts, state).await;
    let Ok(raw) = raw else {
        return Err(Error::BadRequest("the path is not UTF-8 once it is percent-decoded".to_owned()));
    };
    Ok(raw.iter().map(|(_, value)| value.to_owned()).collect())
}
