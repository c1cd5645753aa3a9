//! HTTP around the state.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::cloud::Cloud;
use crate::dispatch;
use crate::error::{Error, Result};
use crate::exchange::{Reply, Request};
use crate::options::Options;

/// Bodies are small: schemas and configs.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How long requests under way may take when it stops.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);

/// A running fake. It stops with [`Server::shutdown`], or when it is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts on the address of the options.
    ///
    /// # Errors
    /// The address is not loopback, or cannot be bound.
    pub async fn start(options: Options) -> Result<Self> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(Error::NotLoopback { address });
        }
        let bound = async {
            let listener = TcpListener::bind(address).await?;
            let local: SocketAddr = listener.local_addr()?;
            Ok((listener, local))
        };
        let (listener, local) = bound.await.map_err(|source| Error::Bind { address, source })?;
        let url = format!("http://{local}");
        let cloud = Arc::new(Mutex::new(Cloud::new(options, url.clone())));
        let router = Router::new().fallback(serve).with_state(cloud);
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let until = async move { drop(stopped.await) };
            // Serving ends with `until` only: accept errors are waited out by axum.
            drop(axum::serve(listener, router).with_graceful_shutdown(until).await);
        });
        Ok(Self { url, stop: Some(stop), serving: Some(serving) })
    }

    /// Base URL of everything, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes no more requests, finishes those under way, and returns when the port is free. A client that does not
    /// finish its request is cut off after a while.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        if let Some(mut serving) = self.serving.take() {
            // A task that panicked has ended too.
            if timeout(SHUTDOWN_LIMIT, &mut serving).await.is_err() {
                serving.abort();
            }
        }
    }
}

async fn serve(State(cloud): State<Arc<Mutex<Cloud>>>, request: axum::extract::Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let bytes = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(bytes) => bytes,
        Err(_) => return respond(Reply::empty(StatusCode::PAYLOAD_TOO_LARGE.as_u16())),
    };
    let (body, body_error) = read_body(&bytes);
    let request = Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        segments: parts.uri.path().split('/').filter(|part| !part.is_empty()).map(decode).collect(),
        query: read_query(parts.uri.query().unwrap_or_default()),
        body,
        body_error,
        credentials: read_credentials(&parts.headers),
    };
    let reply = dispatch::answer(&mut cloud.lock(), &request);
    respond(reply)
}

fn read_body(bytes: &Bytes) -> (Value, Option<String>) {
    if bytes.is_empty() {
        return (Value::Null, None);
    }
    match serde_json::from_slice(bytes) {
        Ok(body) => (body, None),
        Err(error) => (Value::Null, Some(error.to_string())),
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn read_query(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(&value.replace('+', " ")))
        })
        .collect()
}

fn read_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok()?).ok()?;
    let (key, secret) = decoded.split_once(':')?;
    Some((key.to_owned(), secret.to_owned()))
}

fn respond(reply: Reply) -> Response<Body> {
    let body = match &reply.body {
        Some(body) => Body::from(body.to_string()),
        None => Body::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if reply.body.is_some() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.media_type));
    }
    if let Some(seconds) = reply.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
