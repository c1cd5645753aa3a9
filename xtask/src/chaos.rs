//! `cargo xtask chaos`: builds the runs of `chaos/` and hands over to them.
//!
//! They are a test target, built as [`crate::test`] builds everything: after it, nothing is left to build.

use crate::{interop, process};

/// What the runs are told; `cargo xtask chaos --help` lists it.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// What to run, and how.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs seeds.
///
/// # Errors
/// The build fails, or a seed does.
pub fn run(options: &Options) -> anyhow::Result<()> {
    if options.arguments.iter().any(|argument| argument == "--processes") {
        interop::build()?; // the worker and the embedded broker are among them
    }
    let mut command = process::cargo();
    command.args(["test", "--release", "--quiet", "--workspace", "--test", "chaos", "--", "run"]);
    process::run(command.args(&options.arguments))
}
