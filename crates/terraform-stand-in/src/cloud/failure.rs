//! Why a request failed. Messages name method, address and what the service said, never a header or a sent body.

use serde_json::Value as Json;

/// A request that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The address is not on this machine.
    #[error(
        "nothing is sent to {address}: this provider stands in for Confluent's and talks to a fake cloud on loopback (http://127.0.0.1:PORT) only"
    )]
    NotLoopback { address: String },
    /// No answer.
    #[error("{method} {url} got no answer: is the fake cloud running?")]
    NoAnswer {
        method: String,
        url: String,
        #[source]
        cause: Box<ureq::Error>,
    },
    /// An answer that is no JSON.
    #[error("{method} {url} was answered {status} with what is no JSON")]
    NoJson { method: String, url: String, status: u16 },
    /// A refusal.
    #[error("{method} {url} was answered {status}: {message}")]
    Refused { method: String, url: String, status: u16, message: String },
}

impl Failure {
    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::NoJson { status, .. } => Some(*status),
            Self::NotLoopback { .. } | Self::NoAnswer { .. } => None,
        }
    }

    /// Whether the control plane or Connect says that the object is gone. The real provider takes every 403 for that,
    /// unless the key is wrong: a missing permission therefore looks like a deletion.
    pub fn is_gone(&self) -> bool {
        match self {
            Self::Refused { status: 404, .. } => true,
            Self::Refused { status: 403, message, .. } => !message.to_lowercase().contains("invalid api key"),
            _ => false,
        }
    }

    /// Whether Kafka REST or Schema Registry says that the object is gone.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }
}

/// What an error body says, in the form of any of the services.
pub(super) fn message(body: &Json) -> String {
    let said = body["errors"][0]["detail"]
        .as_str()
        .or_else(|| body["message"].as_str())
        .or_else(|| body["error"]["message"].as_str())
        .or_else(|| body["error"].as_str());
    said.unwrap_or("no reason is given").to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(status: u16, message: &str) -> Failure {
        Failure::Refused {
            method: "GET".into(),
            url: "http://127.0.0.1/x".into(),
            status,
            message: message.into(),
        }
    }

    #[test]
    fn a_403_is_gone_unless_the_key_is_wrong() {
        assert!(refused(403, "forbidden access").is_gone());
        assert!(!refused(403, "Invalid API key").is_gone());
        assert!(!refused(403, "forbidden").is_not_found());
        assert!(refused(404, "").is_not_found());
    }

    #[test]
    fn every_service_has_its_own_form_of_error() {
        for body in [
            json!({"errors": [{"status": "400", "detail": "why"}]}),
            json!({"error_code": 40401, "message": "why"}),
            json!({"error": {"code": 400, "message": "why"}}),
        ] {
            assert_eq!(message(&body), "why");
        }
    }
}
