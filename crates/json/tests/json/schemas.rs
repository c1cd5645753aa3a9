//! Connect's JSON form of schemas, and envelopes.

use data::{Bytes, Datum, Decimal, Field, Fields, Kind, Logical, Schema, SchemaRef, Struct, Value};
use sluice_json as json;
use sluice_json::{DecimalFormat, Reader, Writer};

fn text(schema: &SchemaRef) -> String {
    let mut out = Vec::new();
    Writer::new(DecimalFormat::Base64).write_schema(schema, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn read(text: &str) -> Result<Option<SchemaRef>, json::Error> {
    Reader::new().parse_schema(&Bytes::copy_from_slice(text.as_bytes()))
}

fn check(schema: &SchemaRef, expected: &str) {
    assert_eq!(text(schema), expected);
    assert_eq!(read(expected).unwrap().as_ref(), Some(schema));
}

#[test]
fn members_come_in_connects_order() {
    check(&Schema::required(Kind::Int8), r#"{"type":"int8","optional":false}"#);
    check(&Schema::optional(Kind::Float32), r#"{"type":"float","optional":true}"#);
    check(
        &Schema::required(Kind::Array(Schema::optional(Kind::Float64))),
        r#"{"type":"array","items":{"type":"double","optional":true},"optional":false}"#,
    );
    check(
        &Schema::required(Kind::Map(Schema::required(Kind::String), Schema::required(Kind::Bytes))),
        r#"{"type":"map","keys":{"type":"string","optional":false},"values":{"type":"bytes","optional":false},"optional":false}"#,
    );
    check(
        &Schema::logical_builder(Logical::Decimal { scale: 2 }).optional().doc("money").build(),
        r#"{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"doc":"money","parameters":{"scale":"2"}}"#,
    );
    let with_default = Schema::builder(Kind::Int32).default_value(Value::Int32(7)).build();
    let list = vec![
        Field { name: "a".into(), schema: with_default },
        Field { name: "b\"".into(), schema: Schema::logical_builder(Logical::Timestamp).build() },
    ];
    check(
        &Schema::builder(Kind::Struct(Fields::new(list).unwrap())).name("row").version(3).build(),
        concat!(
            r#"{"type":"struct","fields":[{"type":"int32","optional":false,"default":7,"field":"a"},"#,
            r#"{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"b\""}],"#,
            r#""optional":false,"name":"row","version":3}"#
        ),
    );
}

#[test]
fn members_are_read_in_any_order_and_optional_is_false_by_default() {
    let schema = read(
        r#"{"default":"AMg=","parameters":{"scale":"2"},"version":1,"name":"org.apache.kafka.connect.data.Decimal","type":"bytes","x":[1]}"#,
    );
    let expected = Schema::logical_builder(Logical::Decimal { scale: 2 })
        .default_value(Value::Decimal(Decimal::from_i64(200, 2)))
        .build();
    assert_eq!(schema.unwrap(), Some(expected));
    assert_eq!(read("null").unwrap(), None);
    let null_default = read(r#"{"type":"int8","optional":true,"default":null}"#);
    assert_eq!(null_default.unwrap(), Some(Schema::optional(Kind::Int8)));
}

#[test]
fn what_is_no_schema_is_refused_in_connects_words() {
    for (text, why) in [
        ("1", "Schema must contain 'type' field"),
        ("{}", "Schema must contain 'type' field"),
        (r#"{"type":1}"#, "Schema must contain 'type' field"),
        (r#"{"type":"float32"}"#, "Unknown schema type: float32"),
        (r#"{"type":"array"}"#, "Array schema did not specify the element type"),
        (r#"{"type":"map","values":{"type":"int8"}}"#, "Map schema did not specify the key type"),
        (r#"{"type":"map","keys":{"type":"int8"}}"#, "Map schema did not specify the value type"),
        (r#"{"type":"struct"}"#, "Struct schema's \"fields\" argument is not an array."),
        (
            r#"{"type":"struct","fields":[{"type":"int8"}]}"#,
            "Struct schema's field name not specified properly",
        ),
        (
            r#"{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"int8","field":"a"}]}"#,
            "two fields",
        ),
        (r#"{"type":"int8","parameters":{"a":1}}"#, "Schema parameters must have string values"),
        (r#"{"type":"int8","default":null}"#, "Invalid null value for required INT8 field"),
        (r#"{"type":"int8","default":"x"}"#, "Invalid type: STRING where the schema says int8"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
    let deep = format!("{}{}", r#"{"type":"array","items":"#.repeat(2000), "}".repeat(2000));
    assert_eq!(read(&deep), Err(json::Error::TooDeep));
}

#[test]
fn envelopes() {
    let schema =
        Schema::structure([("a", Schema::required(Kind::Int32)), ("b", Schema::optional(Kind::String))])
            .unwrap();
    let row = Struct::new(schema.clone(), vec![Value::Int32(1), Value::Null]).unwrap();
    let datum = Datum::new(schema.clone(), Value::Struct(row));
    let mut out = Vec::new();
    let mut writer = Writer::new(DecimalFormat::Base64);
    writer.write_envelope(&datum, &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out.clone()).unwrap(),
        concat!(
            r#"{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"a"},"#,
            r#"{"type":"string","optional":true,"field":"b"}],"optional":false},"payload":{"a":1,"b":null}}"#
        )
    );
    let mut reader = Reader::new();
    let document = Bytes::from(out);
    let first = reader.parse_envelope(&document).unwrap();
    assert_eq!(first, datum);
    let again = reader.parse_envelope(&document).unwrap();
    assert!(std::sync::Arc::ptr_eq(first.schema.as_ref().unwrap(), again.schema.as_ref().unwrap()));
    let reordered = Bytes::from_static(
        br#" { "payload" : [1] , "schema" : {"type":"array","items":{"type":"int16"}} } "#,
    );
    assert_eq!(reader.parse_envelope(&reordered).unwrap().value, Value::Array(vec![Value::Int16(1)]));
    let without =
        reader.parse_envelope(&Bytes::from_static(br#"{"schema":null,"payload":{"a":[1]}}"#)).unwrap();
    assert_eq!(without.schema, None);
    let mut out = Vec::new();
    writer.write_envelope(&without, &mut out).unwrap();
    assert_eq!(out, br#"{"schema":null,"payload":{"a":[1]}}"#);
}

#[test]
fn what_is_no_envelope_is_refused_in_connects_words() {
    for text in [
        "1",
        "[]",
        "{}",
        r#"{"schema":null}"#,
        r#"{"payload":1}"#,
        r#"{"schema":null,"payload":1,"x":2}"#,
        "null",
    ] {
        let error =
            Reader::new().parse_envelope(&Bytes::from_static(text.as_bytes())).unwrap_err().to_string();
        assert!(
            error.starts_with("JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields"),
            "{error}"
        );
    }
    assert!(matches!(
        Reader::new().parse_envelope(&Bytes::from_static(br#"{"schema":null,"payload":1}}"#)),
        Err(json::Error::Syntax { .. })
    ));
}

#[test]
fn nulls_and_defaults() {
    let with_default = Schema::builder(Kind::Int32).optional().default_value(Value::Int32(7)).build();
    let schema = Schema::structure([("a", with_default)]).unwrap();
    let row = Value::Struct(Struct::new(schema.clone(), vec![Value::Null]).unwrap());
    for (replace, expected) in [(true, r#"{"a":7}"#), (false, r#"{"a":null}"#)] {
        let mut out = Vec::new();
        let mut writer = Writer::new(DecimalFormat::Base64).replace_null_with_default(replace);
        writer.write(Some(&schema), &row, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let mut reader = Reader::new().replace_null_with_default(replace);
        for document in ["{}", r#"{"a":null}"#] {
            let value = reader.parse_as(&schema, &Bytes::from_static(document.as_bytes())).unwrap();
            let field = value.as_struct().unwrap().get_without_default("a").unwrap().clone();
            assert_eq!(field, if replace { Value::Int32(7) } else { Value::Null });
        }
    }
    let required = Schema::structure([("a", Schema::required(Kind::Int32))]).unwrap();
    let row = Value::Struct(Struct::new(required.clone(), vec![Value::Null]).unwrap());
    let error = Writer::new(DecimalFormat::Base64).write(Some(&required), &row, &mut Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Conversion error: null value for field that is required and has no default value (at a)"
    );
    let error = Reader::new().parse_as(&required, &Bytes::from_static(b"{}")).unwrap_err();
    assert_eq!(error.to_string(), "Invalid null value for required INT32 field (at a)");
}

fn read_as(schema: &SchemaRef, text: &str) -> Result<Value, json::Error> {
    Reader::new().parse_as(schema, &Bytes::copy_from_slice(text.as_bytes()))
}

#[test]
fn numbers_narrow_as_in_java() {
    for (kind, text, value) in [
        (Kind::Int8, "300", Value::Int8(44)),
        (Kind::Int16, "70000", Value::Int16(4464)),
        (Kind::Int32, "4294967297", Value::Int32(1)),
        (Kind::Int32, "-1.9", Value::Int32(-1)),
        (Kind::Int64, "9007199254740993.7", Value::Int64(9007199254740993)),
        (Kind::Int64, "1e3", Value::Int64(1000)),
        (Kind::Float64, "1", Value::Float64(1.0)),
        (Kind::Float32, "0.1", Value::Float32(0.1)),
        (Kind::Float64, "\"-Infinity\"", Value::Float64(f64::NEG_INFINITY)),
    ] {
        assert_eq!(read_as(&Schema::required(kind), text), Ok(value), "{text}");
    }
    for (kind, text) in [
        (Kind::Int64, "9223372036854775808"),
        (Kind::Int64, "1e19"),
        (Kind::Int64, "1e400"),
        (Kind::Int32, "\"1\""),
        (Kind::Boolean, "1"),
        (Kind::String, "1"),
        (Kind::Float64, "\"x\""),
        (Kind::Bytes, "\"%\""),
        (Kind::Array(Schema::required(Kind::Int8)), "{}"),
    ] {
        assert!(
            matches!(read_as(&Schema::required(kind), text), Err(json::Error::Mismatch { .. })),
            "{text}"
        );
    }
}

#[test]
fn logical_types() {
    let money = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
    let value = Value::Decimal(Decimal::from_i64(200, 2));
    for (format, text) in [(DecimalFormat::Base64, "\"AMg=\""), (DecimalFormat::Numeric, "2.00")] {
        let mut out = Vec::new();
        Writer::new(format).write(Some(&money), &value, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
        assert_eq!(read_as(&money, text), Ok(value.clone()));
    }
    assert_eq!(read_as(&money, "2"), Ok(value));
    assert!(read_as(&money, "2.001").unwrap_err().to_string().contains("mismatching scale"));
    let wrong_scale = Value::Decimal(Decimal::from_i64(2, 0));
    assert!(Writer::new(DecimalFormat::Base64).write(Some(&money), &wrong_scale, &mut Vec::new()).is_err());
    let date = Schema::logical_builder(Logical::Date).build();
    assert_eq!(read_as(&date, "8037"), Ok(Value::Date(8037)));
    assert_eq!(
        read_as(&date, "3000000000").unwrap_err().to_string(),
        "Invalid type for Date, underlying representation should be integer"
    );
    let timestamp = Schema::logical_builder(Logical::Timestamp).build();
    assert_eq!(read_as(&timestamp, "1767225600001"), Ok(Value::Timestamp(1767225600001)));
    assert!(read_as(&timestamp, "\"x\"").is_err());
    let plain = Writer::new(DecimalFormat::Base64).write(None, &Value::Date(1), &mut Vec::new());
    assert!(plain.unwrap_err().to_string().contains("Date without a schema"));
}
