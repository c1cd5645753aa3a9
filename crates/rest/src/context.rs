//! What every route may look at.

use std::sync::Arc;

use herder::Handle;
use tokio::sync::watch;

/// Lent to every route. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The way to the herder.
    pub herder: Handle,
    /// The worker.
    pub about: Arc<About>,
    /// The id of the Kafka cluster; `None` until a broker has answered.
    pub cluster_id: watch::Receiver<Option<String>>,
}

/// What answers say of the worker.
#[derive(Debug, Clone)]
pub struct About {
    /// The version: Kafka's whose API this is, then ours.
    pub version: String,
    /// The commit that the program was built from.
    pub commit: String,
    /// Host and port under which the worker is known.
    pub worker_id: String,
}
