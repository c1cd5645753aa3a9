//! What can go wrong while the server starts.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is open to whoever reaches it, so only this machine may.
    #[error(
        "dev-s3 listens on loopback only, not on {0}; it is for laptops and tests, use S3 or MinIO elsewhere"
    )]
    NotLoopback(SocketAddr),
    /// The address is taken or forbidden.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The directory cannot be used.
    #[error("cannot use the directory {}: {reason}", path.display())]
    Root {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A bucket's name that S3 would refuse, or that would leave the directory.
    #[error("{0:?} is no bucket name: 3 to 63 lower-case letters, digits, dots and hyphens")]
    BucketName(String),
}

/// The result of starting.
pub type Result<T> = std::result::Result<T, Error>;
