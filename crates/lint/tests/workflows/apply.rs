//! What main runs: a sealed plan, the apply of exactly that plan, and the check afterwards.

use std::path::PathBuf;

use crate::expression::evaluate;
use crate::job::{Outcome, Runner};
use crate::programs::terraform_and_sluice;
use crate::pull_request::{DATA, SECRET};
use crate::repository::{Repository, workflow};

const ROOT: &str = "terraform/environments/prod/foundation/main.tf";
const PASSPHRASE: &str = "for plans only";

fn runner(repository: &Repository, sluice: &PathBuf) -> Runner {
    let values = [
        ("inputs.environment", "prod"),
        ("inputs.stack", "foundation"),
        ("inputs.apply", "true"),
        ("vars.aws_apply_role_arn", "arn:aws:iam::123456789012:role/apply"),
        ("vars.aws_plan_role_arn_prod", "arn:aws:iam::123456789012:role/plan"),
        ("secrets.plan_passphrase", PASSPHRASE),
    ];
    repository.runner(std::slice::from_ref(sluice), &values)
}

fn plan(runner: &Runner) -> Outcome {
    let stack = workflow("workflows/terraform-stack.yml");
    runner.run(&stack, &stack["jobs"]["plan"], |_| true)
}

// The apply after this plan, as GitHub hands its outputs on.
fn apply(runner: &Runner, planned: &Outcome) -> Outcome {
    let stack = workflow("workflows/terraform-stack.yml");
    let outputs = stack["jobs"]["plan"]["outputs"].as_mapping().unwrap();
    let mut values = runner.values.clone();
    for (name, expression) in outputs {
        let expression = expression.as_str().unwrap().trim_start_matches("${{").trim_end_matches("}}");
        let value = evaluate(expression, &|path| Some(planned.values.get(path).cloned().unwrap_or_default()));
        values.insert(format!("needs.plan.outputs.{}", name.as_str().unwrap()), value);
    }
    let job = &stack["jobs"]["apply"];
    assert_eq!(evaluate(job["if"].as_str().unwrap(), &|path| values.get(path).cloned()), "true");
    let runner = Runner {
        values,
        checkout: runner.checkout.clone(),
        artifacts: runner.artifacts.clone(),
        temp: runner.temp.clone(),
        programs: runner.programs.clone(),
    };
    runner.run(&stack, job, |_| true)
}

#[test]
fn the_plan_that_was_reviewed_is_applied() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let repository = Repository::new(&[(ROOT, DATA)]);
    let runner = runner(&repository, &sluice);
    let planned = plan(&runner);
    assert_eq!(planned.failed, None, "{}", planned.log);
    assert_eq!(planned.role.as_deref(), Some("arn:aws:iam::123456789012:role/plan"));
    assert!(
        planned.summary.contains("terraform_data.topic"),
        "who approves sees the plan: {}",
        planned.summary
    );

    let sealed = std::fs::read(runner.artifacts.join("plan-prod-foundation/tfplan.sealed")).unwrap();
    assert!(!sealed.starts_with(b"PK"), "a plan is an archive, and must be encrypted");
    assert!(!runner.temp.join("plan").exists(), "what holds secrets is removed");

    let applied = apply(&runner, &planned);
    assert_eq!(applied.failed, None, "{}", applied.log);
    assert_eq!(applied.role.as_deref(), Some("arn:aws:iam::123456789012:role/apply"));
    assert!(applied.log.contains("terraform_data.topic: create done"), "{}", applied.log);
    assert!(applied.log.contains("the plan after the apply is empty"), "{}", applied.log);
    let state =
        std::fs::read_to_string(repository.path("terraform/environments/prod/foundation/terraform.tfstate"))
            .unwrap();
    assert!(state.contains(SECRET), "this test needs a secret in the state");
    for text in [&planned.log, &planned.summary, &applied.log, &applied.summary] {
        assert!(!text.contains(SECRET), "{text}");
    }

    let again = plan(&runner);
    assert_eq!(
        (again.failed.as_deref(), again.values["steps.plan.outputs.changes"].as_str()),
        (None, "false"),
        "{}",
        again.log
    );
    assert!(!again.values.contains_key("steps.seal.outputs.digest"), "nothing waits for an approval");
}

#[test]
fn another_plan_than_the_reviewed_one_is_refused() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let repository = Repository::new(&[(ROOT, DATA)]);
    let runner = runner(&repository, &sluice);
    let planned = plan(&runner);
    let artifact = runner.artifacts.join("plan-prod-foundation/tfplan.sealed");
    let mut bytes = std::fs::read(&artifact).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&artifact, bytes).unwrap();
    let applied = apply(&runner, &planned);
    assert_eq!(applied.failed.as_deref(), Some("Open the plan that was reviewed"), "{}", applied.log);
    assert!(applied.log.contains("not the reviewed plan"), "{}", applied.log);
    assert!(
        !repository.path("terraform/environments/prod/foundation/terraform.tfstate").exists(),
        "nothing was applied"
    );
}

#[test]
fn a_plan_that_was_overtaken_is_refused() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let repository = Repository::new(&[(ROOT, DATA)]);
    let runner = runner(&repository, &sluice);
    let first = plan(&runner);
    let kept = std::fs::read(runner.artifacts.join("plan-prod-foundation/tfplan.sealed")).unwrap();
    let second = plan(&runner);
    assert_eq!(apply(&runner, &second).failed, None);
    std::fs::write(runner.artifacts.join("plan-prod-foundation/tfplan.sealed"), kept).unwrap();
    let applied = apply(&runner, &first);
    assert_eq!(applied.failed.as_deref(), Some("Apply"), "{}", applied.log);
    assert!(applied.log.to_lowercase().contains("stale"), "{}", applied.log);
}

#[test]
fn an_older_commit_is_neither_planned_nor_applied() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let repository = Repository::new(&[(ROOT, DATA)]);
    let runner = runner(&repository, &sluice);
    let planned = plan(&runner);
    repository.commit(&[("terraform/README.md", "newer\n")]);
    repository.push();
    repository.git(&["checkout", "--quiet", "HEAD^"]);

    let applied = apply(&runner, &planned);
    assert_eq!(
        applied.failed.as_deref(),
        Some("Only the newest commit of main is deployed"),
        "{}",
        applied.log
    );
    let late = plan(&runner);
    assert_eq!(late.failed, None, "{}", late.log);
    assert!(late.log.contains("main has moved on"), "{}", late.log);
    assert!(
        !late.values.contains_key("steps.plan.outputs.changes"),
        "an older commit is not planned: {}",
        late.log
    );
}

#[test]
fn a_failed_apply_shows_no_answer_of_a_service() {
    let Some(sluice) = terraform_and_sluice() else { return };
    // As the provider for Confluent Cloud fails: its message quotes the answer that holds the new key's secret.
    let fails = r#"
resource "terraform_data" "key" {
  provisioner "local-exec" {
    command = "echo 'error waiting for key ABCDEFGHIJKL2345: 403 Forbidden: {\"spec\": {\"secret\": \"cflt4Zx8Kq1Vn6Tb3Yw0\"}}'; echo password=Tr0ub4dor; exit 1"
  }
}
"#;
    let repository = Repository::new(&[(ROOT, &(DATA.to_owned() + fails))]);
    let runner = runner(&repository, &sluice);
    let planned = plan(&runner);
    let applied = apply(&runner, &planned);
    assert_eq!(applied.failed.as_deref(), Some("Apply"), "{}", applied.log);
    assert!(applied.log.contains("terraform_data.key: create FAILED"), "{}", applied.log);
    assert!(applied.log.contains("error waiting for key"), "what can be shown is: {}", applied.log);
    for secret in ["cflt4Zx8Kq1Vn6Tb3Yw0", "ABCDEFGHIJKL2345", "Tr0ub4dor", SECRET] {
        assert!(
            !applied.log.contains(secret) && !applied.summary.contains(secret),
            "{secret}: {}",
            applied.log
        );
    }
    assert!(!runner.temp.join("plan").exists(), "the log is removed");
}

#[test]
fn the_next_environment_waits_when_something_is_left() {
    let Some(sluice) = terraform_and_sluice() else { return };
    let never_settles = "\nresource \"terraform_data\" \"clock\" {\n  input = timestamp()\n}\n";
    let never_holds = "\ncheck \"endpoint\" {\n  assert {\n    condition     = terraform_data.topic.output == \"other\"\n    error_message = \"the endpoint is not available\"\n  }\n}\n";
    for (text, message) in [
        (never_settles, "terraform_data.clock: update"),
        (never_holds, "check.endpoint: the endpoint is not available"),
    ] {
        let repository = Repository::new(&[(ROOT, &(DATA.to_owned() + text))]);
        let runner = runner(&repository, &sluice);
        let applied = apply(&runner, &plan(&runner));
        assert_eq!(
            applied.failed.as_deref(),
            Some("Nothing is left to do, and the checks hold"),
            "{}",
            applied.log
        );
        assert!(applied.log.contains(message), "{}", applied.log);
    }
}

#[test]
fn only_platform_runs_inside_the_network_and_pull_requests_on_runners_of_their_own() {
    let stack = workflow("workflows/terraform-stack.yml");
    let runs_on = |job: &str, stack_name: &str, apply: &str| {
        let runs_on = stack["jobs"][job]["runs-on"].as_str().unwrap();
        let expression = runs_on.trim_start_matches("${{").trim_end_matches("}}");
        evaluate(expression, &|path| {
            Some(match path {
                "inputs.stack" => stack_name.to_owned(),
                "inputs.environment" => "prod".to_owned(),
                "inputs.apply" => apply.to_owned(),
                _ => String::new(),
            })
        })
    };
    for hosted in ["foundation", "connectors"] {
        for (job, apply) in [("plan", "false"), ("plan", "true"), ("apply", "true")] {
            assert_eq!(runs_on(job, hosted, apply), r#"["ubuntu-24.04"]"#, "{job} {hosted} {apply}");
        }
    }
    // Code that nobody has reviewed never runs where an apply does.
    assert_eq!(runs_on("plan", "platform", "false"), r#"["self-hosted", "vpc-plan-prod"]"#);
    assert_eq!(runs_on("plan", "platform", "true"), r#"["self-hosted", "vpc-prod"]"#);
    assert_eq!(runs_on("apply", "platform", "true"), r#"["self-hosted", "vpc-prod"]"#);
}
