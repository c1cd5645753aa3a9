//! Data that the reader does not want.

use super::cursor::{Cursor, Fail};
use crate::schema::{Kind, NAMES_MAX_DEPTH, NodeId, Schema};

/// Skips a datum of a type.
pub(super) fn skip(schema: &Schema, id: NodeId, cursor: &mut Cursor<'_>, depth: usize) -> Result<(), Fail> {
    cursor.spend(1)?;
    if depth > NAMES_MAX_DEPTH {
        return Err(cursor.fail(format!("data is nested deeper than {NAMES_MAX_DEPTH} levels")));
    }
    match &schema.node(id).kind {
        Kind::Null => {}
        Kind::Boolean => drop(cursor.take(1)?),
        Kind::Int | Kind::Long | Kind::Enum(_) => drop(cursor.long()?),
        Kind::Float => drop(cursor.take(4)?),
        Kind::Double => drop(cursor.take(8)?),
        Kind::Bytes | Kind::String => {
            let size = cursor.size()?;
            cursor.take(size)?;
        }
        Kind::Fixed(fixed) => drop(cursor.take(fixed.size)?),
        Kind::Array(items) => super::read::blocks(cursor, |cursor, count| {
            (0..count).try_for_each(|_| skip(schema, *items, cursor, depth + 1))
        })?,
        Kind::Map(values) => super::read::blocks(cursor, |cursor, count| {
            (0..count).try_for_each(|_| {
                let size = cursor.size()?;
                cursor.take(size)?;
                skip(schema, *values, cursor, depth + 1)
            })
        })?,
        Kind::Union(branches) => {
            let branch = cursor.size()?;
            match branches.get(branch) {
                Some(id) => skip(schema, *id, cursor, depth + 1)?,
                None => return Err(cursor.fail(format!("branch {branch} of a union of {}", branches.len()))),
            }
        }
        Kind::Record(record) => {
            for field in &record.fields {
                skip(schema, field.schema, cursor, depth + 1)?;
            }
        }
    }
    Ok(())
}
