//! `cargo xtask interop`: builds what is compared and hands over to the program of `interop/`.
//!
//! A package of its own, as [`crate::bench`] is, and for the same reason.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Context;

use crate::process;

/// What is built, and compared. Who needs one of these programs builds the same: other packages together would be built with
/// other features, and everything once more.
const PACKAGES: [&str; 4] = ["sluice-interop", "sluice-cli", "sluice-dev-broker", "sluice-registry"];

/// What the comparison is told; `cargo xtask interop -- --help` lists it.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// What to compare, and how.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the comparison.
///
/// # Errors
/// The build fails, or something differs.
pub fn run(options: &Options) -> anyhow::Result<()> {
    build()?;
    let mut program = Command::new(process::target_folder().join("sluice-interop"));
    program.args(&options.arguments);
    // In this one's place: whoever ends the task ends what it started.
    Err(program.exec()).with_context(|| format!("cannot start {program:?}"))
}

/// Builds the programs of [`PACKAGES`].
///
/// # Errors
/// The build fails.
pub fn build() -> anyhow::Result<()> {
    let programs = PACKAGES.map(|package| ["-p", package]);
    process::run(
        process::cargo().args(["build", "--release", "--quiet", "--bins"]).args(programs.as_flattened()),
    )
}
