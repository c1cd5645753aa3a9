//! What keeps a registry from starting.

use std::io;
use std::net::SocketAddr;

use crate::log;

/// Why a registry does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Without users everybody who reaches it may change everything.
    #[error("the schema registry listens on loopback only, not on {address}, unless users are configured")]
    Open {
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
    /// The log cannot be read.
    #[error("the schemas cannot be read")]
    Log(#[source] log::Error),
    /// A defect.
    #[error("reading the schemas panicked; that is a defect of the registry")]
    Panicked,
}
