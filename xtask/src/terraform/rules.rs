//! Our rules over the blueprint, and the table of traps, without any program.

use std::path::Path;

use anyhow::{Context, ensure};
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
    report.item("environments", || environments(&folder.join("terraform/environments")));
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

// The environments that are shipped differ in their values alone. A company's own may be apart for a while: that is how
// a change goes from one to the next.
fn environments(folder: &Path) -> anyhow::Result<Passed> {
    let mut count = 0;
    for stack in ["foundation", "platform", "connectors"] {
        for file in ["main.tf", "variables.tf", "outputs.tf", "providers.tf", "imports.tf"] {
            let read = |environment: &str| {
                let path = folder.join(environment).join(stack).join(file);
                std::fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))
            };
            let first = read("dev")?;
            for other in ["staging", "prod"] {
                ensure!(read(other)? == first, "{stack}/{file} of {other} is not that of dev");
                count += 1;
            }
        }
    }
    Ok(Passed::one(format!("{count} files are the same in dev, staging and prod")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_that_is_apart_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for environment in ["dev", "staging", "prod"] {
            for stack in ["foundation", "platform", "connectors"] {
                let place = folder.path().join(environment).join(stack);
                std::fs::create_dir_all(&place).unwrap();
                for file in ["main.tf", "variables.tf", "outputs.tf", "providers.tf", "imports.tf"] {
                    std::fs::write(place.join(file), "").unwrap();
                }
            }
        }
        environments(folder.path()).unwrap();
        std::fs::write(folder.path().join("prod/platform/main.tf"), "# more").unwrap();
        let problem = environments(folder.path()).unwrap_err().to_string();
        assert_eq!(problem, "platform/main.tf of prod is not that of dev");
    }
}
