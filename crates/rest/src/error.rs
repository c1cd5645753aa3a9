//! From what went wrong to a status code and a body: the only place that knows both.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rest_types::ErrorMessage;

use crate::forward::SendTo;

/// The result of a route.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub(crate) enum Error {
    /// The herder says no.
    Herder(herder::Error),
    /// The body cannot be read, or says something that is not possible.
    BadRequest(String),
    /// What the path names is not there.
    NotFound(String),
    /// The body is too large.
    TooLarge(String),
    /// There are too many requests of this kind at the same time.
    TooMany(String),
    /// The body comes too slowly.
    TooSlow(String),
    /// Another worker was asked, or asks, in vain; this is the answer.
    Forwarding(StatusCode, String),
    /// It is not known who asks.
    Unauthorized {
        /// The ways to say so, as `WWW-Authenticate` has them.
        challenges: Vec<HeaderValue>,
        /// What is wrong.
        why: String,
    },
    /// Who asks may not.
    Forbidden(String),
    /// It may work a moment later.
    Unavailable(String),
    /// No route has this path.
    NoSuchPath,
    /// The path has routes, but not for this method.
    MethodNotAllowed,
    /// The body is not said to be JSON.
    UnsupportedMediaType,
    /// The client does not take JSON.
    NotAcceptable,
}

impl From<herder::Error> for Error {
    fn from(error: herder::Error) -> Self {
        Error::Herder(error)
    }
}

impl Error {
    /// A request was sent on to another worker, which has not answered.
    pub(crate) fn unanswered(why: String) -> Self {
        let text = format!(
            "Request forwarding failed: {why}; whether it did what it was asked for is not known: look, and send the request \
             again"
        );
        Error::Forwarding(StatusCode::GATEWAY_TIMEOUT, text)
    }

    fn status(&self) -> StatusCode {
        match self {
            Error::Herder(error) => match error {
                herder::Error::NotFound(_) => StatusCode::NOT_FOUND,
                herder::Error::Conflict(_) | herder::Error::Elsewhere { .. } => StatusCode::CONFLICT,
                herder::Error::Refused(_) => StatusCode::BAD_REQUEST,
                herder::Error::Forbidden(_) => StatusCode::FORBIDDEN,
                herder::Error::TimedOut(_) | herder::Error::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
                herder::Error::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            },
            Error::Forwarding(status, _) => *status,
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::NotFound(_) | Error::NoSuchPath => StatusCode::NOT_FOUND,
            Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Error::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Error::Unauthorized { .. } => StatusCode::UNAUTHORIZED,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Error::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Error::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        }
    }

    /// The text of its answer.
    pub(crate) fn text(self) -> String {
        let status = self.status();
        match self {
            Error::Herder(error) => error.to_string(),
            Error::Forwarding(_, text)
            | Error::BadRequest(text)
            | Error::NotFound(text)
            | Error::TooLarge(text)
            | Error::TooMany(text)
            | Error::TooSlow(text)
            | Error::Unauthorized { why: text, .. }
            | Error::Forbidden(text)
            | Error::Unavailable(text) => text,
            Error::NoSuchPath
            | Error::MethodNotAllowed
            | Error::UnsupportedMediaType
            | Error::NotAcceptable => {
                let reason = status.canonical_reason().unwrap_or_default();
                format!("HTTP {} {reason}", status.as_u16())
            }
        }
    }

    // Kafka Connect sends no content type with what its framework refused before a resource was reached.
    fn has_content_type(&self) -> bool {
        !matches!(
            self,
            Error::NoSuchPath | Error::MethodNotAllowed | Error::UnsupportedMediaType | Error::NotAcceptable
        )
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut headers = HeaderMap::new();
        if self.has_content_type() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Error::Unauthorized { challenges, .. } = &self {
            for challenge in challenges {
                headers.append(header::WWW_AUTHENTICATE, challenge.clone());
            }
        }
        let elsewhere = match &self {
            Error::Herder(herder::Error::Elsewhere { url, .. }) => Some(SendTo(url.clone())),
            _ => None,
        };
        let message = self.text();
        let body = ErrorMessage { error_code: status.as_u16(), message };
        // Serializing two plain fields cannot fail; an empty body would still have the right status.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, headers, axum::body::Body::from(body)).into_response();
        if let Some(elsewhere) = elsewhere {
            response.extensions_mut().insert(elsewhere);
        }
        response
    }
}
