//! The server.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::error::Error;
use crate::http::accounts::Users;
use crate::http::media;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::routes;
use crate::level::Level;
use crate::log::{Log, now_ms};
use crate::plan::Defaults;
use crate::refusal::{Answer, Refusal};
use crate::registry::Registry;

/// How long requests under way may take when the server stops.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);
/// How long a client may take to send its body.
const BODY_WAIT_MAX: Duration = Duration::from_secs(30);
/// Reads that are worked on at once; others wait. Each takes a thread.
const READING_MAX: usize = 32;
/// Changes that are worked on at once; others wait without a thread. They are made one after the other anyway, and each
/// may block as long as the log does: reads, which need no log, must not wait for them.
const CHANGING_MAX: usize = 2;
/// How long a change may wait for those before it.
const CHANGE_WAIT_MAX: Duration = Duration::from_secs(60);

/// How a registry is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one. Loopback only, unless there are users.
    pub listen: SocketAddr,
    /// Who may use it.
    pub users: Users,
    /// Compatibility where no config says otherwise (`schema.compatibility.level`).
    pub level: Level,
    /// Whether modes can be changed (`mode.mutability`).
    pub mode_mutability: bool,
    /// The largest body of a request, in bytes.
    pub body_bytes_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            users: Users::none(),
            level: Level::Backward,
            mode_mutability: true,
            body_bytes_max: 1024 * 1024,
        }
    }
}

/// A running registry. It stops with [`Server::shutdown`], or when it is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

struct Shared {
    registry: Registry,
    users: Users,
    body_bytes_max: usize,
    reading: Arc<Semaphore>,
    changing: Arc<Semaphore>,
}

impl Server {
    /// Reads the log and starts to answer.
    ///
    /// # Errors
    /// The address is not loopback and there are no users, it cannot be bound, or the log cannot be read.
    pub async fn start(options: Options, log: impl Log + 'static) -> Result<Self, Error> {
        let address = options.listen;
        if !address.ip().is_loopback() && options.users.is_empty() {
            return Err(Error::Open { address });
        }
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "the schema registry is reachable from other machines, and passwords travel unencrypted");
        }
        let defaults = Defaults { level: options.level, mode_mutability: options.mode_mutability };
        let opened = spawn_blocking(move || Registry::open(Box::new(log), defaults, now_ms)).await;
        let registry = opened.map_err(|_| Error::Panicked)?.map_err(Error::Log)?;
        let bound = async {
            let listener = TcpListener::bind(address).await?;
            let local = listener.local_addr()?;
            Ok((listener, local))
        };
        let (listener, local) = bound.await.map_err(|source| Error::Bind { address, source })?;
        let shared = Arc::new(Shared {
            registry,
            users: options.users,
            body_bytes_max: options.body_bytes_max,
            reading: Arc::new(Semaphore::new(READING_MAX)),
            changing: Arc::new(Semaphore::new(CHANGING_MAX)),
        });
        let router = Router::new().fallback(serve).with_state(shared);
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let until = async move { drop(stopped.await) };
            // Serving ends with `until` only: accept errors are waited out by axum.
            drop(axum::serve(listener, router).with_graceful_shutdown(until).await);
        });
        Ok(Self { url: format!("http://{local}"), stop: Some(stop), serving: Some(serving) })
    }

    /// Its URL, without a slash at the end: what clients call `schema.registry.url`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes no more requests, finishes those under way, and returns when the port is free. A client that does not
    /// finish its request is cut off after a while.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        if let Some(mut serving) = self.serving.take()
            && timeout(SHUTDOWN_LIMIT, &mut serving).await.is_err()
        {
            serving.abort();
        }
    }
}

impl Shared {
    async fn permit(&self, request: &Request) -> Answer<OwnedSemaphorePermit> {
        let stopping = |_| Refusal::new(50003, "the registry is stopping");
        if !routes::changes(request) {
            return Arc::clone(&self.reading).acquire_owned().await.map_err(stopping);
        }
        let waited = timeout(CHANGE_WAIT_MAX, Arc::clone(&self.changing).acquire_owned()).await;
        waited
            .map_err(|_| Refusal::new(50002, "changes wait for the registry's store; try again later"))?
            .map_err(stopping)
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response<Body> {
    // Who asks for something that is not there is told so in the usual form.
    let media = media::answered(request.headers());
    let reply = match &media {
        Ok(_) => work(shared, request).await,
        Err(refusal) => Err(refusal.clone()),
    };
    let reply = reply.unwrap_or_else(|refusal| Reply::refusal(&refusal));
    respond(reply, media.unwrap_or("application/json"))
}

async fn work(shared: Arc<Shared>, request: axum::extract::Request) -> Answer<Reply> {
    let (parts, body) = request.into_parts();
    if !shared.users.admit(&parts.headers) {
        return Err(Refusal::new(401, "Unauthorized"));
    }
    let limit = shared.body_bytes_max;
    let read = timeout(BODY_WAIT_MAX, to_bytes(body, limit)).await;
    let body = match read {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let message = format!("the request's body is larger than {limit} bytes, or broke off");
            return Err(Refusal::new(413, message));
        }
        Err(_) => return Err(Refusal::new(408, "the request's body takes too long")),
    };
    if !body.is_empty() {
        media::check_body(&parts.headers)?;
    }
    let query = parts.uri.query().unwrap_or_default();
    let request = Request::new(parts.method.as_str(), parts.uri.path(), query, body)?;
    let permit = shared.permit(&request).await?;
    let worked = spawn_blocking(move || {
        // Held as long as the thread is: who gives up waiting for an answer does not end the work.
        let _permit = permit;
        routes::answer(&shared.registry, &request)
    });
    let worked = worked.await;
    worked.unwrap_or_else(|_| Err(Refusal::new(500, "the request failed; the registry's log says how")))
}

fn respond(reply: Reply, media: &'static str) -> Response<Body> {
    let has_body = reply.body.is_some();
    let mut response = Response::new(reply.body.map_or_else(Body::empty, Body::from));
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"schema-registry\""));
    }
    response
}
