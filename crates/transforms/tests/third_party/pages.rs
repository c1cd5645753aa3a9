//! docs/reference/transforms/third-party: each case is run, each class has a page.

use std::path::Path;

use api::Registry;
use api::config::Catalog;
use testkit::cases::{Subject, check_folder};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/transforms/third-party");

fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    registry
}

#[test]
fn every_case_of_the_manual_holds() {
    check_folder(Path::new(FOLDER), Subject::Transforms, &registry());
}

#[test]
fn every_class_has_a_page() {
    let pages = testkit::cases::pages(Path::new(FOLDER));
    let registry = registry();
    let classes = registry.plugins().into_iter().map(|plugin| plugin.class);
    let without: Vec<_> = classes
        .filter(|class| !class.starts_with("org.apache.kafka."))
        .filter(|class| !pages.iter().any(|page| page.text.contains(&format!("`{class}`"))))
        .collect();
    assert_eq!(without, [""; 0]);
}
