//! Lists that must have an item.

use api::config::{Parsed, Report, Validator};

/// Adds what Kafka says of an empty list where it does not say "Empty list".
pub(crate) fn require(key: &str, items: &[String], report: &mut Report) {
    if items.is_empty() {
        let why =
            format!("Configuration '{key}' must not be empty. Valid values include: any non-empty value");
        report.add(key, why);
    }
}

/// Refuses the empty list.
pub(crate) const NOT_EMPTY: Validator = Validator::With(check);

fn check(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::List(items) if items.is_empty() => Err("Empty list".to_owned()),
        _ => Ok(()),
    }
}
