//! Calls: one after another at each URL, until an answer decides.

use std::error::Error as _;
use std::time::Duration;

use rand::Rng as _;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Response, redirect};
use serde::de::DeserializeOwned;
use url::Url;

use super::answers::Problem;
use super::credentials::{self, Credentials};
use super::settings::ClientSettings;
use super::{Error, tls};

const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const ACCEPTED: &str =
    "application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, application/json";
/// A schema with all that belongs to it is smaller.
const ANSWER_BYTES_MAX: usize = 32 << 20;
/// Of what a registry says about an error.
const MESSAGE_CHARS_MAX: usize = 1000;

pub(super) enum Method {
    Get,
    Post(Vec<u8>),
}

/// The registry's URLs and how to get in.
pub(super) struct Http {
    client: reqwest::Client,
    urls: Vec<(Url, Option<HeaderValue>)>,
    credentials: Credentials,
    headers: HeaderMap,
    randomize: bool,
    retries: u32,
    wait: Duration,
    wait_max: Duration,
}

impl Http {
    pub(super) fn new(settings: ClientSettings) -> api::Result<Self> {
        let keys = &settings.keys;
        // The one provider of cryptography that is linked; another part of the program may have said so already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none()) // credentials go to the configured places only
            .connect_timeout(keys.connect_timeout)
            .read_timeout(keys.read_timeout)
            .timeout(keys.connect_timeout + keys.read_timeout);
        let host = keys.proxy_host.trim();
        if !host.is_empty() {
            let proxy =
                reqwest::Proxy::all(format!("http://{host}:{}", keys.proxy_port)).map_err(|error| {
                    api::Error::misconfigured("the proxy's host and port make no URL")
                        .with("key", "proxy.host")
                        .caused_by(error)
                })?;
            builder = builder.proxy(proxy);
        }
        let client = tls::apply(keys, builder)?.build().map_err(|error| {
            api::Error::misconfigured("the registry's client cannot be made").caused_by(error)
        })?;
        let with_user_info = settings.urls.iter().cloned().map(|mut url| {
            let authorization = credentials::take_user_info(&mut url);
            (url, authorization)
        });
        Ok(Self {
            client,
            urls: with_user_info.collect(),
            credentials: Credentials::new(keys)?,
            headers: credentials::headers(keys, &settings.headers)?,
            randomize: keys.randomize,
            retries: u32::try_from(keys.max_retries).unwrap_or(0),
            wait: keys.retries_wait,
            wait_max: keys.retries_max_wait,
        })
    }

    /// The first URL, as errors show it.
    pub(super) fn place(&self) -> String {
        self.urls.first().map(|(url, _)| shown(url)).unwrap_or_default()
    }

    /// Asks until an answer decides.
    ///
    /// # Errors
    /// The last one, when every URL of the list failed; at once what asking again cannot change.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &str,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Error> {
        let first = if self.randomize { rand::rng().random_range(0..self.urls.len()) } else { 0 };
        let mut last = None;
        for turn in 0..self.urls.len() {
            let place = &self.urls[(first + turn) % self.urls.len()];
            for attempt in 0..=self.retries {
                let mut answer = self.once(operation, &method, place, path, query).await;
                // A token may end before its time: once more with a new one. Who is refused with that is not let in.
                if let (Credentials::Token(tokens), Err(Error::Refused { status: 401, .. })) =
                    (&self.credentials, &answer)
                {
                    tokens.forget().await;
                    answer = self.once(operation, &method, place, path, query).await;
                }
                match answer {
                    Ok(answer) => return Ok(answer),
                    Err(error) if !passes(&error) => return Err(error),
                    Err(error) => {
                        tracing::debug!(%error, attempt, "the schema registry did not answer");
                        last = Some(error);
                    }
                }
                if attempt < self.retries {
                    tokio::time::sleep(self.back_off(attempt)).await;
                }
            }
        }
        Err(last.unwrap_or_else(|| Error::Away {
            operation: operation.to_owned(),
            place: self.place(),
            reason: "there is no URL".to_owned(),
        }))
    }

    /// A random time below what doubles with each attempt.
    fn back_off(&self, attempt: u32) -> Duration {
        let most = self.wait.saturating_mul(1 << attempt.min(20)).min(self.wait_max);
        let most_ms = u64::try_from(most.as_millis()).unwrap_or(u64::MAX).max(1);
        Duration::from_millis(rand::rng().random_range(1..=most_ms))
    }

    async fn once<T: DeserializeOwned>(
        &self,
        operation: &str,
        method: &Method,
        (base, own): &(Url, Option<HeaderValue>),
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Error> {
        let place = shown(base);
        let mut url = base.clone();
        url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = match method {
            Method::Get => self.client.get(url),
            Method::Post(body) => self.client.post(url).header(CONTENT_TYPE, MEDIA_TYPE).body(body.clone()),
        };
        let mut request = request
            .headers(self.headers.clone())
            .header(ACCEPT, ACCEPTED)
            .header("Confluent-Accept-Unknown-Properties", "true");
        let authorization = match &self.credentials {
            Credentials::Url => own.clone(),
            Credentials::Fixed(value) => Some(value.clone()),
            Credentials::Token(tokens) => Some(tokens.authorization().await?),
        };
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let away = |error: reqwest::Error| Error::Away {
            operation: operation.to_owned(),
            place: place.clone(),
            reason: with_causes(error),
        };
        let response = request.send().await.map_err(away)?;
        let status = response.status();
        let Some(body) = body(response).await.map_err(away)? else {
            let what = format!("more than {ANSWER_BYTES_MAX} bytes");
            return Err(Error::Foreign {
                operation: operation.to_owned(),
                place,
                status: status.as_u16(),
                what,
            });
        };
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|_| Error::Foreign {
                operation: operation.to_owned(),
                place,
                status: status.as_u16(),
                what: kind_of(&body).to_owned(),
            });
        }
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => Err(Error::Refused {
                operation: operation.to_owned(),
                place,
                status: status.as_u16(),
                code: problem.error_code,
                message: problem
                    .message
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(MESSAGE_CHARS_MAX)
                    .collect(),
            }),
            // A gateway in front has no registry's error body; its status says enough, unless it is "not found".
            Err(_) if status.as_u16() == 404 || status.is_redirection() => Err(Error::Foreign {
                operation: operation.to_owned(),
                place,
                status: status.as_u16(),
                what: kind_of(&body).to_owned(),
            }),
            Err(_) => Err(Error::Refused {
                operation: operation.to_owned(),
                place,
                status: status.as_u16(),
                code: 0,
                message: String::new(),
            }),
        }
    }
}

/// Whether it is worth to ask again.
fn passes(error: &Error) -> bool {
    match error {
        Error::Away { .. } => true,
        Error::Refused { status, .. } => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
        Error::Token { passes, .. } => *passes,
        Error::Foreign { .. } => false,
    }
}

async fn body(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES_MAX {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

fn kind_of(body: &[u8]) -> &'static str {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => "nothing",
        Some(b'<') => "HTML or XML",
        Some(b'{' | b'[') => "other JSON than expected",
        Some(_) => "text",
    }
}

/// A URL without user, password and query.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.as_str().trim_end_matches('/').to_owned()
}

/// An error with what is behind it, without its URL and the parts that are said twice.
pub(super) fn with_causes(error: reqwest::Error) -> String {
    let error = error.without_url();
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
