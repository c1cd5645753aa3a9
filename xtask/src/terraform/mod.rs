//! `cargo xtask terraform`: the blueprint holds.
//!
//! Plain, it checks format, `validate` of every module, example and root, and the modules' tests; nothing is applied.
//! With `--emulated`, examples and roots are applied, changed and destroyed on loopback: Confluent's part on
//! crates/fake-confluent-cloud, AWS's on moto. All work happens in copies below target/terraform.

mod changes;
mod cli_config;
mod command;
mod emulated;
mod environment;
mod fake;
mod leaks;
mod life;
mod loopback;
mod moto;
mod plain;
mod providers;
mod python;
mod reattach;
mod refresh;
mod report;
mod rules;
mod run_events;
mod scratch;
mod search;
mod stack;
mod tools;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::process;
use plain::Plain;
use providers::Providers;
use reattach::Attached;
use report::Report;
use scratch::{BLUEPRINT, Subject};
use tools::Tool;

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Apply, change and destroy on loopback, instead of the plain check.
    #[arg(long)]
    emulated: bool,
    /// With --emulated: all examples and the dev roots, not only the core example.
    #[arg(long, requires = "emulated")]
    all: bool,
    /// Only what has this in its name (`modules/label`). May be given more than once.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

/// Runs the check.
///
/// # Errors
/// Something failed, or was skipped that may not be.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let started = Instant::now();
    process::run(process::cargo().args([
        "build",
        "--release",
        "--quiet",
        "--package",
        "sluice-terraform-stand-in",
        "--package",
        "sluice-fake-confluent-cloud",
        "--package",
        "sluice-cli",
    ]))?;
    let folder = work_folder();
    let logs = folder.join("logs");
    let _ = std::fs::remove_dir_all(&logs);
    std::fs::create_dir_all(&logs)?;
    let report = Report::default();
    let tool = Tool::find(&folder)?;
    println!("{} {}", tool.name, tool.version);
    if let Some(fallback) = tool.fallback() {
        report.skipped(
            fallback,
            "terraform and tofu",
            "neither is on the PATH; Terraform's core from PyPI is used",
        );
    }
    let providers = Providers::find(&tool, &folder, &process::target_folder())?;
    println!("{}", providers.shown());
    match options.emulated {
        true => emulated(options, &tool, &providers, &folder, &report)?,
        false => plain(options, &tool, &providers, &folder, &report)?,
    }
    println!("terraform took {} s", started.elapsed().as_secs());
    report.end()
}

fn plain(
    options: &Options,
    tool: &Tool,
    providers: &Providers,
    folder: &Path,
    report: &Report,
) -> anyhow::Result<()> {
    let copy = folder.join("plain");
    scratch::copy(Path::new(BLUEPRINT), &copy)?;
    let subjects = selected(scratch::subjects(&copy.join("terraform"))?, &options.only)?;
    let attached = attach(providers);
    Plain { tool, providers, logs: folder.join("logs"), attached }.check(&subjects, report);
    Ok(())
}

fn emulated(
    options: &Options,
    tool: &Tool,
    providers: &Providers,
    folder: &Path,
    report: &Report,
) -> anyhow::Result<()> {
    if providers.aws.is_none() {
        report.skipped("aws-provider", "everything", "the AWS provider is not on this machine");
        return Ok(());
    }
    let choice = emulated::Choice { all: options.all, only: &options.only };
    emulated::check(&choice, tool, providers, folder, &process::target_folder(), report)
}

fn work_folder() -> PathBuf {
    let mut target = process::target_folder();
    target.pop();
    target.join("terraform")
}

fn selected(mut subjects: Vec<Subject>, only: &[String]) -> anyhow::Result<Vec<Subject>> {
    if !only.is_empty() {
        subjects.retain(|subject| only.iter().any(|name| subject.name.contains(name.as_str())));
        ensure!(!subjects.is_empty(), "no module, example or root has {} in its name", only.join(" or "));
    }
    Ok(subjects)
}

// A provider that cannot be attached to is started by each run: slower, and all the same otherwise.
fn attach(providers: &Providers) -> Option<Attached> {
    let aws = providers.aws.as_ref().filter(|aws| !aws.is_packed())?;
    let address = format!("{}/hashicorp/aws", providers.host);
    Attached::start(&aws.file, &address)
        .context("each run starts the AWS provider itself")
        .inspect_err(|problem| println!("{problem:#}"))
        .ok()
}
