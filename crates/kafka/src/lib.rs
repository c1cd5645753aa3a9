//! Kafka, behind ports.
//!
//! The record path depends on [`Producer`], [`Consumer`] and [`Admin`] only. They are **batch-shaped**: an encoded
//! batch is one buffer with ranges, a fetched batch gives slices of one buffer, so that a client's cost is paid a
//! batch, not a record. Clients are made by [`Clients`] from Java client settings ([`ClientSettings`]): librdkafka
//! behind [`librdkafka`], and one in memory for tests ([`memory`]).
//!
//! It knows nothing of tasks, connectors or formats.

pub mod admin;
pub mod batch;
pub mod compacted_log;
mod connection;
pub mod consumer;
pub mod error;
pub mod librdkafka;
mod log_watch;
pub mod membership;
pub mod memory;
pub mod partitioner;
mod pool;
pub mod producer;
pub mod settings;
mod subscription;
pub mod transaction;
mod trouble;

pub use admin::{Admin, GroupChange, NewTopic, TopicCreation};
pub use batch::{EncodedBatch, EncodedHeader, EncodedRecord, FetchedBatch, FetchedRecord};
pub use compacted_log::{CompactedLog, LogReader, LogRecord, LogSettings, LogWriter};
pub use consumer::{Consumer, Polled, Subscription};
pub use error::{Error, Result};
pub use log_watch::{LogTrouble, LogWatch};
pub use producer::{Delivery, Failure, Producer, Receipt};
pub use settings::{ClientSettings, Clients};
pub use transaction::TransactionalProducer;
pub use trouble::Trouble;
