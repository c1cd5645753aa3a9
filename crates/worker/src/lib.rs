//! A Kafka Connect worker, put together: plugins, Kafka clients, herder and REST.
//!
//! [`standalone`] and [`distributed`] are the program `sluice worker`: files in, exit code out. [`Worker::start`] is the same
//! worker inside another program. The herder and REST have a runtime of their own, so that no task can keep an
//! operator waiting; connectors and tasks share another.
//!
//! It wires and owns no logic of its own, except for what a worker's files say ([`config`], [`connector_file`]).

mod cluster;
pub mod config;
pub mod connector_file;
mod connector_sources;
mod ecs;
pub mod environment;
mod error;
mod group_connectors;
mod guards;
mod hash_password;
mod health_check;
pub mod logging;
mod metric_lines;
mod nearby;
mod offset_file;
mod options;
mod program;
mod rest_tls;
mod runtimes;
mod start;
mod storage;

pub use connector_file::ConnectorFile;
pub use connector_sources::ConnectorSources;
pub use error::Error;
pub use hash_password::hash_password;
pub use health_check::{DEFAULT_HEALTH_URL, check_health};
pub use options::Options;
pub use program::{distributed, standalone};
pub use start::{Running, Worker};
