//! A call of an AWS Query API: form fields out, XML back.
//!
//! The format is that of the Elastic Load Balancing API reference, version 2015-12-01.

use serde::Deserialize;

use crate::Error;
use crate::endpoint::{Endpoint, Refusal};

impl Endpoint {
    /// Makes a call, again when AWS is busy. Answers the XML document.
    ///
    /// # Errors
    /// No credentials, no connection, or AWS refuses; the texts of AWS are quoted.
    pub async fn call(&self, fields: &[(String, String)]) -> Result<String, Error> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.send(&headers, &body, refusal).await
    }
}

#[derive(Deserialize)]
struct ErrorResponse {
    #[serde(rename = "Error")]
    error: Said,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    code: String,
    #[serde(default)]
    message: String,
}

fn refusal(document: &str) -> Option<Refusal> {
    let ErrorResponse { error: Said { code, message } } = quick_xml::de::from_str(document).ok()?;
    Some(Refusal { code, message })
}
