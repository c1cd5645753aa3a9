//! Why a text is not a schema.

use crate::schema::{MAX_BYTES, MAX_SCHEMAS};

/// Why a text is not a JSON schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text is not JSON, or nested too deeply.
    #[error("the schema{of} is not valid JSON: {why}")]
    Json {
        /// ` "name"` of a reference, or empty.
        of: String,
        /// What the parser says, with line and column.
        why: String,
    },
    /// Text and references together are too long.
    #[error("the schema and its references have {bytes} bytes; the limit is {MAX_BYTES}")]
    TooLong {
        /// Their length.
        bytes: usize,
    },
    /// Too many sub-schemas.
    #[error("the schema has more than {MAX_SCHEMAS} sub-schemas")]
    TooMany,
    /// A keyword's value is not what the keyword takes.
    #[error("{path}: {keyword} {expected}")]
    Keyword {
        /// Where: a JSON pointer after `#`.
        path: String,
        /// The keyword.
        keyword: String,
        /// What it takes.
        expected: &'static str,
    },
    /// A `$ref` that leads nowhere.
    #[error(
        "{path}: $ref {reference:?} is not in this schema and is not the name of one of its references ({known})"
    )]
    Unresolved {
        /// Where: a JSON pointer after `#`.
        path: String,
        /// The `$ref`.
        reference: String,
        /// The names that there are.
        known: String,
    },
}
