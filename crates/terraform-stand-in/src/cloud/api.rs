//! HTTP with JSON and Basic authentication, to loopback only, with the real provider's retries in short.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use ureq::http::{Method, Request};

use super::{Failure, Key, failure};

/// Pause before the first retry; it doubles. The real provider waits a second.
const PAUSE: Duration = Duration::from_millis(20);
/// An answer may take this long; the fake answers at once.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// States and lists are small; this is a bound against a mistake.
const BODY_MAX: u64 = 64 << 20;

/// What is not escaped in a part of a path or query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(ANSWER_MAX))
        .max_redirects(0)
        .proxy(None)
        .build();
    ureq::Agent::new_with_config(config)
}

/// A path of escaped parts.
pub fn path(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |path, part| format!("{path}/{}", escaped(part)))
}

/// One part of a path or a value of a query.
pub fn escaped(part: &str) -> String {
    utf8_percent_encode(part, PLAIN).to_string()
}

/// One service at one address with one key.
pub struct Api<'a> {
    agent: &'a ureq::Agent,
    retries: u32,
    base: String,
    key: Key,
}

impl<'a> Api<'a> {
    pub(super) fn new(agent: &'a ureq::Agent, retries: u32, base: &str, key: Key) -> Self {
        Self { agent, retries, base: base.trim_end_matches('/').to_owned(), key }
    }

    /// The same key at another address.
    pub fn moved(self, base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), ..self }
    }

    /// Address without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn get(&self, path: &str) -> Result<Json, Failure> {
        self.send(&Method::GET, path, None)
    }

    pub fn post(&self, path: &str, body: &Json) -> Result<Json, Failure> {
        self.send(&Method::POST, path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Json) -> Result<Json, Failure> {
        self.send(&Method::PUT, path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Json) -> Result<Json, Failure> {
        self.send(&Method::PATCH, path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Result<Json, Failure> {
        self.send(&Method::DELETE, path, None)
    }

    /// A PUT without a body, which some of Connect's are.
    pub fn put_empty(&self, path: &str) -> Result<Json, Failure> {
        self.send(&Method::PUT, path, None)
    }

    /// Everything of a list that comes in pages.
    pub fn all(&self, path: &str) -> Result<Vec<Json>, Failure> {
        let mut found = Vec::new();
        let mut next = path.to_owned();
        loop {
            let page = self.get(&next)?;
            found.extend(page["data"].as_array().cloned().unwrap_or_default());
            match page["metadata"]["next"].as_str().and_then(|url| url::Url::parse(url).ok()) {
                Some(url) => next = format!("{}?{}", url.path(), url.query().unwrap_or_default()),
                None => return Ok(found),
            }
        }
    }

    fn send(&self, method: &Method, path: &str, body: Option<&Json>) -> Result<Json, Failure> {
        self.refuse_other_than_loopback()?;
        let url = format!("{}{path}", self.base);
        let mut pause = PAUSE;
        let mut left = self.retries;
        loop {
            let answer = self.once(method, &url, body);
            let is_passing = match &answer {
                Err(failure) => failure.status().is_some_and(|status| status == 429 || status >= 500),
                Ok(_) => false,
            };
            if !is_passing || left == 0 {
                return answer;
            }
            left -= 1;
            std::thread::sleep(pause);
            pause *= 2;
        }
    }

    fn once(&self, method: &Method, url: &str, body: Option<&Json>) -> Result<Json, Failure> {
        let no_answer = |cause: ureq::Error| Failure::NoAnswer {
            method: method.to_string(),
            url: url.to_owned(),
            cause: Box::new(cause),
        };
        let credentials = STANDARD.encode(format!("{}:{}", self.key.id, self.key.secret));
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", format!("Basic {credentials}"))
            .header("Accept", "application/json");
        let sent = match body {
            Some(body) => request
                .header("Content-Type", "application/json")
                .body(body.to_string())
                .map_err(|error| no_answer(error.into()))
                .and_then(|request| self.agent.run(request).map_err(no_answer)),
            None => request
                .body(())
                .map_err(|error| no_answer(error.into()))
                .and_then(|request| self.agent.run(request).map_err(no_answer)),
        };
        let mut answer = sent?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(BODY_MAX).read_to_string().map_err(no_answer)?;
        let is_success = (200..300).contains(&status);
        let json = match serde_json::from_str(&text) {
            _ if text.trim().is_empty() => Json::Null,
            Ok(json) => json,
            Err(_) if is_success => {
                return Err(Failure::NoJson { method: method.to_string(), url: url.to_owned(), status });
            }
            Err(_) => Json::Null,
        };
        if is_success {
            return Ok(json);
        }
        let message = failure::message(&json);
        Err(Failure::Refused { method: method.to_string(), url: url.to_owned(), status, message })
    }

    fn refuse_other_than_loopback(&self) -> Result<(), Failure> {
        let is_loopback = url::Url::parse(&self.base).is_ok_and(|url| {
            url.scheme() == "http"
                && match url.host() {
                    Some(url::Host::Domain(name)) => name == "localhost",
                    Some(url::Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
                    Some(url::Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
                    None => false,
                }
        });
        if is_loopback { Ok(()) } else { Err(Failure::NotLoopback { address: self.base.clone() }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_loopback_is_sent_to() {
        let agent = agent();
        let is_refused = |base: &str| {
            let api = Api::new(&agent, 0, base, Key::default());
            matches!(api.refuse_other_than_loopback(), Err(Failure::NotLoopback { .. }))
        };
        for base in ["http://127.0.0.1:8080", "http://localhost:1/", "http://[::1]:5"] {
            assert!(!is_refused(base), "{base}");
        }
        for base in [
            "https://api.confluent.cloud",
            "http://10.0.0.1",
            "http://127.0.0.1.example.com",
            "",
            "localhost",
        ] {
            assert!(is_refused(base), "{base}");
        }
    }

    #[test]
    fn parts_of_a_path_are_escaped() {
        assert_eq!(path(&["config", "a/b c"]), "/config/a%2Fb%20c");
    }
}
