//! Protobuf messages that stand for Connect's types.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, Value};

pub(super) const DECIMAL: &str = "confluent.type.Decimal";
pub(super) const DATE: &str = "google.type.Date";
pub(super) const TIME: &str = "google.type.TimeOfDay";
pub(super) const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// Of a timestamp: the years 1 to 9999.
pub(super) const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// In a second.
pub(super) const NANOS: i32 = 1_000_000_000;

/// The scalar in a wrapper message.
pub(super) fn wrapped(message: &MessageDescriptor) -> Option<FieldDescriptor> {
    let is_wrapper = matches!(
        message.full_name().strip_prefix("google.protobuf."),
        Some(
            "DoubleValue"
                | "FloatValue"
                | "Int64Value"
                | "UInt64Value"
                | "Int32Value"
                | "UInt32Value"
                | "BoolValue"
                | "StringValue"
                | "BytesValue"
        )
    );
    if is_wrapper { message.get_field(1) } else { None }
}

/// What Protobuf calls a scalar.
pub(super) fn scalar_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
        Kind::Fixed32 => "fixed32",
        Kind::Fixed64 => "fixed64",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Message(_) => "message",
        Kind::Enum(_) => "enum",
    }
}

/// A parameter in a field's `confluent.field_meta` option.
pub(super) fn field_parameter(field: &FieldDescriptor, name: &str) -> Option<String> {
    let options = field.options();
    let (_, meta) =
        options.extensions().find(|(extension, _)| extension.full_name() == "confluent.field_meta")?;
    let parameters = meta.as_message()?.get_field_by_name("params")?;
    let key = prost_reflect::MapKey::String(name.to_owned());
    match parameters.as_map()?.get(&key)? {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
