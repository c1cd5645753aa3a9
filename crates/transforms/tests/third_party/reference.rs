//! The generated parts of docs/reference/transforms/third-party.

use std::path::Path;

use api::Registry;
use api::config::PluginKind;
use testkit::cases::generated::check_folder;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/transforms/third-party");

const INTRO: &str = "\
These transforms come from other projects than Apache Kafka. Their class names, keys and results are those of the originals,
so that a connector's file runs unchanged; the code is our own. Each page says where it differs on purpose: where the
original crashes on a record, the record is an error here, and `errors.tolerance` decides.

Expressions and patterns are read when the config is. What is not served, such as look-around in a pattern, is refused then,
with its column where there is one.

How the cases below are to be read: see [transforms](../README.md).";

#[test]
fn the_pages_are_fresh() {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    let text = ("Transforms of other projects", INTRO);
    check_folder(Path::new(FOLDER), text, &[PluginKind::Transformation], &["io.", "com."], &registry);
}
