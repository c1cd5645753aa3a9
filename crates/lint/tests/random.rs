//! Whatever stands in a file, checking it ends with findings or none, and never with a panic.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sluice_lint::terraform::check_tree;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.file_name().is_some_and(|name| name != "plan.json") {
            found.push(path);
        }
    }
}

// All fixtures, in the order of their names.
fn fixtures() -> Vec<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut found = Vec::new();
    files(&tests.join("traps"), &mut found);
    files(&tests.join("rules"), &mut found);
    found.sort();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_damaged_file_is_checked_to_its_end(
        chosen in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, "[\\[\\]{}\"$%=#*/.\\n a-z0é]{0,4}"), 1..6),
    ) {
        let fixtures = fixtures();
        let fixture = chosen.get(&fixtures);
        let mut text: Vec<char> = fs::read_to_string(fixture).unwrap().chars().collect();
        for (at, remove, insert) in edits {
            let start = at.index(text.len() + 1);
            let end = (start + remove).min(text.len());
            text.splice(start..end, insert.chars());
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("connectors")).unwrap();
        let target = folder.path().join("connectors").join(fixture.file_name().unwrap());
        fs::write(target, text.into_iter().collect::<String>()).unwrap();
        let findings = check_tree(folder.path()).unwrap();
        for finding in findings {
            prop_assert!(finding.line > 0 && finding.column > 0, "{finding}");
        }
    }
}

#[test]
fn deep_nesting_is_a_finding_and_no_overflow() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("a = {}1{}\n", "[".repeat(50_000), "]".repeat(50_000));
    fs::write(folder.path().join("main.tf"), text).unwrap();
    let findings = check_tree(folder.path()).unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].rule, "hcl-syntax");
}

#[test]
fn a_local_that_refers_to_itself_ends() {
    let folder = tempfile::tempdir().unwrap();
    let text = "locals {\n  a = local.b\n  b = { for k in local.a : k => local.a if local.b }\n}\n\n\
        resource \"aws_cloudwatch_metric_alarm\" \"x\" {\n  for_each = local.a\n  metric_name = each.value.a\n  namespace = local.b\n  treat_missing_data = \"ignore\"\n}\n\n\
        resource \"confluent_service_account\" \"x\" {\n  display_name = local.a\n}\n";
    fs::write(folder.path().join("main.tf"), text).unwrap();
    assert!(!check_tree(folder.path()).unwrap().is_empty());
}
