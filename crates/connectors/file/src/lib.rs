//! FileStream source and sink: lines of a text file to a topic, and records of topics to lines of a file.
//!
//! The twins of Apache Kafka's `FileStreamSourceConnector` and `FileStreamSinkConnector`: same class names, keys,
//! source partitions and offsets. **This crate is the example to copy for a new connector**: `config.rs` declares the
//! keys, `source.rs` and `sink.rs` move records, `lines.rs` is the part that needs no I/O, `docs.md` is the manual
//! page, and `tests/` runs the conformance suite.
//!
//! Differences from the twin, on purpose: `position` counts bytes, not characters, so that text beyond ASCII is
//! resumed at the right place; the sink reports a file that it cannot write with the path and the reason.

mod config;
mod lines;
mod sink;
mod source;

pub use config::{FileSinkConfig, FileSourceConfig};
pub use sink::{FileSink, FileSinkTask};
pub use source::{FileSource, FileSourceTask};

/// Makes the connectors known.
pub fn register(registry: &mut api::Registry) {
    registry.source::<FileSource>();
    registry.sink::<FileSink>();
}
