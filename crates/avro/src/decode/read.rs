//! Bytes to values, by a plan.

use data::{Decimal, Map, Struct, Value};

use super::cursor::{Cursor, Fail};
use super::plan::{Integer, Number, Plan, Row, Step};
use super::skip;
use crate::schema::Schema;

type Result<T> = std::result::Result<T, Fail>;

/// Reads one value. `writer` is for what is skipped.
pub(super) fn read(plan: &Plan, writer: &Schema, cursor: &mut Cursor<'_>) -> Result<Value> {
    let mut one = Vec::with_capacity(1);
    cursor.spend(1)?;
    push(plan, writer, cursor, &mut one)?;
    Ok(one.pop().unwrap_or_default())
}

/// Reads a value, which the caller has counted, and appends it: made at its place, it is not copied on the way.
fn push(plan: &Plan, writer: &Schema, cursor: &mut Cursor<'_>, out: &mut Vec<Value>) -> Result<()> {
    match plan {
        Plan::Integer(Integer::Int32) => out.push(Value::Int32(cursor.int()?)),
        Plan::Integer(Integer::Int64) => out.push(Value::Int64(cursor.long()?)),
        Plan::Integer(Integer::Timestamp) => out.push(Value::Timestamp(cursor.long()?)),
        Plan::Integer(Integer::Date) => out.push(Value::Date(cursor.int()?)),
        Plan::Integer(Integer::Time) => out.push(Value::Time(cursor.int()?)),
        // Java narrows too.
        Plan::Integer(Integer::Int8) => out.push(Value::Int8(cursor.int()? as i8)),
        Plan::Integer(Integer::Int16) => out.push(Value::Int16(cursor.int()? as i16)),
        Plan::String => out.push(Value::String(cursor.text()?)),
        Plan::Union(branches) => {
            let branch = cursor.size()?;
            match branches.get(branch) {
                Some(plan) => return push(plan, writer, cursor, out),
                None => return Err(cursor.fail(format!("branch {branch} of a union of {}", branches.len()))),
            }
        }
        Plan::Null => out.push(Value::Null),
        Plan::Float64(from) => out.push(Value::Float64(match from {
            Number::Double => f64::from_le_bytes(cursor.array()?),
            Number::Float => f32::from_le_bytes(cursor.array()?).into(),
            Number::Long => cursor.long()? as f64,
        })),
        Plan::Float32(from) => out.push(Value::Float32(match from {
            Number::Long => cursor.long()? as f32,
            Number::Float | Number::Double => f32::from_le_bytes(cursor.array()?),
        })),
        Plan::Boolean => out.push(Value::Boolean(boolean(cursor)?)),
        Plan::Bytes => out.push(Value::Bytes(cursor.bytes()?)),
        Plan::Fixed(size) => out.push(Value::Bytes(cursor.slice(*size)?)),
        Plan::Decimal(scale) => {
            let size = cursor.size()?;
            out.push(Value::Decimal(Decimal::from_be_bytes(cursor.take(size)?, *scale)));
        }
        Plan::FixedDecimal(scale, size) => {
            out.push(Value::Decimal(Decimal::from_be_bytes(cursor.take(*size)?, *scale)));
        }
        Plan::Enum(symbols) => {
            let index = cursor.size()?;
            match symbols.get(index) {
                Some(Some(symbol)) => out.push(Value::String(symbol.clone())),
                Some(None) => return Err(cursor.fail("an enum's symbol that the reader does not know")),
                None => return Err(cursor.fail(format!("symbol {index} of an enum of {}", symbols.len()))),
            }
        }
        Plan::Row(row) => out.push(Value::Struct(self::row(row, writer, cursor)?)),
        Plan::Array(items) => {
            let mut list = Vec::new();
            blocks(cursor, |cursor, count| {
                cursor.spend(count)?;
                list.reserve(cursor.room(count));
                (0..count).try_for_each(|_| push(items, writer, cursor, &mut list))
            })?;
            out.push(Value::Array(list));
        }
        Plan::Map(values) => {
            let mut entries = Vec::new();
            blocks(cursor, |cursor, count| {
                entries.reserve(cursor.room(count));
                for _ in 0..count {
                    let key = Value::String(cursor.text()?);
                    entries.push((key, read(values, writer, cursor)?));
                }
                Ok(())
            })?;
            out.push(Value::Map(Map::from_entries(entries)));
        }
        Plan::Pairs(plans, key_first) => {
            let mut entries = Vec::new();
            blocks(cursor, |cursor, count| {
                entries.reserve(cursor.room(count));
                for _ in 0..count {
                    let (first, second) =
                        if *key_first { (&plans.0, &plans.1) } else { (&plans.1, &plans.0) };
                    let (first, second) = (read(first, writer, cursor)?, read(second, writer, cursor)?);
                    entries.push(if *key_first { (first, second) } else { (second, first) });
                }
                Ok(())
            })?;
            out.push(Value::Map(Map::from_entries(entries)));
        }
        Plan::Wrap { schema, position, plan } => {
            let width = schema.fields().map_or(0, |fields| fields.len());
            cursor.spend(width)?;
            let mut values = vec![Value::Null; width];
            values[*position] = read(plan, writer, cursor)?;
            out.push(Value::Struct(made(Struct::new(schema.clone(), values), cursor)?));
        }
        Plan::Refused(what) => return Err(cursor.fail(what.as_ref())),
    }
    Ok(())
}

pub(super) fn boolean(cursor: &mut Cursor<'_>) -> Result<bool> {
    match cursor.array()? {
        [0] => Ok(false),
        [1] => Ok(true),
        [other] => Err(cursor.fail(format!("a boolean of {other}"))),
    }
}

fn row(row: &Row, writer: &Schema, cursor: &mut Cursor<'_>) -> Result<Struct> {
    cursor.spend(row.width)?;
    let mut read = Vec::with_capacity(row.width);
    for step in &row.steps {
        match step {
            Step::Field(_, plan) => push(plan, writer, cursor, &mut read)?,
            Step::Skip(id) => skip::skip(writer, *id, cursor, 0)?,
        }
    }
    if row.in_order {
        return made(Struct::new(row.schema.clone(), read), cursor);
    }
    let mut values = vec![Value::Null; row.width];
    let positions = row.steps.iter().filter_map(|step| match step {
        Step::Field(position, _) => Some(*position),
        Step::Skip(_) => None,
    });
    for (position, value) in positions.zip(read) {
        values[position] = value;
    }
    for (position, value) in &row.defaults {
        values[*position] = value.clone();
    }
    made(Struct::new(row.schema.clone(), values), cursor)
}

fn made(row: Option<Struct>, cursor: &Cursor<'_>) -> Result<Struct> {
    row.ok_or_else(|| cursor.fail("a record with another number of fields than its schema"))
}

/// Reads the blocks of an array or a map.
pub(super) fn blocks<'a>(
    cursor: &mut Cursor<'a>,
    mut items: impl FnMut(&mut Cursor<'a>, usize) -> Result<()>,
) -> Result<()> {
    loop {
        match cursor.block()? {
            0 => return Ok(()),
            count => items(cursor, count)?,
        }
    }
}
