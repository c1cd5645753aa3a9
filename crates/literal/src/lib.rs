//! Values as short text, the form of headers and of literals in configs: Kafka Connect's `Values`.
//!
//! [`parse`] finds the type from the text: `null`, `true`, `false`; a date `yyyy-MM-dd`, a time `HH:mm:ss.SSS'Z'` or a
//! timestamp `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'` (colons may be written `\:`); a number, as the smallest type that holds it;
//! a list `[a,b]`, a map `{k:v}`, with text in double quotes inside. Anything else is text, as it stands.
//!
//! Where Java's answer loses data, this one keeps it:
//!
//! | Text or value | Java | Here |
//! |---|---|---|
//! | `10,20`, `8080:x`, `null,x`: one token, then a delimiter | the first token, the rest dropped | text |
//! | a list or map without a common element type, or empty | a schema that fails when used | no schema |
//! | a list with a null | a schema whose elements may not be null | elements are optional |
//! | `"a\"b"` inside a list | `a\"b`, with the backslash | `a"b` |
//! | a date that does not exist, `2021-02-30` | the next that does | text |
//! | a timestamp before 1970, written | its time of day only | the whole timestamp |
//! | 1970-01-01, written | `00:00:00.000Z` | `1970-01-01` |
//! | time zone | the machine's, though a Z is printed | UTC |
//!
//! Beside it stand what Java's `toString` prints ([`java`]), the calendar ([`calendar`]), character sets ([`charset`]), and
//! names as formats with schemas allow them ([`scrubbed`]). This crate knows `data` and the number forms of `json`.

pub mod calendar;
pub mod charset;
pub mod java;
mod parser;
mod scrub;
mod temporal;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data::{Datum, Map, Value};

pub use scrub::scrubbed;

use crate::calendar::DAY_MS;

/// The value of a text; never fails, since what is nothing else is text.
pub fn parse(text: &str) -> Datum {
    parser::parse(text)
}

/// Appends the text of a value. Top-level text stands bare, text inside lists, maps and rows is in quotes; a null inside
/// is `null`.
pub fn write(value: &Value, out: &mut Vec<u8>) {
    write_nested(value, false, out);
}

fn write_nested(value: &Value, nested: bool, out: &mut Vec<u8>) {
    match value {
        Value::String(text) if nested => write_quoted(text, out),
        Value::Bytes(bytes) if nested => write_quoted(&STANDARD.encode(bytes), out),
        Value::Date(days) => temporal::write_date((*days).into(), out),
        Value::Time(ms) => write_moment((*ms).into(), out),
        Value::Timestamp(ms) => write_moment(*ms, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                out.extend_from_slice(if index > 0 { b"," } else { b"" });
                write_nested(item, true, out);
            }
            out.push(b']');
        }
        Value::Map(map) => write_map(map, out),
        Value::Struct(row) => {
            out.push(b'{');
            let fields = row.schema().fields().map_or(&[][..], |fields| fields);
            for (index, field) in fields.iter().enumerate() {
                out.extend_from_slice(if index > 0 { b"," } else { b"" });
                write_quoted(&field.name, out);
                out.push(b':');
                write_nested(row.get(&field.name).unwrap_or(&Value::Null), true, out);
            }
            out.push(b'}');
        }
        // Numbers and booleans, and what stands bare at the top, print as in Java.
        other => java::write(other, out),
    }
}

fn write_map(map: &Map, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (key, value)) in map.iter().enumerate() {
        out.extend_from_slice(if index > 0 { b"," } else { b"" });
        write_nested(key, true, out);
        out.push(b':');
        write_nested(value, true, out);
    }
    out.push(b'}');
}

fn write_quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

// Java looks at the magnitude only: within the first day it is a time, a whole number of days is a date.
fn write_moment(ms: i64, out: &mut Vec<u8>) {
    match ms {
        0..DAY_MS => temporal::write_time(ms, out),
        _ if ms % DAY_MS == 0 => temporal::write_date(ms / DAY_MS, out),
        _ => temporal::write_timestamp(ms, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::{Bytes, Kind, Schema, Struct};

    fn check(value: Value, text: &str) {
        let mut out = Vec::new();
        write(&value, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn texts_of_values() {
        check(Value::string("a\"b"), "a\"b");
        check(Value::Bytes(Bytes::from_static(&[0, 200])), "AMg=");
        check(Value::Float64(1e10), "1.0E10");
        check(Value::Array(vec![Value::string("a\"\\"), Value::Int8(1), Value::Null]), r#"["a\"\\",1,null]"#);
        check(Value::Array(vec![Value::Bytes(Bytes::from_static(&[0, 200]))]), r#"["AMg="]"#);
        let map = Map::from_distinct(vec![
            (Value::string("k"), Value::Boolean(true)),
            (Value::Int8(1), Value::Null),
        ]);
        check(Value::Map(map), r#"{"k":true,1:null}"#);
        let schema = Schema::structure([("a", Schema::required(Kind::Int8))]).unwrap();
        check(Value::Struct(Struct::new(schema, vec![Value::Int8(1)]).unwrap()), r#"{"a":1}"#);
        check(Value::Time(3_600_001), "01:00:00.001Z");
        check(Value::Date(8037), "1992-01-03");
        check(Value::Date(0), "1970-01-01");
        check(Value::Timestamp(1_767_225_600_001), "2026-01-01T00:00:00.001Z");
        check(Value::Timestamp(1_767_225_600_000), "2026-01-01");
        check(Value::Timestamp(5), "00:00:00.005Z");
        check(Value::Timestamp(-1), "1969-12-31T23:59:59.999Z");
    }
}
