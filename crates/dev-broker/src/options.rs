//! How a broker is started.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::error::Error;

/// When written data is flushed to the disk itself. Data survives the end of the process, however
/// sudden, in every case; this is about the machine losing power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fsync {
    /// Leave it to the operating system, as Kafka does.
    #[default]
    Never,
    /// Flush what was written, this often.
    Every(Duration),
    /// Before a produce request or a commit is answered.
    Always,
}

/// Settings of a broker. All fields are public; start from [`Options::default`].
#[derive(Clone)]
pub struct Options {
    /// Where to listen; must be a loopback address. Port 0 chooses a free one.
    pub listen: SocketAddr,
    /// Where to keep data; `None` keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// Create topics that clients ask for (`auto.create.topics.enable`).
    pub auto_create_topics: bool,
    /// Partitions of a topic whose creator does not say (`num.partitions`).
    pub default_partitions: i32,
    /// When data is flushed to the disk.
    pub fsync: Fsync,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Largest request in bytes (`socket.request.max.bytes`); a larger one ends the connection.
    pub request_bytes_max: usize,
    /// Largest fetch response in bytes (`fetch.max.bytes`), except for one batch that is larger.
    pub fetch_bytes_max: usize,
    /// Connections at a time (`max.connections`); more are closed at once.
    pub connections_max: usize,
    /// Shortest session time-out that a group member may ask for.
    pub session_timeout_min: Duration,
    /// Longest session time-out that a group member may ask for.
    pub session_timeout_max: Duration,
    /// How long the first rebalance of an empty group waits for more members.
    pub group_initial_rebalance_delay: Duration,
    /// Longest time that a transaction may ask to stay open, in ms.
    pub transaction_timeout_max_ms: i32,
    /// How often retention, compaction and expiry are looked at.
    pub maintenance_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            data_dir: None,
            auto_create_topics: true,
            default_partitions: 1,
            fsync: Fsync::Never,
            clock: Arc::new(SystemClock::default()),
            request_bytes_max: 100 * 1024 * 1024,
            fetch_bytes_max: 55 * 1024 * 1024,
            connections_max: 2000,
            session_timeout_min: Duration::from_secs(6),
            session_timeout_max: Duration::from_secs(30 * 60),
            group_initial_rebalance_delay: Duration::ZERO,
            transaction_timeout_max_ms: 15 * 60 * 1000,
            maintenance_interval: Duration::from_secs(1),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("auto_create_topics", &self.auto_create_topics)
            .field("default_partitions", &self.default_partitions)
            .field("fsync", &self.fsync)
            .finish_non_exhaustive()
    }
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(self.listen));
        }
        let wrong = |name, value: String, why| Err(Error::Option { name, value, why });
        if !(1..=crate::topics::PARTITIONS_MAX).contains(&self.default_partitions) {
            return wrong(
                "default_partitions",
                self.default_partitions.to_string(),
                "must be from 1 to 10000",
            );
        }
        if self.maintenance_interval.is_zero() {
            return wrong("maintenance_interval", "0".to_owned(), "must be longer than nothing");
        }
        if self.request_bytes_max < 1024 {
            return wrong("request_bytes_max", self.request_bytes_max.to_string(), "must be at least 1024");
        }
        Ok(())
    }
}
