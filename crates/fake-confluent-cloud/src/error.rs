//! What keeps the fake from starting.

use std::io;
use std::net::SocketAddr;

/// Result of starting the fake.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the fake does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It protects nothing, so it must not be reachable from elsewhere.
    #[error("the fake Confluent Cloud listens on loopback only, not on {address}: use 127.0.0.1 or [::1]")]
    NotLoopback {
        /// What was asked for.
        address: SocketAddr,
    },
    /// The port is taken, for example.
    #[error("cannot listen on {address}: choose another port, or 0 for a free one")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}
