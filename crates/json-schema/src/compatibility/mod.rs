//! Whether data of an old schema can be read with a new one.
//!
//! The rules are those of Confluent's Schema Registry: a change is allowed when every document that the old schema
//! accepts is accepted by the new one, as far as comparing keyword by keyword can tell.

mod array;
mod combined;
mod difference;
mod object;
mod scalar;
mod walk;

pub use difference::{Difference, Incompatibility};

use crate::Schema;

/// How strictly properties are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// What an open object accepted stays accepted.
    #[default]
    Strict,
    /// An optional property (or a required one with a default) may be added to an open object, a property may be
    /// removed from a closed one, and what further properties may be can be narrowed.
    Lenient,
}

/// What keeps `new` from reading data of `old`; empty when nothing does.
pub fn backward(new: &Schema, old: &Schema) -> Vec<Incompatibility> {
    backward_with(new, old, Policy::Strict)
}

/// As [`backward`], with a policy.
pub fn backward_with(new: &Schema, old: &Schema, policy: Policy) -> Vec<Incompatibility> {
    walk::Walk::new(old.model(), new.model(), policy).run()
}
