//! Change events: rows whose schema's name ends in `.Envelope`.

use api::data::{Datum, Schema, Struct, Value};
use api::{Error, Result};

/// The row after the change.
pub(super) const AFTER: &str = "after";
/// The row before the change.
pub(super) const BEFORE: &str = "before";
/// Where the change comes from.
pub(super) const SOURCE: &str = "source";
/// What was done: `c`, `u`, `d`, `r`, `t`, `m`.
pub(super) const OPERATION: &str = "op";
/// The transaction's block.
pub(super) const TRANSACTION: &str = "transaction";
/// When the connector processed the change, in milliseconds.
pub(super) const TIMESTAMP: &str = "ts_ms";

/// Whether a schema is that of a change event.
pub(super) fn is_envelope(schema: &Schema) -> bool {
    schema.name().is_some_and(|name| name.ends_with(".Envelope"))
}

/// The row of a change event; `None` when it is something else. A null is none.
pub(super) fn of(datum: &Datum) -> Result<Option<&Struct>> {
    match (&datum.schema, &datum.value) {
        (Some(schema), Value::Struct(row)) if is_envelope(schema) => Ok(Some(row)),
        (Some(schema), value) if is_envelope(schema) && !value.is_null() => Err(Error::bad_record(format!(
            "the value's schema is named {} but the value is {}",
            schema.name().unwrap_or_default(),
            value.type_name()
        ))),
        _ => Ok(None),
    }
}

/// The operation's code; empty when there is none.
pub(super) fn operation(row: &Struct) -> &str {
    row.get(OPERATION).and_then(Value::as_str).unwrap_or_default()
}

/// A nested row of a row; `None` when it is null, no row, or not there.
pub(super) fn nested<'a>(row: &'a Struct, name: &str) -> Option<&'a Struct> {
    row.get_without_default(name)?.as_struct()
}
