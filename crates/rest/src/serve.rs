//! Serves the routes on a socket.

use std::net::SocketAddr;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tower::Layer;
use tower::util::{MapRequestLayer, MapResponseLayer};

use crate::{Context, Surface, negotiate, routes};

/// How long requests that are under way may take once the server is told to end.
const GRACE: Duration = Duration::from_secs(10);

/// Serves this part of the API until `end` completes, then lets requests that are under way finish, for at most 10 s.
///
/// # Errors
/// The socket cannot be used any more.
pub async fn serve(
    listener: TcpListener,
    context: Context,
    surface: Surface,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Small answers must not wait for the other side's acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("cannot set TCP_NODELAY: {error}");
        }
    });
    // Layers of the router would see the request after it was routed, and the answer before it is complete.
    let service = MapResponseLayer::new(negotiate::without_allow).layer(routes::router(context, surface));
    let service = MapRequestLayer::new(negotiate::trim_slash).layer(service);
    let (ending, ended) = tokio::sync::oneshot::channel();
    let signal = async move {
        end.await;
        let _ = ending.send(()); // the server has ended by itself
    };
    let server = axum::serve(
        listener,
        ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service),
    )
    .with_graceful_shutdown(signal);
    tokio::select! {
        served = async { server.await } => served,
        () = async {
            if ended.await.is_ok() {
                tokio::time::sleep(GRACE).await;
            } else {
                std::future::pending::<()>().await;
            }
        } => Ok(()),
    }
}
