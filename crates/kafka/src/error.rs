//! What a Kafka client can run into.

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Java's class of [`Error::Fenced`], for traces.
const FENCED_CLASS: &str = "org.apache.kafka.common.errors.ProducerFencedException";

/// An error of a client.
#[derive(Debug, thiserror::Error, Clone)]
pub enum Error {
    /// It may work later: the broker is away, a leader moves, a time-out.
    #[error("{operation}: {reason}")]
    Retriable {
        /// What was being done, and to what.
        operation: String,
        /// Why it failed.
        reason: String,
    },
    /// The client cannot go on and must be rebuilt: fenced, or an idempotent producer that lost its sequence.
    #[error("{operation}: the client must be rebuilt: {reason}")]
    Unusable {
        /// What was being done, and to what.
        operation: String,
        /// Why it failed.
        reason: String,
    },
    /// Another producer has the same `transactional.id` now, or the transaction took too long and the brokers aborted it.
    /// What this one had not committed is not seen by anybody, and it must not try again.
    #[error("{operation}: {reason}")]
    Fenced {
        /// What was being done, and to what.
        operation: String,
        /// Why it failed.
        reason: String,
    },
    /// One record is refused, others are not: too large, an invalid timestamp.
    #[error("{operation}: {reason}")]
    BadRecord {
        /// What was being done, and to what.
        operation: String,
        /// Why it failed.
        reason: String,
    },
    /// A client setting is wrong.
    #[error("client setting {key}: {reason}")]
    Misconfigured {
        /// The setting, by its Java name.
        key: String,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// Anything else: not authorized, unknown topic and no auto-creation, an unsupported version.
    #[error("{operation}: {reason}")]
    Fatal {
        /// What was being done, and to what.
        operation: String,
        /// Why it failed.
        reason: String,
    },
}

impl From<Error> for api::Error {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Retriable { .. } | Error::Unusable { .. } => api::Error::retry(text),
            Error::BadRecord { .. } => api::Error::bad_record(text),
            Error::Misconfigured { .. } => api::Error::misconfigured(text),
            Error::Fatal { .. } => api::Error::fatal(text),
            Error::Fenced { .. } => api::Error::fatal(text).class(FENCED_CLASS),
        }
    }
}
