//! S3 sink: records of topics to objects in a bucket.
//!
//! The twin of Confluent's `io.confluent.connect.s3.S3SinkConnector`: same class name, keys, object names, bytes,
//! rotation and offsets. JSON and byte array formats; Avro and Parquet are refused at validation, not yet written.
//!
//! How a record goes: [`sink`](S3SinkTask) gives it to its topic partition's writer (`writer.rs`), which finds the
//! directory (`partitioner.rs`), asks whether files must be closed first (`rotation.rs`), and appends it to an open
//! file (`file.rs`, `format.rs`, `body.rs`). Parts and closed files go up beside the task (`upload.rs`) through one
//! client (`bucket.rs`, `transport.rs`). Exactly-once comes from names and bytes that are the same after a replay, and
//! from offsets that move only over files that are in the bucket.
//!
//! It knows one bucket and nothing of Kafka. Start at `sink.rs`.

mod body;
mod bucket;
mod check;
mod compatibility;
pub mod config;
mod credentials;
mod file;
mod format;
mod iso8601;
mod joda;
mod name;
mod partitioner;
mod pool;
mod rotation;
mod settings;
mod sink;
mod spill;
mod timestamp;
mod transport;
mod upload;
mod writer;
mod zone;

pub use config::S3SinkConfig;
pub use sink::{S3Sink, S3SinkTask};

/// Makes the connector known.
pub fn register(registry: &mut api::Registry) {
    registry.sink::<S3Sink>();
}
