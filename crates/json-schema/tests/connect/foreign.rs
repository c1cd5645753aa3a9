//! Schemas that others wrote.

use crate::*;

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
