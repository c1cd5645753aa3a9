//! Connect's schemas and values as JSON Schema and JSON.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use data::{Bytes, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use sluice_json_schema::Schema as JsonSchema;
use sluice_json_schema::connect::{
    Config, DecimalFormat, Decoder, Encoder, ONE_OF, from_connect, to_connect,
};

fn text(schema: &SchemaRef, config: &Config) -> String {
    from_connect(schema, config).unwrap()
}

fn read(text: &str, config: &Config) -> SchemaRef {
    let schema = JsonSchema::parse(text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"));
    to_connect(&schema, config).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn encode(schema: &SchemaRef, value: &Value, config: &Config) -> String {
    let mut out = Vec::new();
    Encoder::new(schema, config).unwrap().encode(value, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn decode(schema: &SchemaRef, document: &str) -> Value {
    Decoder::new(schema).unwrap().decode(&Bytes::copy_from_slice(document.as_bytes())).unwrap()
}

fn check(schema: &SchemaRef, json_schema: &str, value: &Value, document: &str, config: &Config) {
    assert_eq!(text(schema, config), json_schema);
    assert_eq!(*read(json_schema, config), **schema, "{json_schema}");
    assert_eq!(encode(schema, value, config), document);
    assert_eq!(decode(schema, document), *value, "{document}");
}

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

fn row(schema: &SchemaRef, values: Vec<Value>) -> Value {
    Value::Struct(Struct::new(schema.clone(), values).unwrap())
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

#[track_caller]
fn fields(text: &str, config: &Config) -> Vec<(String, Kind, bool)> {
    let schema = read(text, config);
    let fields = schema.fields().unwrap_or_else(|| panic!("{schema:?}")).iter();
    fields
        .map(|field| (field.name.to_string(), field.schema.kind().clone(), field.schema.is_optional()))
        .collect()
}

#[test]
fn all_that_must_hold_is_one_struct() {
    let config = Config { use_optional_for_nonrequired: true, ..Config::default() };
    let named = |name: &str, kind: Kind, optional: bool| (name.to_owned(), kind, optional);
    // A base by reference, a branch in a branch, and own properties after those of the branches.
    let based = r##"{"allOf":[{"$ref":"#/$defs/base"},{"allOf":[{"properties":{"b":{"type":"string"}},"required":["b"]}]}],
        "properties":{"c":{"type":"boolean"},"a":{"type":"number"}},
        "$defs":{"base":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}}"##;
    assert_eq!(
        fields(based, &config),
        [named("a", Kind::Float64, true), named("b", Kind::String, false), named("c", Kind::Boolean, true)]
    );
    // Conditions beside the properties say nothing of the type.
    for condition in [
        r#""allOf":[{"if":{"required":["a"]},"then":{"required":["b"]}}]"#,
        r#""oneOf":[{"required":["a"]},{"required":["b"]}]"#,
        r#""anyOf":[{"required":["a"]},{"required":["b"]}]"#,
    ] {
        let text = format!(
            r#"{{"type":"object","properties":{{"a":{{"type":"string"}},"b":{{"type":"integer"}}}},{condition}}}"#
        );
        let expected = [named("a", Kind::String, true), named("b", Kind::Int64, true)];
        assert_eq!(fields(&text, &config), expected, "{condition}");
    }
    let schema = read(based, &config);
    let value = decode(&schema, r#"{"c":true,"b":"x","a":1.5}"#);
    let values = [Value::Float64(1.5), Value::string("x"), Value::Boolean(true)];
    assert_eq!(value.as_struct().unwrap().values(), values);
}

#[test]
fn without_properties_a_branch_says_the_type() {
    let plain = Config::default();
    for (text, kind) in [
        (r##"{"allOf":[{"$ref":"#/$defs/n"},{"minimum":5}],"$defs":{"n":{"type":"integer"}}}"##, Kind::Int64),
        (r#"{"allOf":[{"maxLength":5},{"type":"string"}]}"#, Kind::String),
        (r#"{"type":"number","enum":[1,2]}"#, Kind::Float64),
        (r#"{"type":"string","not":{"const":"a"}}"#, Kind::String),
        (r#"{"const":"a"}"#, Kind::String),
        (r#"{"type":"string","anyOf":[{"maxLength":5},{"pattern":"a"}]}"#, Kind::String),
    ] {
        assert_eq!(*read(text, &plain).kind(), kind, "{text}");
    }
    let either = r#"{"type":"object","oneOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object","properties":{"b":{"type":"string"}}}]}"#;
    assert_eq!(read(either, &plain).name(), Some(ONE_OF));
    // A circle of branches ends, and very many are refused.
    let circle = JsonSchema::parse(r##"{"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##, &[]).unwrap();
    assert!(to_connect(&circle, &plain).is_err());
    let branches = vec![r##"{"$ref":"#/$defs/none"}"##; 300].join(",");
    let properties: Vec<String> = (0..300).map(|n| format!(r##""p{n}":{{"$ref":"#/$defs/all"}}"##)).collect();
    let many = format!(
        r#"{{"properties":{{{}}},"$defs":{{"none":{{"type":"string"}},"all":{{"allOf":[{branches}]}}}}}}"#,
        properties.join(",")
    );
    let many = JsonSchema::parse(&many, &[]).unwrap();
    assert_eq!(to_connect(&many, &plain).unwrap_err().to_string(), "the schema has more than 50000 fields");
}

#[test]
fn foreign_schemas() {
    let plain = Config::default();
    let schema = read(
        r##"{"type":"object","properties":{"e":{"enum":["a","b"]},"r":{"$ref":"#/definitions/n"},"l":{"type":["null","number"]}},
        "definitions":{"n":{"type":"object","additionalProperties":{"type":"integer"}}}}"##,
        &plain,
    );
    let fields = schema.fields().unwrap();
    assert_eq!(fields[0].schema.parameters().len(), 3);
    assert!(matches!(fields[1].schema.kind(), Kind::Map(..)));
    assert_eq!(*fields[2].schema, *Schema::optional(Kind::Float64));
    for (json_schema, error) in [
        ("true", "the schema: the schema says nothing of the type, and Connect needs one"),
        (r#"{"type":"array"}"#, "the schema: Array schema did not specify the items type"),
        (
            r##"{"type":"object","properties":{"a":{"$ref":"#"}}}"##,
            "a.a: the schema of $ref \"#\" contains itself, which a Connect schema cannot say; let it hold an id in its own place, or take the records as bytes with ByteArrayConverter",
        ),
    ] {
        let schema = JsonSchema::parse(json_schema, &[]).unwrap();
        assert_eq!(to_connect(&schema, &plain).unwrap_err().to_string(), error);
    }
}

#[test]
fn few_references_do_not_become_many_fields() {
    let mut definitions = String::new();
    for level in 0..40 {
        let next = level + 1;
        definitions.push_str(&format!(
            r##""n{level}":{{"oneOf":[{{"$ref":"#/$defs/n{next}"}},{{"$ref":"#/$defs/n{next}"}}]}},"##
        ));
    }
    let text = format!(r##"{{"$ref":"#/$defs/n0","$defs":{{{definitions}"n40":{{"type":"string"}}}}}}"##);
    let schema = JsonSchema::parse(&text, &[]).unwrap();
    let error = to_connect(&schema, &Config::default()).unwrap_err().to_string();
    assert_eq!(error, "the schema has more than 50000 fields");
}

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

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn leaf() -> impl Strategy<Value = (SchemaRef, Value)> {
        prop_oneof![
            any::<i8>().prop_map(|n| (Schema::required(Kind::Int8), Value::Int8(n))),
            any::<i32>().prop_map(|n| (Schema::required(Kind::Int32), Value::Int32(n))),
            any::<i64>().prop_map(|n| (Schema::required(Kind::Int64), Value::Int64(n))),
            any::<i32>().prop_map(|n| (Schema::required(Kind::Float32), Value::Float32(n as f32 / 7.0))),
            any::<i64>().prop_map(|n| (Schema::required(Kind::Float64), Value::Float64(n as f64 / 7.0))),
            any::<bool>().prop_map(|b| (Schema::required(Kind::Boolean), Value::Boolean(b))),
            ".{0,20}".prop_map(|text| (Schema::required(Kind::String), Value::string(text))),
            proptest::collection::vec(any::<u8>(), 0..20)
                .prop_map(|bytes| (Schema::required(Kind::Bytes), Value::Bytes(bytes.into()))),
            (any::<i64>(), 0i32..20).prop_map(|(n, scale)| (
                Schema::logical_builder(Logical::Decimal { scale }).build(),
                Value::Decimal(Decimal::from_i64(n, scale))
            )),
            any::<i32>().prop_map(|n| (Schema::logical_builder(Logical::Date).build(), Value::Date(n))),
            any::<i64>()
                .prop_map(|n| (Schema::logical_builder(Logical::Timestamp).build(), Value::Timestamp(n))),
            Just((Schema::optional(Kind::String), Value::Null)),
        ]
    }

    fn tree() -> impl Strategy<Value = (SchemaRef, Value)> {
        leaf().prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                (inner.clone(), 0usize..4).prop_map(|((schema, value), n)| {
                    (Schema::required(Kind::Array(schema)), Value::Array(vec![value; n]))
                }),
                (inner.clone(), proptest::collection::btree_map(any::<i16>(), Just(()), 0..4)).prop_map(
                    |((schema, value), keys)| {
                        let entries = keys.keys().map(|key| (Value::Int16(*key), value.clone())).collect();
                        (
                            Schema::required(Kind::Map(Schema::required(Kind::Int16), schema)),
                            Value::Map(Map::from_distinct(entries)),
                        )
                    }
                ),
                proptest::collection::vec(inner, 1..5).prop_map(|parts| {
                    let fields =
                        parts.iter().enumerate().map(|(i, (schema, _))| (format!("f{i}"), schema.clone()));
                    let schema = Schema::structure(fields.collect::<Vec<_>>()).unwrap();
                    let values = parts.into_iter().map(|(_, value)| value).collect();
                    (schema.clone(), row(&schema, values))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_and_schemas_come_back((schema, value) in tree()) {
            let config = Config::default();
            let json_schema = text(&schema, &config);
            let back = read(&json_schema, &config);
            prop_assert_eq!(&*back, &*schema);
            let document = encode(&schema, &value, &config);
            prop_assert_eq!(decode(&back, &document), value);
        }

        #[test]
        fn bytes_never_panic((schema, value) in tree(), at in 0usize..100, with: u8) {
            let mut document = encode(&schema, &value, &Config::default()).into_bytes();
            let at = at % document.len();
            document[at] = with;
            let _ = Decoder::new(&schema).unwrap().decode(&document.into());
        }

        #[test]
        fn schemas_never_panic(text in "[\\[{:,\"}a-z\\]$#/0-9]{0,60}") {
            if let Ok(schema) = JsonSchema::parse(&text, &[]) {
                let _ = to_connect(&schema, &Config::default());
            }
        }
    }
}
