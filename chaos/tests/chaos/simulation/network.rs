//! How workers of the simulation reach each other: as by REST, with its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use config::RawConfig;
use herder::{Error, Handle, Leader, Name, Result, SessionKeys};
use parking_lot::Mutex;
use tokio::runtime;

/// The longest that another worker may take.
const LIMIT: Duration = Duration::from_secs(90);

/// A worker that can be asked.
#[derive(Clone)]
pub struct Peer {
    /// Its herder.
    pub herder: Handle,
    /// Its runtime, on which it answers.
    pub runtime: runtime::Handle,
    /// What it checks signatures with.
    pub keys: SessionKeys,
}

/// The workers by URL, and who is cut off from the others. Cheap to clone.
#[derive(Clone, Default)]
pub struct Network(Arc<Mutex<Reachable>>);

#[derive(Default)]
struct Reachable {
    peers: BTreeMap<String, Peer>,
    cut_off: BTreeSet<String>,
    /// So many of the next answers get lost.
    losing: usize,
}

impl Network {
    /// A worker answers from now on.
    pub fn add(&self, url: &str, peer: Peer) {
        self.0.lock().peers.insert(url.to_owned(), peer);
    }

    /// It does not any more.
    pub fn remove(&self, url: &str) {
        self.0.lock().peers.remove(url);
    }

    /// A worker and the others do not reach each other from now on.
    pub fn cut_off(&self, url: &str) {
        self.0.lock().cut_off.insert(url.to_owned());
    }

    /// They do again.
    pub fn reconnect(&self, url: &str) {
        self.0.lock().cut_off.remove(url);
    }

    /// So many of the next answers get lost; what was asked for is done.
    pub fn lose_answers(&self, answers: usize) {
        self.0.lock().losing += answers;
    }

    /// Whether this answer gets lost.
    pub fn loses_answer(&self) -> bool {
        let mut reachable = self.0.lock();
        let loses = reachable.losing > 0;
        reachable.losing -= usize::from(loses);
        loses
    }

    /// No answer gets lost any more.
    pub fn lose_none(&self) {
        self.0.lock().losing = 0;
    }

    fn find(&self, from: &str, to: &str) -> Option<Peer> {
        let reachable = self.0.lock();
        let cut_off = [from, to].iter().any(|url| reachable.cut_off.contains(*url));
        reachable.peers.get(to).filter(|_| !cut_off).cloned()
    }
}

/// One worker's way to the others.
pub struct Link {
    /// All of them.
    pub network: Network,
    /// The worker's own URL.
    pub url: String,
    /// What it signs with.
    pub keys: SessionKeys,
}

impl Link {
    fn ask<F>(
        &self,
        url: &str,
        request: impl FnOnce(Handle) -> F + Send + 'static,
    ) -> BoxFuture<'static, Result<()>>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let peer = self.network.find(&self.url, url);
        let signature = self.keys.sign(b"signed");
        let network = self.network.clone();
        Box::pin(async move {
            let Some(signature) = signature else {
                return Err(Error::Conflict("no session key is known yet".to_owned()));
            };
            let Some(Peer { herder, runtime, keys }) = peer else {
                return Err(Error::TimedOut("connection refused".to_owned()));
            };
            let (reply, answer) = tokio::sync::oneshot::channel();
            runtime.spawn(async move {
                let answer = match keys.verify(Some(&signature), b"signed") {
                    Ok(()) => request(herder).await.map_err(by_rest),
                    Err(error) => Err(Error::Conflict(error.to_string())),
                };
                let _ = reply.send(answer); // the other one has given up, or is gone
            });
            match tokio::time::timeout(LIMIT, answer).await {
                Ok(Ok(_)) if network.loses_answer() => Err(Error::TimedOut("connection reset".to_owned())),
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(Error::TimedOut("connection reset".to_owned())),
                Err(_) => Err(Error::TimedOut("no answer".to_owned())),
            }
        })
    }
}

// What becomes of an error on its way through REST.
fn by_rest(error: Error) -> Error {
    match error {
        Error::Conflict(text) => Error::Conflict(text),
        Error::Elsewhere { why, .. } => Error::Conflict(why),
        Error::ShuttingDown => Error::Conflict("the worker is shutting down".to_owned()),
        other => Error::Failed(other.to_string()),
    }
}

impl Leader for Link {
    fn put_task_configs(
        &self,
        leader_url: String,
        connector: Name,
        configs: Vec<RawConfig>,
    ) -> BoxFuture<'static, Result<()>> {
        self.ask(&leader_url, move |herder| async move { herder.put_task_configs(&connector, configs).await })
    }

    fn fence(&self, leader_url: String, connector: Name) -> BoxFuture<'static, Result<()>> {
        self.ask(&leader_url, move |herder| async move { herder.fence(&connector).await })
    }
}
