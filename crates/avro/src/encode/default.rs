//! The bytes of a field's default: what stands for a field that a record has not.

use serde_json::Value as Json;

use super::write::{bytes, long};
use crate::connect::{MappingError, latin_bytes};
use crate::schema::{Kind, NAMES_MAX_DEPTH, NodeId, Schema, misfit_of};

/// The most bytes that a default may become: records' defaults take in those of their fields.
const BYTES_MAX: usize = 1 << 20;

/// The datum of a default.
///
/// # Errors
/// It does not fit its type, or is too long.
fn bytes_of(schema: &Schema, id: NodeId, json: &Json, out: &mut Vec<u8>, depth: usize) -> Option<()> {
    if depth > NAMES_MAX_DEPTH || out.len() > BYTES_MAX {
        return None;
    }
    match &schema.node(id).kind {
        Kind::Null => json.as_null()?,
        Kind::Boolean => out.push(json.as_bool()?.into()),
        Kind::Int => long(json.as_i64().filter(|number| i32::try_from(*number).is_ok())?, out),
        Kind::Long => long(json.as_i64()?, out),
        Kind::Float => out.extend_from_slice(&(json.as_f64()? as f32).to_le_bytes()),
        Kind::Double => out.extend_from_slice(&json.as_f64()?.to_le_bytes()),
        Kind::String => bytes(json.as_str()?.as_bytes(), out),
        Kind::Bytes => bytes(&latin_bytes(json.as_str()?)?, out),
        Kind::Fixed(fixed) => {
            out.extend_from_slice(&latin_bytes(json.as_str()?).filter(|bytes| bytes.len() == fixed.size)?);
        }
        Kind::Enum(symbols) => {
            long(
                symbols.symbols.iter().position(|symbol| Some(symbol.as_str()) == json.as_str())? as i64,
                out,
            );
        }
        Kind::Array(items) => {
            let list = json.as_array()?;
            if !list.is_empty() {
                long(list.len() as i64, out);
                list.iter().try_for_each(|item| bytes_of(schema, *items, item, out, depth + 1))?;
            }
            out.push(0);
        }
        Kind::Map(values) => {
            let map = json.as_object()?;
            if !map.is_empty() {
                long(map.len() as i64, out);
                for (key, value) in map {
                    bytes(key.as_bytes(), out);
                    bytes_of(schema, *values, value, out, depth + 1)?;
                }
            }
            out.push(0);
        }
        Kind::Union(branches) => {
            let index = branches.iter().position(|branch| misfit_of(schema, *branch, json).is_none())?;
            long(index as i64, out);
            bytes_of(schema, branches[index], json, out, depth + 1)?;
        }
        Kind::Record(record) => {
            let members = json.as_object()?;
            for field in &record.fields {
                let value = members.get(&field.name).or(field.default.as_ref())?;
                bytes_of(schema, field.schema, value, out, depth + 1)?;
            }
        }
    }
    Some(())
}

pub(super) fn bytes_for(schema: &Schema, id: NodeId, json: &Json) -> Result<Box<[u8]>, MappingError> {
    let mut out = Vec::new();
    match bytes_of(schema, id, json, &mut out, 0) {
        Some(()) => Ok(out.into_boxed_slice()),
        None => Err(MappingError::new(format!(
            "the default {} of a field that the record has not is no value of its type",
            crate::error::shown(&json.to_string())
        ))),
    }
}
