//! What can be wrong with a document, or with a value that is to become one.

use std::fmt;

/// The deepest nesting of arrays and objects that is written or read; Jackson's limit.
pub const MAX_DEPTH: usize = 1000;

/// Why something could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The bytes are not JSON.
    Syntax {
        /// What was found or expected.
        why: &'static str,
        /// Where, from 0.
        offset: usize,
    },
    /// Value and schema, or document and what it should be, do not fit each other.
    Mismatch {
        /// What is wrong; begins as Kafka Connect's text does where it has one.
        why: Box<str>,
        /// Where in the value: `a.b`; empty at the top.
        path: Box<str>,
    },
    /// Arrays and objects lie too deep in each other.
    TooDeep,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Syntax { why, offset } => write!(f, "not valid JSON: {why} at byte {offset}"),
            Error::Mismatch { why, path } if path.is_empty() => f.write_str(why),
            Error::Mismatch { why, path } => write!(f, "{why} (at {path})"),
            Error::TooDeep => write!(f, "arrays and objects are nested deeper than {MAX_DEPTH} levels"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    #[cold]
    pub(crate) fn mismatch(why: impl Into<String>) -> Self {
        Error::Mismatch { why: why.into().into_boxed_str(), path: Box::default() }
    }

    /// Says in which field it happened.
    #[cold]
    pub(crate) fn inside(self, field: &str) -> Self {
        match self {
            Error::Mismatch { why, path } if path.is_empty() => Error::Mismatch { why, path: field.into() },
            Error::Mismatch { why, path } => {
                Error::Mismatch { why, path: format!("{field}.{path}").into_boxed_str() }
            }
            other => other,
        }
    }
}
