//! Texts as Confluent's Java library (7.0.16) prints them: `x.proto` is the input, `x.canonical` and `x.normalized`
//! are its answers.

use std::path::Path;

use sluice_protobuf::Schema;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/canonical").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn check(name: &str) {
    let schema =
        Schema::parse(&read(&format!("{name}.proto")), &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_same(&schema.canonical(), &read(&format!("{name}.canonical")), name);
    assert_same(&schema.normalized(), &read(&format!("{name}.normalized")), name);
    // What was printed is the same schema.
    let again =
        Schema::parse(&schema.canonical(), &[]).unwrap_or_else(|error| panic!("{name} again: {error}"));
    assert_same(&again.canonical(), &schema.canonical(), name);
    assert_same(&again.normalized(), &schema.normalized(), name);
    let normalized =
        Schema::parse(&schema.normalized(), &[]).unwrap_or_else(|error| panic!("{name} n: {error}"));
    assert_same(&normalized.normalized(), &schema.normalized(), name);
}

#[track_caller]
fn assert_same(ours: &str, theirs: &str, name: &str) {
    for (number, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(ours, theirs, "{name}, line {}", number + 1);
    }
    assert_eq!(ours, theirs, "{name}");
}

#[test]
fn everything() {
    check("everything");
}

#[test]
fn no_syntax() {
    check("no_syntax");
}

#[test]
fn custom_options() {
    check("custom_options");
}

#[test]
fn nested() {
    check("nested");
}

#[test]
fn proto2() {
    check("proto2");
}

#[test]
fn groups() {
    check("groups");
}
