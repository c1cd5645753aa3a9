//! docs/reference/transforms/third-party: each case is run, each table of keys is fresh, each class has a page.

use std::path::Path;

use api::Registry;
use api::config::{Catalog, PluginKind};
use testkit::cases::generated;
use testkit::cases::{Subject, check_folder};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/transforms/third-party");

const INTRO: &str = "\
These transforms come from other projects than Apache Kafka. Their class names, keys and results are those of the originals,
so that a connector's file runs unchanged; the code is our own. Each page says where it differs on purpose: where the
original crashes on a record, the record is an error here, and `errors.tolerance` decides.

Expressions and patterns are read when the config is. What is not served, such as look-around in a pattern, is refused then,
with its column where there is one.

How the cases below are to be read: see [transforms](../README.md).";

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
fn the_pages_are_fresh() {
    let kinds = [PluginKind::Transformation];
    let title = "Transforms of other projects";
    generated::check_folder(Path::new(FOLDER), title, INTRO, &kinds, &registry());
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
