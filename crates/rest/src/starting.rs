//! What REST answers while the worker waits for its brokers: that it starts. A request that nobody answers looks like a
//! worker that hangs, and one that is refused like one that is not there.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rest_types::WorkerStatus;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::error::Error;

/// Connections that are answered at the same time, by listener; others wait.
const AT_ONCE: usize = 16;
/// The longest that one may take.
const LIMIT: Duration = Duration::from_secs(1);
/// The pause after accepting failed, as when there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

const WHY: &str =
    "Worker is still starting up: it opens its internal topics; its log says what it waits for.";

/// Listeners on which is answered that the worker starts. Dropping it closes them.
#[derive(Debug)]
pub struct Starting {
    sockets: Vec<Arc<TcpListener>>,
    answering: JoinSet<()>,
}

impl Starting {
    /// Begins to answer; with each listener comes whether it speaks TLS, where a client is only told that it is too early,
    /// by a connection that ends at once.
    pub fn begin(listeners: impl IntoIterator<Item = (TcpListener, bool)>) -> Self {
        let mut starting = Self { sockets: Vec::new(), answering: JoinSet::new() };
        for (socket, tls) in listeners {
            let socket = Arc::new(socket);
            starting.answering.spawn(answer_all(socket.clone(), tls));
            starting.sockets.push(socket);
        }
        starting
    }

    /// Ends that, and gives the listeners back in their order. Who has connected since is answered by who has them next.
    pub async fn end(self) -> Vec<TcpListener> {
        let Self { sockets, mut answering } = self;
        answering.shutdown().await;
        // Nobody else has one any more.
        sockets.into_iter().filter_map(Arc::into_inner).collect()
    }
}

async fn answer_all(socket: Arc<TcpListener>, tls: bool) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept(), if connections.len() < AT_ONCE => match accepted {
                Ok(_) if tls => {}
                Ok((stream, _)) => _ = connections.spawn(tokio::time::timeout(LIMIT, answer(stream))),
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {} // the client goes away, or is too slow
        }
    }
}

async fn answer(stream: TcpStream) {
    let service =
        service_fn(async |request: Request<Incoming>| Ok::<_, Infallible>(said(request.uri().path())));
    let answered = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service);
    let _ = answered.await; // the client has gone
}

fn said(path: &str) -> Response {
    match path {
        "/health" => {
            let status = WorkerStatus { status: "starting".to_owned(), message: WHY.to_owned() };
            (StatusCode::SERVICE_UNAVAILABLE, Json(status)).into_response()
        }
        _ => Error::Unavailable(WHY.to_owned()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn asked(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn it_says_so_until_somebody_else_has_the_listeners() {
        let (plain, tls) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let addresses = [plain.local_addr().unwrap(), tls.local_addr().unwrap()];
        let starting = Starting::begin([(plain, false), (tls, true)]);
        let health = asked(addresses[0], "/health").await;
        assert!(health.starts_with("HTTP/1.1 503 ") && health.contains(r#""status":"starting""#), "{health}");
        let other = asked(addresses[0], "/connectors").await;
        assert!(other.contains(r#""error_code":503"#), "{other}");
        // Half a request keeps nobody waiting.
        let _slow = TcpStream::connect(addresses[0]).await.unwrap();
        assert!(asked(addresses[0], "/").await.contains("503"));
        let mut ended = TcpStream::connect(addresses[1]).await.unwrap();
        let mut nothing = Vec::new();
        let _ = ended.read_to_end(&mut nothing).await;
        assert!(nothing.is_empty());

        let sockets = starting.end().await;
        let again: Vec<_> = sockets.iter().map(|socket| socket.local_addr().unwrap()).collect();
        assert_eq!(again, addresses);
    }
}
