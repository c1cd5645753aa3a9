//! What an operation writes and answers, decided from the state alone.
//!
//! A plan is a pure function from the state to records and an answer, or a refusal. Whoever asked for it appends the
//! records to the log and applies them ([`crate::registry::Registry`]); so a test needs neither log nor HTTP.

pub(crate) mod compatibility;
pub(crate) mod config;
pub(crate) mod delete;
pub(crate) mod find;
pub(crate) mod mode;
pub(crate) mod register;
pub(crate) mod reserved;
pub(crate) mod resolve;
pub(crate) mod submission;

use crate::level::Level;
use crate::record::Record;

/// Records to append, in this order, and what to answer then.
#[derive(Debug)]
pub(crate) struct Plan<T> {
    pub records: Vec<Record>,
    pub answer: T,
}

impl<T> Plan<T> {
    /// Nothing changes.
    pub fn unchanged(answer: T) -> Self {
        Self { records: Vec::new(), answer }
    }
}

/// What the server's owner has set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defaults {
    /// Where no config says otherwise.
    pub level: Level,
    /// Whether modes can be changed.
    pub mode_mutability: bool,
}
