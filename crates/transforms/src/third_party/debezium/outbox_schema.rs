//! The payload of an outbox event: JSON texts that become rows, and schema names.

use api::config::config_enum;
use api::data::{Datum, SchemaRef, Value};

use super::adjust_name::NameAdjustment;
use crate::third_party::infer::{Inference, read_json};
use crate::third_party::known_schemas::KnownSchemas;

config_enum! {
    /// What becomes of nulls in expanded JSON.
    pub enum NullBehavior {
        /// They are left out.
        Ignore = "ignore",
        /// They become optional BYTES.
        OptionalBytes = "optional_bytes",
    }
}

config_enum! {
    /// What becomes of empty arrays in expanded JSON.
    pub enum EmptyArrayBehavior {
        /// They are left out.
        Ignore = "ignore",
        /// They become arrays of optional texts.
        OptionalString = "optional_string",
    }
}

/// How JSON texts become rows.
pub(super) fn inference(
    nulls: NullBehavior,
    empty_arrays: EmptyArrayBehavior,
    names: NameAdjustment,
) -> Inference {
    Inference {
        null_as_bytes: nulls == NullBehavior::OptionalBytes,
        empty_array_as_strings: empty_arrays == EmptyArrayBehavior::OptionalString,
        small_integers: true,
        lists_of_debezium: true,
        named: true,
        rename: match names {
            NameAdjustment::None => str::to_owned,
            NameAdjustment::Avro => |name| NameAdjustment::Avro.field_name(name),
            NameAdjustment::AvroUnicode => |name| NameAdjustment::AvroUnicode.field_name(name),
        },
    }
}

/// The row of a JSON object, named by the column that the text is in; `Err` when the text stays as it is, with the reason.
pub(super) fn expand(
    inference: Inference,
    known: &mut KnownSchemas,
    column: &str,
    payload: &Value,
) -> Result<Datum, String> {
    let Value::String(text) = payload else {
        return Err(format!("the payload is no text but {}", payload.type_name()));
    };
    if !text.starts_with(['{', '[']) {
        return Err("the payload begins neither with { nor with [".to_owned());
    }
    let value = read_json(text)?;
    if !matches!(value, Value::Map(_)) {
        return Err("the payload is an array, which no row can be made of".to_owned());
    }
    let schema = inference.schema(column, &value)?.ok_or("nothing can be said of the payload's type")?;
    let schema = known.one(schema);
    let value = inference.shape(&schema, value)?;
    Ok(Datum::new(schema, value))
}

/// The name of a value with an envelope: the routed type before the last part of the row's schema name.
pub(super) fn value_name(row: &SchemaRef, routed: &str) -> Option<String> {
    let name = row.name()?;
    Some(match name.rsplit_once('.') {
        Some((before, last)) => format!("{before}.{routed}.{last}"),
        None => format!("{routed}.{name}"),
    })
}
