//! The cases of docs/reference/transforms: what the manual shows is what happens.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::path::Path;

use api::Registry;
use testkit::cases::{Page, Subject, check_folder, run};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/transforms");

fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    registry
}

#[test]
fn every_case_of_the_manual_holds() {
    check_folder(Path::new(FOLDER), Subject::Transforms, &registry());
}

const PAGE: &str = r#"# A page

## Cases

### A field

```json config
{"transforms": "a", "transforms.a.type": "org.apache.kafka.connect.transforms.ExtractField$Value", "transforms.a.field": "a"}
```
```json in
{"valueSchema": {"struct": {"a": "int32", "b": "string?"}}, "value": {"a": 1, "b": "x"}}
```
```json out
{"valueSchema": "int32", "value": 1}
```
```json in
{"valueSchema": {"struct": {"b": "string?"}}, "value": {"b": "x"}}
```
```text error
java.lang.IllegalArgumentException: Unknown field: a
```
"#;

fn failures(page: &str) -> Vec<String> {
    run(&Page::parse(Path::new("page.md"), page), Subject::Transforms, &registry()).failures
}

#[test]
fn a_wrong_expectation_goes_red_with_file_line_and_difference() {
    assert_eq!(failures(PAGE), [""; 0]);
    for (right, wrong, line) in [
        (r#""valueSchema": "int32", "value": 1}"#, r#""valueSchema": "int32", "value": 2}"#, 13),
        (r#""valueSchema": "int32", "value": 1}"#, r#""valueSchema": "int64", "value": 1}"#, 13),
        (r#""valueSchema": "int32", "value": 1}"#, r#""valueSchema": "int32?", "value": 1}"#, 13),
        (r#""valueSchema": "int32", "value": 1}"#, r#""value": 1}"#, 13),
        (r#""value": 1}"#, r#""value": 1, "topic": "other"}"#, 13),
        (r#""value": 1}"#, r#""value": 1, "partition": 0}"#, 13),
        (r#""value": 1}"#, r#""value": 1, "timestamp": 0}"#, 13),
        (r#""value": 1}"#, r#""value": 1, "key": 0}"#, 13),
        (r#""value": 1}"#, r#""value": 1, "headers": [{"key": "h", "value": 1}]}"#, 13),
        ("Unknown field: a", "Unknown field: b", 19),
        ("java.lang.IllegalArgumentException", "java.lang.NullPointerException", 19),
        ("json out\n", "text dropped\n", 13),
    ] {
        // Of what stands in the record that goes in and in the one that comes out, the latter is changed.
        let (before, after) = PAGE.split_at(PAGE.find("```json out").unwrap());
        assert!(after.contains(right), "{right}");
        let failures = failures(&format!("{before}{}", after.replacen(right, wrong, 1)));
        assert_eq!(failures.len(), 1, "{wrong}: {failures:#?}");
        assert!(failures[0].starts_with(&format!("page.md:{line}: A field: ")), "{}", failures[0]);
        assert!(failures[0].contains("\n  - ") || failures[0].contains("\n  + "), "{}", failures[0]);
    }
}

#[test]
fn a_page_that_says_nothing_goes_red() {
    for (right, wrong, why) in [
        (
            "```text error\njava.lang.IllegalArgumentException: Unknown field: a\n```\n",
            "",
            "nothing comes out",
        ),
        ("\"transforms.a.field\": \"a\"", "\"transforms.a.no\": \"a\"", "the config is refused"),
        ("{\"valueSchema\": \"int32\", \"value\": 1}", "{\"values\": 1}", "no member values"),
        ("{\"valueSchema\": \"int32\", \"value\": 1}", "{\"valueSchema\": \"int31\"}", "no type int31"),
        (
            "{\"valueSchema\": \"int32\", \"value\": 1}",
            "{\"valueSchema\": \"int8\", \"value\": 300}",
            "300 is no \"int8\"",
        ),
        ("{\"valueSchema\": \"int32\", \"value\": 1}", "", "not JSON"),
    ] {
        assert!(PAGE.contains(right), "{right}");
        let failures = failures(&PAGE.replacen(right, wrong, 1));
        assert!(failures.iter().any(|failure| failure.contains(why)), "{why}: {failures:#?}");
    }
    assert!(failures("# A page\n\ntext\n")[0].contains("the page has no case"));
}
