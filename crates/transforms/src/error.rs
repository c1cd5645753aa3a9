//! What a record of the wrong shape is told, in Kafka Connect's words.

use api::Error;
use api::data::{Fields, Map, Schema, Struct, Value};

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
    Error::bad_record(format!("Only Struct objects supported for [{purpose}], found: {}", value.java_class()))
}

/// A value without schema that is no map.
#[cold]
pub(crate) fn not_a_map(value: &Value, purpose: &str) -> Error {
    let found = value.java_class();
    Error::bad_record(format!(
        "Only Map objects supported in absence of schema for [{purpose}], found: {found}"
    ))
}

/// The fields of a schema.
///
/// # Errors
/// It is no row's.
pub(crate) fn fields_of(schema: &Schema) -> Result<&Fields, Error> {
    schema.fields().ok_or_else(|| Error::bad_record("Cannot list fields on non-struct type"))
}

/// Null in a field of this schema, which is not optional.
#[cold]
pub(crate) fn null_in_required(field: &str, schema: &Schema) -> Error {
    let kind = schema.schema_type().name().to_uppercase();
    Error::bad_record(format!(
        "Invalid value: null used for required field: \"{field}\", schema type: {kind}"
    ))
}

/// A struct schema with a field that has no name.
#[cold]
pub(crate) fn no_name() -> Error {
    Error::bad_record("fieldName cannot be null.")
        .class("org.apache.kafka.connect.errors.SchemaBuilderException")
        .hint("give the field a name")
}

/// A struct schema that would have two fields of the same name.
#[cold]
pub(crate) fn field_twice(name: &str) -> Error {
    Error::bad_record(format!("Cannot create field because of field name duplication {name}"))
        .class("org.apache.kafka.connect.errors.SchemaBuilderException")
        .hint("rename the field that is there, or choose another name for the new one")
}

/// A field that is not in the record's schema. Kafka Connect has no exception of its own for it.
#[cold]
pub(crate) fn unknown_field(name: &str) -> Error {
    Error::bad_record(format!("Unknown field: {name}")).class("java.lang.IllegalArgumentException")
}
