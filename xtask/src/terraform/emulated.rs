//! Examples and roots on loopback, one life each, in a network that is already there.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};

use super::command::finish;
use super::environment;
use super::fake::{CLOUD_KEY, CLOUD_SECRET, Fake};
use super::leaks::Secrets;
use super::life::{Subject, World};
use super::loopback;
use super::moto::Moto;
use super::providers::Providers;
use super::refresh;
use super::report::{Passed, Report};
use super::run_events;
use super::scratch::{self, Kind};
use super::tools::Tool;

/// The example that is lived without `--all`.
const CORE: &str = "examples/private-link-managed";

/// The network that a company has before it begins: a root of ours, whose outputs become values of variables.
const NETWORK: &str = "tests/network";

/// Roots of the environment that is lived, in the order in which they are applied.
const ENVIRONMENT: &str = "environments/dev";
const STACKS: [&str; 3] = ["foundation", "platform", "connectors"];

/// What the emulator lacks, and the variable that is off for it.
const LACKS: &str = "request metrics of S3 buckets (request_metrics), tasks that run (wait_for_steady_state)";

/// What connectors log in with, in a run on loopback.
const CONNECTOR_SECRET: &str = "emulated-connector-secret-83c2";

/// What to live.
#[derive(Debug)]
pub struct Choice<'a> {
    /// Everything, not only the core example.
    pub all: bool,
    /// Only what has one of these in its name.
    pub only: &'a [String],
}

/// Lives the examples and roots that were chosen.
///
/// # Errors
/// An emulator or the network is missing; what does not hold is in the report.
pub fn check(
    choice: &Choice<'_>,
    tool: &Tool,
    providers: &Providers,
    folder: &Path,
    built: &Path,
    report: &Report,
) -> anyhow::Result<()> {
    let terraform = folder.join("emulated/terraform");
    scratch::copy(Path::new(scratch::BLUEPRINT), &folder.join("emulated"))?;
    let subjects = choose(subjects(&terraform)?, choice);
    let moto = Moto::start(folder)?;
    let fake = Fake::start(built)?;
    println!("Confluent Cloud at {}, AWS at {}", fake.url, moto.url);
    println!("off, because the emulator lacks it: {LACKS}");
    let logs = folder.join("logs");
    let mut world = World {
        tool,
        providers,
        fake,
        moto: RefCell::new(moto),
        terraform: &terraform,
        logs: &logs,
        values: Map::new(),
        secrets: RefCell::new(Secrets::default()),
    };
    module_tests(&world, choice, report)?;
    if choice.only.is_empty() || choice.only.iter().any(|name| refresh::NAME.contains(name.as_str())) {
        report.item(refresh::NAME, || refresh::check(&mut world.moto.borrow_mut(), built));
    }
    if subjects.is_empty() {
        return Ok(());
    }
    let network = network(&world)?;
    world.values.extend(network);
    world.values.extend(emulated_values());
    world.secrets.borrow_mut().add(CLOUD_SECRET);
    world.secrets.borrow_mut().add(CONNECTOR_SECRET);
    for subject in &subjects {
        world.live(subject, report)?;
    }
    Ok(())
}

// What is otherwise than in a cloud: nothing is protected, so that all can be destroyed, and what the emulator lacks is
// off.
fn emulated_values() -> Map<String, Value> {
    let values = json!({
        "deletion_protection": false,
        "secret_recovery_days": 0,
        "request_metrics": false,
        "wait_for_steady_state": false,
        "worker_image": format!("123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:{}", "0".repeat(64)),
        "connector_secrets": {"orders-db": {"password": CONNECTOR_SECRET}},
    });
    values.as_object().cloned().unwrap_or_default()
}

fn network(world: &World<'_>) -> anyhow::Result<Map<String, Value>> {
    let stack = world.prepare(NETWORK).context("the network of the examples")?;
    let plan = stack.plan("plan", &[])?;
    stack.apply("apply", &plan)?;
    let outputs = stack.outputs()?;
    ensure!(!outputs.is_empty(), "{NETWORK} has no outputs");
    Ok(outputs)
}

fn subjects(terraform: &Path) -> anyhow::Result<Vec<Subject>> {
    let all = scratch::subjects(terraform)?;
    let mut found: Vec<Subject> = all
        .iter()
        .filter(|subject| subject.kind == Kind::Example)
        .map(|subject| Subject { name: subject.name.clone(), roots: vec![subject.name.clone()] })
        .collect();
    let roots: Vec<_> = STACKS
        .iter()
        .map(|stack| format!("{ENVIRONMENT}/{stack}"))
        .filter(|root| all.iter().any(|subject| subject.name == *root))
        .collect();
    if !roots.is_empty() {
        found.push(Subject { name: ENVIRONMENT.to_owned(), roots });
    }
    Ok(found)
}

fn choose(subjects: Vec<Subject>, choice: &Choice<'_>) -> Vec<Subject> {
    let named = |subject: &Subject| choice.only.iter().any(|name| subject.name.contains(name.as_str()));
    subjects
        .into_iter()
        .filter(|subject| match choice.only.is_empty() {
            true => choice.all || subject.name == CORE,
            false => named(subject),
        })
        .collect()
}

// Tests of modules that mocks cannot carry: ephemeral values, for example.
fn module_tests(world: &World<'_>, choice: &Choice<'_>, report: &Report) -> anyhow::Result<()> {
    for module in scratch::subjects(world.terraform)? {
        let chosen =
            choice.only.is_empty() || choice.only.iter().any(|name| module.name.contains(name.as_str()));
        if module.kind != Kind::Module || !chosen || !module.has("tests/emulated", ".tftest.hcl") {
            continue;
        }
        report.item(&format!("{}: tests on the emulator", module.name), || module_test(world, &module));
    }
    Ok(())
}

fn module_test(world: &World<'_>, module: &scratch::Subject) -> anyhow::Result<Passed> {
    let (aws, confluent) = (world.moto.borrow().url.clone(), world.fake.url.clone());
    let run = |what: &str, arguments: &[String]| {
        let mut command = world.tool.command();
        environment::prepare(&mut command, &world.providers.config);
        command
            .args(arguments)
            .env(loopback::AWS_ENDPOINT, &aws)
            .env("CONFLUENT_CLOUD_API_KEY", CLOUD_KEY)
            .env("CONFLUENT_CLOUD_API_SECRET", CLOUD_SECRET)
            .current_dir(&module.folder);
        loopback::check_environment(&command)?;
        finish(
            &mut command,
            &world.logs.join(format!("{}.emulated-{what}", module.slug())),
            Duration::from_secs(900),
        )
    };
    let folder = "-test-directory=tests/emulated".to_owned();
    let init = ["init", "-backend=false", "-input=false", "-no-color"].map(str::to_owned);
    run("init", &[init.as_slice(), std::slice::from_ref(&folder)].concat())?.success().context("init")?;
    let mut arguments = vec!["test".to_owned(), "-json".to_owned(), "-no-color".to_owned(), folder];
    // A test file takes the endpoints that it names.
    for (name, value) in [("aws_endpoint", &aws), (loopback::CONFLUENT_ENDPOINT, &confluent)] {
        if names_variable(&module.folder.join("tests/emulated"), name)? {
            arguments.push(format!("-var={name}={value}"));
        }
    }
    run_events::passed(&run("test", &arguments)?)
}

fn names_variable(folder: &Path, name: &str) -> anyhow::Result<bool> {
    let needle = format!("var.{name}");
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && std::fs::read_to_string(&path)?.contains(&needle) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose_from(names: &[&str], all: bool, only: &[&str]) -> Vec<String> {
        let subjects =
            names.iter().map(|name| Subject { name: (*name).to_owned(), roots: Vec::new() }).collect();
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        choose(subjects, &Choice { all, only: &only }).into_iter().map(|subject| subject.name).collect()
    }

    #[test]
    fn the_core_example_is_the_default() {
        let names = [CORE, "examples/minimal-public", ENVIRONMENT];
        assert_eq!(choose_from(&names, false, &[]), [CORE]);
        assert_eq!(choose_from(&names, true, &[]), names);
        assert_eq!(choose_from(&names, false, &["minimal"]), ["examples/minimal-public"]);
    }
}
