//! What every route may look at.

use std::sync::Arc;

use herder::Handle;
use tokio::sync::{Semaphore, watch};

use crate::routes::FOLLOWERS_MAX;
use crate::vouch::Taken;
use crate::{Audit, Authentication, HttpRules, Logs, Measure, Peers};

/// Lent to every route. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The way to the herder.
    pub herder: Handle,
    /// The worker.
    pub about: Arc<About>,
    /// The id of the Kafka cluster; `None` until a broker has answered.
    pub cluster_id: watch::Receiver<Option<String>>,
    /// The log: levels and last lines.
    pub logs: Arc<dyn Logs>,
    /// Becomes true when the worker stops: answers without an end, end then.
    pub ending: watch::Receiver<bool>,
    /// What the worker's config says of HTTP.
    pub rules: Arc<HttpRules>,
    /// How much and how long clients may take.
    pub(crate) measure: Measure,
    /// How it is known who asks; none where nobody is asked.
    pub(crate) authentication: Option<Arc<Authentication>>,
    /// Where it is written down who changed what.
    pub(crate) audit: Arc<Audit>,
    /// For whom other workers vouched lately.
    pub(crate) vouched: Arc<Taken>,
    /// Other workers of the group; none for a standalone worker.
    pub(crate) peers: Option<Peers>,
    /// Limits how many clients follow the log.
    pub(crate) followers: Arc<Semaphore>,
}

impl Context {
    /// What routes may look at.
    pub fn new(
        herder: Handle,
        about: About,
        cluster_id: watch::Receiver<Option<String>>,
        logs: Arc<dyn Logs>,
        ending: watch::Receiver<bool>,
        rules: HttpRules,
        measure: Measure,
    ) -> Self {
        let followers = Arc::new(Semaphore::new(FOLLOWERS_MAX));
        let (about, rules) = (Arc::new(about), Arc::new(rules));
        Self {
            herder,
            about,
            cluster_id,
            logs,
            ending,
            rules,
            measure,
            authentication: None,
            audit: Arc::default(),
            vouched: Arc::default(),
            peers: None,
            followers,
        }
    }

    /// Asks who a request comes from, and writes down what they changed.
    pub fn guarded(mut self, authentication: Option<Authentication>, audit: Audit) -> Self {
        self.authentication = authentication.map(Arc::new);
        self.audit = Arc::new(audit);
        self
    }

    /// As one of a group, whose other workers are asked for what this one cannot do.
    pub fn in_group(mut self, peers: Option<Peers>) -> Self {
        self.peers = peers;
        self
    }
}

/// What answers say of the worker.
#[derive(Debug, Clone)]
pub struct About {
    /// The version: Kafka's whose API this is, then ours.
    pub version: String,
    /// The commit that the program was built from.
    pub commit: String,
    /// The URL of this worker's REST API, as others are told; it ends with `/`.
    pub url: String,
    /// Host and port under which the worker is known.
    pub worker_id: String,
}
