//! An embedded Kafka broker of a single node, for laptops and tests. **Not for production**: no
//! replication, no authentication, loopback addresses only.
//!
//! It speaks Kafka's protocol to any client: idempotent and transactional producers, long-polling
//! consumers, groups of any protocol type, admin calls, retention and compaction; data lives in
//! memory or in a directory. `CONFORMANCE.md` lists what is promised and the tests that show it.
//! It knows nothing of Kafka Connect or of any other crate of this project.
//!
//! ```no_run
//! # async fn example() -> Result<(), sluice_dev_broker::Error> {
//! let broker = sluice_dev_broker::Options::default().start().await?;
//! println!("bootstrap.servers={}", broker.bootstrap());
//! broker.shutdown().await;
//! # Ok(()) }
//! ```
//!
//! To read the code, start at [`Options::start`], then `connection.rs` (a request's way), `api`
//! (one file per group of requests) and `log/partition.rs` (what is stored).

mod api;
mod broker;
mod clock;
mod config_keys;
mod connection;
mod encoding;
mod error;
mod frame;
mod group;
mod journal;
mod log;
mod maintenance;
mod options;
mod server;
mod topics;
mod txn;

pub use broker::Broker;
pub use clock::{Clock, ManualClock, Sleep, SystemClock};
pub use error::Error;
pub use options::{Fsync, Options};
