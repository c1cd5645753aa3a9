//! The cases of docs/reference/converters: what the manual shows is what happens.

use std::path::Path;

use api::Registry;
use testkit::cases::{Page, Subject, check_folder, run};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/converters");

fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_converters::register(&mut registry);
    registry
}

#[test]
fn every_case_of_the_manual_holds() {
    check_folder(Path::new(FOLDER), Subject::Converters, &registry());
}

const PAGE: &str = r#"# A page

### A number

```json config
{"value.converter": "org.apache.kafka.connect.converters.ShortConverter"}
```
```json datum
{"schema": "int16", "value": 258}
```
```hex bytes
01 02
```
```hex bytes
01 02 03
```
```text error
org.apache.kafka.connect.errors.DataException: Failed to read
```
"#;

#[test]
fn a_wrong_expectation_goes_red_with_file_and_line() {
    let failures =
        |page: &str| run(&Page::parse(Path::new("p.md"), page), Subject::Converters, &registry()).failures;
    // The error of this page is wrong, and nothing else.
    let found = failures(PAGE);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("p.md:17: A number: ") && found[0].contains("\n  + "), "{}", found[0]);
    let found = failures(&PAGE.replacen("01 02\n", "01 03\n", 1));
    assert!(found.iter().any(|failure| failure.starts_with("p.md:11: ")), "{found:#?}");
    let found = failures(&PAGE.replacen("hex bytes\n01 02\n", "text null\n", 1));
    assert!(found.iter().any(|failure| failure.starts_with("p.md:11: ")), "{found:#?}");
}
