//! The way to other workers of the group.

use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use config::RawConfig;
use herder::{Leader, Name, Roster, SessionKeys, Signature};
use parking_lot::RwLock;
use percent_encoding::utf8_percent_encode;
use reqwest::Client;
use rest_types::{ConfigMap, ErrorMessage};
use rustls::ClientConfig;
use serde::de::DeserializeOwned;
use url::Url;

use crate::body::SEGMENT;
use crate::error::{Error, Result};
use crate::identity::{By, Identity};
use crate::peer_url;
use crate::vouch::{Signed, vouch};

/// `X-Connect-Authorization`
pub(crate) const CODE: HeaderName = HeaderName::from_static("x-connect-authorization");
/// `X-Connect-Request-Signature-Algorithm`
pub(crate) const ALGORITHM: HeaderName = HeaderName::from_static("x-connect-request-signature-algorithm");

/// The longest that another worker may take: it may wait as long as this one for what it was asked for.
const LIMIT: Duration = Duration::from_secs(90);
/// The largest answer of another worker, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// Of an answer whose reader has a limit of its own.
const ENDLESS: Duration = Duration::from_secs(365 * 24 * 3600);
/// The longest that a worker may take to be connected to.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Sends requests to other workers of the group. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Peers {
    client: Arc<RwLock<Client>>,
    idle: Duration,
    keys: SessionKeys,
    roster: Roster,
}

/// A client on whose behalf other workers are asked: they are told who it is, and decide what it may see.
#[derive(Clone)]
pub(crate) struct Asker {
    authorization: Option<HeaderValue>,
    identity: Option<Identity>,
}

impl Asker {
    /// Who sent this request.
    pub(crate) fn of(parts: &Parts) -> Self {
        let authorization = parts.headers.get(header::AUTHORIZATION).cloned();
        Self { authorization, identity: parts.extensions.get().cloned() }
    }
}

impl Peers {
    /// Signs with these keys, and waits for nobody who has left the group. `tls` is for workers that listen on https; without,
    /// whom the machine trusts is trusted.
    /// A connection is used again until it was idle for `idle`, which is to be shorter than the other worker's patience.
    ///
    /// # Errors
    /// There is no TLS for a client.
    pub fn new(
        keys: SessionKeys,
        roster: Roster,
        tls: Option<ClientConfig>,
        idle: Duration,
    ) -> std::result::Result<Self, String> {
        let _ = rustls::crypto::ring::default_provider().install_default(); // it may be there already
        Ok(Self { client: Arc::new(RwLock::new(client(tls, idle)?)), idle, keys, roster })
    }

    /// Speaks TLS in another way from now on.
    ///
    /// # Errors
    /// There is no client that could; all stays as it was.
    pub fn speak(&self, tls: ClientConfig) -> std::result::Result<(), String> {
        let client = client(Some(tls), self.idle)?;
        *self.client.write() = client;
        Ok(())
    }

    fn client(&self) -> Client {
        self.client.read().clone()
    }

    /// What requests between workers are signed with.
    pub(crate) fn keys(&self) -> &SessionKeys {
        &self.keys
    }

    /// Has another worker answer a request. Who sent it, if that is known, is vouched for.
    pub(crate) async fn forward(
        &self,
        peer: &str,
        query: &str,
        parts: &Parts,
        body: Bytes,
        now_ms: i64,
    ) -> Result<Response> {
        let path = peer_url::encoded(parts.uri.path());
        let url = peer_url::of(peer, &path, Some(query)).map_err(Error::BadRequest)?;
        let mut request = self.client().request(parts.method.clone(), url).body(body.clone());
        // The host is that which the client knows: `Location` is made of it.
        for name in [header::AUTHORIZATION, header::HOST, header::CONTENT_TYPE, header::ACCEPT] {
            if let Some(value) = parts.headers.get(&name) {
                request = request.header(name, value);
            }
        }
        let mut request = request.build().map_err(|error| failed(&error))?;
        if let Some(identity) = parts.extensions.get::<Identity>() {
            // As it is sent: the client may write a path in another way.
            let url = request.url().clone();
            let (path, query) = (url.path(), url.query().unwrap_or_default());
            let signed = Signed { method: parts.method.as_str(), path, query, body: &body };
            vouch(&self.keys, identity, now_ms, signed, request.headers_mut())
                .map_err(|why| Error::Herder(herder::Error::Conflict(why.to_string())))?;
        }
        let answered = async {
            let answer = self.client().execute(request).await.map_err(|error| failed(&error))?;
            Ok::<_, Error>((answer.status(), answer.headers().clone(), read(answer).await?))
        };
        let (status, theirs, body) = tokio::select! {
            answered = answered => answered?,
            () = self.roster.has_left(peer) => {
                return Err(Error::unanswered(format!("the worker at {peer} has left the group and did not answer")));
            }
        };
        let mut headers = HeaderMap::new();
        for name in [header::CONTENT_TYPE, header::LOCATION, header::WWW_AUTHENTICATE, header::RETRY_AFTER] {
            if let Some(value) = theirs.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Asks another worker for JSON, on behalf of a client.
    ///
    /// # Errors
    /// It does not answer within the limit, or not with 200; the text says why.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        url: &str,
        path: &str,
        asker: &Asker,
        now_ms: i64,
        limit: Duration,
    ) -> std::result::Result<T, String> {
        let answered = async {
            let answer = self.open(url, path, asker, now_ms).await?;
            let body = read(answer).await.map_err(Error::text)?;
            serde_json::from_slice(&body).map_err(|error| format!("its answer cannot be read: {error}"))
        };
        let late = |_| format!("it did not answer within {} s", limit.as_secs());
        tokio::time::timeout(limit, answered).await.map_err(late)?
    }

    /// As [`Self::get`], but for an answer that goes on: whoever reads it sees to limits.
    pub(crate) async fn open(
        &self,
        url: &str,
        path: &str,
        asker: &Asker,
        now_ms: i64,
    ) -> std::result::Result<reqwest::Response, String> {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let url = peer_url::of(url, path, query)?;
        let mut request = self.client().get(url).timeout(ENDLESS);
        // Where the worker is may be known from no more than a status that somebody wrote: whoever is vouched for need not
        // show a password there.
        let is_vouched = asker.identity.as_ref().is_some_and(|identity| identity.by != By::None);
        if let Some(value) = asker.authorization.as_ref().filter(|_| !is_vouched) {
            request = request.header(header::AUTHORIZATION, value);
        }
        let mut request = request.build().map_err(|error| chain(&error))?;
        if let Some(identity) = &asker.identity {
            let url = request.url().clone();
            let signed =
                Signed { method: "GET", path: url.path(), query: url.query().unwrap_or_default(), body: b"" };
            vouch(&self.keys, identity, now_ms, signed, request.headers_mut())
                .map_err(|why| why.to_string())?;
        }
        let answer = self.client().execute(request).await.map_err(|error| chain(&error))?;
        let status = answer.status();
        if status == StatusCode::OK {
            return Ok(answer);
        }
        let body = read(answer).await.map_err(Error::text)?;
        let message = serde_json::from_slice::<ErrorMessage>(&body).map(|error| error.message);
        Err(format!("{status}: {}", message.unwrap_or_default()))
    }

    async fn put_tasks(
        &self,
        leader_url: &str,
        connector: &str,
        configs: Vec<RawConfig>,
    ) -> herder::Result<()> {
        let no = |why: String| herder::Error::Failed(why);
        let configs: Vec<_> = configs.into_iter().map(ConfigMap).collect();
        let body = serde_json::to_vec(&configs).map_err(|error| no(error.to_string()))?;
        let name = utf8_percent_encode(connector, SEGMENT);
        let url = peer_url::of(leader_url, &format!("/connectors/{name}/tasks"), Some("forward=false"))
            .map_err(no)?;
        self.ask(leader_url, Method::POST, url, body).await
    }

    async fn put_fence(&self, leader_url: &str, connector: &str) -> herder::Result<()> {
        let name = utf8_percent_encode(connector, SEGMENT);
        let path = format!("/connectors/{name}/fence");
        let url = peer_url::of(leader_url, &path, Some("forward=false")).map_err(herder::Error::Failed)?;
        self.ask(leader_url, Method::PUT, url, Vec::new()).await
    }

    /// Sends a signed request to the leader.
    ///
    /// # Errors
    /// `Conflict` and `TimedOut` when it may be taken later.
    async fn ask(&self, leader_url: &str, method: Method, url: Url, body: Vec<u8>) -> herder::Result<()> {
        let no = |why: String| herder::Error::Failed(why);
        let Some(Signature { algorithm, code }) = self.keys.sign(&body) else {
            return Err(herder::Error::Conflict(
                "no session key has come from the config topic yet".to_owned(),
            ));
        };
        let mut code = HeaderValue::try_from(code).map_err(|error| no(error.to_string()))?;
        code.set_sensitive(true);
        let request = self.client().request(method, url).header(header::CONTENT_TYPE, "application/json");
        let request = request.header(ALGORITHM, algorithm).header(CODE, code).body(body);
        let sent = tokio::select! {
            sent = request.send() => sent.map_err(|error| chain(&error)),
            () = self.roster.has_left(leader_url) => Err("it has left the group and did not answer".to_owned()),
        };
        let answer = sent.map_err(herder::Error::TimedOut)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let body = read(answer).await.map_err(|error| no(format!("{error:?}")))?;
        let message = serde_json::from_slice::<ErrorMessage>(&body).map(|error| error.message);
        let text = format!("{status}: {}", message.unwrap_or_default());
        Err(refused(status, text))
    }
}

fn client(tls: Option<ClientConfig>, idle: Duration) -> std::result::Result<Client, String> {
    let builder = Client::builder()
        .no_proxy() // workers of a group reach each other
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .timeout(LIMIT)
        .pool_idle_timeout(idle)
        .user_agent("kafka-connect");
    let builder = match tls {
        Some(tls) => builder.tls_backend_preconfigured(tls),
        None => builder,
    };
    builder.build().map_err(|error| format!("cannot make a client for other workers: {}", chain(&error)))
}

impl Leader for Peers {
    fn put_task_configs(
        &self,
        leader_url: String,
        connector: Name,
        configs: Vec<RawConfig>,
    ) -> BoxFuture<'static, herder::Result<()>> {
        let peers = self.clone();
        Box::pin(async move { peers.put_tasks(&leader_url, &connector, configs).await })
    }

    fn fence(&self, leader_url: String, connector: Name) -> BoxFuture<'static, herder::Result<()>> {
        let peers = self.clone();
        Box::pin(async move { peers.put_fence(&leader_url, &connector).await })
    }
}

/// What the leader's refusal of a signed request means.
fn refused(status: StatusCode, text: String) -> herder::Error {
    match status {
        // It may just have replaced the key that this was signed with, or have enough to do.
        StatusCode::CONFLICT
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::FORBIDDEN
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::REQUEST_TIMEOUT => herder::Error::Conflict(text),
        _ => herder::Error::Failed(text),
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Error::Forwarding(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("the other worker's answer is larger than {ANSWER_BYTES_MAX} bytes"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn failed(error: &reqwest::Error) -> Error {
    let text = format!("IO Error trying to forward REST request: {}", chain(error));
    Error::Forwarding(StatusCode::INTERNAL_SERVER_ERROR, text)
}

// Why is in what an error of the client is made of.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // A task must not fail because the leader has another key for a moment, or is busy.
    #[tokio::test]
    async fn what_may_work_later_is_told_apart() {
        let (later, never) = (|text: &str| herder::Error::Conflict(text.to_owned()), herder::Error::Failed);
        for status in [
            StatusCode::FORBIDDEN,
            StatusCode::CONFLICT,
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::REQUEST_TIMEOUT,
        ] {
            assert_eq!(refused(status, "x".to_owned()), later("x"));
        }
        assert_eq!(refused(StatusCode::INTERNAL_SERVER_ERROR, "x".to_owned()), never("x".to_owned()));
        let peers = Peers::new(SessionKeys::default(), Roster::default(), None, LIMIT).unwrap();
        let nobody = peers.fence("http://127.0.0.1:1/".to_owned(), "a".into()).await;
        assert_eq!(nobody, Err(later("no session key has come from the config topic yet")));
        peers.keys().learn(peers.keys().rules().new_key(0).unwrap());
        let nobody = peers.fence("http://127.0.0.1:1/".to_owned(), "a".into()).await;
        assert!(matches!(nobody, Err(herder::Error::TimedOut(_))), "{nobody:?}");
    }
}
