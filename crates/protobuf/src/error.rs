//! Why a text is not a schema.

use crate::schema::{MAX_BYTES, MAX_FILES, MAX_NESTING, MAX_TYPES};

/// Why a text is not a Protobuf schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text is not a `.proto` file.
    #[error("{file} is not a Protobuf file: {why}")]
    Syntax {
        /// `the schema`, or the reference's name.
        file: String,
        /// What the parser says.
        why: String,
    },
    /// The types do not fit together.
    #[error("{file} does not compile: {why}")]
    Link {
        /// `the schema`, or the reference's name.
        file: String,
        /// What the linker says.
        why: String,
    },
    /// An import that is neither given nor built in.
    #[error("{file} imports {import:?}, which is none of the schema's references and is not built in")]
    Import {
        /// `the schema`, or the reference's name.
        file: String,
        /// The import.
        import: String,
    },
    /// Files that import each other in a circle.
    #[error("{import:?} is imported by itself, through other files")]
    Circle {
        /// One of the files.
        import: String,
    },
    /// Text and references together are too long.
    #[error("the schema and its references have {bytes} bytes; the limit is {MAX_BYTES}")]
    TooLong {
        /// Their length.
        bytes: usize,
    },
    /// Braces, brackets and angle brackets lie too deep in each other.
    #[error("{file} is nested deeper than {MAX_NESTING} levels")]
    TooDeep {
        /// `the schema`, or the reference's name.
        file: String,
    },
    /// Too many references.
    #[error("the schema has more than {MAX_FILES} references")]
    TooManyFiles,
    /// Too many types.
    #[error("the schema and its references have more than {MAX_TYPES} messages and enums")]
    TooManyTypes,
}
