//! What the fake is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

/// How the fake behaves. `Options::default()` is ready at once and takes the key `FAKECLOUDKEY0001` with the secret
/// `fake-cloud-secret`, which protects nothing.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// Where to listen; port 0 takes a free one. Anything but loopback is refused.
    pub listen: SocketAddr,
    /// How often an object is read before it is ready: networks, gateways, clusters, connectors and so on.
    pub pending_reads: u32,
    /// How often a deleted object is still read before it is gone.
    pub delete_reads: u32,
    /// How often a new key of a Kafka cluster or Schema Registry is answered 401 before it works.
    pub key_pending_uses: u32,
    /// The cloud key that is there from the start.
    pub api_key: String,
    /// Its secret.
    pub api_secret: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pending_reads: 0,
            delete_reads: 0,
            key_pending_uses: 0,
            api_key: "FAKECLOUDKEY0001".to_owned(),
            api_secret: "fake-cloud-secret".to_owned(),
        }
    }
}

// The secret must not reach a log.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("pending_reads", &self.pending_reads)
            .field("delete_reads", &self.delete_reads)
            .field("key_pending_uses", &self.key_pending_uses)
            .field("api_key", &self.api_key)
            .finish_non_exhaustive()
    }
}
