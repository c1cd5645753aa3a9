//! What can go wrong with a call.

/// Why a call failed. No credential is ever part of a text here (invariant 5).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something the user gave is wrong.
    #[error("{0}")]
    Usage(String),
    /// There are no credentials, or AWS does not accept them for this call.
    #[error("{0}")]
    Permission(String),
    /// Nobody answers, or a name has no address.
    #[error("{0}")]
    Unreachable(String),
    /// AWS refused, or answered what is not understood.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// An error with the causes below it, in one line.
    pub(crate) fn chain(error: &dyn std::error::Error) -> String {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(below) = cause {
            let below_text = below.to_string();
            if !text.contains(&below_text) {
                text.push_str(": ");
                text.push_str(&below_text);
            }
            cause = below.source();
        }
        text
    }
}
