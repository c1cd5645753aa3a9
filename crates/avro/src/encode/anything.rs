//! Values without a schema: records of which one field is set.

use data::Value;

use super::EncodeError;
use super::write::{bytes, long};

/// The deepest nesting of arrays and maps.
pub(crate) const DEPTH_MAX: usize = 250;

/// The fields of the record, in order; each is a union of null and the type.
const BOOLEAN: usize = 0;
const BYTES: usize = 1;
const DOUBLE: usize = 2;
const FLOAT: usize = 3;
const INT: usize = 4;
const LONG: usize = 5;
const STRING: usize = 6;
const ARRAY: usize = 7;
const MAP: usize = 8;
const FIELDS: usize = 9;

const NULL_BRANCH: u8 = 0;
const VALUE_BRANCH: u8 = 2;

pub(super) fn write(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if depth > DEPTH_MAX {
        return Err(EncodeError::new(format!("arrays and maps are nested deeper than {DEPTH_MAX} levels")));
    }
    let field = match value {
        Value::Null => FIELDS,
        Value::Boolean(_) => BOOLEAN,
        Value::Bytes(_) => BYTES,
        Value::Float64(_) => DOUBLE,
        Value::Float32(_) => FLOAT,
        Value::Int8(_) | Value::Int16(_) | Value::Int32(_) => INT,
        Value::Int64(_) => LONG,
        Value::String(_) => STRING,
        Value::Array(_) => ARRAY,
        Value::Map(_) => MAP,
        Value::Decimal(_) | Value::Date(_) | Value::Time(_) | Value::Timestamp(_) | Value::Struct(_) => {
            return Err(EncodeError::new(format!(
                "a {} without a schema cannot be written as Avro",
                value.type_name()
            )));
        }
    };
    out.extend(std::iter::repeat_n(NULL_BRANCH, field));
    if field == FIELDS {
        return Ok(());
    }
    out.push(VALUE_BRANCH);
    match value {
        Value::Boolean(value) => out.push((*value).into()),
        Value::Bytes(value) => bytes(value, out),
        Value::Float64(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::Float32(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::String(text) => bytes(text.as_bytes(), out),
        Value::Array(items) => {
            if !items.is_empty() {
                long(items.len() as i64, out);
                for (index, item) in items.iter().enumerate() {
                    write(item, depth + 1, out).map_err(|error| error.inside(&format!("[{index}]")))?;
                }
            }
            out.push(0);
        }
        Value::Map(map) => {
            if !map.is_empty() {
                long(map.len() as i64, out);
                for (index, (key, value)) in map.iter().enumerate() {
                    let pair = write(key, depth + 1, out).and_then(|()| write(value, depth + 1, out));
                    pair.map_err(|error| error.inside(&format!("[{index}]")))?;
                }
            }
            out.push(0);
        }
        other => long(other.as_i64().unwrap_or_default(), out),
    }
    out.extend(std::iter::repeat_n(NULL_BRANCH, FIELDS - field - 1));
    Ok(())
}
