//! The page of the manual that is made of the list is fresh. With `UPDATE_GENERATED=1` it is written.

use std::fs;
use std::path::Path;

#[test]
fn the_page_of_metrics_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/metrics.md");
    let text = sluice_metrics::page();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, &text).expect("the page can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "docs/reference/metrics.md is stale; run `cargo xtask generate`");
}
