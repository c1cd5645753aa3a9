//! The table of traps is complete, and everything it names is there.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sluice_lint::traps::{Guard, TRAPS, counts, counts_line};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn all_65_are_classified_and_at_least_40_by_gate() {
    let numbers: Vec<u8> = TRAPS.iter().map(|trap| trap.number).collect();
    assert_eq!(numbers, (1..=65).collect::<Vec<u8>>());
    println!("{}", counts_line());
    assert!(counts().gate >= 40, "{}", counts_line());
    assert!(counts_line().starts_with("65 of 65 "), "{}", counts_line());
}

#[test]
fn every_rule_of_a_trap_has_a_fixture_under_its_number() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traps");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let there: BTreeSet<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    let rules = TRAPS
        .iter()
        .flat_map(|trap| trap.guard.rules().iter().map(move |rule| format!("{:02}-{rule}", trap.number)));
    assert_eq!(there, rules.collect::<BTreeSet<_>>());
}

#[test]
fn every_test_and_page_that_the_table_names_is_there() {
    for trap in TRAPS {
        match trap.guard {
            Guard::Gate(rules) | Guard::Script(rules) => assert!(!rules.is_empty(), "trap {}", trap.number),
            Guard::Behaviour { file, test } => {
                let text = fs::read_to_string(repository().join(file)).unwrap_or_default();
                assert!(
                    text.contains(&format!("fn {test}(")),
                    "trap {}: no test {test} in {file}",
                    trap.number
                );
            }
            Guard::Manual { page } => {
                assert!(repository().join(page).exists(), "trap {}: there is no page {page}", trap.number);
            }
        }
    }
}
