//! Starting other programs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

/// The repository's root.
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}

/// Runs a command to its end.
///
/// # Errors
/// It cannot be started, or fails; the text has the command.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}

/// Where this workspace's programs are built: this program is one of them.
///
/// # Errors
/// The system does not say where this program is.
pub fn target_folder() -> anyhow::Result<PathBuf> {
    let mut program = std::env::current_exe().context("where is this program?")?;
    program.pop();
    Ok(program)
}
