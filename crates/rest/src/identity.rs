//! Who a request comes from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::Role;

/// The longest name that is shown and written down, in characters.
const NAME_CHARS_MAX: usize = 256;

/// Who sent a request, and what that is known from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// A user's name, a token's subject, or a certificate's.
    pub(crate) name: String,
    /// What they may do; nothing without a role.
    pub(crate) role: Option<Role>,
    /// What it is known from.
    pub(crate) by: By,
}

/// What an identity is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    /// Nothing: this worker asks nobody.
    None,
    /// Name and password.
    Basic,
    /// A token of an identity provider.
    Bearer,
    /// The certificate of the client.
    Mtls,
}

impl By {
    /// Its name in configs and logs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            By::None => "none",
            By::Basic => "basic",
            By::Bearer => "bearer",
            By::Mtls => "mtls",
        }
    }
}

impl Identity {
    pub(crate) fn new(name: &str, role: Option<Role>, by: By) -> Self {
        Self { name: name.chars().take(NAME_CHARS_MAX).collect(), role, by }
    }

    /// Whoever it is, of a worker that asks nobody.
    pub(crate) fn anybody() -> Self {
        Self::new("anonymous", Some(Role::Admin), By::None)
    }
}

/// Whether secrets that stand in configs are shown to who asks: to those who may change them, as in Kafka Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    Shown,
    Masked,
}

impl<S: Send + Sync> FromRequestParts<S> for Secrets {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let role = parts.extensions.get::<Identity>().and_then(|identity| identity.role);
        Ok(if role == Some(Role::Admin) { Self::Shown } else { Self::Masked })
    }
}
