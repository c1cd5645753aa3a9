//! What was checked, in the order in which it ended, and the totals.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Results of all items of a run. Items may end in several threads.
#[derive(Debug, Default)]
pub struct Report {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default, Clone)]
struct Counts {
    passed: usize,
    failed: Vec<String>,
    skipped: Vec<String>,
}

impl Report {
    /// Does one item, prints its line, and says whether it passed.
    pub fn item(&self, name: &str, work: impl FnOnce() -> anyhow::Result<Passed>) -> bool {
        let started = Instant::now();
        let result = work();
        self.ended(name, started.elapsed(), result)
    }

    fn ended(&self, name: &str, took: Duration, result: anyhow::Result<Passed>) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = took.as_secs_f64();
        match result {
            Ok(passed) => {
                counts.passed += passed.checks;
                println!("passed  {seconds:6.1} s  {name}{}", passed.shown());
                true
            }
            Err(problem) => {
                counts.failed.push(name.to_owned());
                println!("FAILED  {seconds:6.1} s  {name}: {problem:#}");
                false
            }
        }
    }

    /// Notes what could not be done, by the fallback's name.
    pub fn skipped(&self, fallback: &str, what: &str, why: &str) {
        println!("skipped           {what}: {why} [{fallback}]");
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.skipped.iter().any(|known| known == fallback) {
            counts.skipped.push(fallback.to_owned());
        }
    }

    /// Prints `N passed, N failed` and fails when an item failed, when there was none, or when something was skipped
    /// that may not be.
    ///
    /// # Errors
    /// As said; the text names the items.
    pub fn end(&self) -> anyhow::Result<()> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        println!("{} passed, {} failed", counts.passed, counts.failed.len());
        anyhow::ensure!(counts.failed.is_empty(), "failed: {}", counts.failed.join(", "));
        anyhow::ensure!(counts.passed > 0, "nothing was checked: no item matches, or the blueprint is empty");
        let forbidden: Vec<_> =
            counts.skipped.into_iter().filter(|name| !crate::fallbacks::may(name)).collect();
        anyhow::ensure!(forbidden.is_empty(), crate::fallbacks::refusal(&forbidden));
        Ok(())
    }
}

/// A passed item: how many checks it had, and what is worth a word on its line.
#[derive(Debug)]
pub struct Passed {
    checks: usize,
    detail: String,
}

impl Passed {
    /// One check.
    pub fn one(detail: impl Into<String>) -> Self {
        Self { checks: 1, detail: detail.into() }
    }

    /// Several checks, such as the runs of a test file.
    pub fn many(checks: usize, detail: impl Into<String>) -> Self {
        Self { checks, detail: detail.into() }
    }

    fn shown(&self) -> String {
        if self.detail.is_empty() { String::new() } else { format!(": {}", self.detail) }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_run_without_items_fails() {
        let problem = Report::default().end().unwrap_err();
        assert!(problem.to_string().contains("nothing was checked"), "{problem}");
    }

    #[test]
    fn one_failure_fails_the_run_and_is_named() {
        let report = Report::default();
        assert!(report.item("good", || Ok(Passed::many(3, ""))));
        assert!(!report.item("bad", || Err(anyhow!("no"))));
        assert_eq!(report.end().unwrap_err().to_string(), "failed: bad");
    }

    #[test]
    fn passed_items_end_well() {
        let report = Report::default();
        report.item("good", || Ok(Passed::one("")));
        report.end().unwrap();
    }
}
