//! What a record of the wrong shape is told, in Kafka Connect's words.

use api::Error;
use api::data::{Map, Struct, Value};

/// The row of a value; `purpose` says what for.
pub(crate) fn require_struct(value: Value, purpose: &str) -> Result<Struct, Error> {
    match value {
        Value::Struct(row) => Ok(row),
        other => Err(not_a_struct(&other, purpose)),
    }
}

/// The map of a value without schema; `purpose` says what for.
pub(crate) fn require_map(value: Value, purpose: &str) -> Result<Map, Error> {
    match value {
        Value::Map(map) => Ok(map),
        other => Err(not_a_map(&other, purpose)),
    }
}

/// A value with a schema that is no row.
#[cold]
pub(crate) fn not_a_struct(value: &Value, purpose: &str) -> Error {
    let found = value.type_name();
    Error::bad_record(format!("Only Struct objects supported for [{purpose}], found: {found}"))
}

/// A value without schema that is no map.
#[cold]
pub(crate) fn not_a_map(value: &Value, purpose: &str) -> Error {
    let found = value.type_name();
    Error::bad_record(format!(
        "Only Map objects supported in absence of schema for [{purpose}], found: {found}"
    ))
}

/// A struct schema that would have two fields of the same name.
#[cold]
pub(crate) fn field_twice(purpose: &str) -> Error {
    Error::bad_record(format!("Cannot create field because of field name duplication for [{purpose}]"))
        .hint("rename the field that is there, or choose another name for the new one")
}

/// A field that is not in the record's schema. Kafka Connect has no exception of its own for it.
#[cold]
pub(crate) fn unknown_field(name: &str) -> Error {
    Error::bad_record(format!("Unknown field: {name}")).class("java.lang.IllegalArgumentException")
}
