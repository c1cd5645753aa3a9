//! What a pull request runs: checks, which roots, and a plan of each.

use crate::expression::{evaluate, fill};
use crate::job::Outcome;
use crate::programs::{need, terraform_and_sluice};
use crate::repository::{Repository, workflow};

const ROOT: &str = "terraform/environments/dev/platform/main.tf";

/// A root that needs no provider; its secret is in the plan and the state.
pub const DATA: &str = r#"terraform {
  required_version = ">= 1.11.0"

  backend "local" {}
}

resource "terraform_data" "topic" {
  input = "orders"
}

resource "terraform_data" "login" {
  input = sensitive("Hx7pQ2vLr9Zt4Wm1")
}
"#;

/// The secret of [`DATA`].
pub const SECRET: &str = "Hx7pQ2vLr9Zt4Wm1";

fn plan(repository: &Repository, programs: &[std::path::PathBuf]) -> Outcome {
    let values = [
        ("inputs.environment", "dev"),
        ("inputs.stack", "platform"),
        ("inputs.apply", "false"),
        ("vars.aws_plan_role_arn_dev", "arn:aws:iam::123456789012:role/plan"),
    ];
    let stack = workflow("workflows/terraform-stack.yml");
    repository.runner(programs, &values).run(&stack, &stack["jobs"]["plan"], |_| true)
}

#[test]
fn a_plan_becomes_a_comment_without_secrets() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let repository = Repository::new(&[(ROOT, DATA)]);
    let outcome = plan(&repository, &[sluice]);
    assert_eq!(outcome.failed, None, "{}", outcome.log);
    assert_eq!(outcome.values["steps.plan.outputs.changes"], "true");
    assert_eq!(outcome.role.as_deref(), Some("arn:aws:iam::123456789012:role/plan"));
    assert!(outcome.log.contains("plan: 2 to add, 0 to change, 0 to destroy"), "{}", outcome.log);

    let runner = repository.runner(&[], &[]);
    let comment = std::fs::read_to_string(runner.artifacts.join("comment-dev-platform/comment.md")).unwrap();
    assert!(comment.contains("dev/platform") && comment.contains("terraform_data.topic"), "{comment}");
    assert_eq!(outcome.summary, comment);
    assert!(!comment.contains(SECRET) && !outcome.log.contains(SECRET), "{comment}{}", outcome.log);
    assert!(!runner.artifacts.join("plan-dev-platform").exists(), "a pull request keeps no plan");
    assert!(!runner.temp.join("plan").exists(), "what holds secrets is removed");
}

#[test]
fn a_plan_that_fails_says_why_and_no_secret() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let wrong = DATA.to_owned()
        + "\nresource \"terraform_data\" \"wrong\" {\n  lifecycle {\n    precondition {\n      condition     = terraform_data.topic.input == \"other\"\n      error_message = \"zone euc1-az9 is not of eu-central-1; the service said {\\\"secret\\\": \\\"Hx7pQ2vLr9Zt4Wm1\\\"}\"\n    }\n  }\n}\n";
    let repository = Repository::new(&[(ROOT, &wrong)]);
    let outcome = plan(&repository, &[sluice]);
    assert_eq!(outcome.failed.as_deref(), Some("Plan"), "{}", outcome.log);
    assert!(outcome.log.contains("zone euc1-az9 is not of eu-central-1"), "{}", outcome.log);
    assert!(outcome.log.contains("in main.tf line"), "{}", outcome.log);
    assert!(!outcome.log.contains(SECRET), "{}", outcome.log);
    assert!(!repository.runner(&[], &[]).temp.join("plan").exists(), "what holds secrets is removed");
}

// Secrets that the expressions of a job ask for, on a pull request or on main.
fn secrets_of(job: &str, apply: &str, stack_name: &str) -> Vec<String> {
    let stack = workflow("workflows/terraform-stack.yml");
    let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let lookup = |path: &str| {
        Some(match path {
            "inputs.apply" => apply.to_owned(),
            "inputs.stack" => stack_name.to_owned(),
            "inputs.environment" => "dev".to_owned(),
            "steps.newest.outputs.newest" | "steps.plan.outputs.changes" => "true".to_owned(),
            "steps.plan.outcome" => "success".to_owned(),
            "failure" | "cancelled" => "false".to_owned(),
            path => match path.strip_prefix("secrets.") {
                Some(name) => format!("SECRET-{name}-"),
                None => String::new(),
            },
        })
    };
    for step in stack["jobs"][job]["steps"].as_sequence().unwrap() {
        let condition =
            step["if"].as_str().unwrap_or("true").trim_start_matches("${{").trim_end_matches("}}");
        if evaluate(condition.trim(), &lookup) != "true" {
            continue;
        }
        for part in ["env", "with"] {
            for value in step[part].as_mapping().into_iter().flat_map(|mapping| mapping.values()) {
                let text = fill(value.as_str().unwrap_or_default(), &lookup);
                let names = text.split("SECRET-").skip(1).filter_map(|rest| rest.split('-').next());
                asked.borrow_mut().extend(names.map(str::to_owned));
            }
        }
    }
    asked.into_inner().into_iter().collect()
}

#[test]
fn a_pull_request_is_given_no_secret_but_the_key_that_reads() {
    let reading = ["confluent_cloud_api_key", "confluent_cloud_api_secret"];
    for stack in ["foundation", "platform", "connectors"] {
        assert_eq!(secrets_of("plan", "false", stack), reading, "{stack}");
    }
    let planning =
        ["confluent_cloud_api_key", "confluent_cloud_api_secret", "connector_secrets", "plan_passphrase"];
    assert_eq!(secrets_of("plan", "true", "connectors"), planning);
    assert_eq!(secrets_of("apply", "true", "connectors"), planning);

    // All others are secrets of environments, which GitHub gives to main only.
    let stack = workflow("workflows/terraform-stack.yml");
    let environment = |job: &str, apply: &str| {
        fill(stack["jobs"][job]["environment"].as_str().unwrap(), &|path| {
            Some(if path == "inputs.apply" { apply } else { "dev" }.to_owned())
        })
    };
    assert_eq!(environment("plan", "false"), "");
    assert_eq!(environment("plan", "true"), "dev-plan");
    assert_eq!(environment("apply", "true"), "dev");
}

const CONNECTORS: &str = r#"terraform {
  required_version = ">= 1.11.0"

  backend "local" {}
}

variable "connector_secrets" {
  type      = map(map(string))
  sensitive = true
}

resource "terraform_data" "names" {
  input = nonsensitive({ for name, keys in var.connector_secrets : name => keys(keys) })
}

resource "terraform_data" "is_placeholder" {
  input = nonsensitive(var.connector_secrets["orders-db"]["password"] == "placeholder")
}
"#;

#[test]
fn secrets_of_connectors_are_placeholders_on_a_pull_request_and_real_on_main() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let connector = r#"{"name": "orders-cdc", "config": {"database.password": "${secretsmanager:orders-db:password}", "database.user": "${secretsmanager:orders-db:user}", "x": "${secretsmanager:other:key}"}}"#;
    let repository = Repository::new(&[
        ("terraform/environments/dev/connectors/main.tf", CONNECTORS),
        ("rendered/dev/orders-cdc.json", connector),
        ("rendered/dev/broken.json", "{"),
    ]);
    let stack = workflow("workflows/terraform-stack.yml");
    let plan = |apply: &str| {
        let values = [
            ("inputs.environment", "dev"),
            ("inputs.stack", "connectors"),
            ("inputs.apply", apply),
            ("secrets.connector_secrets", r#"{"orders-db":{"password":"Hx7pQ2vLr9Zt4Wm1","user":"app"}}"#),
            ("secrets.plan_passphrase", "for plans only"),
        ];
        let runner = repository.runner(std::slice::from_ref(&sluice), &values);
        let outcome = runner.run(&stack, &stack["jobs"]["plan"], |_| true);
        assert_eq!(outcome.failed, None, "{}", outcome.log);
        assert!(!outcome.log.contains(SECRET) && !outcome.summary.contains(SECRET), "{}", outcome.log);
        outcome.summary
    };
    let reviewed = plan("false");
    assert!(reviewed.contains("are placeholders here"), "{reviewed}");
    let main = plan("true");
    assert!(!main.contains("placeholders"), "{main}");

    // What the plan was given shows in the plan itself.
    let shown = |apply: &str| {
        let script = repository.path(".github/scripts/plan.sh");
        let temp = repository.scratch(&format!("plan-{apply}"));
        let status = std::process::Command::new("bash")
            .arg(&script)
            .args(["dev", "connectors"])
            .current_dir(repository.checkout())
            .env("RUNNER_TEMP", &temp)
            .env("GITHUB_OUTPUT", temp.join("outputs"))
            .env("CONNECTOR_SECRETS", r#"{"orders-db":{"password":"Hx7pQ2vLr9Zt4Wm1"}}"#)
            .env("IS_PULL_REQUEST", (apply == "false").to_string())
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .output()
            .unwrap();
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
        std::fs::read_to_string(temp.join("plan/plan.json")).unwrap()
    };
    let reviewed = shown("false");
    assert!(!reviewed.contains(SECRET), "the real secret is in the plan of a pull request");
    assert!(reviewed.contains(r#""orders-db":["password","user"],"other":["key"]"#), "{reviewed}");
    assert!(shown("true").contains(SECRET), "main plans with the real secret");
}

#[test]
fn the_gate_lets_data_go_only_by_name() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let repository = Repository::new(&[(ROOT, DATA)]);
    let runner = repository.runner(
        &[sluice],
        &[("inputs.environment", "dev"), ("inputs.stack", "platform"), ("steps.plan.outcome", "success")],
    );
    let stack = workflow("workflows/terraform-stack.yml");
    let plan = r#"{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[{"address":"confluent_kafka_topic.this[\"a b\"]","mode":"managed","type":"confluent_kafka_topic","name":"this","index":"a b","provider_name":"p","change":{"actions":["delete"],"before":{"topic_name":"a b"},"after":null,"after_unknown":{},"before_sensitive":{},"after_sensitive":false}}]}"#;
    // A step before it, which the gate's job has made the plan in.
    let gate = |permits: Option<&str>| {
        let list = "terraform/environments/dev/platform/allow-destroy.txt";
        match permits {
            Some(text) => repository.write(list, text),
            None => drop(std::fs::remove_file(repository.path(list))),
        }
        let script = format!(
            "mkdir -p \"$RUNNER_TEMP/plan\"\ncat > \"$RUNNER_TEMP/plan/plan.json\" <<'E'\n{plan}\nE\n"
        );
        let mut job = stack["jobs"]["plan"].clone();
        let steps = job["steps"].as_sequence_mut().unwrap();
        let gate = steps.iter().position(|step| step["name"] == "Gate").unwrap();
        steps.insert(gate, serde_norway::from_str(&format!("{{name: a plan, run: {script:?}}}")).unwrap());
        runner.run(&stack, &job, |name| name == "a plan" || name == "Gate")
    };
    let refused = gate(None);
    assert_eq!(refused.failed.as_deref(), Some("Gate"), "{}", refused.log);
    assert!(refused.log.contains("confluent_kafka_topic.this"), "{}", refused.log);
    let other = gate(Some("# not this one\nconfluent_kafka_topic.this[\"b\"]\n"));
    assert_eq!(other.failed.as_deref(), Some("Gate"), "{}", other.log);
    let permitted = gate(Some(
        "# replaced by orders.v2, see the change of May\n  confluent_kafka_topic.this[\"a b\"] # empty",
    ));
    assert_eq!(permitted.failed, None, "{}", permitted.log);
}

fn check(repository: &Repository, sluice: std::path::PathBuf) -> Outcome {
    let terraform = workflow("workflows/terraform.yml");
    repository.runner(&[sluice], &[]).run(&terraform, &terraform["jobs"]["check"], |_| true)
}

#[test]
fn checks_find_everything_that_is_wrong_at_once() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let clean = r#"terraform {
  required_version = ">= 1.11.0"

  backend "s3" {
    bucket       = "acme-state"
    key          = "dev/connectors.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}

resource "terraform_data" "this" {
  input = 1
}
"#;
    let root = "terraform/environments/dev/connectors/main.tf";
    let repository = Repository::new(&[(root, clean)]);
    let outcome = check(&repository, sluice.clone());
    assert_eq!(outcome.failed, None, "{}", outcome.log);

    repository.write(root, "resource \"terraform_data\" \"this\" {\n input = var.nowhere\n}\n");
    repository.write(
        "terraform/examples/open/main.tf",
        "output \"key\" {\n  value = nonsensitive(terraform_data.this.output)\n}\n",
    );
    let outcome = check(&repository, sluice);
    assert!(outcome.failed.is_some(), "{}", outcome.log);
    for problem in [
        "::format:",
        "::terraform/environments/dev/connectors: terraform validate",
        "::terraform/examples/open: terraform validate",
        "::rules:",
    ] {
        assert!(outcome.log.contains(problem), "{problem} is not in {}", outcome.log);
    }
}

#[test]
fn only_roots_that_a_change_can_affect_are_planned() {
    need(&["git"]);
    let root =
        |environment: &str, stack: &str| format!("terraform/environments/{environment}/{stack}/main.tf");
    let all: Vec<(String, &str)> = ["dev", "prod"]
        .iter()
        .flat_map(|e| ["connectors", "foundation", "platform"].map(|s| (root(e, s), "")))
        .collect();
    let files: Vec<(&str, &str)> = all.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let repository = Repository::new(&files);
    let terraform = workflow("workflows/terraform.yml");
    let after = |path: &str| {
        repository.commit(&[(path, "# changed\n")]);
        let outcome = repository.runner(&[], &[]).run(&terraform, &terraform["jobs"]["roots"], |_| true);
        assert_eq!(outcome.failed, None, "{}", outcome.log);
        repository.git(&["reset", "--quiet", "--hard", "HEAD^"]);
        let list: Vec<serde_norway::Value> =
            serde_norway::from_str(&outcome.values["steps.roots.outputs.roots"]).unwrap();
        let names: Vec<String> = list
            .iter()
            .map(|r| format!("{}/{}", r["environment"].as_str().unwrap(), r["stack"].as_str().unwrap()))
            .collect();
        names.join(" ")
    };
    let everything =
        "dev/foundation dev/platform dev/connectors prod/foundation prod/platform prod/connectors";
    assert_eq!(after("terraform/environments/dev/platform/main.tf"), "dev/platform");
    assert_eq!(after("terraform/environments/prod/foundation/terraform.tfvars"), "prod/foundation");
    assert_eq!(after("terraform/modules/label/main.tf"), everything);
    assert_eq!(after(".github/scripts/plan.sh"), everything);
    assert_eq!(after("rendered/dev/orders-lake.json"), "dev/platform dev/connectors");
    assert_eq!(after("terraform/teams/orders/team.yaml"), "dev/platform prod/platform");
    assert_eq!(after("terraform/README.md"), "");
    assert_eq!(after("terraform/examples/minimal-public/main.tf"), "");
}
