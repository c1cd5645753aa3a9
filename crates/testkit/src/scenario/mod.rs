//! Conversations with the REST API of a worker, in files: requests in order, and what Kafka Connect answers to each.
//!
//! The files are `scenarios/*.yaml`; `scenarios/README.md` says what may stand in them. [`all`] reads them, [`Talk`]
//! holds one with any worker, ours or Java's.

mod expect;
mod file;
mod http;
pub mod normal;
mod talk;

pub use expect::mismatches;
pub use file::{Answers, Expected, Request, Scenario, Step, all};
pub use http::{Answer, request};
pub use talk::{Peer, Said, Talk};
