//! Schemaless documents: what is accepted, and what is made of it, against another reader.

use data::{Bytes, Map, Value};
use proptest::prelude::*;
use sluice_json as json;
use sluice_json::{Error, MAX_DEPTH, Reader};

fn parse(text: &str) -> Result<Value, Error> {
    json::parse(&Bytes::copy_from_slice(text.as_bytes()))
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(Map::from_distinct(
        entries.into_iter().map(|(key, value)| (Value::string(key), value)).collect(),
    ))
}

#[test]
fn values_by_their_json_types() {
    for (text, value) in [
        ("null", Value::Null),
        (" true ", Value::Boolean(true)),
        ("\tfalse\r\n", Value::Boolean(false)),
        ("0", Value::Int64(0)),
        ("-0", Value::Int64(0)),
        ("007", Value::Int64(7)),
        ("-007", Value::Int64(-7)),
        ("9223372036854775807", Value::Int64(i64::MAX)),
        ("-9223372036854775808", Value::Int64(i64::MIN)),
        ("00000000000000000000000000001", Value::Int64(1)),
        ("1.5", Value::Float64(1.5)),
        ("1e2", Value::Float64(100.0)),
        ("1E+2", Value::Float64(100.0)),
        ("-25e-1", Value::Float64(-2.5)),
        ("1e400", Value::Float64(f64::INFINITY)),
        ("1e-400", Value::Float64(0.0)),
        ("1e99999999999999", Value::Float64(f64::INFINITY)),
        ("900.37", Value::Float64(900.37)),
        ("123456789012345678901234567890.123", Value::Float64(123456789012345678901234567890.123)),
        ("\"\"", Value::string("")),
        (r#""a\"\\\/\b\f\n\r\tb""#, Value::string("a\"\\/\u{8}\u{c}\n\r\tb")),
        (r#""\u00e4\uD83D\uDE00 é""#, Value::string("ä😀 é")),
        ("[]", Value::Array(vec![])),
        ("[1,[2],{}]", Value::Array(vec![Value::Int64(1), Value::Array(vec![Value::Int64(2)]), map([])])),
        ("{}", map([])),
        (r#"{"a":1,"b":{"c":null}}"#, map([("a", Value::Int64(1)), ("b", map([("c", Value::Null)]))])),
    ] {
        assert_eq!(parse(text), Ok(value), "{text}");
    }
}

#[test]
fn of_a_name_that_comes_twice_the_last_value_counts() {
    assert_eq!(parse(r#"{"a":1,"b":2,"a":3}"#), Ok(map([("a", Value::Int64(3)), ("b", Value::Int64(2))])));
    let many: Vec<String> = (0..200).map(|n| format!("\"{}\":{n}", n % 100)).collect();
    let Ok(Value::Map(map)) = parse(&format!("{{{}}}", many.join(","))) else { panic!("a map") };
    assert_eq!(map.len(), 100);
    assert_eq!(map.get_str("7"), Some(&Value::Int64(107)));
    assert_eq!(map.iter().next(), Some(&(Value::string("0"), Value::Int64(100))));
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "True",
        "tru",
        "+1",
        ".5",
        "1.",
        "1.e5",
        "1e",
        "1e+",
        "-",
        "--1",
        "0x1",
        "NaN",
        "Infinity",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\uD83D\"",
        "\"\\uD83D\\n\"",
        "\"\\uDE00\"",
        "\"\\uD83Dx\"",
        "\"\\u+123\"",
        "\"a\nb\"",
        "\"a\u{1}\"",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{,}",
        "1 2",
        "{} {}",
        "// x\n1",
        "[1}",
        "{\"a\":1]",
    ] {
        assert!(matches!(parse(text), Err(Error::Syntax { .. })), "{text}: {:?}", parse(text));
    }
    assert!(matches!(json::parse(&Bytes::from_static(b"\"\xff\"")), Err(Error::Syntax { .. })));
    assert!(matches!(json::parse(&Bytes::from_static(b"\xef\xbb\xbf1")), Err(Error::Syntax { .. })));
}

#[test]
fn integers_beyond_64_bits_are_refused_rather_than_changed() {
    for text in ["9223372036854775808", "-9223372036854775809", "18446744073709551616", &"9".repeat(900)] {
        assert!(parse(text).unwrap_err().to_string().contains("does not fit 64 bits"), "{text}");
    }
    assert!(parse(&"9".repeat(1001)).unwrap_err().to_string().contains("longer than 1000"));
}

#[test]
fn nesting_is_limited_and_never_overflows_the_stack() {
    let nested = |open: &str, close: &str, depth| format!("{}{}", open.repeat(depth), close.repeat(depth));
    let document = nested("[", "]", MAX_DEPTH);
    let value = parse(&document).unwrap();
    let mut out = Vec::new();
    json::Writer::new(json::DecimalFormat::Base64).write(None, &value, &mut out).unwrap();
    assert_eq!(out, document.as_bytes());
    let deeper = Value::Array(vec![value]);
    assert_eq!(
        json::Writer::new(json::DecimalFormat::Base64).write(None, &deeper, &mut out),
        Err(Error::TooDeep)
    );
    assert_eq!(out, document.as_bytes(), "nothing stays appended after an error");
    assert_eq!(parse(&nested("[", "]", MAX_DEPTH + 1)), Err(Error::TooDeep));
    assert_eq!(parse(&nested("{\"a\":", "}", 1_000_000)), Err(Error::TooDeep));
}

// What is remembered of one document must not show in the next.
#[test]
fn a_reader_takes_documents_of_changing_shapes() {
    let documents = [
        r#"{"a":1,"b":{"c":2},"d":[{"e":1},{"e":2}]}"#,
        r#"{"a":1,"b":{"c":2},"d":[{"e":1},{"e":2}]}"#,
        r#"{"a":1,"a":2,"b":{"c":2}}"#,
        r#"{"a":1}"#,
        r#"{"a":1,"b":2,"c":3,"a":4}"#,
        r#"{"\u0061":1,"b":{}}"#,
        r#"{}"#,
    ];
    let mut reader = Reader::new();
    for round in 0..30 {
        for _ in 0..=round % 7 {
            let document = documents[(round * 5) % documents.len()];
            assert_eq!(reader.parse(&Bytes::from_static(document.as_bytes())), parse(document), "{document}");
        }
        assert!(reader.parse(&Bytes::from_static(b"{\"a\":{\"b\":")).is_err());
    }
}

#[test]
fn texts_share_the_buffer() {
    let document = Bytes::from_static(b"{\"name\":\"some text\"}");
    let Ok(Value::Map(map)) = json::parse(&document) else { panic!("a map") };
    let text = map.get_str("name").and_then(Value::as_str).unwrap();
    assert!(document.as_ptr_range().contains(&text.as_ptr()));
}

// Another reader's value, as ours would be. `None` where the two differ by design.
fn expected(value: &serde_json::Value) -> Option<Value> {
    Some(match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Boolean(*b),
        serde_json::Value::Number(n) => match (n.as_i64(), n.is_f64()) {
            (Some(n), _) => Value::Int64(n),
            (None, true) => Value::Float64(n.as_f64()?),
            (None, false) => return None,
        },
        serde_json::Value::String(text) => Value::string(text.as_str()),
        serde_json::Value::Array(items) => Value::Array(items.iter().map(expected).collect::<Option<_>>()?),
        serde_json::Value::Object(members) => {
            let entries =
                members.iter().map(|(key, value)| Some((Value::string(key.as_str()), expected(value)?)));
            Value::Map(Map::from_distinct(entries.collect::<Option<_>>()?))
        }
    })
}

// The two agree, but for: leading zeros, which we accept; integers beyond 64 bits and numbers beyond 1000 characters,
// which we refuse; floats beyond the range, which we take for infinity; and nesting, whose limit is 128 there. serde_json
// takes `-0` for a float.
fn compare(document: &[u8]) -> Result<(), TestCaseError> {
    let ours = json::parse(&Bytes::copy_from_slice(document));
    match (ours, serde_json::from_slice::<serde_json::Value>(document)) {
        (Ok(ours), Ok(theirs)) => {
            if let Some(theirs) = expected(&theirs) {
                prop_assert!(same(&ours, &theirs), "{ours:?} {theirs:?}");
            }
        }
        (Err(Error::Mismatch { .. } | Error::TooDeep), Ok(_)) | (Err(_), Err(_)) => {}
        (Ok(_), Err(theirs)) => {
            let text = theirs.to_string();
            let known = ["invalid number", "number out of range", "recursion limit"];
            prop_assert!(known.iter().any(|known| text.contains(known)), "accepted, but: {theirs}");
        }
        (Err(ours), Ok(_)) => prop_assert!(false, "refused: {ours}"),
    }
    Ok(())
}

fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Int64(0), Value::Float64(zero)) => *zero == 0.0,
        // serde_json without its feature `float_roundtrip` may be one unit off.
        (Value::Float64(a), Value::Float64(b)) => a == b || (a - b).abs() <= a.abs() * 1e-15,
        (Value::Float64(a), Value::Int64(b)) => *a == *b as f64,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        _ => ours == theirs,
    }
}

fn document() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        "[ -~\\n\\t\"\\\\]{0,20}".prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            prop::collection::vec((any::<String>(), inner), 0..40)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn agrees_on_documents(document in document(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        compare(text.unwrap().as_bytes())?;
    }

    #[test]
    fn agrees_on_damaged_documents(
        document in document(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), "[\\[\\]{},:\"\\\\0-9eE.+\\-tfnu ]".prop_map(|s| s.as_bytes()[0])], 0..3u8), 1..4),
    ) {
        let mut text = serde_json::to_vec(&document).unwrap();
        for (index, byte, how) in damage {
            let position = index.index(text.len() + 1);
            match how {
                0 if position < text.len() => text[position] = byte,
                1 if position < text.len() => drop(text.remove(position)),
                2 => text.truncate(position),
                _ => text.insert(position, byte),
            }
        }
        compare(&text)?;
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        compare(&bytes)?;
        let document = Bytes::from(bytes);
        let mut reader = Reader::new();
        let _ = reader.parse_envelope(&document);
        let _ = reader.parse_schema(&document);
    }

    #[test]
    fn agrees_on_soups_of_tokens(tokens in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\\n\"", "\"", "\\", "1", "-", "0", ".5", "e3", "true", "null", " ", "\\u00", "é",
    ]), 0..12)) {
        compare(tokens.concat().as_bytes())?;
    }
}
