//! What can be wrong with a schema, a value, or bytes.

use super::{MAX_DEPTH, MAX_FIELDS};

/// Why something could not be mapped, written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A schema that has no counterpart.
    #[error("{path}: {why}")]
    Schema {
        /// Where: `a.b`.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The two schemas do not fit each other, or a value does not fit its schema.
    #[error("{path}: {why}")]
    Mismatch {
        /// Where: `a.b`.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The bytes are not of this message.
    #[error("not a Protobuf message: {why} at byte {offset}")]
    Bytes {
        /// What is wrong.
        why: &'static str,
        /// Where, counted from the message's first byte.
        offset: usize,
    },
    /// Messages lie too deep in each other.
    #[error("messages are nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The schema has too many fields.
    #[error("the schema has more than {MAX_FIELDS} fields")]
    TooManyFields,
}

impl Error {
    pub(super) fn schema(path: &str, why: impl Into<String>) -> Self {
        Error::Schema { path: shown(path), why: why.into() }
    }

    #[cold]
    pub(super) fn mismatch(why: impl Into<String>) -> Self {
        Error::Mismatch { path: String::new(), why: why.into() }
    }

    /// Says in which field it happened.
    #[cold]
    pub(super) fn inside(self, field: &str) -> Self {
        match self {
            Error::Mismatch { path, why } if path.is_empty() => {
                Error::Mismatch { path: field.to_owned(), why }
            }
            Error::Mismatch { path, why } => Error::Mismatch { path: format!("{field}.{path}"), why },
            other => other,
        }
    }

    /// A mismatch at the top has no field.
    pub(super) fn at_top(self) -> Self {
        match self {
            Error::Mismatch { path, why } => Error::Mismatch { path: shown(&path), why },
            other => other,
        }
    }
}

fn shown(path: &str) -> String {
    if path.is_empty() { "the value".to_owned() } else { path.to_owned() }
}
