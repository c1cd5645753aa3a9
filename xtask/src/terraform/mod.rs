//! `cargo xtask terraform`: the blueprint holds.
//!
//! It checks format, `validate` of every module, example and root, and the modules' tests; nothing is applied. All
//! work happens in copies below target/terraform.

mod cli_config;
mod command;
mod environment;
mod plain;
mod providers;
mod python;
mod reattach;
mod report;
mod run_events;
mod scratch;
mod search;
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
    let copy = folder.join("plain");
    scratch::copy(Path::new(BLUEPRINT), &copy)?;
    let subjects = selected(scratch::subjects(&copy.join("terraform"))?, &options.only)?;
    let attached = attach(&providers);
    Plain { tool: &tool, providers: &providers, logs, attached }.check(&subjects, &report);
    println!("terraform took {} s", started.elapsed().as_secs());
    report.end()
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
