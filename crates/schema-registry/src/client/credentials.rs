//! What a client shows to be let in.

use api::Error;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth::Purpose;
use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::settings::ClientKeys;

/// Where the value of `Authorization` comes from.
pub(super) enum Credentials {
    /// Each URL's own user and password, if it has them.
    Url,
    /// Always the same.
    Fixed(HeaderValue),
    /// A token that is fetched and renewed.
    Token(Box<super::token::Tokens>),
}

const BASIC: &str = "basic.auth.credentials.source";
const BEARER: &str = "bearer.auth.credentials.source";

fn user_info(keys: &ClientKeys) -> Option<&str> {
    let infos = [&keys.user_info, &keys.old_user_info];
    infos.into_iter().flatten().map(|info| info.expose()).find(|info| !info.is_empty())
}

fn bearer_source(keys: &ClientKeys) -> Option<&str> {
    keys.bearer_source.as_deref().map(str::trim).filter(|source| !source.is_empty())
}

/// What cannot work, by key.
pub(super) fn check(keys: &ClientKeys) -> Result<(), (&'static str, String)> {
    let needs = |key: &'static str, given: bool, source: &str| match given {
        true => Ok(()),
        false => Err((key, format!("it is needed for the source {source}"))),
    };
    match bearer_source(keys) {
        None => {}
        Some("STATIC_TOKEN") => {
            let given = keys.token.as_ref().is_some_and(|token| !token.is_empty());
            return needs("bearer.auth.token", given, "STATIC_TOKEN");
        }
        Some("OAUTHBEARER") => {
            needs("bearer.auth.issuer.endpoint.url", keys.issuer.is_some(), "OAUTHBEARER")?;
            needs("bearer.auth.client.id", keys.client_id.is_some(), "OAUTHBEARER")?;
            needs("bearer.auth.client.secret", keys.client_secret.is_some(), "OAUTHBEARER")?;
            let issuer = keys.issuer.as_deref().unwrap_or_default();
            return match oauth::check(issuer, Purpose::Token) {
                Ok(_) => Ok(()),
                Err(why) => Err(("bearer.auth.issuer.endpoint.url", why)),
            };
        }
        Some(other) => {
            let why = format!("{other} is not supported; it is STATIC_TOKEN or OAUTHBEARER");
            return Err((BEARER, why));
        }
    }
    match keys.basic_source.trim() {
        "" | "URL" => Ok(()),
        "USER_INFO" => {
            let given = user_info(keys).is_some_and(|info| info.contains(':'));
            match given {
                true => Ok(()),
                false => Err((
                    "basic.auth.user.info",
                    "it is needed as user:password for the source USER_INFO".to_owned(),
                )),
            }
        }
        "SASL_INHERIT" => {
            let why = "SASL_INHERIT is not supported: a converter does not see the worker's sasl.jaas.config; set \
                       USER_INFO and basic.auth.user.info=user:password";
            Err((BASIC, why.to_owned()))
        }
        other => Err((BASIC, format!("{other} is not supported; it is URL or USER_INFO"))),
    }
}

impl Credentials {
    /// The credentials of these keys.
    ///
    /// # Errors
    /// As [`check`]; a secret that no header can hold.
    pub(super) fn new(keys: &ClientKeys) -> api::Result<Self> {
        if let Err((key, why)) = check(keys) {
            return Err(Error::misconfigured(why).with("key", key));
        }
        let fixed = |text: String, key: &'static str| match sensitive(&text) {
            Some(value) => Ok(Credentials::Fixed(value)),
            None => Err(Error::misconfigured("it holds characters that no header can hold").with("key", key)),
        };
        match (bearer_source(keys), keys.basic_source.trim()) {
            (Some("OAUTHBEARER"), _) => Ok(Credentials::Token(Box::new(super::token::Tokens::new(keys)?))),
            (Some(_), _) => {
                let token = keys.token.as_ref().map(|token| token.expose().trim()).unwrap_or_default();
                fixed(format!("Bearer {token}"), "bearer.auth.token")
            }
            (None, "USER_INFO") => fixed(
                format!("Basic {}", STANDARD.encode(user_info(keys).unwrap_or_default())),
                "basic.auth.user.info",
            ),
            (None, _) => Ok(Credentials::Url),
        }
    }
}

/// Takes user and password out of a URL, as the value of `Authorization`.
pub(super) fn take_user_info(url: &mut Url) -> Option<HeaderValue> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (decoded(url.username()), url.password().map(decoded));
    if user.is_empty() && password.is_none() {
        return None;
    }
    let _ = url.set_username("");
    let _ = url.set_password(None);
    sensitive(&format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.unwrap_or_default()))))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Headers of every call.
///
/// # Errors
/// A name or a value that no header can have.
pub(super) fn headers(keys: &ClientKeys, more: &[(String, api::config::Secret)]) -> api::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if bearer_source(keys).is_some() {
        let named = [
            ("target-sr-cluster", "bearer.auth.logical.cluster", &keys.logical_cluster),
            ("confluent-identity-pool-id", "bearer.auth.identity.pool.id", &keys.identity_pool),
        ];
        for (name, key, value) in named {
            let Some(value) = value else { continue };
            let value = HeaderValue::from_str(value).map_err(|_| {
                Error::misconfigured("it holds characters that no header can hold").with("key", key)
            })?;
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    for (name, value) in more {
        let made = HeaderName::from_bytes(name.as_bytes()).ok().zip(sensitive(value.expose()));
        let Some((header, value)) = made else {
            return Err(Error::misconfigured(
                "it is no header's name, or its value holds characters that no header can hold",
            )
            .with("key", format!("request.header.{name}")));
        };
        headers.insert(header, value);
    }
    Ok(headers)
}
