//! Our rules over the blueprint, and the table of traps, without any program.

use std::path::Path;

use anyhow::ensure;
use lint::traps::Guard;

use super::report::{Passed, Report};

/// Traps that the table must have, and how many of them a rule must refuse.
const TRAPS: usize = 65;
const GATES: usize = 40;

/// Checks all rules over a folder of Terraform and everything in it.
pub fn check(folder: &Path, report: &Report) {
    report.item("rules", || {
        let findings = lint::terraform::check_tree(folder)?;
        let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
        ensure!(findings.is_empty(), "{} findings\n{}", findings.len(), shown.join("\n"));
        let count = lint::terraform::rules::all().len();
        Ok(Passed::many(count, format!("{count} rules")))
    });
    report.item("traps", || {
        let counts = lint::traps::counts();
        ensure!(counts.gate >= GATES, "only {} traps are refused by a rule, {GATES} must be", counts.gate);
        ensure!(
            lint::traps::TRAPS.len() == TRAPS,
            "{} of {TRAPS} traps are in the table",
            lint::traps::TRAPS.len()
        );
        for trap in lint::traps::TRAPS {
            let (file, word) = match trap.guard {
                Guard::Behaviour { file, test } => (file, test),
                Guard::Manual { page } => (page, ""),
                Guard::Gate(_) | Guard::Script(_) => continue,
            };
            let text = std::fs::read_to_string(file).unwrap_or_default();
            ensure!(text.contains(word) && !text.is_empty(), "trap {}: {file} has no {word}", trap.number);
        }
        Ok(Passed::many(TRAPS, lint::traps::counts_line()))
    });
}
