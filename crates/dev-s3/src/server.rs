//! Listening, serving, stopping.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::faults::{Faults, Faulty};
use crate::{Error, Result};

/// What to serve, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The directory that holds a directory for each bucket. It must exist.
    pub root: PathBuf,
    /// The one user's access key.
    pub access_key: String,
    /// The one user's secret key.
    pub secret_key: String,
    /// Buckets to make if they are not there.
    pub buckets: Vec<String>,
}

impl Options {
    /// A free loopback port, the user `sluice` with the secret `sluice-secret`, no buckets.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            root: root.into(),
            access_key: "sluice".to_owned(),
            secret_key: "sluice-secret".to_owned(),
            buckets: Vec::new(),
        }
    }

    /// Adds a bucket.
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.buckets.push(name.into());
        self
    }

    /// Starts serving on the current tokio runtime.
    ///
    /// # Errors
    /// The address is not loopback or is taken, the directory cannot be used, or a bucket's name is none.
    pub async fn start(self) -> Result<Server> {
        if !self.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(self.listen));
        }
        let root = |reason: String| Error::Root { path: self.root.clone(), reason };
        for bucket in &self.buckets {
            check_bucket_name(bucket)?;
            std::fs::create_dir_all(self.root.join(bucket)).map_err(|error| root(error.to_string()))?;
        }
        let files = s3s_fs::FileSystem::new(&self.root).map_err(|error| root(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(self.access_key.clone(), self.secret_key.clone()));

        let listen = |source| Error::Listen { address: self.listen, source };
        let listener = TcpListener::bind(self.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let faults = Faults::default();
        let service = Faulty { inner: service.build(), faults: faults.clone() };
        let (stop, connections) = (CancellationToken::new(), TaskTracker::new());
        connections.spawn(accept(listener, service, stop.clone(), connections.clone()));
        Ok(Server { address, faults, stop, connections })
    }
}

async fn accept(listener: TcpListener, service: Faulty, stop: CancellationToken, connections: TaskTracker) {
    let http = Arc::new(Builder::new(TokioExecutor::new()));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let socket = match accepted {
            Ok((socket, _)) => socket,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::task::yield_now().await;
                continue;
            }
        };
        let _ = socket.set_nodelay(true); // only a matter of speed
        let (http, service, stop) = (http.clone(), service.clone(), stop.clone());
        connections.spawn(async move {
            let connection = http.serve_connection(TokioIo::new(socket), service);
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = stop.cancelled() => {}
            }
        });
    }
}

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    faults: Faults,
    stop: CancellationToken,
    connections: TaskTracker,
}

impl Server {
    /// The URL to give to clients: `http://127.0.0.1:PORT`. Use path-style requests.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handle to make it fail, and to see what was asked of it.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Stops: connections are closed, requests under way end unanswered.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.connections.close();
        self.connections.wait().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

// The name becomes a directory, so the check is also what keeps it below the root.
fn check_bucket_name(name: &str) -> Result<()> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    let edges = [name.bytes().next(), name.bytes().last()];
    let good = (3..=63).contains(&name.len())
        && name.bytes().all(known)
        && edges.iter().all(|edge| edge.is_some_and(|byte| byte.is_ascii_alphanumeric()))
        && !name.contains("..");
    if good { Ok(()) } else { Err(Error::BucketName(name.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_are_those_of_s3() {
        for good in ["abc", "my-bucket.1", "0-9"] {
            assert!(check_bucket_name(good).is_ok(), "{good}");
        }
        for bad in ["ab", "", "Abc", "../x", "a..b", ".ab", "ab-", "a/b", "a_b"] {
            assert!(check_bucket_name(bad).is_err(), "{bad}");
        }
    }
}
