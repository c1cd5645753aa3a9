//! What can be wrong with a schema or a value.

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
    /// The document is not JSON, or the value does not fit.
    #[error(transparent)]
    Json(#[from] json::Error),
    /// The value does not fit the schema.
    #[error("{0}")]
    Mismatch(String),
    /// The schema is nested too deeply.
    #[error("the schema is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The schema has too many fields.
    #[error("the schema has more than {MAX_FIELDS} fields")]
    TooManyFields,
}

impl Error {
    pub(super) fn schema(path: &str, why: impl Into<String>) -> Self {
        let path = if path.is_empty() { "the schema" } else { path };
        Error::Schema { path: path.to_owned(), why: why.into() }
    }
}
