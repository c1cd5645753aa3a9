//! What can go wrong when the broker starts.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the broker does not start or stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can be reached from other machines.
    #[error(
        "refusing to listen on {0}: the dev broker has no authentication and is for this machine only; \
         use 127.0.0.1 or [::1], and a real Kafka cluster for anything else"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; is another program using the port?")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The data folder cannot be read or written.
    #[error("cannot use the data directory {path}")]
    Data {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another broker has the data folder open.
    #[error("the data directory {0} is in use by another broker; stop it or choose another directory")]
    InUse(PathBuf),
    /// The broker's threads could not be started.
    #[error("cannot start the broker's threads")]
    Threads(#[source] io::Error),
    /// An option has a value that cannot work.
    #[error("option {name} = {value}: {why}")]
    Option {
        /// Which option.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
}
