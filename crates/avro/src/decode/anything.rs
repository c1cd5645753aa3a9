//! Values without a schema: records of which one field is set.

use data::{Map, Value};

use super::cursor::{Cursor, Fail};
use super::read::{blocks, boolean};
use crate::encode::ANYTHING_DEPTH_MAX;

type Result<T> = std::result::Result<T, Fail>;

/// Reads a value; of several fields that are set the first in Java's order counts, which is the schema's.
pub(super) fn read(cursor: &mut Cursor<'_>, depth: usize) -> Result<Value> {
    cursor.spend(1)?;
    if depth > ANYTHING_DEPTH_MAX {
        return Err(
            cursor.fail(format!("arrays and maps are nested deeper than {ANYTHING_DEPTH_MAX} levels"))
        );
    }
    let mut value = Value::Null;
    for field in 0..9 {
        match cursor.size()? {
            0 => continue,
            1 => {}
            branch => return Err(cursor.fail(format!("branch {branch} of a union of 2"))),
        }
        let found = match field {
            0 => Value::Boolean(boolean(cursor)?),
            1 => Value::Bytes(cursor.bytes()?),
            2 => Value::Float64(f64::from_le_bytes(cursor.array()?)),
            3 => Value::Float32(f32::from_le_bytes(cursor.array()?)),
            4 => Value::Int32(cursor.int()?),
            5 => Value::Int64(cursor.long()?),
            6 => Value::String(cursor.text()?),
            7 => {
                let mut list = Vec::new();
                blocks(cursor, |cursor, count| {
                    list.reserve(cursor.room(count));
                    (0..count).try_for_each(|_| {
                        list.push(read(cursor, depth + 1)?);
                        Ok(())
                    })
                })?;
                Value::Array(list)
            }
            _ => {
                let mut entries = Vec::new();
                blocks(cursor, |cursor, count| {
                    entries.reserve(cursor.room(count));
                    (0..count).try_for_each(|_| {
                        let key = read(cursor, depth + 1)?;
                        entries.push((key, read(cursor, depth + 1)?));
                        Ok(())
                    })
                })?;
                Value::Map(Map::from_entries(entries))
            }
        };
        if value.is_null() {
            value = found;
        }
    }
    Ok(value)
}
