//! A call of an AWS JSON API, version 1.1: the operation in a header, JSON out and back.

use serde::Deserialize;

use crate::Error;
use crate::endpoint::{Endpoint, Refusal};

impl Endpoint {
    /// Makes a call, again when AWS is busy; `operation` as in `secretsmanager.GetSecretValue`. Answers the JSON document.
    ///
    /// # Errors
    /// As [`Endpoint::call`].
    pub async fn call_json(&self, operation: &str, body: &str) -> Result<String, Error> {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", operation)];
        self.send(&headers, body, refusal).await
    }
}

#[derive(Deserialize)]
struct Said {
    // A name, perhaps with a namespace and `#` before it.
    #[serde(rename = "__type")]
    kind: String,
    #[serde(alias = "Message", default)]
    message: String,
}

fn refusal(document: &str) -> Option<Refusal> {
    let Said { kind, message } = serde_json::from_str(document).ok()?;
    let code = kind.rsplit('#').next().unwrap_or(&kind).to_owned();
    Some(Refusal { code, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_with_and_without_a_namespace() {
        let said = refusal(r#"{"__type":"com.amazon#ResourceNotFoundException","Message":"none"}"#).unwrap();
        assert_eq!((said.code.as_str(), said.message.as_str()), ("ResourceNotFoundException", "none"));
        assert!(refusal("<html>").is_none());
    }
}
