//! One request for a token, and what to do about each way that it can fail.

use std::error::Error as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, Response, StatusCode, redirect};
use serde_json::Value;
use tokio::time::Instant;

use super::settings::LoginSettings;
use super::token::Token;
use crate::librdkafka::jaas;
use crate::librdkafka::java_keys::wrong;
use crate::{Error, Result};

/// An answer with a token is a few kilobytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Of what a provider says about an error.
const REASON_CHARS_MAX: usize = 300;
/// What would end a parameter of the request. The rest is sent as it was written, as Java does it: some write a scope
/// with `%20` in it.
const PARAMETER: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'&').add(b'<').add(b'>');
/// All but what RFC 3986 calls unreserved, for `sasl.oauthbearer.header.urlencode`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why there is no token. The texts say where, what, and what to do.
pub(super) enum Failure {
    /// Asking again in the same way will not help.
    Refused(String),
    /// It may work later.
    Unavailable(String),
}

/// The token endpoint of an identity provider.
pub(super) struct Endpoint {
    settings: Arc<LoginSettings>,
    client: Client,
    authorization: HeaderValue,
    body: String,
}

impl Endpoint {
    /// Prepares the request.
    ///
    /// # Errors
    /// The certificates of the settings are not usable.
    pub(super) fn new(settings: Arc<LoginSettings>) -> Result<Self> {
        // The one provider of cryptography that is linked; another part of the program may have said so already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none()) // credentials go to the configured place only
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.connect_timeout + settings.read_timeout);
        if settings.endpoint.scheme() == "http" {
            builder = builder.no_proxy(); // it is on this machine
        }
        if let Some(pem) = &settings.authorities {
            let certificates = Certificate::from_pem_bundle(pem.as_bytes()).unwrap_or_default();
            if certificates.is_empty() {
                return Err(wrong(
                    jaas::KEY,
                    "its trust store for the token endpoint holds no PEM certificate",
                ));
            }
            builder = builder.tls_certs_only(certificates);
        }
        let failed = |reason: String| Error::Fatal {
            operation: format!("preparing to ask {} for a token", settings.place()),
            reason,
        };
        let client = builder.build().map_err(|error| failed(with_causes(&error)))?;
        let (id, secret) = (settings.client_id.as_str(), settings.client_secret.expose());
        let credentials = match settings.url_encode {
            true => format!("{}:{}", utf8_percent_encode(id, ENCODED), utf8_percent_encode(secret, ENCODED)),
            false => format!("{id}:{secret}"),
        };
        let mut authorization = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(credentials)))
            .map_err(|error| failed(error.to_string()))?;
        authorization.set_sensitive(true);
        let encode = if settings.url_encode { ENCODED } else { PARAMETER };
        let scope =
            settings.scope.as_ref().map(|scope| format!("&scope={}", utf8_percent_encode(scope, encode)));
        let body = format!("grant_type=client_credentials{}", scope.unwrap_or_default());
        Ok(Self { settings, client, authorization, body })
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// There is none, and why.
    pub(super) async fn fetch(&self) -> std::result::Result<Token, Failure> {
        let asked = Instant::now();
        let request = self
            .client
            .post(self.settings.endpoint.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .header(CACHE_CONTROL, "no-cache")
            .body(self.body.clone());
        let response = request.send().await.map_err(|error| self.not_answered(error))?;
        let status = response.status();
        let answer = self.read(response).await?;
        if status != StatusCode::OK && status != StatusCode::CREATED {
            return Err(self.not_granted(status, &answer));
        }
        Token::read(&answer, &self.settings.subject_claim, &self.settings.client_id, asked)
            .map_err(|reason| Failure::Refused(self.because(&reason)))
    }

    async fn read(&self, mut response: Response) -> std::result::Result<Vec<u8>, Failure> {
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.not_answered(error))? {
            answer.extend_from_slice(&chunk);
            if answer.len() > ANSWER_BYTES_MAX {
                return Err(Failure::Refused(self.because("the answer is longer than 1 MB")));
            }
        }
        Ok(answer)
    }

    fn because(&self, reason: &str) -> String {
        format!("asking {} for a token to log in to Kafka: {reason}", self.settings.place())
    }

    fn not_answered(&self, error: reqwest::Error) -> Failure {
        let timed_out = error.is_timeout();
        let reason = with_causes(&error.without_url());
        if reason.contains("certificate") {
            return Failure::Refused(self.because(&format!(
                "{reason}; give the certificate of its authority in sasl.jaas.config, as \
                 ssl.truststore.type=\"PEM\" ssl.truststore.location=\"FILE\""
            )));
        }
        Failure::Unavailable(self.because(&match timed_out {
            true => format!(
                "no answer in time ({reason}); sasl.login.connect.timeout.ms and sasl.login.read.timeout.ms say how \
                 long to wait"
            ),
            false => reason,
        }))
    }

    /// Whether it is worth to ask again is decided as in Java, but that "too many requests" is.
    fn not_granted(&self, status: StatusCode, answer: &[u8]) -> Failure {
        let said = self.said(answer);
        let for_good = (status.is_client_error()
            && ![StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS]
                .contains(&status))
            || [StatusCode::NOT_IMPLEMENTED, StatusCode::HTTP_VERSION_NOT_SUPPORTED].contains(&status);
        let text = format!("HTTP {}{said}", status.as_u16());
        if status.is_redirection() {
            let hint = "write the URL that it leads to in sasl.oauthbearer.token.endpoint.url";
            return Failure::Refused(self.because(&format!("{text}, a redirection; {hint}")));
        }
        if !for_good {
            return Failure::Unavailable(self.because(&text));
        }
        let hint = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => {
                "check sasl.oauthbearer.token.endpoint.url"
            }
            _ => {
                "check the client's id, secret and scope (sasl.oauthbearer.client.credentials.client.id and .secret, \
                 sasl.oauthbearer.scope, or clientId, clientSecret and scope in sasl.jaas.config)"
            }
        };
        Failure::Refused(self.because(&format!("{text}; {hint}")))
    }

    /// What the provider says of an error (RFC 6749 section 5.2, or Okta's names for it), and nothing else of the
    /// answer. A provider that repeats the secret is not followed in that.
    fn said(&self, answer: &[u8]) -> String {
        let Ok(answer) = serde_json::from_slice::<Value>(answer) else { return String::new() };
        let member = |names: [&str; 2]| names.iter().find_map(|name| answer[*name].as_str());
        let Some(code) = member(["error", "errorCode"]) else { return String::new() };
        let said = match member(["error_description", "errorSummary"]) {
            Some(description) => format!(" {code} ({description})"),
            None => format!(" {code}"),
        };
        let authorization = self.authorization.to_str().unwrap_or_default();
        let encoded = authorization.strip_prefix("Basic ").unwrap_or_default();
        let mut said = said;
        for secret in [self.settings.client_secret.expose(), encoded] {
            if !secret.is_empty() {
                said = said.replace(secret, "[hidden]");
            }
        }
        said.chars().filter(|letter| !letter.is_control()).take(REASON_CHARS_MAX).collect()
    }
}

/// An error with what is behind it, without the parts that are said twice.
fn with_causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
