//! All rules over one tree.

use std::path::Path;

use super::rule::{Report, Rule};
use super::tree::Tree;
use super::{allow, rules};
use crate::Error;
use crate::finding::Finding;

/// Checks a folder of Terraform, with the connector files, scripts and pages in it, against all rules.
///
/// # Errors
/// A folder or file cannot be read. A file that can be read but not parsed is a finding.
pub fn check_tree(root: &Path) -> Result<Vec<Finding>, Error> {
    check_tree_with(root, &rules::all())
}

/// As [`check_tree`], with some rules only.
///
/// # Errors
/// As [`check_tree`].
pub fn check_tree_with(root: &Path, rules: &[&'static Rule]) -> Result<Vec<Finding>, Error> {
    let tree = Tree::read(root)?;
    let mut findings = Vec::new();
    for rule in rules {
        (rule.check)(&tree, &mut Report::new(rule, &mut findings));
    }
    let mut findings = allow::apply(&tree, rules, findings);
    findings.sort();
    findings.dedup();
    Ok(findings)
}
