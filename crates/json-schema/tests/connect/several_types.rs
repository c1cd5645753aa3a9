//! Values that may have one of several types.

use crate::*;

#[test]
fn one_of_several_types() {
    let plain = Config::default();
    let schema = read(r#"{"oneOf":[{"type":"null"},{"type":"string"},{"type":"integer"}]}"#, &plain);
    assert_eq!(schema.name(), Some(ONE_OF));
    assert!(schema.is_optional());
    let value = decode(&schema, "5");
    assert_eq!(value.as_struct().unwrap().values(), [Value::Null, Value::Int64(5)]);
    assert_eq!(encode(&schema, &value, &plain), "5");
    assert_eq!(decode(&schema, "null"), Value::Null);
    assert_eq!(
        text(&schema, &plain),
        r#"{"oneOf":[{"type":"null"},{"type":"string"},{"type":"integer","connect.type":"int64"}]}"#
    );
    // Of objects the one that names the members.
    let schema = read(
        r#"{"anyOf":[{"type":"object","properties":{"a":{"type":["string","null"]}}},{"type":"object","properties":{"b":{"type":["integer","null"]}}}]}"#,
        &plain,
    );
    let value = decode(&schema, r#"{"b":1}"#);
    assert!(value.as_struct().unwrap().values()[0].is_null());
    assert_eq!(encode(&schema, &value, &plain), r#"{"b":1}"#);
    let single = r#"{"oneOf":[{"type":"string"}]}"#;
    assert_eq!(*read(single, &plain), *Schema::required(Kind::String));
    let kept = Config { flatten_singleton_unions: false, ..Config::default() };
    assert_eq!(read(single, &kept).name(), Some(ONE_OF));
}

/// A union or a map of entries somewhere does not change how the rest is read.
#[test]
fn values_beside_unions_and_entries_are_read_as_ever() {
    let decimal = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
    let entries = Schema::required(Kind::Map(Schema::required(Kind::Int32), decimal.clone()));
    let union = read(r#"{"oneOf":[{"type":"string"},{"type":"boolean"}]}"#, &Config::default());
    let schema = Schema::structure([
        ("d", decimal.clone()),
        ("i", Schema::required(Kind::Int64)),
        ("f", Schema::required(Kind::Float64)),
        ("b", Schema::required(Kind::Bytes)),
        ("e", entries),
        ("u", union),
    ])
    .unwrap();
    let exact = |text: &str| Value::Decimal(text.parse().unwrap());
    let value = decode(
        &schema,
        r#"{"d":12345678901234567.89,"i":5.0,"f":"+Infinity","b":"AQ\nI=","u":true,
            "e":[{"key":1,"value":0.10},{"value":123456789012345678901234567890,"key":2},{"key":1,"value":0.30}]}"#,
    );
    let map =
        vec![(Value::Int32(1), exact("0.30")), (Value::Int32(2), exact("123456789012345678901234567890.00"))];
    let values = value.as_struct().unwrap().values();
    assert_eq!(
        values[..5],
        [
            exact("12345678901234567.89"),
            Value::Int64(5),
            Value::Float64(f64::INFINITY),
            Value::Bytes(Bytes::from_static(&[1, 2])),
            Value::Map(Map::from_distinct(map)),
        ]
    );
    assert_eq!(values[5].as_struct().unwrap().values(), [Value::Null, Value::Boolean(true)]);
    let error = Decoder::new(&Schema::required(Kind::Map(decimal.clone(), decimal)))
        .unwrap()
        .decode(&Bytes::from_static(br#"[{"key":1}]"#))
        .unwrap_err();
    assert_eq!(error.to_string(), "Found invalid map entry, expected length 2 but found :1");
}

/// As Java chooses: the first type that looks like the value, else the struct that names most of its members.
#[test]
fn the_type_of_several_that_a_value_has() {
    let object = |name: &str, kind: &str| {
        format!(r#"{{"type":"object","properties":{{"id":{{"type":"integer"}},"{name}":{kind}}}}}"#)
    };
    let text = format!(
        r#"{{"oneOf":[{{"type":"string","connect.type":"bytes"}},{{"type":"integer"}},{{"type":"number"}},{{"type":"string"}},{},{},{{"type":"array","items":{{"type":"integer"}}}}]}}"#,
        object("a", r#"{"type":["string","null"]}"#),
        object("b", &object("c", r#"{"type":["string","null"]}"#)),
    );
    let schema = read(&text, &Config::default());
    for (document, branch) in [
        ("5", 1),
        ("5.5", 2),
        (r#""AQI=""#, 3),
        (r#"{"id":1,"a":"x"}"#, 4),
        (r#"{"id":1}"#, 4),
        (r#"{"id":1,"b":{"id":2,"c":null}}"#, 5),
        ("[1,2]", 6),
    ] {
        let value = decode(&schema, document);
        let set: Vec<usize> = value
            .as_struct()
            .unwrap()
            .values()
            .iter()
            .enumerate()
            .filter_map(|(at, value)| (!value.is_null()).then_some(at))
            .collect();
        assert_eq!(set, [branch], "{document}");
    }
    let error = Decoder::new(&schema).unwrap().decode(&Bytes::from_static(b"true")).unwrap_err();
    assert_eq!(error.to_string(), "Did not find matching oneof field for data");
}

#[test]
fn a_title_does_not_hide_that_a_value_is_one_of_several() {
    let schema = read(r#"{"title":"T","oneOf":[{"type":"string"},{"type":"integer"}]}"#, &Config::default());
    assert_eq!(schema.name(), Some(ONE_OF));
    assert_eq!(decode(&schema, "5").as_struct().unwrap().values(), [Value::Null, Value::Int64(5)]);
    // What is one type or null is that type, as it says of itself.
    let schema = read(
        r#"{"title":"Outer","default":"o","oneOf":[{"type":"null"},{"type":"string","title":"Own","default":"d"}]}"#,
        &Config::default(),
    );
    assert_eq!((schema.name(), schema.default()), (Some("Own"), Some(&Value::string("d"))));
}
