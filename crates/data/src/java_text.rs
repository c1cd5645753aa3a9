//! The text form of values, as Java's `toString` gives it: what StringConverter and FileStreamSink write.
//!
//! Struct `Struct{a=1,b=x}` (nulls left out), list `[1, 2]`, map `{k=v}`, floats as `Double.toString`. Bytes have no
//! such form in Java (it prints an address): here they are base64. Dates print as ISO 8601 in UTC, where Java's
//! `Date.toString` depends on the machine's locale and zone.

use std::fmt::{self, Write};

use crate::{Struct, Value};

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Int8(number) => write!(f, "{number}"),
            Value::Int16(number) => write!(f, "{number}"),
            Value::Int32(number) => write!(f, "{number}"),
            Value::Int64(number) => write!(f, "{number}"),
            Value::Float32(number) => write_java_float(f, *number),
            Value::Float64(number) => write_java_double(f, *number),
            Value::String(text) => f.write_str(text),
            Value::Bytes(bytes) => write_base64(f, bytes),
            Value::Decimal(decimal) => write!(f, "{decimal}"),
            Value::Date(days) => write_date(f, i64::from(*days)),
            Value::Time(ms) => write_time(f, i64::from(*ms)),
            Value::Timestamp(ms) => {
                write_date(f, ms.div_euclid(DAY_MS))?;
                f.write_char('T')?;
                write_time(f, ms.rem_euclid(DAY_MS))
            }
            Value::Array(items) => list(f, '[', ']', items, |f, item| write!(f, "{item}")),
            Value::Map(map) => list(f, '{', '}', map.iter(), |f, (key, value)| write!(f, "{key}={value}")),
            Value::Struct(row) => write!(f, "{row}"),
        }
    }
}

impl fmt::Display for Struct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Struct{")?;
        let fields = self.schema().fields().map(|fields| &fields[..]).unwrap_or_default();
        let present = fields.iter().zip(self.values()).filter(|(_, value)| !value.is_null());
        for (index, (field, value)) in present.enumerate() {
            write!(f, "{}{}={value}", if index == 0 { "" } else { "," }, field.name)?;
        }
        f.write_char('}')
    }
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    open: char,
    close: char,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    f.write_char(close)
}

/// Java's `Double.toString`: plain from 0.001 to below 10,000,000, else `1.0E10`; always a digit after the point.
///
/// # Errors
/// The writer's.
pub fn write_java_double(out: &mut impl Write, number: f64) -> fmt::Result {
    match number.is_finite() {
        true => scientific(out, &format!("{number:e}")),
        false => non_finite(out, number),
    }
}

/// Java's `Float.toString`; see [`write_java_double`].
///
/// # Errors
/// The writer's.
pub fn write_java_float(out: &mut impl Write, number: f32) -> fmt::Result {
    match number.is_finite() {
        true => scientific(out, &format!("{number:e}")),
        false => non_finite(out, number.into()),
    }
}

fn non_finite(out: &mut impl Write, number: f64) -> fmt::Result {
    out.write_str(match number {
        number if number.is_nan() => "NaN",
        number if number > 0.0 => "Infinity",
        _ => "-Infinity",
    })
}

// From Rust's shortest digits, `-1.25e-7`, to Java's form.
fn scientific(out: &mut impl Write, text: &str) -> fmt::Result {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(|char| *char != '.').collect();
    out.write_str(sign)?;
    match exponent {
        0..=6 => {
            let whole = exponent as usize + 1;
            match digits.len() > whole {
                true => write!(out, "{}.{}", &digits[..whole], &digits[whole..]),
                false => write!(out, "{digits}{}.0", "0".repeat(whole - digits.len())),
            }
        }
        -3..=-1 => write!(out, "0.{}{digits}", "0".repeat(-exponent as usize - 1)),
        _ => {
            let fraction = if digits.len() > 1 { &digits[1..] } else { "0" };
            write!(out, "{}.{fraction}E{exponent}", &digits[..1])
        }
    }
}

const DAY_MS: i64 = 86_400_000;

// Civil date of a day number, by Howard Hinnant's algorithm for the proleptic Gregorian calendar.
fn write_date(out: &mut impl Write, days: i64) -> fmt::Result {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    write!(out, "{year:04}-{month:02}-{day:02}")
}

fn write_time(out: &mut impl Write, ms: i64) -> fmt::Result {
    let (seconds, ms) = (ms / 1000, ms % 1000);
    write!(out, "{:02}:{:02}:{:02}.{ms:03}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn write_base64(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            match place <= chunk.len() {
                true => out.write_char(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63].into())?,
                false => out.write_char('=')?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bytes, Kind, Map, Schema};

    #[test]
    fn floats_print_as_java() {
        let cases = [
            (1.0, "1.0"),
            (0.001, "0.001"),
            (0.00099, "9.9E-4"),
            (1e7, "1.0E7"),
            (9_999_999.0, "9999999.0"),
            (123_456.75, "123456.75"),
            (-1.5e300, "-1.5E300"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (100.0, "100.0"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (number, expected) in cases {
            assert_eq!(Value::Float64(number).to_string(), expected);
        }
        assert_eq!(Value::Float32(0.1).to_string(), "0.1");
    }

    #[test]
    fn composites_print_as_java() {
        let schema =
            Schema::structure([("a", Schema::required(Kind::Int8)), ("b", Schema::optional(Kind::String))]);
        let row = |b| Value::Struct(Struct::new(schema.clone().unwrap(), vec![Value::Int8(1), b]).unwrap());
        assert_eq!(row(Value::string("x")).to_string(), "Struct{a=1,b=x}");
        assert_eq!(row(Value::Null).to_string(), "Struct{a=1}");
        assert_eq!(Value::Array(vec![Value::Int8(1), Value::Null]).to_string(), "[1, null]");
        let mut map = Map::new();
        map.insert(Value::string("k"), Value::Boolean(true));
        assert_eq!(Value::Map(map).to_string(), "{k=true}");
        assert_eq!(Value::Bytes(Bytes::from_static(b"abcd")).to_string(), "YWJjZA==");
    }

    #[test]
    fn times_are_iso() {
        assert_eq!(Value::Date(0).to_string(), "1970-01-01");
        assert_eq!(Value::Date(-1).to_string(), "1969-12-31");
        assert_eq!(Value::Timestamp(951_782_400_001).to_string(), "2000-02-29T00:00:00.001Z");
        assert_eq!(Value::Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }
}
