//! `sluice terraform`, as a pipeline meets it: exit codes, what goes where, and the JSON form.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn sluice(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluice")).arg("terraform").args(arguments).output().unwrap()
}

fn plan(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../lint/tests/plans").join(name)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn envelope(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn lint_finds_or_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    fs::write(
        folder.path().join("main.tf"),
        "variable \"a\" {\n  description = \"A.\"\n  type = string\n}\n",
    )
    .unwrap();
    let output = sluice(&["lint", path]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), format!("[ok] no findings in {path}\n"));

    fs::write(folder.path().join("main.tf"), "variable \"a\" {\n  description = \"A.\"\n}\n").unwrap();
    let output = sluice(&["lint", path]);
    assert_eq!(output.status.code(), Some(4));
    let shown = text(&output.stdout);
    assert!(shown.starts_with("error[SL1002]: variable \"a\" has no type\n"), "{shown}");
    assert!(shown.contains(&format!("  {path}/main.tf:1:1  variable-type\n  help: ")), "{shown}");
    assert!(shown.ends_with(&format!("[fail] 1 finding in {path}\n")), "{shown}");
    assert!(output.stderr.is_empty());

    let output = sluice(&["lint", path, "-o", "json"]);
    assert_eq!(output.status.code(), Some(4));
    let envelope = envelope(&output);
    assert_eq!((&envelope["schema"], &envelope["ok"]), (&"sluice/terraform-lint/v1".into(), &false.into()));
    assert_eq!(envelope["findings"][0]["rule"], "variable-type");
    assert_eq!(envelope["findings"][0]["line"], 1);
    assert!(envelope["error"].is_null());

    let output = sluice(&["lint", "no/such/folder", "-o", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("error: cannot read no/such/folder"));
    assert!(self::envelope(&output)["error"]["message"].as_str().unwrap().contains("no/such/folder"));
}

#[test]
fn gate_refuses_until_every_loss_is_permitted() {
    let plan = plan("aws.json");
    let plan = plan.to_str().unwrap();
    let output = sluice(&["gate", plan]);
    assert_eq!(output.status.code(), Some(4));
    let shown = text(&output.stdout);
    assert!(shown.starts_with("error[SL1601]: replace aws_secretsmanager_secret.db: "), "{shown}");
    assert!(
        shown.ends_with("[fail] 4 refused, 0 permitted; 3 to replace, 3 to change, 1 to create\n"),
        "{shown}"
    );
    assert!(text(&output.stderr).starts_with("note: 1 deletes or replacements are of types"));

    let mut arguments = vec!["gate", plan, "-o", "json"];
    for address in [
        "aws_secretsmanager_secret.db",
        "aws_secretsmanager_secret_version.db",
        "aws_s3_bucket.lake",
        "aws_dynamodb_table.orders",
        "aws_kms_key.unused",
    ] {
        arguments.extend(["--allow-destroy", address]);
    }
    let output = sluice(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let envelope = envelope(&output);
    assert_eq!((&envelope["ok"], &envelope["findings"]), (&true.into(), &Value::Array(Vec::new())));
    assert_eq!(envelope["result"]["permitted"].as_array().unwrap().len(), 4);
    assert_eq!(envelope["result"]["unusedPermits"][0], "aws_kms_key.unused");
    assert!(
        text(&output.stderr).contains("warning: the plan does not need the permit for aws_kms_key.unused")
    );
}

#[test]
fn gate_takes_no_wildcard_and_no_other_file() {
    let plan = plan("aws.json");
    let output = sluice(&["gate", plan.to_str().unwrap(), "--allow-destroy", "aws_s3_bucket.*"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there are no wildcards"), "{}", text(&output.stderr));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    fs::write(&file, "{\"format_version\": \"1.0\", \"values\": {}}").unwrap();
    let output = sluice(&["gate", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("state.json is not a Terraform plan: it is a state"));
}

#[test]
fn the_plan_may_come_from_standard_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["terraform", "gate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{\"format_version\": \"1.2\", \"planned_values\": {}}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "[ok] 0 refused, 0 permitted; no changes\n");
}

#[test]
fn comment_prints_markdown_or_json_and_no_secret() {
    let plan = plan("aws.json");
    let plan = plan.to_str().unwrap();
    let output = sluice(&["comment", plan, "--title", "prod/foundation"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert!(shown.starts_with(
        "<!-- sluice:terraform-comment prod/foundation -->\n## Terraform plan: prod/foundation\n"
    ));
    let json = sluice(&["comment", plan, "--title", "prod/foundation", "-o", "json"]);
    assert_eq!(envelope(&json)["result"]["comment"], shown.as_str());
    assert_eq!(envelope(&json)["result"]["marker"], shown.lines().next().unwrap());
    for bytes in [&output.stdout, &output.stderr, &json.stdout, &json.stderr] {
        assert!(!text(bytes).contains("correct-horse") && !text(bytes).contains("tr0ub4dor"));
    }
}

#[test]
fn every_command_shows_examples_and_exit_codes() {
    for command in ["lint", "gate", "comment"] {
        let output = sluice(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        let help = text(&output.stdout);
        for part in ["Examples:", "Exit codes:", "See also:"] {
            assert!(help.contains(part), "sluice terraform {command} --help lacks {part}");
        }
    }
}

#[test]
fn a_reader_that_went_away_is_no_panic_and_a_full_disk_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    fs::write(folder.path().join("main.tf"), "variable \"a\" {\n}\n".repeat(500)).unwrap();
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.args(["terraform", "lint", path]);
        command
    };
    let mut child = program().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "its findings still count");
    assert_eq!(text(&output.stderr), "");

    let full = Path::new("/dev/full");
    if full.exists() {
        let file = fs::OpenOptions::new().write(true).open(full).unwrap();
        fs::write(folder.path().join("main.tf"), "").unwrap();
        let output = program().stdout(file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).starts_with("error: standard output cannot be written: "));
    }
}
