//! `cargo xtask test`: everything that a change must pass on any machine.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, bail};

use crate::{fallbacks, process};

/// What to run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only these packages (`sluice-task`); documentation is left out then.
    #[arg(short, long)]
    package: Vec<String>,
    /// Only tests whose names contain this.
    filter: Option<String>,
}

/// Counts of test results.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// Builds, tests, runs the documentation, and prints how many tests there were.
///
/// # Errors
/// A test failed, or one was skipped that may not be.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let skipped = process::target_folder().join("skipped-tests.txt");
    let _ = std::fs::remove_file(&skipped);
    let started = Instant::now();
    let mut command = process::cargo();
    command.args(["test", "--release", "--no-fail-fast"]);
    if options.package.is_empty() {
        command.arg("--workspace");
    }
    for package in &options.package {
        command.args(["--package", package]);
    }
    if let Some(filter) = &options.filter {
        command.args(["--", filter]);
    }
    command.env("SLUICE_SKIPPED_TESTS", &skipped).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start cargo test")?;
    let mut counts = Counts::default();
    for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
        let line = line?;
        counts.add(&line);
        // One line a test binary, and whatever failed: a thousand lines of `ok` hide the one that is not.
        let passed = line.starts_with("test ") && line.ends_with("... ok");
        if !passed && !line.is_empty() {
            println!("{line}");
        }
    }
    let status = child.wait()?;
    println!("tests took {} s", started.elapsed().as_secs());
    let forbidden = report_skipped(&skipped)?;
    println!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.ignored);
    if !status.success() {
        bail!("cargo test failed: {status}");
    }
    if !forbidden.is_empty() {
        bail!(fallbacks::refusal(&forbidden));
    }
    if options.package.is_empty() && options.filter.is_none() {
        crate::docs::run(&crate::docs::Options::default())?;
    }
    Ok(())
}

// Lists what was skipped, and gives the names that may not be, which there are only with CI=true.
fn report_skipped(path: &std::path::Path) -> anyhow::Result<Vec<String>> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(Vec::new()) };
    let mut forbidden = Vec::new();
    for line in text.lines() {
        println!("skipped: {line}");
        let name = line.split(':').next().unwrap_or(line);
        if !fallbacks::may(name) {
            forbidden.push(name.to_owned());
        }
    }
    Ok(forbidden)
}

impl Counts {
    // `test result: ok. 3 passed; 0 failed; 1 ignored; …`
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(word)) =
                (words.next().and_then(|word| word.parse::<usize>().ok()), words.next())
            else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut counts = Counts::default();
        counts.add(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s",
        );
        counts.add("test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out");
        counts.add("test a ... ok");
        assert_eq!(counts, Counts { passed: 5, failed: 4, ignored: 1 });
    }
}
