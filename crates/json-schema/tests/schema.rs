//! Text to schema and back.

use sluice_json_schema::{ParseError, Schema};

#[test]
fn canonical_text_has_no_white_space_and_keeps_the_order() {
    let schema =
        Schema::parse("{ \"type\" : \"object\",\n \"title\": \"Ä/\\u00e4\", \"a\": [1, 2.50, 1e3] }", &[])
            .unwrap();
    assert_eq!(schema.canonical(), r#"{"type":"object","title":"Ä/ä","a":[1,2.5,1000.0]}"#);
    assert_eq!(schema.normalized(), r#"{"a":[1,2.5,1000.0],"title":"Ä/ä","type":"object"}"#);
    assert_eq!(schema.title(), Some("Ä/ä"));
    assert_eq!(Schema::parse(" true ", &[]).unwrap().canonical(), "true");
}

#[test]
fn references_are_found_by_name_id_anchor_and_pointer() {
    let other = |text: &str| vec![("other.json".to_owned(), text.to_owned())];
    for (text, reference) in [
        (r#"{"$ref":"other.json"}"#, "{}"),
        (r##"{"$ref":"other.json#/definitions/a~1b"}"##, r#"{"definitions":{"a/b":{}}}"#),
        (r##"{"$ref":"other.json#x"}"##, r#"{"$defs":{"a":{"$anchor":"x"}}}"#),
        (r#"{"$id":"http://h/a/main.json","$ref":"other.json"}"#, r#"{"$id":"http://h/a/other.json"}"#),
        (r#"{"$ref":"http://h/b"}"#, r#"{"$id":"http://h/b"}"#),
        (r##"{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"other.json"}}}"##, "{}"),
        (r#"{"$ref":"http://json-schema.org/draft-07/schema#"}"#, "{}"),
    ] {
        Schema::parse(text, &other(reference)).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn errors_say_what_and_where() {
    for (text, error) in [
        ("", "the schema is not valid JSON: EOF while parsing a value at line 1 column 0"),
        ("[]", "#: the schema must be an object or a boolean"),
        (
            r#"{"properties":{"a":{"type":"strin"}}}"#,
            "#/properties/a: type must be array, boolean, integer, null, number, object or string, or a list of these",
        ),
        (r#"{"properties":[]}"#, "#: properties must be an object of schemas"),
        (r#"{"items":[1]}"#, "#/items/0: the schema must be an object or a boolean"),
        (r#"{"required":[1]}"#, "#: required must be an array of strings"),
        (r#"{"minimum":"1"}"#, "#: minimum must be a number"),
        (r#"{"oneOf":[]}"#, "#: oneOf must be an array of at least one schema"),
        (
            r#"{"allOf":[{"$ref":"file:///etc/passwd"}]}"#,
            "#/allOf/0: $ref \"file:///etc/passwd\" is not in this schema and is not the name of one of its references (it has none)",
        ),
        (
            r#"{"$ref":"http://example.com/a"}"#,
            "#: $ref \"http://example.com/a\" is not in this schema and is not the name of one of its references (it has none)",
        ),
    ] {
        assert_eq!(Schema::parse(text, &[]).unwrap_err().to_string(), error);
    }
}

#[test]
fn limits_hold() {
    let deep = format!("{}{}{}", r#"{"not":"#.repeat(200), "{}", "}".repeat(200));
    assert!(matches!(Schema::parse(&deep, &[]), Err(ParseError::Json { .. })));
    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(sluice_json_schema::MAX_BYTES));
    assert!(matches!(Schema::parse(&long, &[]), Err(ParseError::TooLong { .. })));
    let many = format!(r#"{{"allOf":[{}{{}}]}}"#, "{},".repeat(sluice_json_schema::MAX_SCHEMAS));
    assert_eq!(Schema::parse(&many, &[]).unwrap_err(), ParseError::TooMany);
}

#[test]
fn patterns_take_limited_memory() {
    let of = |count: usize, pattern: &str| {
        let patterns: Vec<String> = (0..count).map(|n| format!(r#""{pattern}{n}":{{}}"#)).collect();
        format!(r#"{{"patternProperties":{{{}}}}}"#, patterns.join(","))
    };
    assert!(Schema::parse(&of(500, "^[a-z]+$|"), &[]).is_ok());
    assert!(Schema::parse(&of(3, r"\\w{30}"), &[]).is_ok());
    for many in [of(100, r"\\w{30}"), of(10_000, "a"), of(100, r"\\w{2000}")] {
        let error = Schema::parse(&many, &[]).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("patternProperties must be fewer or simpler patterns"), "{error:?}");
    }
}
