//! `cargo xtask bench`: builds everything and hands over to the program of `bench/`.
//!
//! That is a package of its own, so that the tasks need no Kafka client: they are built before everything else, with
//! other features than the whole workspace, and what they need would be built twice.

use std::process::Command;

use crate::process;

/// What the bench is told; `cargo xtask bench -- --help` lists it.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// What to measure, and how.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the bench.
///
/// # Errors
/// The build fails, or the bench does.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let mut build = process::cargo();
    build.args(["build", "--release", "--quiet", "--bins"]);
    // The comparison with Java needs few programs; the benches alone need the examples too.
    match options.arguments.iter().any(|argument| argument.starts_with("--against")) {
        true => build.args(["-p", "sluice-bench", "-p", "sluice-cli", "-p", "sluice-registry"]),
        false => build.args(["--workspace", "--examples"]),
    };
    process::run(&mut build)?;
    process::run(Command::new(process::target_folder().join("sluice-bench")).args(&options.arguments))
}
