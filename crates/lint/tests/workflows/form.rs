//! What every workflow and action must keep, whatever it does.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use serde_norway::Value;

use crate::repository::{pipeline, workflow};

fn workflows() -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(pipeline().join("workflows")).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names.len(), 4, "{names:?}");
    names.into_iter().map(|name| (name.clone(), workflow(&format!("workflows/{name}")))).collect()
}

fn jobs(workflow: &Value) -> Vec<(String, &Value)> {
    let jobs = workflow["jobs"].as_mapping().expect("jobs");
    jobs.iter().map(|(name, job)| (name.as_str().expect("a name").to_owned(), job)).collect()
}

fn steps(job: &Value) -> Vec<&Value> {
    job["steps"].as_sequence().into_iter().flatten().collect()
}

fn uses(step: &Value) -> &str {
    step["uses"].as_str().unwrap_or_default()
}

// Every step of every workflow and of the composite action.
fn all_steps() -> Vec<(String, Value)> {
    let action = workflow("actions/setup-sluice/action.yml");
    let mut all: Vec<(String, Value)> = Vec::new();
    for (name, workflow) in workflows() {
        for (job_name, job) in jobs(&workflow) {
            all.extend(steps(job).into_iter().map(|step| (format!("{name} {job_name}"), step.clone())));
        }
    }
    all.extend(steps(&action["runs"]).into_iter().map(|step| ("setup-sluice".to_owned(), step.clone())));
    all
}

#[test]
fn rights_are_given_job_by_job() {
    for (name, workflow) in workflows() {
        assert_eq!(
            workflow["permissions"],
            Value::Mapping(Default::default()),
            "{name} gives rights to all jobs"
        );
        for (job_name, job) in jobs(&workflow) {
            let rights = job["permissions"]
                .as_mapping()
                .unwrap_or_else(|| panic!("{name} {job_name} states no rights"));
            let logs_in = job["uses"].is_string()
                || steps(job).iter().any(|step| uses(step).starts_with("aws-actions/"));
            assert_eq!(
                rights.contains_key("id-token"),
                logs_in,
                "{name} {job_name}: a token exactly where one is used"
            );
            let writes: Vec<&str> = rights
                .iter()
                .filter(|(_, level)| level.as_str() == Some("write"))
                .filter_map(|(right, _)| right.as_str())
                .collect();
            let allowed: &[&str] = match (name.as_str(), job_name.as_str()) {
                ("terraform.yml", "comment") => &["pull-requests"],
                ("image.yml", "propose") => &["contents", "pull-requests"],
                _ if logs_in => &["id-token"],
                _ => &[],
            };
            assert_eq!(writes, allowed, "{name} {job_name}");
        }
    }
}

#[test]
fn jobs_end_and_are_not_run_twice() {
    for (name, workflow) in workflows() {
        let is_called = name.starts_with("terraform-");
        assert_eq!(workflow["concurrency"].is_mapping(), !is_called, "{name}");
        for (job_name, job) in jobs(&workflow) {
            assert!(
                job["uses"].is_string() || job["timeout-minutes"].is_number(),
                "{name} {job_name} has no limit"
            );
        }
    }
    let apply = &workflow("workflows/terraform-stack.yml")["jobs"]["apply"];
    assert_eq!(apply["environment"], Value::from("${{ inputs.environment }}"));
    assert_eq!(
        apply["concurrency"]["group"],
        Value::from("apply-${{ inputs.environment }}-${{ inputs.stack }}")
    );
    assert_eq!(apply["concurrency"]["cancel-in-progress"], Value::from(false));
}

#[test]
fn actions_are_pinned_to_one_commit_each() {
    let mut commits: BTreeMap<String, String> = BTreeMap::new();
    for (name, _) in workflows() {
        let text = std::fs::read_to_string(pipeline().join("workflows").join(&name)).unwrap();
        for line in text.lines().filter_map(|line| line.split_once("uses: ").map(|(_, used)| used)) {
            if line.starts_with("./") {
                let (path, _) = line.split_once('#').unwrap_or((line, ""));
                let path = pipeline().join("..").join(path.trim());
                assert!(path.exists(), "{name} uses {line}, which is not there");
                continue;
            }
            let (action, version) =
                line.split_once(" # v").unwrap_or_else(|| panic!("{name}: {line} names no version"));
            let (action, commit) = action.split_once('@').expect("a commit");
            assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{name}: {line}");
            assert_eq!(version.split('.').count(), 3, "{name}: {line} names no full version");
            let before = commits.insert(action.to_owned(), line.to_owned());
            assert!(before.is_none_or(|before| before == line), "{action} has two versions");
        }
    }
    assert!(commits.len() >= 5, "{commits:?}");
}

#[test]
fn commands_take_no_text_from_outside() {
    let mut scripts = 0;
    for (place, step) in all_steps() {
        let Some(run) = step["run"].as_str() else { continue };
        // A branch's name or a title could be a command; in a variable it is a text.
        assert!(!run.contains("${{"), "{place}: put the value into env: {run}");
        for word in run.split(['"', ' ', '(', ')']).filter(|word| word.ends_with(".sh")) {
            let path = match word.strip_prefix("$GITHUB_ACTION_PATH/") {
                Some(name) => pipeline().join("actions/setup-sluice").join(name),
                None => pipeline().join("..").join(word),
            };
            let mode = path
                .metadata()
                .unwrap_or_else(|error| panic!("{place}: {word}: {error}"))
                .permissions()
                .mode();
            assert!(mode & 0o111 != 0, "{place}: {word} is not executable");
            scripts += 1;
        }
    }
    assert!(scripts >= 10, "{scripts}");
}

#[test]
fn only_what_holds_no_secret_leaves_the_runner() {
    let paths: Vec<String> = all_steps()
        .into_iter()
        .filter(|(_, step)| uses(step).starts_with("actions/upload-artifact"))
        .map(|(_, step)| step["with"]["path"].as_str().expect("a path").to_owned())
        .collect();
    assert_eq!(paths, ["${{ runner.temp }}/comment.md", "${{ runner.temp }}/plan/tfplan.sealed"]);
    for (place, step) in all_steps() {
        if uses(&step).starts_with("hashicorp/setup-terraform") {
            // The wrapper would print and keep all that Terraform says.
            assert_eq!(step["with"]["terraform_wrapper"], Value::from(false), "{place}");
        }
    }
}

#[test]
fn environments_follow_each_other() {
    let workflow = workflow("workflows/terraform.yml");
    for (job, before) in [("dev", "check"), ("staging", "dev"), ("prod", "staging")] {
        let job_value = &workflow["jobs"][job];
        assert_eq!(job_value["needs"], Value::from(before));
        assert_eq!(job_value["with"]["environment"], Value::from(job));
        assert!(
            job_value["if"]
                .as_str()
                .is_some_and(|condition| condition.contains("github.event_name == 'push'")),
            "{job}"
        );
    }
    let environment = crate::repository::workflow("workflows/terraform-environment.yml");
    for (stack, before) in [("platform", "foundation"), ("connectors", "platform")] {
        assert_eq!(environment["jobs"][stack]["needs"], Value::from(before));
        assert_eq!(environment["jobs"][stack]["with"]["stack"], Value::from(stack));
    }
}
