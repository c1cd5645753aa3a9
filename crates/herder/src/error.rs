//! Why the herder refuses or fails.

/// The result of what is asked of the herder.
pub type Result<T> = std::result::Result<T, Error>;

/// Why not. The texts are Kafka Connect's where it has one; none holds a secret.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no such connector, task or plugin.
    #[error("{0}")]
    NotFound(String),
    /// There is one already, or somebody else is changing the same; it may be possible later.
    #[error("{0}")]
    Conflict(String),
    /// Another worker of the group has to do it.
    #[error("{why}")]
    Elsewhere {
        /// The URL of its REST API; it ends with `/`.
        url: String,
        /// What it is that has to do it.
        why: String,
    },
    /// What was sent cannot be accepted.
    #[error("{0}")]
    Refused(String),
    /// The worker's config does not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// It took too long; it may still happen.
    #[error("Request timed out: {0}")]
    TimedOut(String),
    /// Something else went wrong.
    #[error("{0}")]
    Failed(String),
    /// The worker is shutting down.
    #[error("Worker is shutting down")]
    ShuttingDown,
}
