//! Schemas and documents that are made of Connect's.

use crate::*;

#[test]
fn scalars() {
    let plain = Config::default();
    for (kind, json_schema, value, document) in [
        (Kind::Int8, r#"{"type":"integer","connect.type":"int8"}"#, Value::Int8(-1), "-1"),
        (Kind::Int16, r#"{"type":"integer","connect.type":"int16"}"#, Value::Int16(300), "300"),
        (Kind::Int32, r#"{"type":"integer","connect.type":"int32"}"#, Value::Int32(5), "5"),
        (
            Kind::Int64,
            r#"{"type":"integer","connect.type":"int64"}"#,
            Value::Int64(1 << 60),
            "1152921504606846976",
        ),
        (Kind::Float32, r#"{"type":"number","connect.type":"float32"}"#, Value::Float32(1.5), "1.5"),
        (Kind::Float64, r#"{"type":"number","connect.type":"float64"}"#, Value::Float64(1e10), "1.0E10"),
        (Kind::Boolean, r#"{"type":"boolean"}"#, Value::Boolean(true), "true"),
        (Kind::String, r#"{"type":"string"}"#, Value::string("é\""), r#""é\"""#),
        (
            Kind::Bytes,
            r#"{"type":"string","connect.type":"bytes"}"#,
            Value::Bytes(Bytes::from_static(&[1, 2])),
            r#""AQI=""#,
        ),
    ] {
        check(&Schema::required(kind), json_schema, &value, document, &plain);
    }
    let optional = Schema::optional(Kind::String);
    check(&optional, r#"{"oneOf":[{"type":"null"},{"type":"string"}]}"#, &Value::Null, "null", &plain);
}

#[test]
fn logical_types() {
    let plain = Config::default();
    let name = "org.apache.kafka.connect.data";
    for (logical, kind, connect, value, document) in [
        (Logical::Date, "Date", "int32", Value::Date(20_000), "20000"),
        (Logical::Time, "Time", "int32", Value::Time(1), "1"),
        (Logical::Timestamp, "Timestamp", "int64", Value::Timestamp(-1), "-1"),
    ] {
        let json_schema = format!(
            r#"{{"type":"integer","title":"{name}.{kind}","connect.type":"{connect}","connect.version":1}}"#
        );
        check(&Schema::logical_builder(logical).build(), &json_schema, &value, document, &plain);
    }
    let decimal = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
    let json_schema = |kind: &str| {
        format!(
            r#"{{"type":"{kind}","title":"{name}.Decimal","connect.type":"bytes","connect.version":1,"connect.parameters":{{"scale":"2"}}}}"#
        )
    };
    let value = Value::Decimal(Decimal::from_i64(1234, 2));
    check(&decimal, &json_schema("string"), &value, r#""BNI=""#, &plain);
    let numeric = Config { decimal_format: DecimalFormat::Numeric, ..Config::default() };
    check(&decimal, &json_schema("number"), &value, "12.34", &numeric);
}

#[test]
fn rows_arrays_and_maps() {
    let plain = Config::default();
    let int = Schema::required(Kind::Int32);
    let schema = Schema::structure([
        ("b", Schema::required(Kind::Array(int.clone()))),
        ("a", Schema::required(Kind::Map(Schema::required(Kind::String), int.clone()))),
        (
            "c",
            Schema::builder(Kind::String).optional().default_value(Value::string("d")).doc("about c").build(),
        ),
    ])
    .unwrap()
    .to_builder()
    .name("com.acme.Row")
    .version(2)
    .parameter("p", "q")
    .build();
    let json_schema = concat!(
        r#"{"type":"object","properties":{"b":{"type":"array","items":{"type":"integer","connect.type":"int32"},"#,
        r#""connect.index":0},"a":{"type":"object","additionalProperties":{"type":"integer","connect.type":"int32"},"#,
        r#""connect.type":"map","connect.index":1},"c":{"oneOf":[{"type":"null"},{"type":"string","description":"about c","#,
        r#""default":"d"}],"connect.index":2}},"title":"com.acme.Row","connect.version":2,"connect.parameters":{"p":"q"}}"#
    );
    let map = Value::Map(Map::from_distinct(vec![(Value::string("k"), Value::Int32(1))]));
    let value = row(&schema, vec![Value::Array(vec![Value::Int32(1)]), map, Value::string("x")]);
    check(&schema, json_schema, &value, r#"{"b":[1],"a":{"k":1},"c":"x"}"#, &plain);
    // The order of fields is what connect.index says, not that of the text.
    let sorted = JsonSchema::parse(json_schema, &[]).unwrap().normalized();
    assert_eq!(*read(&sorted, &plain), *schema);
    let closed = Config { object_additional_properties: false, ..Config::default() };
    assert!(text(&schema, &closed).contains(r#""additionalProperties":false,"title""#));
}

#[test]
fn maps_whose_keys_are_no_texts() {
    let plain = Config::default();
    let schema = Schema::required(Kind::Map(Schema::required(Kind::Int32), Schema::optional(Kind::String)));
    let json_schema = concat!(
        r#"{"type":"array","items":{"type":"object","properties":{"key":{"type":"integer","connect.type":"int32","#,
        r#""connect.index":0},"value":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":1}}},"connect.type":"map"}"#
    );
    let value = Value::Map(Map::from_distinct(vec![
        (Value::Int32(1), Value::string("a")),
        (Value::Int32(2), Value::Null),
    ]));
    check(&schema, json_schema, &value, r#"[{"key":1,"value":"a"},{"key":2,"value":null}]"#, &plain);
}

/// The option is one of reading: what is written is the same with it, as by Java.
#[test]
fn optional_by_absence() {
    let config = Config { use_optional_for_nonrequired: true, ..Config::default() };
    let schema =
        Schema::structure([("a", Schema::optional(Kind::String)), ("b", Schema::required(Kind::Boolean))])
            .unwrap();
    assert_eq!(
        text(&schema, &config),
        concat!(
            r#"{"type":"object","properties":{"a":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":0},"#,
            r#""b":{"type":"boolean","connect.index":1}}}"#
        )
    );
    let value = row(&schema, vec![Value::Null, Value::Boolean(true)]);
    assert_eq!(encode(&schema, &value, &config), r#"{"a":null,"b":true}"#);
    let file =
        r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"boolean"}},"required":["b"]}"#;
    let schema = read(file, &config);
    assert_eq!(
        decode(&schema, r#"{"b":true}"#).as_struct().unwrap().values(),
        [Value::Null, Value::Boolean(true)]
    );
    let optional: Vec<_> = schema.fields().unwrap().iter().map(|field| field.schema.is_optional()).collect();
    assert_eq!(optional, [true, false]);
}

/// What Java prints of a default and of a struct without fields.
#[test]
fn the_text_of_a_schema_is_javas() {
    let with_default = |kind: Kind, default: Value| Schema::builder(kind).default_value(default).build();
    let schema = Schema::structure([
        ("a", with_default(Kind::Float64, Value::Float64(450.0))),
        ("b", with_default(Kind::Float32, Value::Float32(-1.5))),
        ("c", with_default(Kind::Float64, Value::Float64(1e21))),
        ("d", Schema::structure(Vec::<(&str, SchemaRef)>::new()).unwrap()),
    ]);
    let text = text(&schema.unwrap(), &Config::default());
    for part in [
        r#""default":450,"#,
        r#""default":-1.5,"#,
        r#""default":1e+21,"#,
        r#""d":{"type":"object","connect.index":3}"#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

/// Key and value are in every entry of a map: the option is about properties of structs.
#[test]
fn entries_of_a_map_are_not_optional_by_absence() {
    let config = Config { use_optional_for_nonrequired: true, ..Config::default() };
    let text = r#"{"type":"object","properties":{"m":{"type":"array","connect.type":"map","items":{"type":"object","properties":{
        "key":{"type":"integer","connect.type":"int32"},"value":{"oneOf":[{"type":"null"},{"type":"string"}]}}}}}}"#;
    let schema = read(text, &config);
    let map = &schema.fields().unwrap()[0].schema;
    let Kind::Map(keys, values) = map.kind() else { panic!("{map:?}") };
    assert_eq!((map.is_optional(), keys.is_optional(), values.is_optional()), (true, false, true));
}
