//! A worker of a group: what users want, how it is, and where sources stand are kept in Kafka Connect's internal
//! topics, in its own formats, so that its workers and ours can take each other's place.
//!
//! - `config_record` and `replay`: the config topic's records and their meaning; `config_topic` keeps it, and
//!   `write_privilege` keeps a worker from writing that led the group before.
//! - `status_record` and `status_topic`: how connectors and tasks are, for everybody to see.
//! - `topic_watch`: looks after them while the worker runs.
//! - `offset_topic`: the offsets of sources; `offset_topics`: those of connectors with a topic of their own.

mod background;
pub mod config_record;
mod config_topic;
mod offset_topic;
mod offset_topics;
pub mod replay;
pub mod status_record;
mod status_topic;
mod topic_watch;
mod write_privilege;

pub use config_record::SessionKey;
pub use config_topic::{Announced, ConfigTopic};
pub use offset_topic::OffsetTopic;
pub use offset_topics::OffsetTopics;
pub use status_topic::StatusTopic;
pub use topic_watch::watch_topics;
pub use write_privilege::WritePrivilege;
