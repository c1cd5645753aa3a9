//! The pages of the manual that are made of the rules are fresh. With `UPDATE_GENERATED=1` they are written.

use std::fs;
use std::path::Path;

fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, text).expect("the page can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "docs/reference/{name} is stale; run `cargo xtask generate`");
}

#[test]
fn the_page_of_rules_is_fresh() {
    check("lint-rules.md", &sluice_lint::rule_page());
}

#[test]
fn the_page_of_traps_is_fresh() {
    check("terraform-traps.md", &sluice_lint::traps::page("../../"));
}
