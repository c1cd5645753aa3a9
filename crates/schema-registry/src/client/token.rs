//! Tokens of an identity provider, for a client with an id and a secret (RFC 6749 section 4.4).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth::Purpose;
use percent_encoding::utf8_percent_encode;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::Error;
use super::settings::ClientKeys;

const ANSWER_BYTES_MAX: usize = 1 << 20;
const LIFETIME_MAX: Duration = Duration::from_secs(366 * 86_400);

/// The token endpoint, and the last token.
pub(super) struct Tokens {
    client: reqwest::Client,
    endpoint: Url,
    authorization: HeaderValue,
    body: String,
    buffer: Duration,
    last: tokio::sync::Mutex<Option<(HeaderValue, Instant)>>,
}

impl Tokens {
    /// Prepares the request.
    ///
    /// # Errors
    /// An endpoint that no secret is sent to.
    pub(super) fn new(keys: &ClientKeys) -> api::Result<Self> {
        let wrong = |key: &'static str, why: String| api::Error::misconfigured(why).with("key", key);
        let endpoint = oauth::check(keys.issuer.as_deref().unwrap_or_default(), Purpose::Token)
            .map_err(|why| wrong("bearer.auth.issuer.endpoint.url", why))?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none()) // the secret goes to the configured place only
            .connect_timeout(keys.connect_timeout)
            .timeout(keys.connect_timeout + keys.read_timeout);
        let client = super::tls::apply(keys, client)?.build().map_err(|error| {
            api::Error::misconfigured("the client of the token endpoint cannot be made").caused_by(error)
        })?;
        let id = keys.client_id.as_deref().unwrap_or_default();
        let secret = keys.client_secret.as_ref().map(|secret| secret.expose()).unwrap_or_default();
        let mut authorization =
            HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
                .map_err(|_| wrong("bearer.auth.client.secret", "it cannot be sent".to_owned()))?;
        authorization.set_sensitive(true);
        let scope = keys
            .scope
            .as_deref()
            .map(|scope| format!("&scope={}", utf8_percent_encode(scope, super::SEGMENT)));
        Ok(Self {
            client,
            endpoint,
            authorization,
            body: format!("grant_type=client_credentials{}", scope.unwrap_or_default()),
            buffer: Duration::from_secs(u64::try_from(keys.expiry_buffer_sec).unwrap_or(0)),
            last: tokio::sync::Mutex::new(None),
        })
    }

    /// The value of `Authorization`, with a token that is good for a while.
    ///
    /// # Errors
    /// There is no token, and why.
    pub(super) async fn authorization(&self) -> Result<HeaderValue, Error> {
        let mut last = self.last.lock().await; // one request, however many wait
        if let Some((value, until)) = last.as_ref().filter(|(_, until)| Instant::now() < *until) {
            let _ = until;
            return Ok(value.clone());
        }
        let (value, until) = self.fetch().await?;
        *last = Some((value.clone(), until));
        Ok(value)
    }

    /// Forgets the token: the registry does not take it any more.
    pub(super) async fn forget(&self) {
        *self.last.lock().await = None;
    }

    fn failed(&self, reason: impl Into<String>, passes: bool) -> Error {
        Error::Token { place: super::http::shown(&self.endpoint), reason: reason.into(), passes }
    }

    async fn fetch(&self) -> Result<(HeaderValue, Instant), Error> {
        let asked = Instant::now();
        let request = self
            .client
            .post(self.endpoint.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(self.body.clone());
        let mut response =
            request.send().await.map_err(|error| self.failed(super::http::with_causes(error), true))?;
        let status = response.status();
        let mut answer = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| self.failed(super::http::with_causes(error), true))?
        {
            answer.extend_from_slice(&chunk);
            if answer.len() > ANSWER_BYTES_MAX {
                return Err(self.failed("the answer is longer than 1 MB", false));
            }
        }
        if !status.is_success() {
            let passes = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
            let hint = "check bearer.auth.client.id, bearer.auth.client.secret and bearer.auth.scope";
            return Err(self.failed(format!("HTTP {}; {hint}", status.as_u16()), passes));
        }
        let answer: Value = serde_json::from_slice(&answer)
            .map_err(|_| self.failed("the answer is not JSON, so not an OAuth token", false))?;
        let token = answer["access_token"].as_str().map(str::trim).filter(|token| !token.is_empty());
        let value = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
        let Some(mut value) = value else {
            return Err(self.failed("the answer holds no usable access_token", false));
        };
        value.set_sensitive(true);
        let seconds = answer["expires_in"].as_f64().or_else(|| answer["expires_in"].as_str()?.parse().ok());
        // Without a word on its life a token is used once.
        let lifetime =
            Duration::try_from_secs_f64(seconds.unwrap_or(0.0)).unwrap_or_default().min(LIFETIME_MAX);
        Ok((value, asked + lifetime.saturating_sub(self.buffer)))
    }
}
