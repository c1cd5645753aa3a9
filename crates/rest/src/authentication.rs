//! Asks who a request comes from.

use axum::http::header::{AUTHORIZATION, HeaderValue};
use axum::http::request::Parts;

use crate::basic::{self, Basic};
use crate::bearer::{self, Bearer};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::{Certificates, PeerCertificate};

/// How a worker knows who asks, by the ways that its config names (`sluice.rest.authentication`).
#[derive(Debug, Default)]
pub struct Authentication {
    /// Names and passwords.
    pub basic: Option<Basic>,
    /// Tokens of an identity provider.
    pub bearer: Option<Bearer>,
    /// Certificates of clients.
    pub mtls: Option<Certificates>,
}

/// The realm of challenges.
const REALM: &str = "Sluice";

impl Authentication {
    /// Who sent this request: what it says of itself counts, else the certificate of its connection.
    ///
    /// # Errors
    /// It is not known: the answer says which ways there are.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<Identity> {
        let Some(header) = parts.headers.get(AUTHORIZATION) else {
            let shown = parts.extensions.get::<PeerCertificate>();
            let by_certificate = self.mtls.as_ref().zip(shown).map(|(mtls, shown)| mtls.identify(shown));
            let ways = match (&self.mtls, self.basic.is_some() || self.bearer.is_some()) {
                (None, _) => "send credentials",
                (Some(_), true) => "send credentials, or show a certificate",
                (Some(_), false) => "show a certificate",
            };
            let why = format!("this worker wants to know who you are; {ways}");
            return by_certificate.ok_or_else(|| self.unauthorized(&why, None));
        };
        // No part of the header is shown: it is a secret.
        let text = header.to_str().unwrap_or_default().trim();
        let (scheme, credentials) = text.split_once(' ').unwrap_or((text, ""));
        match (scheme.to_ascii_lowercase().as_str(), &self.basic, &self.bearer) {
            ("basic", Some(basic), _) => self.by_password(basic, credentials).await,
            ("bearer", _, Some(bearer)) => self.by_token(bearer, credentials).await,
            _ => Err(self.unauthorized("this worker does not take credentials of this kind", None)),
        }
    }

    async fn by_password(&self, basic: &Basic, credentials: &str) -> Result<Identity> {
        basic.identify(credentials).await.map_err(|unknown| match unknown {
            basic::Unknown::Wrong => self.unauthorized("the name or the password is wrong", None),
            basic::Unknown::Busy => Error::Unavailable(
                "too many passwords are being checked at this moment; try again".to_owned(),
            ),
        })
    }

    async fn by_token(&self, bearer: &Bearer, token: &str) -> Result<Identity> {
        bearer.identify(token).await.map_err(|unknown| match unknown {
            bearer::Unknown::Wrong(why) => self.unauthorized(&why, Some(&why)),
            bearer::Unknown::NoKeys => Error::Unavailable(
                "the keys of the issuer of tokens cannot be read at this moment; the worker's log says why"
                    .to_owned(),
            ),
        })
    }

    fn unauthorized(&self, why: &str, token: Option<&str>) -> Error {
        let basic = self.basic.as_ref().map(|_| format!("Basic realm=\"{REALM}\", charset=\"UTF-8\""));
        let bearer = self.bearer.as_ref().map(|_| match token {
            None => format!("Bearer realm=\"{REALM}\""),
            Some(why) => format!(
                "Bearer realm=\"{REALM}\", error=\"invalid_token\", error_description=\"{}\"",
                why.replace(['"', '\\'], "'")
            ),
        });
        let challenges = basic.into_iter().chain(bearer).filter_map(|text| HeaderValue::try_from(text).ok());
        Error::Unauthorized { challenges: challenges.collect(), why: why.to_owned() }
    }
}
