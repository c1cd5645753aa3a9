//! Lists that must have an item.

use api::config::{Parsed, Validator};

/// Refuses the empty list.
pub(crate) const NOT_EMPTY: Validator = Validator::With(check);

fn check(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::List(items) if items.is_empty() => Err("Empty list".to_owned()),
        _ => Ok(()),
    }
}
