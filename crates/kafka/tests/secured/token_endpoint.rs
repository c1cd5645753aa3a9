//! The token endpoint of an identity provider, on loopback.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::{TlsAcceptor, rustls};

use crate::LONG;

/// What a client sent.
#[derive(Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
}

/// What it is answered.
pub enum Answer {
    /// A status and a body.
    Json(u16, String),
    /// Nothing, until the client hangs up.
    Silence,
}

/// Answers the first, second, … request.
pub type Answers = dyn Fn(usize) -> Answer + Send + Sync;

pub struct TokenEndpoint {
    pub url: String,
    requests: UnboundedReceiver<Request>,
    hung_up: UnboundedReceiver<()>,
}

/// A token that no one can read.
pub fn opaque(token: &str, expires_in_s: u64) -> Answer {
    Answer::Json(
        200,
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{expires_in_s}}}"#),
    )
}

impl TokenEndpoint {
    pub async fn start(answers: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(None, Arc::new(answers)).await
    }

    pub async fn start_tls(
        tls: Arc<rustls::ServerConfig>,
        answers: impl Fn(usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Some(tls.into()), Arc::new(answers)).await
    }

    async fn start_with(tls: Option<TlsAcceptor>, answers: Arc<Answers>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = match &tls {
            Some(_) => format!("https://localhost:{port}/oauth2/token"),
            None => format!("http://127.0.0.1:{port}/oauth2/token"),
        };
        let ((seen, requests), (end, hung_up)) = (unbounded_channel(), unbounded_channel());
        tokio::spawn(async move {
            let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, answers, count) = (tls.clone(), Arc::clone(&answers), Arc::clone(&count));
                let (seen, end) = (seen.clone(), end.clone());
                tokio::spawn(async move {
                    let next = || count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    match tls {
                        None => serve(stream, &*answers, next, seen).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &*answers, next, seen).await,
                            Err(_) => return, // a client that does not trust us
                        },
                    }
                    let _ = end.send(()); // a test that is over does not listen
                });
            }
        });
        Self { url, requests, hung_up }
    }

    /// The next request.
    pub async fn request(&mut self) -> Request {
        let next = tokio::time::timeout(LONG, self.requests.recv()).await;
        next.expect("a token is asked for").unwrap()
    }

    /// Waits until a client has closed its connection.
    pub async fn hung_up(&mut self) {
        tokio::time::timeout(LONG, self.hung_up.recv()).await.expect("the client hangs up").unwrap();
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &Answers,
    next: impl Fn() -> usize,
    seen: UnboundedSender<Request>,
) {
    while let Some(request) = read(&mut stream).await {
        let answer = answers(next());
        let _ = seen.send(request); // a test that is over does not listen
        let Answer::Json(status, body) = answer else { continue };
        let text = format!(
            "HTTP/1.1 {status} S\r\nContent-Type: application/json\r\nLocation: /elsewhere\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(text.as_bytes()).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

/// `None` when the client hangs up.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(Request { head: head.to_owned(), body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
