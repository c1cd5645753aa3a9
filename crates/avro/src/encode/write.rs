//! Values to bytes, by a plan.

use std::sync::Arc;

use data::{Decimal, Schema, SchemaRef, Value};

use super::EncodeError;
use super::plan::{Column, OneOf, Plan, Promoted, Row};

type Result<T> = std::result::Result<T, EncodeError>;

/// Appends an integer: zig-zag, seven bits a byte.
#[inline]
pub(super) fn long(number: i64, out: &mut Vec<u8>) {
    let mut bits = ((number << 1) ^ (number >> 63)) as u64;
    if bits < 0x80 {
        return out.push(bits as u8);
    }
    let mut bytes = [0u8; 10];
    let mut length = 0;
    while bits >= 0x80 {
        bytes[length] = bits as u8 | 0x80;
        bits >>= 7;
        length += 1;
    }
    bytes[length] = bits as u8;
    out.extend_from_slice(&bytes[..=length]);
}

/// Appends bytes after their number.
#[inline]
pub(super) fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    long(bytes.len() as i64, out);
    out.extend_from_slice(bytes);
}

/// Appends a value that is a whole message of plain bytes: without its length.
pub(super) fn raw(plan: &Plan, value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match (plan, value) {
        (Plan::Bytes, Value::Bytes(bytes)) => out.extend_from_slice(bytes),
        (Plan::Decimal(scale), Value::Decimal(decimal)) => {
            check_scale(*scale, decimal)?;
            decimal.write_be_bytes(out);
        }
        (Plan::String, Value::String(text)) => out.extend_from_slice(text.as_bytes()),
        (plan, value) => return refused(plan, value),
    }
    Ok(())
}

/// Appends a value.
pub(super) fn write(plan: &mut Plan, value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match (plan, value) {
        (Plan::Int32, Value::Int32(number)) => long((*number).into(), out),
        (Plan::Int64, Value::Int64(number)) => long(*number, out),
        (Plan::String, Value::String(text)) => bytes(text.as_bytes(), out),
        (Plan::Branch { null, .. }, Value::Null) => match null {
            Some(branch) => out.extend_from_slice(branch),
            None => return Err(null_for_required()),
        },
        (Plan::Branch { branch, plan, .. }, value) => {
            out.extend_from_slice(branch);
            return write(plan, value, out);
        }
        (Plan::Float64, Value::Float64(number)) => out.extend_from_slice(&number.to_le_bytes()),
        (Plan::Float32, Value::Float32(number)) => out.extend_from_slice(&number.to_le_bytes()),
        (Plan::Boolean, Value::Boolean(value)) => out.push((*value).into()),
        (Plan::Timestamp, Value::Timestamp(ms)) => long(*ms, out),
        (Plan::Date, Value::Date(days)) => long((*days).into(), out),
        (Plan::Time, Value::Time(ms)) if (0..=86_400_000).contains(ms) => long((*ms).into(), out),
        (Plan::Int8, Value::Int8(number)) => long((*number).into(), out),
        (Plan::Int16, Value::Int16(number)) => long((*number).into(), out),
        (Plan::Bytes, Value::Bytes(value)) => bytes(value, out),
        (Plan::Decimal(scale), Value::Decimal(decimal)) => {
            check_scale(*scale, decimal)?;
            let at = out.len();
            out.push(0); // most lengths are one byte
            decimal.write_be_bytes(out);
            let length = out.len() - at - 1;
            match length < 64 {
                true => out[at] = (length << 1) as u8,
                false => {
                    let digits = out.split_off(at + 1);
                    out.truncate(at);
                    bytes(&digits, out);
                }
            }
        }
        (Plan::Row(row), Value::Struct(value)) => {
            row.check(value.schema())?;
            return columns(row, value.values(), out);
        }
        (Plan::Array(items), Value::Array(list)) => {
            if !list.is_empty() {
                long(list.len() as i64, out);
                for (index, item) in list.iter().enumerate() {
                    write(items, item, out).map_err(|error| error.inside(&format!("[{index}]")))?;
                }
            }
            out.push(0);
        }
        (Plan::Map(values), Value::Map(map)) => {
            if !map.is_empty() {
                long(map.len() as i64, out);
                for (key, value) in map.iter() {
                    let Value::String(name) = key else {
                        return Err(EncodeError::new(format!(
                            "a map's key is {} where a text is needed",
                            key.type_name()
                        )));
                    };
                    bytes(name.as_bytes(), out);
                    write(values, value, out)
                        .map_err(|error| error.inside(&format!("[{:?}]", crate::error::shown(name))))?;
                }
            }
            out.push(0);
        }
        (Plan::Pairs(plans, key_first), Value::Map(map)) => {
            if !map.is_empty() {
                long(map.len() as i64, out);
                for (index, (key, value)) in map.iter().enumerate() {
                    let mut pair = || match key_first {
                        true => write(&mut plans.0, key, out).and_then(|()| write(&mut plans.1, value, out)),
                        false => write(&mut plans.1, value, out).and_then(|()| write(&mut plans.0, key, out)),
                    };
                    pair().map_err(|error| error.inside(&format!("[{index}]")))?;
                }
            }
            out.push(0);
        }
        (Plan::OneOf(union), value) => return one_of(union, value, out),
        (Plan::Enum(symbols), Value::String(text)) => match symbols.get(&**text) {
            Some(symbol) => out.extend_from_slice(symbol),
            None => {
                return Err(EncodeError::new(format!(
                    "{:?} is not a symbol of the enum",
                    crate::error::shown(text)
                )));
            }
        },
        (Plan::Fixed(size), Value::Bytes(value)) => match value.len() == *size {
            true => out.extend_from_slice(value),
            false => {
                let what = format!("{} bytes where the fixed type has {size}", value.len());
                return Err(EncodeError::new(what));
            }
        },
        (Plan::FixedDecimal(scale, size), Value::Decimal(decimal)) => {
            return fixed_decimal(*scale, *size, decimal, out);
        }
        (Plan::Promoted(to), value) => return promoted(*to, value, out),
        (Plan::BytesAsString, Value::Bytes(value)) => match std::str::from_utf8(value) {
            Ok(_) => bytes(value, out),
            Err(error) => {
                return Err(EncodeError::new(format!(
                    "bytes that are not UTF-8 where the schema says string: {error}"
                )));
            }
        },
        (plan, value) => return refused(plan, value),
    }
    Ok(())
}

fn columns(row: &mut Row, values: &[Value], out: &mut Vec<u8>) -> Result<()> {
    for column in &mut row.columns {
        match column {
            Column::Field { name, position, plan, default } => {
                let value = values.get(*position).unwrap_or(&Value::Null);
                match (value, &default) {
                    (Value::Null, Some(default)) => out.extend_from_slice(default),
                    _ => write(plan, value, out).map_err(|error| error.inside(name))?,
                }
            }
            Column::Constant(default) => out.extend_from_slice(default),
        }
    }
    Ok(())
}

fn one_of(union: &mut OneOf, value: &Value, out: &mut Vec<u8>) -> Result<()> {
    let null = |union: &OneOf, out: &mut Vec<u8>| match &union.null {
        Some(branch) => {
            out.extend_from_slice(branch);
            Ok(())
        }
        None => Err(null_for_required()),
    };
    let row = match value {
        Value::Null => return null(union, out),
        Value::Struct(row) => row,
        other => {
            return Err(EncodeError::new(format!(
                "{} where the schema says a struct of one branch",
                other.type_name()
            )));
        }
    };
    check(&union.schema, &mut union.equal, row.schema())?;
    for (value, branch) in row.values().iter().zip(&mut union.branches) {
        match (value, &branch.default) {
            (Value::Null, None) => {}
            (Value::Null, Some(default)) => {
                out.extend_from_slice(&branch.number);
                out.extend_from_slice(default);
                return Ok(());
            }
            (value, _) => {
                out.extend_from_slice(&branch.number);
                return write(&mut branch.plan, value, out);
            }
        }
    }
    null(union, out)
}

fn fixed_decimal(scale: i32, size: usize, decimal: &Decimal, out: &mut Vec<u8>) -> Result<()> {
    check_scale(scale, decimal)?;
    let mut digits = Vec::new();
    decimal.write_be_bytes(&mut digits);
    let Some(padding) = size.checked_sub(digits.len()) else {
        return Err(EncodeError::new(format!(
            "a Decimal of {} bytes where the fixed type has {size}",
            digits.len()
        )));
    };
    let sign = if digits.first().is_some_and(|first| first & 0x80 != 0) { 0xff } else { 0 };
    out.extend(std::iter::repeat_n(sign, padding));
    out.extend_from_slice(&digits);
    Ok(())
}

fn promoted(to: Promoted, value: &Value, out: &mut Vec<u8>) -> Result<()> {
    let integer = match value {
        Value::Date(number) | Value::Time(number) => Some(i64::from(*number)),
        Value::Timestamp(number) => Some(*number),
        other => other.as_i64(),
    };
    match (to, integer, value) {
        (Promoted::Long, Some(number), _) => long(number, out),
        (Promoted::Float, Some(number), _) => out.extend_from_slice(&(number as f32).to_le_bytes()),
        (Promoted::Double, Some(number), _) => out.extend_from_slice(&(number as f64).to_le_bytes()),
        (Promoted::Double, None, Value::Float32(number)) => {
            out.extend_from_slice(&f64::from(*number).to_le_bytes());
        }
        (_, _, Value::Null) => return Err(null_for_required()),
        _ => return Err(EncodeError::new(format!("{} where the schema says a number", value.type_name()))),
    }
    Ok(())
}

impl Row {
    /// Whether a row of this schema may be written by this plan: the fields must be equal.
    #[inline]
    fn check(&mut self, schema: &SchemaRef) -> Result<()> {
        check(&self.schema, &mut self.equal, schema)
    }
}

#[inline]
fn check(own: &SchemaRef, equal: &mut Option<SchemaRef>, schema: &SchemaRef) -> Result<()> {
    let known = |known: &SchemaRef| Arc::ptr_eq(known, schema);
    if known(own) || equal.as_ref().is_some_and(known) {
        return Ok(());
    }
    // What else the schemas say makes no difference to the bytes: a default's own schema has no default.
    if Schema::kind(own) == schema.kind() {
        *equal = Some(schema.clone());
        return Ok(());
    }
    Err(EncodeError::new("Mismatching struct schema"))
}

fn check_scale(scale: i32, decimal: &Decimal) -> Result<()> {
    match decimal.scale() == scale {
        true => Ok(()),
        false => Err(EncodeError::new("Decimal value has mismatching scale for given Decimal schema")),
    }
}

#[cold]
fn null_for_required() -> EncodeError {
    EncodeError::new("Found null value for non-optional schema")
}

#[cold]
fn refused(plan: &Plan, value: &Value) -> Result<()> {
    if value.is_null() {
        return Err(null_for_required());
    }
    let expected = match plan {
        Plan::Boolean => "boolean",
        Plan::Int8 => "int8",
        Plan::Int16 => "int16",
        Plan::Int32 => "int32",
        Plan::Int64 => "int64",
        Plan::Float32 => "float32",
        Plan::Float64 => "float64",
        Plan::Date => "Date",
        Plan::Time => "Time, 0 to 86400000 ms of the day",
        Plan::Timestamp => "Timestamp",
        Plan::String | Plan::Enum(_) => "string",
        Plan::Bytes | Plan::BytesAsString | Plan::Fixed(_) => "bytes",
        Plan::Decimal(_) | Plan::FixedDecimal(..) => "Decimal",
        Plan::Array(_) => "array",
        Plan::Map(_) | Plan::Pairs(..) => "map",
        Plan::Row(_) | Plan::OneOf(_) => "struct",
        Plan::Promoted(_) | Plan::Branch { .. } => "another value",
    };
    Err(EncodeError::new(format!("Invalid type: {} where the schema says {expected}", value.type_name())))
}
