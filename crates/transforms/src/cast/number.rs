//! Casts between numbers, booleans and their texts.

use api::data::{Decimal, Value};
use api::{Error, Result};

use super::{Target, float, unsupported};

pub(super) fn cast(value: Value, target: Target) -> Result<Value> {
    // Logical types count as the number that encodes them.
    match value {
        Value::Boolean(b) if target == Target::Boolean => Ok(Value::Boolean(b)),
        Value::Boolean(b) => Ok(of_i64(b.into(), target)),
        Value::Int8(n) => Ok(of_i64(n.into(), target)),
        Value::Int16(n) => Ok(of_i64(n.into(), target)),
        Value::Int32(n) | Value::Date(n) | Value::Time(n) => Ok(of_i64(n.into(), target)),
        Value::Int64(n) | Value::Timestamp(n) => Ok(of_i64(n, target)),
        Value::Float32(n) => Ok(match target {
            Target::Float32 => Value::Float32(n),
            _ => of_f64(n.into(), target),
        }),
        Value::Float64(n) => Ok(of_f64(n, target)),
        Value::Decimal(decimal) => Ok(of_decimal(&decimal, target)),
        Value::String(text) => of_text(&text, target),
        other => Err(unsupported(&other)),
    }
}

fn of_i64(n: i64, target: Target) -> Value {
    match target {
        Target::Int8 => Value::Int8(n as i8),
        Target::Int16 => Value::Int16(n as i16),
        Target::Int32 => Value::Int32(n as i32),
        Target::Int64 => Value::Int64(n),
        Target::Float32 => Value::Float32(n as f32),
        Target::Float64 => Value::Float64(n as f64),
        Target::Boolean => Value::Boolean(n != 0),
        Target::String => Value::string(n.to_string()),
    }
}

// Java cuts off the fraction and bounds the number to 32 or 64 bits; narrower types take the low bits of 32.
fn of_f64(n: f64, target: Target) -> Value {
    match target {
        Target::Int8 => Value::Int8(n as i32 as i8),
        Target::Int16 => Value::Int16(n as i32 as i16),
        Target::Int32 => Value::Int32(n as i32),
        Target::Float32 => Value::Float32(n as f32),
        Target::Float64 => Value::Float64(n),
        Target::Int64 | Target::Boolean | Target::String => of_i64(n as i64, target),
    }
}

// The integer part's low bits, as `BigDecimal.longValue`; floats are the nearest.
pub(crate) fn of_decimal(decimal: &Decimal, target: Target) -> Value {
    match target {
        Target::Float32 => Value::Float32(decimal.to_f64() as f32),
        Target::Float64 => Value::Float64(decimal.to_f64()),
        _ => of_i64(decimal.to_i64_low_bits(), target),
    }
}

fn of_text(text: &str, target: Target) -> Result<Value> {
    let not_a_number = || {
        // As Java says it, which reads a byte or a short as 32 bits first.
        let narrow = matches!(target, Target::Int8 | Target::Int16) && text.parse::<i32>().is_ok();
        let why = match narrow {
            true => format!("Value out of range. Value:\"{text}\" Radix:10"),
            false => format!("For input string: \"{text}\""),
        };
        let cause = Error::bad_record(why).class("java.lang.NumberFormatException");
        Error::bad_record(format!("Value ({text}) was out of range for requested data type")).caused_by(cause)
    };
    macro_rules! parse {
        ($variant:ident, $text:expr) => {
            $text.parse().map(Value::$variant).map_err(|_| not_a_number())
        };
    }
    match target {
        Target::Int8 => parse!(Int8, text),
        Target::Int16 => parse!(Int16, text),
        Target::Int32 => parse!(Int32, text),
        Target::Int64 => parse!(Int64, text),
        Target::Float32 => float::read(text).map(|n| Value::Float32(n.single)).ok_or_else(not_a_number),
        Target::Float64 => float::read(text).map(|n| Value::Float64(n.double)).ok_or_else(not_a_number),
        Target::Boolean => Ok(Value::Boolean(text.eq_ignore_ascii_case("true"))),
        Target::String => Ok(Value::string(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_narrow_as_in_java() {
        for (value, target, expected) in [
            (Value::Int32(300), Target::Int8, Value::Int8(44)),
            (Value::Float64(1e10), Target::Int32, Value::Int32(i32::MAX)),
            (Value::Float64(1e10), Target::Int8, Value::Int8(-1)),
            (Value::Float64(f64::NAN), Target::Int64, Value::Int64(0)),
            (Value::Float64(-1.9), Target::Int64, Value::Int64(-1)),
            (Value::Float64(0.5), Target::Boolean, Value::Boolean(false)),
            (Value::Int8(2), Target::Boolean, Value::Boolean(true)),
            (Value::Boolean(true), Target::Float32, Value::Float32(1.0)),
            (Value::Timestamp(5), Target::Int64, Value::Int64(5)),
            (Value::Date(8037), Target::Int32, Value::Int32(8037)),
            (Value::string("TRUE"), Target::Boolean, Value::Boolean(true)),
            (Value::string("1"), Target::Boolean, Value::Boolean(false)),
            (Value::string("-12"), Target::Int16, Value::Int16(-12)),
            (Value::string(" 1.5 "), Target::Float64, Value::Float64(1.5)),
            (Value::string("-Infinity"), Target::Float64, Value::Float64(f64::NEG_INFINITY)),
            (Value::Decimal(Decimal::from_i64(-12399, 2)), Target::Int8, Value::Int8(-123)),
            (Value::Decimal(Decimal::from_i64(5, -1)), Target::Int32, Value::Int32(50)),
            (Value::Decimal(Decimal::from_i64(5, -200)), Target::Int64, Value::Int64(0)),
            (Value::Decimal("18446744073709551617".parse().unwrap()), Target::Int64, Value::Int64(1)),
            (Value::Decimal(Decimal::from_i64(5, 3)), Target::Int64, Value::Int64(0)),
            (Value::Decimal(Decimal::from_i64(25, 1)), Target::Float64, Value::Float64(2.5)),
        ] {
            assert_eq!(cast(value.clone(), target).unwrap(), expected, "{value:?}");
        }
        for (value, target) in [
            (Value::string("300"), Target::Int8),
            (Value::string(" 1"), Target::Int8),
            (Value::string("1.5"), Target::Int64),
            (Value::string("inf"), Target::Float64),
            (Value::string(""), Target::Float32),
            (Value::Array(vec![]), Target::Int8),
            (Value::Bytes(api::data::Bytes::new()), Target::Int8),
        ] {
            assert!(cast(value.clone(), target).is_err(), "{value:?}");
        }
        let cause = |text: &str, target| {
            let trace = cast(Value::string(text), target).unwrap_err().trace();
            trace.lines().nth(1).map(str::to_owned).unwrap()
        };
        let said = "Caused by: java.lang.NumberFormatException: ";
        assert_eq!(cause("two", Target::Int8), format!("{said}For input string: \"two\""));
        assert_eq!(cause("300", Target::Int8), format!("{said}Value out of range. Value:\"300\" Radix:10"));
    }
}
