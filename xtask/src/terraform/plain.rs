//! The check that needs nothing but Terraform and the providers: format, rules, validate, module tests.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use super::command::{Finished, finish};
use super::providers::Providers;
use super::reattach::Attached;
use super::report::{Passed, Report};
use super::scratch::{BLUEPRINT, Kind, Subject};
use super::tools::Tool;
use super::{environment, rules, run_events};

/// Runs at one time: more would not help on two cores, and each may take 300 MB.
const WORKERS: usize = 2;

const LIMIT: Duration = Duration::from_secs(600);

/// What the plain check works with.
#[derive(Debug)]
pub struct Plain<'a> {
    /// The program.
    pub tool: &'a Tool,
    /// The providers.
    pub providers: &'a Providers,
    /// Where outputs of the runs go.
    pub logs: PathBuf,
    /// The AWS provider that all runs share, if it could be started so.
    pub attached: Option<Attached>,
}

impl Plain<'_> {
    /// Checks everything that is asked for.
    ///
    /// # Errors
    /// The blueprint cannot be read; what does not hold is in the report.
    pub fn check(&self, subjects: &[Subject], report: &Report) {
        report.item("format", || self.format());
        rules::check(Path::new(BLUEPRINT), report);
        // What takes longest comes first, so that the two workers end at about the same time.
        let mut order: Vec<&Subject> = subjects.iter().collect();
        order.sort_by_key(|subject| !subject.has("tests", ".tftest.hcl"));
        let queue = Mutex::new(VecDeque::from(order));
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    loop {
                        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                        let Some(subject) = next else { break };
                        self.subject(subject, report);
                    }
                });
            }
        });
    }

    fn format(&self) -> anyhow::Result<Passed> {
        let mut command = self.command(Path::new("."));
        command.args(["fmt", "-check", "-recursive", "-no-color"]).arg(BLUEPRINT);
        let ended = finish(&mut command, &self.logs.join("fmt"), LIMIT)?;
        ensure!(
            ended.code == Some(0),
            "not formatted: {}",
            ended.output.split_whitespace().collect::<Vec<_>>().join(", ")
        );
        Ok(Passed::one(""))
    }

    fn subject(&self, subject: &Subject, report: &Report) {
        let initialized = match self.init(subject, report) {
            Some(initialized) => initialized,
            None => return,
        };
        let validate = format!("{} validate", subject.name);
        if !report.item(&validate, || initialized.and_then(|()| self.validate(subject))) {
            return;
        }
        let tests = subject.has("tests", ".tftest.hcl") || subject.has("", ".tftest.hcl");
        if subject.kind == Kind::Module && tests {
            report.item(&format!("{} test", subject.name), || self.test(subject));
        } else if subject.kind == Kind::Module {
            report.item(&format!("{} test", subject.name), || bail!("the module has no tests"));
        }
    }

    // None: left out by name, because the provider is missing on this machine.
    fn init(&self, subject: &Subject, report: &Report) -> Option<anyhow::Result<()>> {
        let result = self.run(subject, "init", &["init", "-backend=false", "-input=false", "-no-color"]);
        match result {
            Ok(ended) if ended.code == Some(0) => Some(Ok(())),
            Ok(ended) if self.providers.aws.is_none() && ended.told().contains("hashicorp/aws") => {
                report.skipped("aws-provider", &subject.name, "the AWS provider is not on this machine");
                None
            }
            Ok(ended) => Some(ended.success().map(drop).context("init")),
            Err(problem) => Some(Err(problem)),
        }
    }

    fn validate(&self, subject: &Subject) -> anyhow::Result<Passed> {
        let ended = self.run(subject, "validate", &["validate", "-no-color"])?;
        let warned = ended.output.contains("Warning:");
        let told = ended.told();
        ended.success()?;
        ensure!(!warned, "valid, but with a warning:\n{told}");
        Ok(Passed::one(""))
    }

    fn test(&self, subject: &Subject) -> anyhow::Result<Passed> {
        let ended = self.run(subject, "test", &["test", "-json", "-no-color"])?;
        run_events::passed(&ended)
    }

    fn run(&self, subject: &Subject, what: &str, arguments: &[&str]) -> anyhow::Result<Finished> {
        let mut command = self.command(&subject.folder);
        command.args(arguments);
        finish(&mut command, &self.logs.join(format!("{}.{what}", subject.slug())), LIMIT)
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = self.tool.command();
        environment::prepare(&mut command, &self.providers.config);
        if let Some(attached) = &self.attached {
            command.env("TF_REATTACH_PROVIDERS", &attached.value);
        }
        command.current_dir(folder);
        command
    }
}
