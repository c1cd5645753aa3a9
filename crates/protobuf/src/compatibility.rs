//! Whether data of an old schema can be read with a new one.

use crate::Schema;

/// A change that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incompatibility {
    /// What changed.
    pub code: &'static str,
    /// Where.
    pub path: String,
}

/// What keeps `new` from reading data of `old`; empty when nothing does.
pub fn backward(new: &Schema, old: &Schema) -> Vec<Incompatibility> {
    let _ = (new, old);
    Vec::new()
}
