//! Whether data of a writer's schema can be read with a reader's.

use sluice_avro::Schema;
use sluice_avro::compatibility::{Mismatch, reads};

#[track_caller]
fn kinds(reader: &str, writer: &str) -> Vec<(Mismatch, String)> {
    let schema = |text: &str| Schema::parse(text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"));
    reads(&schema(reader), &schema(writer)).into_iter().map(|reason| (reason.kind, reason.location)).collect()
}

#[track_caller]
fn readable(reader: &str, writer: &str) {
    assert_eq!(kinds(reader, writer), [], "{reader} reads {writer}");
}

#[track_caller]
fn unreadable(reader: &str, writer: &str, expected: &[(Mismatch, &str)]) {
    let found = kinds(reader, writer);
    let found: Vec<_> = found.iter().map(|(kind, location)| (*kind, location.as_str())).collect();
    assert_eq!(found, expected, "{reader} reads {writer}");
}

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"R","namespace":"n","fields":[{fields}]}}"#)
}

#[test]
fn primitives_and_promotions() {
    let all = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    let promoted = [
        ("int", "long"),
        ("int", "float"),
        ("int", "double"),
        ("long", "float"),
        ("long", "double"),
        ("float", "double"),
        ("string", "bytes"),
        ("bytes", "string"),
    ];
    for writer in all {
        for reader in all {
            let (r, w) = (format!("\"{reader}\""), format!("\"{writer}\""));
            match reader == writer || promoted.contains(&(writer, reader)) {
                true => readable(&r, &w),
                false => unreadable(&r, &w, &[(Mismatch::Type, "/")]),
            }
        }
    }
    readable(
        r#"{"type":"long","logicalType":"timestamp-micros"}"#,
        r#"{"type":"long","logicalType":"timestamp-millis"}"#,
    );
}

#[test]
fn fields() {
    let a = r#"{"name":"a","type":"int"}"#;
    let b = r#"{"name":"b","type":"string"}"#;
    let b_default = r#"{"name":"b","type":"string","default":""}"#;
    let b_null = r#"{"name":"b","type":["null","string"],"default":null}"#;
    readable(&record(a), &record(&format!("{a},{b}")));
    readable(&record(&format!("{a},{b_default}")), &record(a));
    readable(&record(&format!("{a},{b_null}")), &record(a));
    readable(&record(&format!("{b},{a}")), &record(&format!("{a},{b}")));
    unreadable(&record(&format!("{a},{b}")), &record(a), &[(Mismatch::FieldWithoutDefault, "/fields/1")]);
    unreadable(&record(r#"{"name":"a","type":"string"}"#), &record(a), &[(Mismatch::Type, "/fields/0/type")]);
    let aliased = r#"{"name":"c","type":"int","aliases":["a"]}"#;
    readable(&record(aliased), &record(a));
    unreadable(
        &record(aliased),
        &record(&format!("{a},{}", r#"{"name":"c","type":"int"}"#)),
        &[(Mismatch::Undecided, "/fields/0")],
    );
}

#[test]
fn names() {
    let named = |name: &str, more: &str| format!(r#"{{"type":"record","name":"{name}","fields":[]{more}}}"#);
    readable(&named("x.A", ""), &named("y.A", ""));
    unreadable(&named("x.A", ""), &named("x.B", ""), &[(Mismatch::Name, "/name")]);
    readable(&named("x.A", r#","aliases":["B"]"#), &named("x.B", ""));
    unreadable(&named("x.A", r#","aliases":["B"]"#), &named("y.B", ""), &[(Mismatch::Name, "/name")]);
    let fixed = |name: &str, size: usize| format!(r#"{{"type":"fixed","name":"{name}","size":{size}}}"#);
    readable(&fixed("F", 2), &fixed("F", 2));
    unreadable(&fixed("F", 2), &fixed("F", 3), &[(Mismatch::FixedSize, "/size")]);
    unreadable(&fixed("F", 2), &fixed("G", 3), &[(Mismatch::Name, "/name"), (Mismatch::FixedSize, "/size")]);
}

#[test]
fn enums() {
    let symbols =
        |list: &str, more: &str| format!(r#"{{"type":"enum","name":"E","symbols":[{list}]{more}}}"#);
    readable(&symbols(r#""A","B""#, ""), &symbols(r#""B""#, ""));
    unreadable(&symbols(r#""A""#, ""), &symbols(r#""A","B""#, ""), &[(Mismatch::EnumSymbols, "/symbols")]);
    readable(&symbols(r#""A""#, r#","default":"A""#), &symbols(r#""A","B""#, ""));
}

#[test]
fn an_enums_default_is_no_fields_default() {
    let field = r#"{"name":"e","type":{"type":"enum","name":"E","symbols":["X"],"default":"X"}}"#;
    unreadable(&record(field), &record(""), &[(Mismatch::Type, "/fields/0/type")]);
}

#[test]
fn what_a_branch_cannot_decide_no_other_decides() {
    let twice = r#"{"type":"record","name":"A","fields":[{"name":"x","type":"int","aliases":["x"]}]}"#;
    let once = r#"{"type":"record","name":"A","fields":[{"name":"x","type":"int"}]}"#;
    for reader in [format!("[{twice}]"), format!(r#"[{twice},"null"]"#), format!(r#"["null",{twice}]"#)] {
        unreadable(&reader, once, &[(Mismatch::Undecided, "/fields/0")]);
    }
}

#[test]
fn a_reason_that_was_found_in_a_branch_is_told_by_its_place_there() {
    let named = |size: u8| format!(r#"{{"type":"fixed","name":"F","size":{size}}}"#);
    let fields =
        |size| record(&format!(r#"{{"name":"a","type":[{}]}},{{"name":"b","type":"F"}}"#, named(size)));
    let expected = [(Mismatch::UnionBranch, "/fields/0/type/0"), (Mismatch::FixedSize, "/size")];
    unreadable(&fields(1), &fields(2), &expected);
}

#[test]
fn unions_and_collections() {
    readable(r#"["null","string"]"#, r#""string""#);
    readable(r#"["null","long"]"#, r#""int""#);
    readable(r#""string""#, r#"["string","bytes"]"#);
    unreadable(r#""string""#, r#"["null","string"]"#, &[(Mismatch::Type, "/0")]);
    unreadable(r#"["null","string"]"#, r#"["null","string","int"]"#, &[(Mismatch::UnionBranch, "/2")]);
    unreadable(r#"["null"]"#, r#""string""#, &[(Mismatch::UnionBranch, "/")]);
    readable(r#"{"type":"array","items":"long"}"#, r#"{"type":"array","items":"int"}"#);
    unreadable(
        r#"{"type":"array","items":"int"}"#,
        r#"{"type":"array","items":"long"}"#,
        &[(Mismatch::Type, "/items")],
    );
    unreadable(
        r#"{"type":"map","values":"int"}"#,
        r#"{"type":"map","values":"long"}"#,
        &[(Mismatch::Type, "/values")],
    );
    unreadable(
        r#"{"type":"map","values":"int"}"#,
        r#"{"type":"array","items":"int"}"#,
        &[(Mismatch::Type, "/")],
    );
}

#[test]
fn recursion_ends() {
    let list = |value: &str| {
        format!(
            r#"{{"type":"record","name":"L","fields":[{{"name":"v","type":"{value}"}},{{"name":"n","type":["null","L"]}}]}}"#
        )
    };
    readable(&list("long"), &list("int"));
    unreadable(&list("int"), &list("long"), &[(Mismatch::Type, "/fields/0/type")]);
    // A chain of names is no recursion, but as deep.
    let chain = |depth: usize| {
        let records: String = (1..depth)
            .map(|n| {
                format!(r#"{{"type":"record","name":"R{n}","fields":[{{"name":"a","type":"R{}"}}]}},"#, n - 1)
            })
            .collect();
        format!(
            r#"{{"type":"record","name":"R","fields":[{{"name":"u","type":[{{"type":"record","name":"R0","fields":[]}},{records}"null"]}},{{"name":"a","type":"R{}"}}]}}"#,
            depth - 1
        )
    };
    // The records were compared on the way, the deepest first.
    readable(&chain(100), &chain(100));
    assert!(kinds(&chain(5000), &chain(5000)).iter().all(|(kind, _)| *kind == Mismatch::Undecided));
}
