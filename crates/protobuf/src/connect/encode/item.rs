//! One value of a field, without its key.

use data::{Decimal, Value};
use literal::calendar;

use super::Item;
use crate::connect::Error;
use crate::connect::kind::SECONDS;
use crate::connect::wire::{FIXED32, FIXED64, LENGTH, VARINT, write_sized, write_varint, zigzag};

impl Item {
    pub(super) fn wire(&self) -> u8 {
        match self {
            Item::Varint | Item::Int32 | Item::Unsigned32 | Item::Zigzag | Item::Sint32 => VARINT,
            Item::Bool | Item::Enum(_) => VARINT,
            Item::Fixed32 | Item::Sfixed32 | Item::Float => FIXED32,
            Item::Fixed64 | Item::Double => FIXED64,
            _ => LENGTH,
        }
    }

    // A value that is left out must fit all the same.
    pub(super) fn check(&mut self, value: &Value) -> Result<(), Error> {
        match self {
            // The empty text may be no symbol.
            Item::Enum(_) if matches!(value, Value::String(_)) => self.write(value, &mut Vec::new(), 0),
            Item::Varint | Item::Int32 | Item::Unsigned32 | Item::Zigzag | Item::Sint32 => {
                integer(value).map(drop)
            }
            Item::Fixed32 | Item::Sfixed32 | Item::Fixed64 => integer(value).map(drop),
            Item::Float => {
                matches!(value, Value::Float32(_)).then_some(()).ok_or_else(|| self.refused(value))
            }
            Item::Double => matches!(value, Value::Float32(_) | Value::Float64(_))
                .then_some(())
                .ok_or_else(|| self.refused(value)),
            Item::Bool => matches!(value, Value::Boolean(_)).then_some(()).ok_or_else(|| self.refused(value)),
            Item::Text => matches!(value, Value::String(_)).then_some(()).ok_or_else(|| self.refused(value)),
            Item::Bytes => matches!(value, Value::Bytes(_)).then_some(()).ok_or_else(|| self.refused(value)),
            _ => Err(self.refused(value)),
        }
    }

    #[inline]
    pub(super) fn write(&mut self, value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        match (&mut *self, value) {
            (Item::Varint, value) => write_varint(integer(value)? as u64, out),
            (Item::Text, Value::String(text)) => {
                write_varint(text.len() as u64, out);
                out.extend_from_slice(text.as_bytes());
            }
            (Item::Double, Value::Float64(n)) => out.extend_from_slice(&n.to_le_bytes()),
            (Item::Double, Value::Float32(n)) => out.extend_from_slice(&f64::from(*n).to_le_bytes()),
            (Item::Float, Value::Float32(n)) => out.extend_from_slice(&n.to_le_bytes()),
            (Item::Bool, Value::Boolean(b)) => out.push(u8::from(*b)),
            (Item::Bytes, Value::Bytes(bytes)) => {
                write_varint(bytes.len() as u64, out);
                out.extend_from_slice(bytes);
            }
            (Item::Row(plan), Value::Struct(row)) => {
                return write_sized(out, |out| plan.write(row, out, depth + 1));
            }
            (Item::Unsigned32, value) => {
                let number = integer(value)?;
                let fits = u32::try_from(number).or_else(|_| i32::try_from(number).map(|n| n as u32));
                write_varint(u64::from(fits.map_err(|_| beyond(number, 32))?), out);
            }
            (Item::Int32, value) => write_varint(i64::from(integer_32(value)?) as u64, out),
            (Item::Zigzag, value) => write_varint(zigzag(integer(value)?), out),
            (Item::Sint32, value) => write_varint(zigzag(integer_32(value)?.into()), out),
            (Item::Sfixed32, value) => out.extend_from_slice(&integer_32(value)?.to_le_bytes()),
            (Item::Fixed32, value) => {
                let number = integer(value)?;
                let fits = u32::try_from(number).or_else(|_| i32::try_from(number).map(|n| n as u32));
                out.extend_from_slice(&fits.map_err(|_| beyond(number, 32))?.to_le_bytes());
            }
            (Item::Fixed64, value) => out.extend_from_slice(&integer(value)?.to_le_bytes()),
            (Item::Enum(symbols), Value::String(name)) => match symbols.get::<str>(name) {
                Some(number) => write_varint(i64::from(*number) as u64, out),
                None => match unknown_symbol(name) {
                    Some(number) => write_varint(i64::from(number) as u64, out),
                    None => return Err(Error::mismatch(format!("the enum has no symbol {:?}", shown(name)))),
                },
            },
            (Item::Wrapped(inner), value) => {
                let (key, item) = &mut **inner;
                return write_sized(out, |out| item.write_keyed(*key, value, out));
            }
            (Item::Decimal | Item::Date | Item::Time | Item::Timestamp, value) => {
                return write_sized(out, |out| self.write_message(value, out));
            }
            (_, value) => return Err(self.refused(value)),
        }
        Ok(())
    }

    pub(super) fn write_keyed(&mut self, key: u8, value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
        if is_zero(value) {
            return self.check(value);
        }
        out.push(key);
        self.write(value, out, 0)
    }

    pub(super) fn write_message(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
        match (&*self, value) {
            (Item::Decimal, Value::Decimal(decimal)) => write_decimal(decimal, out),
            (Item::Date, Value::Date(days)) => {
                let (year, month, day) = calendar::civil(i64::from(*days));
                if year < 1 {
                    return Err(Error::mismatch("a Date before the year 1 has no form in Protobuf"));
                }
                numbers(&[year, month.into(), day.into()], out);
            }
            (Item::Time, Value::Time(ms)) if (0..calendar::DAY_MS).contains(&i64::from(*ms)) => {
                let (hour, minute, second, ms) = calendar::clock(i64::from(*ms));
                numbers(&[hour, minute, second, ms * 1_000_000], out);
            }
            (Item::Time, Value::Time(ms)) => {
                return Err(Error::mismatch(format!("a Time of {ms} ms is no time of a day")));
            }
            (Item::Timestamp, Value::Timestamp(ms)) => {
                if !SECONDS.contains(&ms.div_euclid(1000)) {
                    return Err(Error::mismatch(format!(
                        "a Timestamp of {ms} ms is not between the years 1 and 9999, as one of Protobuf must be"
                    )));
                }
                numbers(&[ms.div_euclid(1000), ms.rem_euclid(1000) * 1_000_000], out);
            }
            (_, value) => return Err(self.refused(value)),
        }
        Ok(())
    }

    #[cold]
    fn refused(&self, value: &Value) -> Error {
        let expected = match self {
            Item::Varint | Item::Int32 | Item::Unsigned32 | Item::Zigzag | Item::Sint32 => "an integer",
            Item::Fixed32 | Item::Sfixed32 | Item::Fixed64 => "an integer",
            Item::Float => "float32",
            Item::Double => "float64",
            Item::Bool => "boolean",
            Item::Text => "string",
            Item::Bytes => "bytes",
            Item::Enum(_) => "a symbol",
            Item::Decimal => "Decimal",
            Item::Date => "Date",
            Item::Time => "Time",
            Item::Timestamp => "Timestamp",
            Item::Wrapped(inner) => return inner.1.refused(value),
            Item::Row(_) => "struct",
        };
        Error::mismatch(format!("Invalid type: {} where the schema says {expected}", value.type_name()))
    }
}

// Numbers under the keys 1, 2, 3, …, zeros left out.
fn numbers(list: &[i64], out: &mut Vec<u8>) {
    for (index, number) in list.iter().enumerate().filter(|(_, number)| **number != 0) {
        out.push((index as u8 + 1) << 3);
        write_varint(*number as u64, out);
    }
}

fn write_decimal(decimal: &Decimal, out: &mut Vec<u8>) {
    let mut bytes = Vec::with_capacity(16);
    decimal.write_be_bytes(&mut bytes);
    out.push(1 << 3 | LENGTH);
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(&bytes);
    let digits = match decimal.unscaled_i64() {
        Some(0) => 1,
        Some(small) => u64::from(small.unsigned_abs().ilog10()) + 1,
        None => decimal.unscaled().to_string().trim_start_matches('-').len() as u64,
    };
    out.push(2 << 3);
    write_varint(digits, out);
    if decimal.scale() != 0 {
        out.push(3 << 3);
        write_varint(i64::from(decimal.scale()) as u64, out);
    }
}

#[inline]
fn integer(value: &Value) -> Result<i64, Error> {
    match value.as_i64() {
        Some(number) => Ok(number),
        None => Err(Error::mismatch(format!(
            "Invalid type: {} where the schema says an integer",
            value.type_name()
        ))),
    }
}

#[inline]
fn integer_32(value: &Value) -> Result<i32, Error> {
    let number = integer(value)?;
    i32::try_from(number).map_err(|_| beyond(number, 32))
}

#[cold]
fn beyond(number: i64, bits: u32) -> Error {
    Error::mismatch(format!("{number} does not fit {bits} bits"))
}

/// Of texts that are shown in errors.
const SHOWN_CHARS_MAX: usize = 100;

// A text as errors show it: not longer than a line.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

// What an unknown number was read as.
fn unknown_symbol(name: &str) -> Option<i32> {
    name.strip_prefix("UNKNOWN_ENUM_VALUE_")?.rsplit('_').next()?.parse().ok()
}

pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Boolean(b) => !b,
        Value::Int8(n) => *n == 0,
        Value::Int16(n) => *n == 0,
        Value::Int32(n) => *n == 0,
        Value::Int64(n) => *n == 0,
        Value::Float32(n) => n.to_bits() == 0,
        Value::Float64(n) => n.to_bits() == 0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}
