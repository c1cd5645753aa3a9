//! What is answered.

use serde::Serialize;
use serde_json::{Value, json};

use crate::refusal::{Answer, Refusal};

/// An answer before it is HTTP.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub body: Option<String>,
}

impl Reply {
    /// 200 with this as JSON.
    pub fn json(body: &impl Serialize) -> Answer<Self> {
        let body = serde_json::to_string(body).map_err(|error| Refusal::new(500, error.to_string()))?;
        Ok(Self::text(body))
    }

    /// 200 with this text as it is.
    pub fn text(body: String) -> Self {
        Self { status: 200, body: Some(body) }
    }

    /// 204.
    pub fn nothing() -> Self {
        Self { status: 204, body: None }
    }

    /// The form of all refusals.
    pub fn refusal(refusal: &Refusal) -> Self {
        let body: Value = json!({"error_code": refusal.code, "message": refusal.message});
        Self { status: refusal.status(), body: Some(body.to_string()) }
    }
}
