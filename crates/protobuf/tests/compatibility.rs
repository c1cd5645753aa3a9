//! Every row of the compatibility rules. What Confluent's Java library (7.0.16) answered is the expectation, but for
//! numbers that become repeated or single: later releases refuse that, and so do we.

use sluice_protobuf::Schema;
use sluice_protobuf::compatibility::backward;

fn parse(text: &str) -> Schema {
    Schema::parse(text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn found(old: &Schema, new: &Schema) -> Vec<String> {
    let mut found: Vec<_> = backward(new, old)
        .iter()
        .map(|found| format!("{} {}", found.path, found.difference.code()))
        .collect();
    found.sort();
    found
}

fn check(syntax: &str, cases: &[(&str, &str, &[&str])]) {
    for (old, new, expected) in cases {
        let head = format!("syntax = \"{syntax}\"; ");
        assert_eq!(
            found(&parse(&(head.clone() + old)), &parse(&(head + new))),
            *expected,
            "old {old} new {new}"
        );
    }
}

#[test]
fn scalars() {
    let field = |kind: &str| format!("message A {{ {kind} a = 1; }} enum E {{ Z = 0; }} enum F {{ Y = 0; }}");
    let groups: &[&[&str]] = &[
        &["int32", "int64", "uint32", "uint64", "bool", "E", "F"],
        &["sint32", "sint64"],
        &["string", "bytes"],
        &["fixed32", "sfixed32"],
        &["fixed64", "sfixed64"],
        &["float"],
        &["double"],
    ];
    for (i, olds) in groups.iter().enumerate() {
        for (j, news) in groups.iter().enumerate() {
            for old in *olds {
                for new in *news {
                    let expected: &[&str] = if i == j { &[] } else { &["#/A/1 FIELD_SCALAR_KIND_CHANGED"] };
                    check("proto3", &[(&field(old), &field(new), expected)]);
                }
            }
        }
    }
}

#[test]
fn kinds() {
    let kind: &[&str] = &["#/A/1 FIELD_KIND_CHANGED"];
    let scalar: &[&str] = &["#/A/1 FIELD_SCALAR_KIND_CHANGED"];
    check(
        "proto3",
        &[
            ("message A { string a = 1; } message B {}", "message A { B a = 1; } message B {}", kind),
            ("message A { B a = 1; } message B {}", "message A { string a = 1; } message B {}", kind),
            ("message A { bytes a = 1; } message B {}", "message A { B a = 1; } message B {}", kind),
            (
                "message A { B a = 1; } message B {} message C {}",
                "message A { C a = 1; } message B {} message C {}",
                &["#/A/1 FIELD_NAMED_TYPE_CHANGED"],
            ),
            ("message A { map<string,string> a = 1; }", "message A { string a = 1; }", kind),
            ("message A { map<string,string> a = 1; }", "message A { repeated string a = 1; }", kind),
            ("message A { map<string,string> a = 1; }", "message A { map<string,int32> a = 1; }", scalar),
            ("message A { map<string,string> a = 1; }", "message A { map<int32,string> a = 1; }", scalar),
            ("message A { map<string,int32> a = 1; }", "message A { map<string,int64> a = 1; }", &[]),
            (
                "message A { map<string,B> a = 1; } message B { int32 a = 1; }",
                "message A { map<string,B> a = 1; } message B { string a = 1; }",
                &["#/B/1 FIELD_SCALAR_KIND_CHANGED"],
            ),
        ],
    );
}

#[test]
fn labels() {
    let numeric: &[&str] = &["#/A/1 FIELD_NUMERIC_LABEL_CHANGED"];
    check(
        "proto3",
        &[
            ("message A { int32 a = 1; }", "message A { repeated int32 a = 1; }", numeric),
            ("message A { repeated double a = 1; }", "message A { double a = 1; }", numeric),
            (
                "message A { E a = 1; } enum E { Z = 0; }",
                "message A { repeated E a = 1; } enum E { Z = 0; }",
                numeric,
            ),
            ("message A { string a = 1; }", "message A { repeated string a = 1; }", &[]),
            ("message A { repeated bytes a = 1; }", "message A { bytes a = 1; }", &[]),
            ("message A { B a = 1; } message B {}", "message A { repeated B a = 1; } message B {}", &[]),
            ("message A { int32 a = 1; }", "message A { optional int32 a = 1; }", &[]),
        ],
    );
}

#[test]
fn fields() {
    check(
        "proto2",
        &[
            ("message A { optional int32 a = 1; }", "message A { }", &[]),
            ("message A { }", "message A { optional int32 a = 1; }", &[]),
            ("message A { optional int32 a = 1; }", "message A { optional int32 b = 1; }", &[]),
            ("message A { required int32 a = 1; }", "message A { }", &["#/A/1 REQUIRED_FIELD_REMOVED"]),
            ("message A { }", "message A { required int32 a = 1; }", &["#/A/1 REQUIRED_FIELD_ADDED"]),
            ("message A { reserved 1; }", "message A { optional int32 a = 1; }", &[]),
        ],
    );
}

#[test]
fn oneofs() {
    check(
        "proto3",
        &[
            ("message A { int32 a = 1; }", "message A { oneof x { int32 a = 1; } }", &[]),
            (
                "message A { int32 a = 1; int32 b = 2; }",
                "message A { oneof x { int32 a = 1; int32 b = 2; } }",
                &["#/A/x MULTIPLE_FIELDS_MOVED_TO_ONEOF"],
            ),
            (
                "message A { int32 a = 1; oneof x { int32 b = 2; } }",
                "message A { oneof x { int32 a = 1; int32 b = 2; } }",
                &["#/A/x FIELD_MOVED_TO_EXISTING_ONEOF"],
            ),
            (
                "message A { oneof x { int32 a = 1; int32 b = 2; } }",
                "message A { int32 a = 1; int32 b = 2; }",
                &[],
            ),
            (
                "message A { oneof x { int32 a = 1; int32 b = 2; } }",
                "message A { int32 a = 1; oneof x { int32 b = 2; } }",
                &["#/A/x/1 ONEOF_FIELD_REMOVED"],
            ),
            (
                "message A { oneof x { int32 a = 1; int32 b = 2; } }",
                "message A { oneof x { int32 b = 2; } }",
                &["#/A/x/1 ONEOF_FIELD_REMOVED"],
            ),
            ("message A { oneof x { int32 a = 1; int32 b = 2; } }", "message A { }", &[]),
            (
                "message A { oneof x { int32 a = 1; } }",
                "message A { oneof x { int32 a = 1; int32 b = 2; } }",
                &[],
            ),
            ("message A { oneof x { int32 a = 1; } }", "message A { oneof y { int32 a = 1; } }", &[]),
            (
                "message A { oneof x { int32 a = 1; int32 b = 2; } }",
                "message A { oneof x { int32 a = 1; } oneof y { int32 b = 2; } }",
                &["#/A/x/2 ONEOF_FIELD_REMOVED"],
            ),
            (
                "message A { oneof x { int32 a = 1; } }",
                "message A { oneof x { string a = 1; } }",
                &["#/A/x/1 FIELD_SCALAR_KIND_CHANGED"],
            ),
        ],
    );
}

#[test]
fn messages_enums_and_packages() {
    check(
        "proto3",
        &[
            ("message A { } message B { }", "message A { }", &["#/B MESSAGE_REMOVED"]),
            ("message A { } message B { }", "message B { } message A { }", &[]),
            ("message A { }", "message A { } message B { }", &[]),
            ("message A { message B { } }", "message A { }", &["#/A/B MESSAGE_REMOVED"]),
            (
                "message A { message B { int32 a = 1; } }",
                "message A { message B { string a = 1; } }",
                &["#/A/B/1 FIELD_SCALAR_KIND_CHANGED"],
            ),
            (
                "message A { B a = 1; message B { int32 a = 1; } }",
                "message A { B a = 1; } message B { int32 a = 1; }",
                &["#/A/1 FIELD_NAMED_TYPE_CHANGED", "#/A/B MESSAGE_REMOVED"],
            ),
            ("enum E { Z = 0; } message A { }", "message A { }", &[]),
            ("message A { }", "enum E { Z = 0; } message A { }", &[]),
            ("enum E { Z = 0; Y = 1; } message A { }", "enum E { Q = 0; } message A { }", &[]),
            ("package a; message A { }", "package b; message A { }", &["#/ PACKAGE_CHANGED"]),
            ("package a; message A { }", "message A { }", &["#/ PACKAGE_CHANGED"]),
        ],
    );
}

#[test]
fn types_of_references_are_compared() {
    let main = "syntax = \"proto3\"; import \"b.proto\"; message A { B b = 1; }";
    let with = |kind: &str| {
        let reference = format!("syntax = \"proto3\"; message B {{ {kind} a = 1; }}");
        Schema::parse(main, &[("b.proto".to_owned(), reference)]).unwrap()
    };
    assert!(found(&with("int32"), &with("int64")).is_empty());
    assert_eq!(found(&with("int32"), &with("string")), ["#/B/1 FIELD_SCALAR_KIND_CHANGED"]);
}
