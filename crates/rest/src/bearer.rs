//! Tokens of an identity provider (RFC 6750): JSON web tokens that are signed with keys which the provider publishes, as
//! OpenID Connect has it.
//!
//! What a token must be is in `token`, where keys come from in `keys`. No part of a token is
//! ever shown or logged.

mod fetch;
mod jwk;
mod keys;
mod token;

use std::sync::Arc;

use api::Clock;
use serde_json::{Map, Value};

use crate::Role;
use crate::identity::{By, Identity};
use fetch::Fetch;
pub use fetch::check_place;
use keys::{Keys, NoKey};

/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 16 << 10;

/// What is said of the provider in a worker's config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BearerSettings {
    /// Who issues tokens: the claim `iss`, and where its discovery document is.
    pub issuer: String,
    /// What tokens must be for: one of these is in the claim `aud`.
    pub audience: Vec<String>,
    /// Where its keys are; discovery tells without it.
    pub keys_url: Option<String>,
    /// Hosts, beside the issuer's own, that discovery may name for the keys.
    pub keys_hosts: Vec<String>,
    /// Certificates of authorities that sign for the provider's hosts, in PEM; the system's without it.
    pub authorities: Option<String>,
    /// The claim that names who it is.
    pub name_claim: String,
    /// The claim with what stands for roles: its name, or the way to it with points between names.
    pub roles_claim: String,
    /// Which values of that claim stand for which role; the role that may do most counts.
    pub roles: Vec<(Role, String)>,
}

/// An identity provider whose tokens are taken.
#[derive(Debug)]
pub struct Bearer {
    settings: BearerSettings,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

/// Why it is not known who somebody is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// What is wrong with the token.
    Wrong(String),
    /// The provider's keys cannot be read; the log says why.
    NoKeys,
}

impl Bearer {
    /// Takes tokens of this provider. It is asked for its keys once there is a token.
    ///
    /// # Errors
    /// Its URL or a certificate cannot be used.
    pub fn new(settings: BearerSettings, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let keys = Keys::new(Fetch::new(&settings)?, clock.clone());
        Ok(Self { settings, keys, clock })
    }

    /// Who it is, by what follows `Bearer` in the header.
    pub(crate) async fn identify(&self, text: &str) -> Result<Identity, Unknown> {
        let wrong = |why: &str| Unknown::Wrong(why.to_owned());
        let text = text.trim();
        if text.len() > TOKEN_BYTES_MAX {
            return Err(Unknown::Wrong(format!("the token is longer than {TOKEN_BYTES_MAX} bytes")));
        }
        let token = token::Token::read(text).map_err(wrong)?;
        let key = self.keys.find(&token.header).await.map_err(|why| match why {
            NoKey::Unknown => wrong("the token is not signed with a key of the issuer"),
            NoKey::Unreachable => Unknown::NoKeys,
        })?;
        let claims = token.verify(&key).map_err(wrong)?;
        let BearerSettings { issuer, audience, .. } = &self.settings;
        token::check(&claims, issuer, audience, self.clock.now_ms()).map_err(wrong)?;
        let name = claims.get(&self.settings.name_claim).and_then(Value::as_str);
        let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(|| {
            Unknown::Wrong(format!(
                "the token has no claim '{}', which names who it is",
                self.settings.name_claim
            ))
        })?;
        Ok(Identity::new(name, self.role(&claims), By::Bearer))
    }

    fn role(&self, claims: &Map<String, Value>) -> Option<Role> {
        let given = values(claims, &self.settings.roles_claim);
        let fit = self.settings.roles.iter().filter(|(_, value)| given.contains(&value.as_str()));
        fit.map(|(role, _)| *role).max()
    }
}

/// The texts of a claim: of a list its texts; of a text itself and its words, as the claim `scope` has them.
fn values<'a>(claims: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    // A name may have points itself: names of claims are often URLs.
    let found = claims.get(name).or_else(|| {
        let mut parts = name.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    });
    match found {
        Some(Value::String(text)) => std::iter::once(text.as_str()).chain(text.split_whitespace()).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_name_or_by_way() {
        let claims = json!({
            "roles": ["a", 1, "b"],
            "scope": "read write",
            "realm_access": {"roles": ["c"]},
            "https://example.com/roles": "d",
        });
        let claims = claims.as_object().unwrap();
        let of = |name: &str| values(claims, name);
        assert_eq!(of("roles"), ["a", "b"]);
        assert_eq!(of("scope"), ["read write", "read", "write"]);
        assert_eq!(of("realm_access.roles"), ["c"]);
        assert_eq!(of("https://example.com/roles"), ["d", "d"]);
        for name in ["", ".", "realm_access", "realm_access.roles.x", "nope.roles"] {
            assert_eq!(of(name), [""; 0], "{name}");
        }
    }
}
