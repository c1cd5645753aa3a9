//! Runs the steps of a job as GitHub would: commands for real, actions by what they leave behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_norway::Value;

use crate::expression::{evaluate, fill, truth};

/// A runner with what its jobs find there.
pub struct Runner {
    /// The repository that is checked out.
    pub checkout: PathBuf,
    /// Folder of artifacts, kept between jobs.
    pub artifacts: PathBuf,
    /// Folder of the runner's own, new for every job.
    pub temp: PathBuf,
    /// Folders that come before the PATH.
    pub programs: Vec<PathBuf>,
    /// Values of expressions: `inputs.stack`, `secrets.x`, `vars.x`; what is not here is empty.
    pub values: BTreeMap<String, String>,
}

/// What a job did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The step that failed.
    pub failed: Option<String>,
    /// What all steps printed.
    pub log: String,
    /// `steps.ID.outputs.NAME` and `steps.ID.outcome`.
    pub values: BTreeMap<String, String>,
    /// What the job's page shows.
    pub summary: String,
    /// `role-to-assume` of the login to AWS.
    pub role: Option<String>,
}

impl Runner {
    /// Runs the steps whose names or actions are wanted.
    pub fn run(&self, workflow: &Value, job: &Value, wanted: impl Fn(&str) -> bool) -> Outcome {
        let _ = std::fs::remove_dir_all(&self.temp);
        std::fs::create_dir_all(&self.temp).unwrap();
        let mut outcome = Outcome::default();
        for step in job["steps"].as_sequence().expect("steps") {
            let name = step["name"].as_str().or(step["uses"].as_str()).expect("a name");
            if wanted(name) {
                self.step(workflow, job, step, name, &mut outcome);
            }
        }
        outcome.summary = std::fs::read_to_string(self.temp.join("summary")).unwrap_or_default();
        outcome
    }

    fn step(&self, workflow: &Value, job: &Value, step: &Value, name: &str, outcome: &mut Outcome) {
        let failed = outcome.failed.is_some();
        let known = outcome.values.clone();
        let lookup = |path: &str| {
            Some(match path {
                "failure" => failed.to_string(),
                "cancelled" => "false".to_owned(),
                "runner.temp" => self.temp.display().to_string(),
                _ => known.get(path).or_else(|| self.values.get(path)).cloned().unwrap_or_default(),
            })
        };
        let condition = match &step["if"] {
            Value::Null => "true".to_owned(),
            Value::String(text) => text.trim().trim_start_matches("${{").trim_end_matches("}}").to_owned(),
            other => panic!("{other:?}"),
        };
        let despite_failure =
            ["always()", "failure()", "cancelled()"].iter().any(|word| condition.contains(word));
        let runs = truth(&evaluate(&condition, &lookup)) && (!failed || despite_failure);
        let mut ended = if runs { "success" } else { "skipped" };
        let environment = |owner: &Value| -> Vec<(String, String)> {
            let entries = owner["env"].as_mapping().into_iter().flatten();
            entries
                .map(|(key, value)| {
                    (key.as_str().expect("a name").to_owned(), fill(value.as_str().expect("a text"), &lookup))
                })
                .collect()
        };
        if runs && let Some(script) = step["run"].as_str() {
            let variables = [environment(workflow), environment(job), environment(step)].concat();
            if !self.command(script, &variables, step, outcome) {
                ended = "failure";
                outcome.failed.get_or_insert_with(|| name.to_owned());
            }
        } else if runs {
            let with = |key: &str| step["with"][key].as_str().map(|text| fill(text, &lookup));
            self.action(step["uses"].as_str().expect("an action"), &with, outcome);
        }
        if let Some(id) = step["id"].as_str() {
            outcome.values.insert(format!("steps.{id}.outcome"), ended.to_owned());
        }
    }

    /// The search path of commands.
    pub fn path(&self) -> String {
        let mut folders: Vec<String> =
            self.programs.iter().map(|folder| folder.display().to_string()).collect();
        folders.push(std::env::var("PATH").unwrap());
        folders.join(":")
    }

    fn command(
        &self,
        script: &str,
        variables: &[(String, String)],
        step: &Value,
        outcome: &mut Outcome,
    ) -> bool {
        let (outputs, summary) = (self.temp.join("outputs"), self.temp.join("summary"));
        std::fs::write(&outputs, "").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &format!("exec 2>&1\n{script}")])
            .current_dir(&self.checkout)
            .envs(variables.iter().map(|(key, value)| (key, value)))
            .env("PATH", self.path())
            .env("RUNNER_TEMP", &self.temp)
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_REPOSITORY", "acme/streams")
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        outcome.log += &String::from_utf8_lossy(&output.stdout);
        outcome.log += &String::from_utf8_lossy(&output.stderr);
        if let Some(id) = step["id"].as_str() {
            for (key, value) in
                std::fs::read_to_string(&outputs).unwrap().lines().filter_map(|line| line.split_once('='))
            {
                outcome.values.insert(format!("steps.{id}.outputs.{key}"), value.to_owned());
            }
        }
        output.status.success()
    }

    fn action(&self, action: &str, with: &dyn Fn(&str) -> Option<String>, outcome: &mut Outcome) {
        match action.split('@').next().expect("a name") {
            "actions/checkout" | "hashicorp/setup-terraform" | "./.github/actions/setup-sluice" => {}
            "aws-actions/configure-aws-credentials" => outcome.role = with("role-to-assume"),
            "actions/upload-artifact" => {
                let source = PathBuf::from(with("path").expect("a path"));
                let folder = self.artifacts.join(with("name").expect("a name"));
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::copy(&source, folder.join(source.file_name().unwrap()))
                    .expect("the artifact's file is there");
            }
            "actions/download-artifact" => {
                let to = PathBuf::from(with("path").expect("a path"));
                match (with("name"), with("pattern")) {
                    (Some(name), _) => copy_folder(&self.artifacts.join(name), &to),
                    (None, Some(pattern)) => {
                        let prefix = pattern.strip_suffix('*').expect("a prefix");
                        for entry in std::fs::read_dir(&self.artifacts).unwrap().flatten() {
                            let name = entry.file_name().into_string().unwrap();
                            if name.starts_with(prefix) {
                                copy_folder(&entry.path(), &to.join(name));
                            }
                        }
                    }
                    (None, None) => panic!("what is downloaded?"),
                }
            }
            other => panic!("the test does not know what {other} does"),
        }
    }
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
