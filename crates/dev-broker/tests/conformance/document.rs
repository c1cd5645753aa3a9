//! `CONFORMANCE.md` and the tests say the same.

use std::collections::BTreeMap;

/// Fails unless every row of the table has its test and every test its row.
pub fn compare(checks: &[(u32, &str)]) {
    let text = include_str!("../../CONFORMANCE.md");
    let mut listed = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let Some(number) = cells.first().and_then(|c| c.parse::<u32>().ok()) else { continue };
        let test = cells.last().expect("a last cell").trim_matches('`');
        assert!(listed.insert(number, test).is_none(), "check {number} is listed twice");
    }
    let tested: BTreeMap<u32, &str> = checks.iter().copied().collect();
    assert_eq!(tested.len(), checks.len(), "a number is used twice");
    assert_eq!(listed, tested, "CONFORMANCE.md (left) and the suite (right) differ");
    let numbers: Vec<u32> = listed.keys().copied().collect();
    assert_eq!(numbers, (1..=listed.len() as u32).collect::<Vec<_>>(), "numbers have gaps");
}
