//! What does not fit, and what is large.

use crate::*;

#[test]
fn a_value_that_does_not_fit_is_refused() {
    let schema = Schema::required(Kind::Int32);
    let mut out = vec![b'x'];
    let error =
        Encoder::new(&schema, &Config::default()).unwrap().encode(&Value::string("a"), &mut out).unwrap_err();
    assert_eq!(error.to_string(), "Invalid type: string where the schema says int32");
    assert_eq!(out, b"x");
    let entries = Schema::required(Kind::Map(Schema::required(Kind::Int8), Schema::required(Kind::Int8)));
    for document in ["", "5", "[1]", r#"[{"key":"a","value":1}]"#, r#"[{"key":1}]"#, "[", "\u{0}"] {
        let mut decoder = Decoder::new(&entries).unwrap();
        assert!(decoder.decode(&Bytes::copy_from_slice(document.as_bytes())).is_err(), "{document}");
    }
}

// With each key compared with each other this would take hours.
#[test]
fn a_map_of_half_a_million_entries_is_read() {
    let schema = Schema::required(Kind::Map(Schema::required(Kind::Int32), Schema::required(Kind::Int8)));
    let entries: Vec<String> = (0..500_000).map(|n| format!(r#"{{"key":{n},"value":1}}"#)).collect();
    let document = format!(r#"[{},{{"key":7,"value":2}}]"#, entries.join(","));
    let value = Decoder::new(&schema).unwrap().decode(&Bytes::from(document)).unwrap();
    let Value::Map(map) = value else { panic!("a map") };
    assert_eq!((map.len(), map.get(&Value::Int32(7))), (500_000, Some(&Value::Int8(2))), "the last counts");
}
