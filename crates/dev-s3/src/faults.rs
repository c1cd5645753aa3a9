//! Failing on purpose, in front of the server.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use s3s::service::S3Service;
use s3s::{Body, HttpError};
use tokio_util::sync::CancellationToken;

/// What happens to a request instead of being served.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is read and answered with this status and an S3 error body of this code.
    Status(u16, &'static str),
    /// The connection is cut after a part of the body was read; nothing is done.
    Cut,
    /// It is done, and then the connection is cut instead of answering.
    LoseReply,
    /// It waits this long, then is served.
    Slow(Duration),
    /// It waits until the gate is opened, then is served.
    Hold(Gate),
}

/// Lets held requests go on, all at once and for good.
#[derive(Debug, Clone, Default)]
pub struct Gate(CancellationToken);

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens it.
    pub fn open(&self) {
        self.0.cancel();
    }
}

/// A request that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `GET`, `PUT` …
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Seen {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

type Matches = Arc<dyn Fn(&Seen) -> bool + Send + Sync>;

/// Rules for faults, and the log of requests. Cloning gives another handle to the same.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

struct Rule {
    fault: Fault,
    times: usize,
    matches: Matches,
}

impl std::fmt::Debug for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.lock();
        f.debug_struct("Faults").field("rules", &state.rules.len()).field("seen", &state.seen.len()).finish()
    }
}

impl Faults {
    /// The next `times` requests that match meet this fault. Rules are tried in the order they were added.
    pub fn inject(
        &self,
        times: usize,
        fault: Fault,
        matches: impl Fn(&Seen) -> bool + Send + Sync + 'static,
    ) {
        self.lock().rules.push(Rule { fault, times, matches: Arc::new(matches) });
    }

    /// Forgets all rules.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// The requests that came in since the last call, in order.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.lock().seen)
    }

    /// The requests that came in since the last [`Self::take_seen`].
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // A log without end would be a leak in a server that runs for days (the demo).
    const SEEN_MAX: usize = 10_000;

    fn next(&self, seen: Seen) -> Option<Fault> {
        let mut state = self.lock();
        let rule = state.rules.iter_mut().find(|rule| rule.times > 0 && (rule.matches)(&seen));
        let fault = rule.map(|rule| {
            rule.times -= 1;
            rule.fault.clone()
        });
        if state.seen.len() < Self::SEEN_MAX {
            state.seen.push(seen);
        }
        fault
    }
}

/// The server behind the faults.
#[derive(Clone)]
pub(crate) struct Faulty {
    pub(crate) inner: S3Service,
    pub(crate) faults: Faults,
}

impl hyper::service::Service<Request<Incoming>> for Faulty {
    type Response = Response<Body>;
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let seen = Seen {
            method: request.method().to_string(),
            target: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: (request.headers().iter())
                .map(|(name, value)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect(),
        };
        let (inner, fault) = (self.inner.clone(), self.faults.next(seen));
        Box::pin(async move {
            match fault {
                None => hyper::service::Service::call(&inner, request).await,
                Some(Fault::Slow(duration)) => {
                    tokio::time::sleep(duration).await;
                    hyper::service::Service::call(&inner, request).await
                }
                Some(Fault::Hold(gate)) => {
                    gate.0.cancelled().await;
                    hyper::service::Service::call(&inner, request).await
                }
                Some(Fault::Status(status, code)) => answer(request, status, code).await,
                Some(Fault::Cut) => {
                    let mut body = Body::from(request.into_body());
                    let _ = body.next().await; // a part of it, or nothing when there is none
                    Err(cut())
                }
                Some(Fault::LoseReply) => {
                    let reply = hyper::service::Service::call(&inner, request).await?;
                    // The work of some answers goes on while the body is read.
                    let mut body = reply.into_body();
                    while body.next().await.is_some() {}
                    Err(cut())
                }
            }
        })
    }
}

fn cut() -> HttpError {
    HttpError::new(Box::new(io::Error::new(io::ErrorKind::ConnectionReset, "cut by a fault rule")))
}

async fn answer(request: Request<Incoming>, status: u16, code: &str) -> Result<Response<Body>, HttpError> {
    let head = request.method() == Method::HEAD;
    let mut body = Body::from(request.into_body());
    while body.next().await.is_some() {}
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>injected</Message></Error>"
    );
    let xml = if head { Bytes::new() } else { Bytes::from(xml) };
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok(response)
}
