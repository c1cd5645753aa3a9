//! Serves the routes on a socket.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::util::{MapRequestLayer, MapResponseLayer};
use tower::{Layer, ServiceExt};

use crate::activity::{Activity, Phase};
use crate::connections::Place;
use crate::watched::{Stream, Watched};
use crate::{Context, Limits, Measure, PeerCertificate, Surface, negotiate, routes};

/// How long requests that are under way may take once the server is told to end.
const GRACE: Duration = Duration::from_secs(10);
/// The pause after the system could not give a connection, as when it has no more file descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// Where to serve, and what.
pub struct Listening {
    /// The bound socket.
    pub socket: TcpListener,
    /// Which routes.
    pub surface: Surface,
    /// How to speak TLS; each new connection takes what is there then. `None` is HTTP in clear.
    pub tls: Option<watch::Receiver<Arc<ServerConfig>>>,
}

/// Serves this part of the API until `end` completes, then lets requests that are under way finish, for at most 10 s.
pub async fn serve(listening: Listening, context: Context, end: impl Future<Output = ()> + Send + 'static) {
    let Listening { socket, surface, tls } = listening;
    let server = Server { measure: context.measure.clone(), routes: routes::router(context, surface), tls };
    let mut connections = JoinSet::new();
    let (ending, ended) = watch::channel(false);
    let mut end = pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            (stream, client) = accept(&socket) => {
                let activity = Activity::new(server.measure.clock.clone(), server.first_phase());
                match server.measure.connections.admit(&activity) {
                    Some(place) => {
                        let connection = Connection { client, activity, _place: place, ended: ended.clone() };
                        connections.spawn(server.clone().connect(stream, connection));
                    }
                    None => tracing::warn!(
                        %client,
                        "a connection was refused: there are {} already, each with a request under way \
                         (sluice.rest.connections.max)",
                        server.measure.limits.connections_max,
                    ),
                }
            }
            Some(ended) = connections.join_next() => log_panic(ended),
        }
    }
    drop(socket);
    ending.send_replace(true);
    let all = async {
        while let Some(ended) = connections.join_next().await {
            log_panic(ended);
        }
    };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!(
            "{} REST connections were cut off: their requests took longer than {GRACE:?}",
            connections.len()
        );
    }
}

async fn accept(socket: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match socket.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {
                tracing::debug!("a connection was gone at once: {error}")
            }
            Err(error) => {
                tracing::error!("REST cannot take connections for the moment: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn log_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!("a REST connection failed: {error}");
    }
}

/// What connections of a listener share.
#[derive(Clone)]
struct Server {
    routes: Router,
    measure: Measure,
    tls: Option<watch::Receiver<Arc<ServerConfig>>>,
}

/// One connection.
struct Connection {
    client: SocketAddr,
    activity: Arc<Activity>,
    _place: Place,
    ended: watch::Receiver<bool>,
}

impl Server {
    fn first_phase(&self) -> Phase {
        if self.tls.is_some() { Phase::Handshake } else { Phase::Idle }
    }

    async fn connect(self, stream: TcpStream, connection: Connection) {
        // Small answers must not wait for the other side's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("cannot set TCP_NODELAY: {error}");
        }
        let Some(tls) = &self.tls else {
            return self.talk(Box::new(stream), None, connection).await;
        };
        let config = tls.borrow().clone();
        let limits = &self.measure.limits;
        let mut ended = connection.ended.clone();
        let client = connection.client;
        let shaken = tokio::select! {
            shaken = TlsAcceptor::from(config).accept(stream) => shaken,
            why = connection.activity.overdue(limits) => {
                return tracing::debug!(%client, "closed: {why}");
            }
            _ = ended.wait_for(|ended| *ended) => return,
        };
        let stream = match shaken {
            Ok(stream) => stream,
            Err(error) => return tracing::info!(%client, "no TLS connection: {error}"),
        };
        let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let certificate = match leaf.map(|leaf| PeerCertificate::from_der(leaf)).transpose() {
            Ok(certificate) => certificate,
            Err(why) => return tracing::info!(%client, "no TLS connection: the client's certificate: {why}"),
        };
        connection.activity.enter(Phase::Idle);
        self.talk(Box::new(stream), certificate, connection).await;
    }

    async fn talk(
        &self,
        stream: Box<dyn Stream>,
        certificate: Option<PeerCertificate>,
        connection: Connection,
    ) {
        let (client, activity) = (&connection.client, &connection.activity);
        let mut ended = connection.ended.clone();
        let answering = activity.clone();
        let (address, routes) = (*client, self.routes.clone());
        // Layers of the router would see the request after it was routed, and the answer before it is complete.
        let service = MapResponseLayer::new(negotiate::without_allow).layer(routes);
        let service = MapRequestLayer::new(negotiate::trim_slash).layer(service);
        let service = service.map_request(move |request: hyper::Request<Incoming>| {
            answering.enter(Phase::Answering);
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(address));
            if let Some(certificate) = &certificate {
                request.extensions_mut().insert(certificate.clone());
            }
            request
        });
        let answered = activity.clone();
        let service = service.map_response(move |response: Response| {
            response.map(|body| Answer { body, _answered: Answered(answered.clone()) })
        });
        let stream = TokioIo::new(Watched { stream, activity: activity.clone() });
        let talk = builder(&self.measure.limits).serve_connection(stream, TowerToHyperService::new(service));
        let mut talk = pin!(talk);
        let mut ending = false;
        loop {
            tokio::select! {
                done = talk.as_mut() => {
                    if let Err(error) = done {
                        tracing::debug!(%client, "a connection ended with an error: {error}");
                    }
                    return;
                }
                why = activity.overdue(&self.measure.limits) => {
                    return tracing::debug!(%client, "closed: {why}");
                }
                _ = ended.wait_for(|ended| *ended), if !ending => {
                    ending = true;
                    talk.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

fn builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Times are measured by `Activity`, which sees what hyper does not.
    builder.header_read_timeout(None);
    // The first is for a head that has an end; the second, which hyper wants to be this large at least, for one that has
    // none.
    builder.max_header_size(limits.head_bytes_max).max_buf_size(limits.head_bytes_max.max(8192));
    builder
}

/// The body of an answer; when it is dropped, the request has been answered.
struct Answer {
    body: Body,
    _answered: Answered,
}

struct Answered(Arc<Activity>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
