//! What can be wrong with a schema's text.

/// Why a text is not an Avro schema: where in it, and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", at(.path))]
pub struct ParseError {
    /// Where in the text, as a path of members: `fields[2].type.items`; empty for the text as a whole. In a
    /// referenced schema it begins with `reference NAME: `.
    pub path: String,
    /// What is wrong there, and what to do.
    pub what: String,
}

fn at(path: &str) -> String {
    match path.is_empty() {
        true => String::new(),
        false => format!("{path}: "),
    }
}

impl ParseError {
    pub(crate) fn new(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), what: what.into() }
    }
}

/// Of texts that are shown in errors.
const SHOWN_CHARS_MAX: usize = 100;

/// A text as errors show it: not longer than a line.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
