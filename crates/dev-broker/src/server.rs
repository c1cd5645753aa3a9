//! Accepting connections.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::broker::Shared;
use crate::connection;

/// Accepts connections until the broker stops.
pub async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    let mut stopping = shared.stopping.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|s| *s) => return,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Most likely no more file handles: give others time to close some.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let open = Counted::new(shared.clone());
        if shared.connections.load(Ordering::Relaxed) > shared.options.connections_max {
            tracing::warn!(%peer, limit = shared.options.connections_max, "too many connections; closing the newest");
            continue;
        }
        let shared = shared.clone();
        tokio::spawn(async move {
            let _open = open;
            connection::serve(shared, socket, peer).await;
        });
    }
}

/// One more connection, for as long as it lives.
struct Counted(Arc<Shared>);

impl Counted {
    fn new(shared: Arc<Shared>) -> Self {
        shared.connections.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
