//! The log of a partition: batches, the segments that hold them, and what happens to them with time.

pub mod batch;
pub mod compaction;
pub mod partition;
pub mod producers;
pub mod records;
pub mod recovery;
pub mod retention;
pub mod segment;
mod snappy;
pub mod state;
