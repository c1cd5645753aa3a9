//! Every row of the compatibility rules, as old schema, new schema, expected differences.

use sluice_json_schema::Schema;
use sluice_json_schema::compatibility::{Policy, backward, backward_with};

fn parse(text: &str) -> Schema {
    Schema::parse(text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn codes(old: &str, new: &str) -> Vec<&'static str> {
    backward(&parse(new), &parse(old)).iter().map(|found| found.difference.code()).collect()
}

fn check(cases: &[(&str, &str, &[&str])]) {
    for (old, new, expected) in cases {
        assert_eq!(codes(old, new), *expected, "old {old} new {new}");
    }
}

const STRING: &str = r#"{"type":"string"}"#;
const INTEGER: &str = r#"{"type":"integer"}"#;
const NUMBER: &str = r#"{"type":"number"}"#;
const OBJECT: &str = r#"{"type":"object"}"#;
const CLOSED: &str = r#"{"type":"object","additionalProperties":false}"#;
const ARRAY: &str = r#"{"type":"array"}"#;

#[test]
fn annotations() {
    check(&[(
        r#"{"$id":"a","title":"a","description":"a","default":"a","type":"string"}"#,
        r#"{"$id":"b","title":"b","description":"b","default":"b","type":"string"}"#,
        &[],
    )]);
}

#[test]
fn types() {
    check(&[
        (STRING, STRING, &[]),
        (STRING, "{}", &[]),
        (STRING, "true", &[]),
        ("false", STRING, &[]),
        (STRING, "false", &["TYPE_CHANGED"]),
        ("true", STRING, &["TYPE_CHANGED"]),
        (INTEGER, NUMBER, &[]),
        (NUMBER, INTEGER, &["TYPE_NARROWED"]),
        (STRING, NUMBER, &["TYPE_CHANGED"]),
        (r#"{"type":"boolean"}"#, r#"{"type":"null"}"#, &["TYPE_CHANGED"]),
        (r#"{"type":"string","connect.type":"bytes"}"#, r#"{"type":"number","connect.type":"bytes"}"#, &[]),
        (r#"{"type":"string","connect.type":"bytes"}"#, NUMBER, &["TYPE_CHANGED"]),
        // a list of types is anyOf
        (STRING, r#"{"type":["string","null"]}"#, &[]),
        (r#"{"type":["string","null"]}"#, STRING, &["TYPE_CHANGED"]),
        (r#"{"type":["string"]}"#, STRING, &[]),
    ]);
}

#[test]
fn strings() {
    check(&[
        (r#"{"type":"string","maxLength":5}"#, r#"{"type":"string","maxLength":6}"#, &[]),
        (r#"{"type":"string","maxLength":5}"#, STRING, &[]),
        (
            r#"{"type":"string","maxLength":5}"#,
            r#"{"type":"string","maxLength":4}"#,
            &["MAX_LENGTH_DECREASED"],
        ),
        (STRING, r#"{"type":"string","maxLength":4}"#, &["MAX_LENGTH_ADDED"]),
        (r#"{"type":"string","minLength":5}"#, r#"{"type":"string","minLength":4}"#, &[]),
        (r#"{"type":"string","minLength":5}"#, STRING, &[]),
        (
            r#"{"type":"string","minLength":5}"#,
            r#"{"type":"string","minLength":6}"#,
            &["MIN_LENGTH_INCREASED"],
        ),
        (STRING, r#"{"type":"string","minLength":6}"#, &["MIN_LENGTH_ADDED"]),
        (r#"{"type":"string","pattern":"a"}"#, STRING, &[]),
        (STRING, r#"{"type":"string","pattern":"a"}"#, &["PATTERN_ADDED"]),
        (r#"{"type":"string","pattern":"b"}"#, r#"{"type":"string","pattern":"a"}"#, &["PATTERN_CHANGED"]),
    ]);
}

#[test]
fn numbers() {
    let limit = |keyword: &str, value: i32| format!(r#"{{"type":"number","{keyword}":{value}}}"#);
    for (keyword, added, changed) in [
        ("maximum", "MAXIMUM_ADDED", "MAXIMUM_DECREASED"),
        ("exclusiveMaximum", "EXCLUSIVE_MAXIMUM_ADDED", "EXCLUSIVE_MAXIMUM_DECREASED"),
    ] {
        assert!(codes(&limit(keyword, 5), &limit(keyword, 6)).is_empty());
        assert!(codes(&limit(keyword, 5), NUMBER).is_empty());
        assert_eq!(codes(&limit(keyword, 5), &limit(keyword, 4)), [changed]);
        assert_eq!(codes(NUMBER, &limit(keyword, 4)), [added]);
    }
    for (keyword, added, changed) in [
        ("minimum", "MINIMUM_ADDED", "MINIMUM_INCREASED"),
        ("exclusiveMinimum", "EXCLUSIVE_MINIMUM_ADDED", "EXCLUSIVE_MINIMUM_INCREASED"),
    ] {
        assert!(codes(&limit(keyword, 5), &limit(keyword, 4)).is_empty());
        assert!(codes(&limit(keyword, 5), NUMBER).is_empty());
        assert_eq!(codes(&limit(keyword, 5), &limit(keyword, 6)), [changed]);
        assert_eq!(codes(NUMBER, &limit(keyword, 4)), [added]);
    }
    assert!(codes(&limit("multipleOf", 10), NUMBER).is_empty());
    assert!(codes(&limit("multipleOf", 10), &limit("multipleOf", 5)).is_empty());
    assert_eq!(codes(&limit("multipleOf", 5), &limit("multipleOf", 10)), ["MULTIPLE_OF_EXPANDED"]);
    assert_eq!(codes(&limit("multipleOf", 5), &limit("multipleOf", 7)), ["MULTIPLE_OF_CHANGED"]);
    assert_eq!(codes(NUMBER, &limit("multipleOf", 7)), ["MULTIPLE_OF_ADDED"]);
    // draft 4
    check(&[(
        r#"{"type":"number","maximum":5}"#,
        r#"{"type":"number","maximum":5,"exclusiveMaximum":true}"#,
        &["EXCLUSIVE_MAXIMUM_ADDED"],
    )]);
}

#[test]
fn enumerations() {
    check(&[
        (r#"{"enum":["a"]}"#, r#"{"enum":["b","a"]}"#, &[]),
        (r#"{"enum":["a","b"]}"#, r#"{"enum":["a"]}"#, &["ENUM_ARRAY_NARROWED"]),
        (r#"{"enum":["a","b"]}"#, r#"{"enum":["a","c"]}"#, &["ENUM_ARRAY_CHANGED"]),
        (r#"{"enum":[1]}"#, r#"{"enum":[1.0]}"#, &[]),
        (r#"{"const":1}"#, r#"{"const":1}"#, &[]),
        (r#"{"const":1}"#, r#"{"const":2}"#, &["CONST_CHANGED"]),
        (r#"{"type":"string","enum":["a"]}"#, r#"{"type":"string","enum":["b","a"]}"#, &[]),
        (r#"{"type":"string","enum":["a"]}"#, STRING, &[]),
        (STRING, r#"{"type":"string","enum":["a"]}"#, &["TYPE_CHANGED"]),
    ]);
}

#[test]
fn required() {
    let object = |required: &str, property: &str| {
        format!(r#"{{"type":"object","properties":{{"a":{property}}},"required":[{required}]}}"#)
    };
    let default = r#"{"type":"string","default":"x"}"#;
    assert!(codes(&object(r#""a""#, STRING), &object("", STRING)).is_empty());
    assert!(codes(&object("", STRING), &object(r#""a""#, default)).is_empty());
    assert_eq!(codes(&object("", STRING), &object(r#""a""#, STRING)), ["REQUIRED_ATTRIBUTE_ADDED"]);
}

#[test]
fn properties_added() {
    let covered = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL";
    let required = "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL";
    check(&[
        (
            OBJECT,
            r#"{"type":"object","properties":{"a":{"type":"string"}}}"#,
            &["PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"],
        ),
        (OBJECT, r#"{"type":"object","properties":{"a":{}}}"#, &[]),
        (OBJECT, r#"{"type":"object","properties":{"a":true}}"#, &[]),
        (
            CLOSED,
            r#"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}}}"#,
            &[],
        ),
        (
            CLOSED,
            r#"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}},"required":["a"]}"#,
            &[required],
        ),
        (
            CLOSED,
            r#"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string","default":"x"}},"required":["a"]}"#,
            &[],
        ),
        (
            r#"{"type":"object","unevaluatedProperties":false}"#,
            r#"{"type":"object","unevaluatedProperties":false,"properties":{"a":{"type":"string"}}}"#,
            &[],
        ),
        (
            r#"{"type":"object","additionalProperties":{"type":"integer"}}"#,
            r#"{"type":"object","additionalProperties":{"type":"integer"},"properties":{"a":{"type":"number"}}}"#,
            &[],
        ),
        (
            r#"{"type":"object","additionalProperties":{"type":"integer"}}"#,
            r#"{"type":"object","additionalProperties":{"type":"integer"},"properties":{"a":{"type":"number"}},"required":["a"]}"#,
            &[required],
        ),
        (
            r#"{"type":"object","additionalProperties":{"type":"integer"}}"#,
            r#"{"type":"object","additionalProperties":{"type":"integer"},"properties":{"a":{"type":"string"}}}"#,
            &[covered],
        ),
        (
            r#"{"type":"object","patternProperties":{"^a":{"type":"integer"}},"additionalProperties":false}"#,
            r#"{"type":"object","patternProperties":{"^a":{"type":"integer"}},"additionalProperties":false,"properties":{"ab":{"type":"number"}}}"#,
            &[],
        ),
        (
            r#"{"type":"object","unevaluatedProperties":{"type":"integer"}}"#,
            r#"{"type":"object","unevaluatedProperties":{"type":"integer"},"properties":{"a":{"type":"string"}}}"#,
            &[covered],
        ),
    ]);
}

#[test]
fn properties_removed() {
    check(&[
        (r#"{"type":"object","properties":{"a":{"type":"string"}}}"#, OBJECT, &[]),
        (
            r#"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}}}"#,
            CLOSED,
            &["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"],
        ),
        (r#"{"type":"object","additionalProperties":false,"properties":{"a":false}}"#, CLOSED, &[]),
        (
            r#"{"type":"object","additionalProperties":{"type":"number"},"properties":{"a":{"type":"integer"}}}"#,
            r#"{"type":"object","additionalProperties":{"type":"number"}}"#,
            &[],
        ),
        (
            r#"{"type":"object","additionalProperties":{"type":"number"},"properties":{"a":{"type":"string"}}}"#,
            r#"{"type":"object","additionalProperties":{"type":"number"}}"#,
            &["PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"],
        ),
    ]);
}

#[test]
fn further_properties() {
    for (keyword, removed, narrowed) in [
        ("additionalProperties", "ADDITIONAL_PROPERTIES_REMOVED", "ADDITIONAL_PROPERTIES_NARROWED"),
        ("unevaluatedProperties", "UNEVALUATED_PROPERTIES_REMOVED", "UNEVALUATED_PROPERTIES_NARROWED"),
    ] {
        let with = |value: &str| format!(r#"{{"type":"object","{keyword}":{value}}}"#);
        assert!(codes(&with("false"), &with("true")).is_empty());
        assert!(codes(&with("false"), &with(STRING)).is_empty());
        assert!(codes(&with(STRING), &with("true")).is_empty());
        assert!(codes(&with(STRING), OBJECT).is_empty());
        assert!(codes(&with(INTEGER), &with(NUMBER)).is_empty());
        assert_eq!(codes(&with("true"), &with("false")), [removed]);
        assert_eq!(codes(&with(STRING), &with("false")), [removed]);
        assert_eq!(codes(OBJECT, &with(STRING)), [narrowed]);
        assert_eq!(codes(&with(NUMBER), &with(INTEGER)), ["TYPE_NARROWED"]);
    }
}

#[test]
fn dependencies() {
    let with = |value: &str| format!(r#"{{"type":"object","dependencies":{value}}}"#);
    assert!(codes(&with(r#"{"a":["b"]}"#), OBJECT).is_empty());
    assert!(codes(&with(r#"{"a":["b","c"]}"#), &with(r#"{"a":["b"]}"#)).is_empty());
    assert_eq!(codes(OBJECT, &with(r#"{"a":["b"]}"#)), ["DEPENDENCY_ARRAY_ADDED"]);
    assert_eq!(codes(&with(r#"{"a":["b"]}"#), &with(r#"{"a":["b","c"]}"#)), ["DEPENDENCY_ARRAY_EXTENDED"]);
    assert_eq!(codes(&with(r#"{"a":["b"]}"#), &with(r#"{"a":["c"]}"#)), ["DEPENDENCY_ARRAY_CHANGED"]);
    assert!(codes(&with(r#"{"a":{"type":"object"}}"#), OBJECT).is_empty());
    assert_eq!(codes(OBJECT, &with(r#"{"a":{"type":"object"}}"#)), ["DEPENDENCY_SCHEMA_ADDED"]);
    let new = r#"{"type":"object","dependentRequired":{"a":["b"]}}"#;
    assert_eq!(codes(OBJECT, new), ["DEPENDENCY_ARRAY_ADDED"]);
}

#[test]
fn counts() {
    for (kind, max, min, word) in [
        ("object", "maxProperties", "minProperties", "PROPERTIES"),
        ("array", "maxItems", "minItems", "ITEMS"),
        ("array", "maxContains", "minContains", "CONTAINS"),
    ] {
        let plain = format!(r#"{{"type":"{kind}"}}"#);
        let with = |keyword: &str, value: i32| format!(r#"{{"type":"{kind}","{keyword}":{value}}}"#);
        assert!(codes(&with(max, 2), &with(max, 3)).is_empty());
        assert!(codes(&with(max, 2), &plain).is_empty());
        assert!(codes(&with(min, 2), &with(min, 1)).is_empty());
        assert!(codes(&with(min, 2), &plain).is_empty());
        assert_eq!(codes(&with(max, 2), &with(max, 1)), [format!("MAX_{word}_DECREASED")]);
        assert_eq!(codes(&plain, &with(max, 1)), [format!("MAX_{word}_ADDED")]);
        assert_eq!(codes(&with(min, 2), &with(min, 3)), [format!("MIN_{word}_INCREASED")]);
        assert_eq!(codes(&plain, &with(min, 3)), [format!("MIN_{word}_ADDED")]);
    }
}

#[test]
fn arrays() {
    check(&[
        (r#"{"type":"array","uniqueItems":true}"#, ARRAY, &[]),
        (ARRAY, r#"{"type":"array","uniqueItems":true}"#, &["UNIQUE_ITEMS_ADDED"]),
        (ARRAY, r#"{"type":"array","items":{"type":"string"}}"#, &["SCHEMA_ADDED"]),
        (r#"{"type":"array","items":{"type":"string"}}"#, ARRAY, &[]),
        (
            r#"{"type":"array","items":{"type":"string"}}"#,
            r#"{"type":"array","items":{"type":"integer"}}"#,
            &["TYPE_CHANGED"],
        ),
        (
            r#"{"type":"array","items":[],"additionalItems":false}"#,
            r#"{"type":"array","items":[{"type":"string"}],"additionalItems":false}"#,
            &[],
        ),
        (r#"{"type":"array","items":[]}"#, r#"{"type":"array","items":[true]}"#, &[]),
        (
            r#"{"type":"array","items":[]}"#,
            r#"{"type":"array","items":[{"type":"string"}]}"#,
            &["ITEM_ADDED_TO_OPEN_CONTENT_MODEL"],
        ),
        (r#"{"type":"array","items":[{"type":"string"}]}"#, r#"{"type":"array","items":[]}"#, &[]),
        (
            r#"{"type":"array","items":[{"type":"string"}],"additionalItems":false}"#,
            r#"{"type":"array","items":[],"additionalItems":false}"#,
            &["ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL"],
        ),
        (
            r#"{"type":"array","prefixItems":[],"items":{"type":"integer"}}"#,
            r#"{"type":"array","prefixItems":[{"type":"number"}],"items":{"type":"integer"}}"#,
            &[],
        ),
        (
            r#"{"type":"array","prefixItems":[],"items":{"type":"integer"}}"#,
            r#"{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}"#,
            &["ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"],
        ),
        (
            r#"{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}"#,
            r#"{"type":"array","prefixItems":[],"items":{"type":"integer"}}"#,
            &["ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"],
        ),
    ]);
}

#[test]
fn combinations() {
    let all = r#"{"allOf":[{"type":"string"},{"type":"integer"}]}"#;
    let any = r#"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#;
    let one = r#"{"oneOf":[{"type":"string"},{"type":"integer"}]}"#;
    check(&[
        (one, any, &[]),
        (all, any, &[]),
        (any, one, &["COMBINED_TYPE_CHANGED"]),
        (all, one, &["COMBINED_TYPE_CHANGED"]),
        (r#"{"allOf":[{"type":"string"}]}"#, r#"{"oneOf":[{"type":"string"}]}"#, &[]),
        (one, r#"{"oneOf":[{"type":"integer"},{"type":"string"},{"type":"null"}]}"#, &[]),
        (r#"{"oneOf":[{"type":"integer"},{"type":"string"},{"type":"null"}]}"#, one, &["SUM_TYPE_NARROWED"]),
        (all, r#"{"allOf":[{"type":"integer"}]}"#, &[]),
        (
            r#"{"allOf":[{"type":"integer"},{"type":"null"}]}"#,
            r#"{"allOf":[{"type":"integer"},{"type":"null"},{"type":"string"}]}"#,
            &["PRODUCT_TYPE_EXTENDED"],
        ),
        (any, r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, &["COMBINED_TYPE_SUBSCHEMAS_CHANGED"]),
        // a maximum matching, not the first that fits
        (
            r#"{"anyOf":[{"type":"integer"},{"type":"number"}]}"#,
            r#"{"anyOf":[{"type":"number"},{"type":"integer"}]}"#,
            &[],
        ),
        (STRING, one, &[]),
        (STRING, any, &[]),
        (r#"{"type":"null"}"#, one, &["TYPE_CHANGED"]),
        (one, STRING, &["TYPE_CHANGED"]),
        (all, STRING, &[]),
        (all, r#"{"type":"null"}"#, &["TYPE_CHANGED"]),
        (r#"{"oneOf":[{"type":"string"}]}"#, STRING, &[]),
        (STRING, r#"{"allOf":[{"type":"string"}]}"#, &[]),
    ]);
}

#[test]
fn negations() {
    check(&[
        (r#"{"not":{"type":"number"}}"#, r#"{"not":{"type":"integer"}}"#, &[]),
        (r#"{"not":{"type":"integer"}}"#, r#"{"not":{"type":"number"}}"#, &["NOT_TYPE_NARROWED"]),
    ]);
}

#[test]
fn references() {
    let list = |item: &str| {
        format!(
            r##"{{"$ref":"#/definitions/n","definitions":{{"n":{{"type":"object","additionalProperties":false,
            "properties":{{"next":{{"$ref":"#/definitions/n"}},"v":{item}}}}}}}}}"##
        )
    };
    assert!(codes(&list(INTEGER), &list(NUMBER)).is_empty());
    assert_eq!(codes(&list(NUMBER), &list(INTEGER)), ["TYPE_NARROWED"]);
    // through anyOf, where an answer is remembered
    let tree = |item: &str| {
        format!(
            r##"{{"$ref":"#/$defs/n","$defs":{{"n":{{"anyOf":[{{"type":"array","items":{{"$ref":"#/$defs/n"}}}},{item}]}}}}}}"##
        )
    };
    assert!(codes(&tree(INTEGER), &tree(NUMBER)).is_empty());
    assert_eq!(codes(&tree(NUMBER), &tree(INTEGER)), ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"]);
    // a circle of nothing but references
    let circle = r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##;
    assert!(codes(circle, circle).is_empty());
}

#[test]
fn lenient() {
    let lenient = |old: &str, new: &str| backward_with(&parse(new), &parse(old), Policy::Lenient).is_empty();
    let a = r#"{"type":"object","properties":{"a":{"type":"string"}}}"#;
    assert!(lenient(OBJECT, a));
    let required = r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#;
    assert!(!lenient(OBJECT, required));
    let default = r#"{"type":"object","properties":{"a":{"type":"string","default":""}},"required":["a"]}"#;
    assert!(lenient(OBJECT, default));
    let closed = r#"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}}}"#;
    assert!(lenient(closed, CLOSED));
    assert!(lenient(OBJECT, CLOSED));
    assert!(lenient(
        r#"{"type":"object","additionalProperties":{"type":"number"}}"#,
        r#"{"type":"object","additionalProperties":{"type":"integer"}}"#
    ));
    assert!(!lenient(STRING, INTEGER));
}

#[test]
fn a_message_says_where() {
    let old =
        r#"{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}}}"#;
    let new = r#"{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"null"}}}}}"#;
    let found = backward(&parse(new), &parse(old));
    assert_eq!(found[0].to_string(), "#/properties/a/properties/b: another type (TYPE_CHANGED)");
}

#[test]
fn what_is_too_much_is_said() {
    // Each level twice: without memory 2^60 comparisons.
    let wide = |leaf: &str| {
        let mut definitions = String::new();
        for level in 0..60 {
            let next = level + 1;
            definitions.push_str(&format!(
                r##""n{level}":{{"type":"array","items":[{{"$ref":"#/$defs/n{next}"}},{{"$ref":"#/$defs/n{next}"}}]}},"##
            ));
        }
        format!(r##"{{"$ref":"#/$defs/n0","$defs":{{{definitions}"n60":{leaf}}}}}"##)
    };
    assert!(codes(&wide(INTEGER), &wide(NUMBER)).is_empty());
    let found = codes(&wide(NUMBER), &wide(INTEGER));
    assert!(!found.is_empty() && found.len() <= 1_000, "{}", found.len());
    let mut deep = String::new();
    for level in 0..5_000 {
        deep.push_str(&format!(r##""n{level}":{{"items":{{"$ref":"#/$defs/n{}"}}}},"##, level + 1));
    }
    let deep = format!(r##"{{"$ref":"#/$defs/n0","$defs":{{{deep}"n5000":{{"type":"string"}}}}}}"##);
    assert_eq!(codes(&deep, &deep), ["TOO_COMPLEX"]);
}

#[test]
fn very_many_branches_of_few_schemas_are_too_complex() {
    let refs = |key: &str, count: usize| {
        let refs = vec![r##"{"$ref":"#/$defs/a"}"##; count].join(",");
        format!(r#"{{"{key}":[{refs}],"$defs":{{"a":{{"type":"integer"}}}}}}"#)
    };
    assert!(codes(&refs("anyOf", 300), &refs("anyOf", 300)).is_empty());
    assert_eq!(codes(&refs("anyOf", 40_000), &refs("anyOf", 40_000)), ["TOO_COMPLEX"]);
    let texts = refs("anyOf", 40_000).replace("integer", "string");
    assert_eq!(codes(&refs("allOf", 40_000), &texts), ["TOO_COMPLEX"]);
}

#[test]
fn very_many_dependencies_are_compared() {
    let of = |count: usize, more: &str| {
        let names: Vec<String> = (0..count).map(|n| format!(r#""n{n}":["a"{more}]"#)).collect();
        format!(r#"{{"type":"object","dependentRequired":{{{}}}}}"#, names.join(","))
    };
    let many = of(200_000, "");
    assert!(codes(&many, &many).is_empty());
    assert_eq!(codes(&of(2, ""), &of(3, r#","b""#)).len(), 3);
}
