//! What Java's `toString` prints for Connect's values.
//!
//! Rows print as `Struct{a=1,b=x}` without their null fields, lists as `[a, b]`, maps as `{k=v, l=w}`, floats as
//! `Double.toString`, and dates as `java.util.Date` does in UTC (`Fri Jan 03 00:00:00 UTC 1992`; Java uses the zone of
//! its machine). Bytes, for which Java prints an object's address, print as base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data::Value;

use crate::calendar::{DAY_MS, MONTHS, WEEKDAYS, clock, java_date};

/// Appends the text of a value in UTF-8.
pub fn write(value: &Value, out: &mut Vec<u8>) {
    use std::io::Write;
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(true) => out.extend_from_slice(b"true"),
        Value::Boolean(false) => out.extend_from_slice(b"false"),
        Value::Int8(n) => json::write_i64((*n).into(), out),
        Value::Int16(n) => json::write_i64((*n).into(), out),
        Value::Int32(n) => json::write_i64((*n).into(), out),
        Value::Int64(n) => json::write_i64(*n, out),
        Value::Float32(n) if n.is_finite() => json::write_f32(*n, out),
        Value::Float64(n) if n.is_finite() => json::write_f64(*n, out),
        Value::Float32(n) => out.extend_from_slice(not_finite((*n).into()).as_bytes()),
        Value::Float64(n) => out.extend_from_slice(not_finite(*n).as_bytes()),
        Value::String(text) => out.extend_from_slice(text.as_bytes()),
        Value::Bytes(bytes) => out.extend_from_slice(STANDARD.encode(bytes).as_bytes()),
        Value::Decimal(decimal) => write!(out, "{decimal}").expect("a vector takes every text"),
        Value::Date(days) => write_date(i64::from(*days) * DAY_MS, out),
        Value::Time(ms) => write_date((*ms).into(), out),
        Value::Timestamp(ms) => write_date(*ms, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                out.extend_from_slice(if index > 0 { b", " } else { b"" });
                write(item, out);
            }
            out.push(b']');
        }
        Value::Map(map) => {
            out.push(b'{');
            for (index, (key, value)) in map.iter().enumerate() {
                out.extend_from_slice(if index > 0 { b", " } else { b"" });
                write(key, out);
                out.push(b'=');
                write(value, out);
            }
            out.push(b'}');
        }
        Value::Struct(row) => {
            out.extend_from_slice(b"Struct{");
            let fields = row.schema().fields().map_or(&[][..], |fields| fields);
            let present = fields.iter().zip(row.values()).filter(|(_, value)| !value.is_null());
            for (index, (field, value)) in present.enumerate() {
                out.extend_from_slice(if index > 0 { b"," } else { b"" });
                out.extend_from_slice(field.name.as_bytes());
                out.push(b'=');
                write(value, out);
            }
            out.push(b'}');
        }
    }
}

/// The text of a value.
pub fn to_string(value: &Value) -> String {
    let mut out = Vec::new();
    write(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn not_finite(number: f64) -> &'static str {
    match (number.is_nan(), number < 0.0) {
        (true, _) => "NaN",
        (false, true) => "-Infinity",
        (false, false) => "Infinity",
    }
}

fn write_date(ms: i64, out: &mut Vec<u8>) {
    use std::io::Write;
    let (days, of_day) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    let (year, month, day) = java_date(days);
    let (hour, minute, second, _) = clock(of_day);
    // 1970-01-01 was a Thursday.
    let weekday = &WEEKDAYS[(days + 4).rem_euclid(7) as usize][..3];
    let month = &MONTHS[month as usize - 1][..3];
    // Years before 1 count backwards from 1 again, without a word about it.
    let year = if year > 0 { year } else { 1 - year };
    write!(out, "{weekday} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year}")
        .expect("a vector takes every text");
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::{Bytes, Decimal, Kind, Map, Schema, Struct};

    #[test]
    fn as_java_prints_it() {
        let schema = Schema::structure([
            ("a", Schema::required(Kind::Int8)),
            ("gone", Schema::optional(Kind::Int8)),
            ("b", Schema::required(Kind::String)),
        ]);
        let row =
            Struct::new(schema.unwrap(), vec![Value::Int8(1), Value::Null, Value::string("x")]).unwrap();
        let map = Map::from_distinct(vec![
            (Value::string("k"), Value::Int8(1)),
            (Value::Boolean(true), Value::Null),
        ]);
        for (value, text) in [
            (Value::Struct(row), "Struct{a=1,b=x}"),
            (Value::Array(vec![Value::string("a"), Value::Null]), "[a, null]"),
            (Value::Array(vec![]), "[]"),
            (Value::Map(map), "{k=1, true=null}"),
            (Value::Float64(2.0), "2.0"),
            (Value::Float32(1e10), "1.0E10"),
            (Value::Float64(f64::NAN), "NaN"),
            (Value::Float32(f32::NEG_INFINITY), "-Infinity"),
            (Value::Bytes(Bytes::from_static(&[0, 200])), "AMg="),
            (Value::Decimal(Decimal::from_i64(200, 2)), "2.00"),
            (Value::Date(8037), "Fri Jan 03 00:00:00 UTC 1992"),
            (Value::Date(-354_280), "Mon Jan 01 00:00:00 UTC 1000"),
            (Value::Date(-354_281), "Sun Dec 31 00:00:00 UTC 999"),
            (Value::Date(-141_427), "Fri Oct 15 00:00:00 UTC 1582"),
            (Value::Date(-141_428), "Thu Oct 04 00:00:00 UTC 1582"),
            (Value::Date(-719_164), "Sat Jan 01 00:00:00 UTC 1"),
            (Value::Date(-719_165), "Fri Dec 31 00:00:00 UTC 1"),
            (Value::Timestamp(-1), "Wed Dec 31 23:59:59 UTC 1969"),
            (Value::Timestamp(1_767_225_600_001), "Thu Jan 01 00:00:00 UTC 2026"),
        ] {
            assert_eq!(to_string(&value), text);
        }
    }
}
