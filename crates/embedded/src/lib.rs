//! Everything that a pipeline needs, on one machine: the embedded broker, an S3 server, a schema registry and
//! a worker, on loopback.
//!
//! [`stack::Stack`] starts them; `sluice dev` keeps them up, and the [`demo`] moves rows through them and proves that
//! every one arrived. The worker is a process of its own, as it is in production, so that its memory can be told from
//! the broker's. Nothing here is for production.

pub mod demo;
mod error;
pub mod notices;
mod port;
pub mod stack;
pub mod worker_log;
pub mod worker_process;

pub use error::Error;
