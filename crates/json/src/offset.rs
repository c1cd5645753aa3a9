//! Source offsets as Kafka's offsets topic has them: the key `["connector",{partition}]`, the value `{offset}`.
//!
//! A source partition is known by its key's bytes. They are the same as Kafka Connect's for the same map in the same
//! order, so that either finds the offsets that the other stored.

use data::{Bytes, OffsetMap, Primitive, Text, Value};

use crate::{Error, number, parse, text};

/// Appends the key of a connector's source partition; a partition may be null.
pub fn write_key(connector: &str, partition: Option<&OffsetMap>, out: &mut Vec<u8>) {
    out.push(b'[');
    text::write_string(connector, out);
    out.push(b',');
    match partition {
        Some(partition) => write_map(partition, out),
        None => out.extend_from_slice(b"null"),
    }
    out.push(b']');
}

/// Appends an offset, or a partition by itself: `{"name":value,…}` in order; bytes as base64.
pub fn write_map(map: &OffsetMap, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (name, value)) in map.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        text::write_string(name, out);
        out.push(b':');
        match value {
            Primitive::Null => out.extend_from_slice(b"null"),
            Primitive::Boolean(true) => out.extend_from_slice(b"true"),
            Primitive::Boolean(false) => out.extend_from_slice(b"false"),
            Primitive::Int(n) => number::write_i64(*n, out),
            Primitive::Float(n) => number::write_f64(*n, out),
            Primitive::String(string) => text::write_string(string, out),
            Primitive::Bytes(bytes) => text::write_base64(bytes, out),
        }
    }
    out.push(b'}');
}

/// The connector and source partition of a key; the partition may be null.
///
/// # Errors
/// The key is not an array of a text and an object of primitives or null: it was not written by Kafka Connect.
pub fn parse_key(key: &Bytes) -> Result<(Text, Option<OffsetMap>), Error> {
    let malformed =
        || Error::mismatch("not the key of a source offset: expected [\"connector\",{partition}]");
    let Value::Array(parts) = parse(key)? else {
        return Err(malformed());
    };
    let Ok([Value::String(connector), partition]) = <[Value; 2]>::try_from(parts) else {
        return Err(malformed());
    };
    Ok((detached(&connector), to_map(partition)?))
}

/// The offset of a value (a null is none), or a partition by itself.
///
/// # Errors
/// The bytes are not an object of primitives or null.
pub fn parse_map(value: &Bytes) -> Result<Option<OffsetMap>, Error> {
    to_map(parse(value)?)
}

fn to_map(value: Value) -> Result<Option<OffsetMap>, Error> {
    let entries = match value {
        Value::Null => return Ok(None),
        Value::Map(map) => map.into_entries(),
        _ => return Err(Error::mismatch("not an offset: expected an object")),
    };
    let mut map = OffsetMap::new();
    for (name, value) in entries {
        let name = name.as_str().unwrap_or_default();
        let value = match value {
            Value::Null => Primitive::Null,
            Value::Boolean(b) => Primitive::Boolean(b),
            Value::Int64(n) => Primitive::Int(n),
            Value::Float64(n) => Primitive::Float(n),
            Value::String(string) => Primitive::String(detached(&string)),
            other => {
                return Err(Error::mismatch(format!(
                    "offsets hold primitives only, not {}",
                    other.type_name()
                ))
                .inside(name));
            }
        };
        map.insert(name, value);
    }
    Ok(Some(map))
}

// Offsets are kept for long: a slice would keep the whole received buffer alive.
fn detached(text: &Text) -> Text {
    Text::from(String::from(&**text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_kafka_connect() {
        let partition =
            OffsetMap::new().with("filename", "/tmp/ä\"b.txt").with("n", 7).with("x", 1e10).with("b", true);
        let mut key = Vec::new();
        write_key("my-source", Some(&partition), &mut key);
        assert_eq!(
            String::from_utf8(key.clone()).unwrap(),
            r#"["my-source",{"filename":"/tmp/ä\"b.txt","n":7,"x":1.0E10,"b":true}]"#
        );
        assert_eq!(parse_key(&Bytes::from(key)).unwrap(), (Text::from("my-source"), Some(partition)));
    }

    #[test]
    fn a_partition_may_be_null_and_bytes_come_back_as_text() {
        let mut key = Vec::new();
        write_key("c", None, &mut key);
        assert_eq!(key, b"[\"c\",null]");
        assert_eq!(parse_key(&Bytes::from(key)).unwrap().1, None);
        let mut map = OffsetMap::new();
        map.insert("b", Primitive::Bytes(Bytes::from_static(&[0, 200])));
        map.insert("n", Primitive::Null);
        let mut value = Vec::new();
        write_map(&map, &mut value);
        assert_eq!(value, br#"{"b":"AMg=","n":null}"#);
        let back = parse_map(&Bytes::from(value)).unwrap().unwrap();
        assert_eq!(back.get("b").and_then(Primitive::as_str), Some("AMg="));
    }

    #[test]
    fn what_is_not_an_offset_is_refused() {
        for key in [
            "",
            "{}",
            "[]",
            "[1,{}]",
            "[\"a\"]",
            "[\"a\",{},1]",
            "[\"a\",[]]",
            "[\"a\",{\"b\":[1]}]",
            "[\"a\",{}] x",
        ] {
            assert!(parse_key(&Bytes::from(key)).is_err(), "{key}");
        }
        assert_eq!(parse_map(&Bytes::from_static(b"null")), Ok(None));
        assert!(parse_map(&Bytes::from_static(b"{\"a\":{}}")).is_err());
    }
}
