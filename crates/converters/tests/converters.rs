//! The converters as the runtime uses them: made by class name of a config.
#![allow(clippy::unwrap_used)]

use api::config::RawConfig;
use api::data::{Bytes, Datum, Kind, Schema, Struct, Value};
use api::{Converter, DecodeContext, EncodeContext, ErrorKind, Registry, Usage};

fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_converters::register(&mut registry);
    registry
}

fn build(class: &str, config: &[(&str, &str)]) -> api::Result<Box<dyn Converter>> {
    let raw: RawConfig = config.iter().copied().collect();
    registry().build_converter(class, &raw, Usage::Value)
}

fn encode(converter: &mut dyn Converter, datum: &Datum) -> api::Result<Option<Vec<u8>>> {
    let mut out = b"before".to_vec();
    let mut headers = Vec::new();
    let mut context = EncodeContext { topic: "t", headers: &mut headers };
    let some = converter.encode(&mut context, datum, &mut out)?;
    assert!(out.starts_with(b"before") && headers.is_empty());
    Ok(some.then(|| out[6..].to_vec()))
}

fn decode(converter: &mut dyn Converter, bytes: Option<&[u8]>) -> api::Result<Datum> {
    let bytes = bytes.map(Bytes::copy_from_slice);
    converter.decode(DecodeContext { topic: "t", headers: &[] }, bytes.as_ref())
}

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const PLAIN: &[(&str, &str)] = &[("schemas.enable", "false")];

#[test]
fn json_nulls() {
    let null = Datum::new(Schema::optional(Kind::Int8), Value::Null);
    let mut with_envelope = build(JSON, &[]).unwrap();
    let mut plain = build(JSON, PLAIN).unwrap();
    for converter in [&mut with_envelope, &mut plain] {
        assert_eq!(encode(converter.as_mut(), &Datum::NULL).unwrap(), None);
        assert_eq!(decode(converter.as_mut(), None).unwrap(), Datum::NULL);
    }
    let bytes = encode(with_envelope.as_mut(), &null).unwrap().unwrap();
    assert_eq!(bytes, br#"{"schema":{"type":"int8","optional":true},"payload":null}"#);
    assert_eq!(decode(with_envelope.as_mut(), Some(&bytes)).unwrap(), null);
    assert_eq!(encode(plain.as_mut(), &null).unwrap().unwrap(), b"null");
    assert_eq!(decode(plain.as_mut(), Some(b"null")).unwrap(), Datum::NULL);
}

#[test]
fn json_of_a_line_of_a_file() {
    let mut plain = build(JSON, PLAIN).unwrap();
    let line = Datum::new(Schema::required(Kind::String), Value::string("line one"));
    assert_eq!(encode(plain.as_mut(), &line).unwrap().unwrap(), b"\"line one\"");
}

#[test]
fn json_with_a_fixed_schema() {
    let schema = r#"{"type":"struct","fields":[{"type":"int32","field":"a"}]}"#;
    let mut converter = build(JSON, &[("schema.content", schema)]).unwrap();
    let datum = decode(converter.as_mut(), Some(br#"{"a":1,"b":2}"#)).unwrap();
    assert_eq!(datum.value.as_struct().unwrap().values(), [Value::Int32(1)]);
    let mut plain = build(JSON, &[("schema.content", schema), ("schemas.enable", "false")]).unwrap();
    assert_eq!(decode(plain.as_mut(), Some(b"1")).unwrap(), Datum::schemaless(Value::Int64(1)));
    let error = build(JSON, &[("schema.content", "{}")]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.to_string().contains("Schema must contain 'type' field"), "{error}");
}

#[test]
fn json_decimals_by_format() {
    let schema = Schema::logical_builder(api::data::Logical::Decimal { scale: 2 }).build();
    let datum = Datum::new(schema, Value::Decimal(api::data::Decimal::from_i64(200, 2)));
    for (format, text) in [("base64", "\"AMg=\""), ("numeric", "2.00"), ("NUMERIC", "2.00")] {
        let mut converter = build(JSON, &[("schemas.enable", "false"), ("decimal.format", format)]).unwrap();
        assert_eq!(encode(converter.as_mut(), &datum).unwrap().unwrap(), text.as_bytes());
    }
    assert!(build(JSON, &[("decimal.format", "x")]).is_err());
}

#[test]
fn errors_are_of_the_record_and_say_where() {
    let mut converter = build(JSON, &[]).unwrap();
    let error = decode(converter.as_mut(), Some(b"{\"a\":1}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRecord);
    assert!(
        error
            .message()
            .starts_with("JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields"),
        "{error}"
    );
    assert!(error.to_string().contains("topic t"), "{error}");
    let error = decode(converter.as_mut(), Some(b"{")).unwrap_err();
    assert!(
        error
            .message()
            .starts_with("Converting byte[] to Kafka Connect data failed due to serialization error")
    );
    let wrong = Datum::new(Schema::required(Kind::Int8), Value::string("x"));
    assert_eq!(encode(converter.as_mut(), &wrong).unwrap_err().kind(), ErrorKind::BadRecord);
    let other = Schema::structure([("a", Schema::required(Kind::Int8))]).unwrap();
    let row =
        Struct::new(Schema::structure([("b", Schema::required(Kind::Int8))]).unwrap(), vec![Value::Int8(1)]);
    let mismatch = encode(converter.as_mut(), &Datum::new(other, Value::Struct(row.unwrap()))).unwrap_err();
    assert!(mismatch.message().starts_with("Mismatching schema"), "{mismatch}");
}

#[test]
fn a_schema_of_another_pointer_but_equal_is_the_same() {
    let schema = || Schema::structure([("a", Schema::required(Kind::Int8))]).unwrap();
    let mut plain = build(JSON, &[("schemas.enable", "false"), ("schemas.cache.size", "1")]).unwrap();
    for n in 0..3 {
        let row = Struct::new(schema(), vec![Value::Int8(n)]).unwrap();
        let bytes = encode(plain.as_mut(), &Datum::new(schema(), Value::Struct(row))).unwrap().unwrap();
        assert_eq!(bytes, format!("{{\"a\":{n}}}").into_bytes());
    }
}

#[test]
fn strings() {
    let class = "org.apache.kafka.connect.storage.StringConverter";
    let mut converter = build(class, &[]).unwrap();
    assert_eq!(encode(converter.as_mut(), &Datum::NULL).unwrap(), None);
    let number = Datum::schemaless(Value::Float64(1e10));
    assert_eq!(encode(converter.as_mut(), &number).unwrap().unwrap(), b"1.0E10");
    let read = decode(converter.as_mut(), Some("ä".as_bytes())).unwrap();
    assert_eq!(read, Datum::new(Schema::optional(Kind::String), Value::string("ä")));
    assert_eq!(
        decode(converter.as_mut(), None).unwrap(),
        Datum::new(Schema::optional(Kind::String), Value::Null)
    );
    let mut latin = build(class, &[("converter.encoding", "iso-8859-1")]).unwrap();
    assert_eq!(encode(latin.as_mut(), &read).unwrap().unwrap(), [0xe4]);
    let error = build(class, &[("converter.encoding", "EBCDIC")]).err().unwrap();
    assert!(error.to_string().contains("converter.encoding"), "{error}");
}

#[test]
fn bytes_pass_and_nothing_else_does() {
    let mut converter = build("org.apache.kafka.connect.converters.ByteArrayConverter", &[]).unwrap();
    let datum = Datum::new(Schema::optional(Kind::Bytes), Value::Bytes(Bytes::from_static(&[0, 255])));
    assert_eq!(encode(converter.as_mut(), &datum).unwrap().unwrap(), [0, 255]);
    assert_eq!(decode(converter.as_mut(), Some(&[0, 255])).unwrap(), datum);
    let text = Datum::new(Schema::required(Kind::String), Value::string("x"));
    let error = encode(converter.as_mut(), &text).unwrap_err();
    assert_eq!(error.message(), "Invalid schema type for ByteArrayConverter: STRING");
    assert!(encode(converter.as_mut(), &Datum::schemaless(Value::string("x"))).is_err());
}

#[test]
fn numbers_and_booleans() {
    let cases: [(&str, Kind, Value, &[u8]); 6] = [
        ("Short", Kind::Int16, Value::Int16(-2), &[0xff, 0xfe]),
        ("Integer", Kind::Int32, Value::Int32(1), &[0, 0, 0, 1]),
        ("Long", Kind::Int64, Value::Int64(258), &[0, 0, 0, 0, 0, 0, 1, 2]),
        ("Float", Kind::Float32, Value::Float32(1.0), &[0x3f, 0x80, 0, 0]),
        ("Double", Kind::Float64, Value::Float64(1.0), &[0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
        ("Boolean", Kind::Boolean, Value::Boolean(true), &[1]),
    ];
    for (name, kind, value, bytes) in cases {
        let class = format!("org.apache.kafka.connect.converters.{name}Converter");
        let mut converter = build(&class, &[]).unwrap();
        let datum = Datum::new(Schema::optional(kind), value);
        assert_eq!(encode(converter.as_mut(), &datum).unwrap().unwrap(), bytes);
        assert_eq!(decode(converter.as_mut(), Some(bytes)).unwrap(), datum);
        assert_eq!(decode(converter.as_mut(), None).unwrap().value, Value::Null);
        assert_eq!(encode(converter.as_mut(), &Datum::NULL).unwrap(), None);
        for wrong in [&b""[..], &bytes[1..], &[2; 9]] {
            assert_eq!(decode(converter.as_mut(), Some(wrong)).unwrap_err().kind(), ErrorKind::BadRecord);
        }
        assert!(encode(converter.as_mut(), &Datum::schemaless(Value::string("1"))).is_err());
    }
    let mut boolean = build("org.apache.kafka.connect.converters.BooleanConverter", &[]).unwrap();
    assert!(decode(boolean.as_mut(), Some(&[2])).is_err());
}

#[test]
fn headers() {
    let registry = registry();
    let mut simple = registry
        .build_header_converter("org.apache.kafka.connect.storage.SimpleHeaderConverter", &RawConfig::new())
        .unwrap();
    let mut out = Vec::new();
    assert!(!simple.encode("t", "h", &Datum::NULL, &mut out).unwrap());
    assert!(
        simple.encode("t", "h", &Datum::schemaless(Value::Array(vec![Value::Int8(1)])), &mut out).unwrap()
    );
    assert_eq!(out, b"[1]");
    let read = simple.decode("t", "h", Some(&Bytes::from(out))).unwrap();
    assert_eq!(read.value, Value::Array(vec![Value::Int8(1)]));
    assert_eq!(simple.decode("t", "h", None).unwrap(), Datum::NULL);
    assert_eq!(
        simple.decode("t", "h", Some(&Bytes::from_static(b""))).unwrap(),
        Datum::new(Schema::required(Kind::String), Value::string(""))
    );
    let binary = Bytes::from_static(&[0xff, 0]);
    assert_eq!(simple.decode("t", "h", Some(&binary)).unwrap().value, Value::Bytes(binary));
    for name in ["json.JsonConverter", "storage.StringConverter", "converters.ByteArrayConverter"] {
        let class = format!("org.apache.kafka.connect.{name}");
        let mut converter = registry.build_header_converter(&class, &RawConfig::new()).unwrap();
        assert_eq!(converter.decode("t", "h", None).unwrap().value, Value::Null);
    }
}
