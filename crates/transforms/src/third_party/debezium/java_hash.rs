//! Java's `hashCode` of values, on which a partition may depend.

use api::data::{Decimal, Value};
use literal::calendar::DAY_MS;

/// The hash; `None` for values whose Java class has none that two workers would agree on.
pub(super) fn hash_code(value: &Value) -> Option<i32> {
    Some(match value {
        Value::Boolean(true) => 1231,
        Value::Boolean(false) => 1237,
        Value::Int8(n) => (*n).into(),
        Value::Int16(n) => (*n).into(),
        Value::Int32(n) => *n,
        Value::Int64(n) => folded(*n),
        // All NaN are one.
        Value::Float32(n) if n.is_nan() => 0x7fc0_0000,
        Value::Float32(n) => n.to_bits() as i32,
        Value::Float64(n) if n.is_nan() => folded(0x7ff8_0000_0000_0000),
        Value::Float64(n) => folded(n.to_bits() as i64),
        Value::String(text) => {
            text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
        }
        Value::Decimal(decimal) => of_decimal(decimal),
        Value::Date(days) => folded(i64::from(*days) * DAY_MS),
        Value::Time(ms) => folded((*ms).into()),
        Value::Timestamp(ms) => folded(*ms),
        Value::Null | Value::Bytes(_) | Value::Array(_) | Value::Map(_) | Value::Struct(_) => return None,
    })
}

fn folded(n: i64) -> i32 {
    (n ^ ((n as u64) >> 32) as i64) as i32
}

// 31 times the unscaled number's hash, and the scale; the number's is over its 32-bit digits, the highest first.
fn of_decimal(decimal: &Decimal) -> i32 {
    let unscaled = decimal.unscaled();
    let (_, digits) = unscaled.to_u32_digits();
    let hash =
        digits.iter().rev().fold(0_i32, |hash, digit| hash.wrapping_mul(31).wrapping_add(*digit as i32));
    let hash = if unscaled < Default::default() { hash.wrapping_neg() } else { hash };
    hash.wrapping_mul(31).wrapping_add(decimal.scale())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_java_hashes() {
        for (value, hash) in [
            (Value::string("hello"), 99_162_322),
            (Value::string(""), 0),
            (Value::string("ä"), 228),
            (Value::Int64(1 << 32), 1),
            (Value::Int64(-1), 0),
            (Value::Boolean(true), 1231),
            (Value::Float64(1.0), 1_072_693_248),
            (Value::Decimal(Decimal::from_i64(12345, 2)), 12345 * 31 + 2),
            (Value::Decimal(Decimal::from_i64(-5, 0)), -155),
        ] {
            assert_eq!(hash_code(&value), Some(hash), "{value:?}");
        }
    }
}
