//! The blueprint keeps its own rules.

use std::path::Path;

#[test]
fn the_blueprint_has_no_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../blueprint");
    let findings = sluice_lint::terraform::check_tree(&root).unwrap();
    let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} findings\n{}", list.len(), list.join("\n"));
}
