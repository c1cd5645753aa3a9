//! Programs that are published as Python packages, each in an environment of its own below target/.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::command::finish;

const LIMIT: Duration = Duration::from_secs(900);

/// The interpreter of an environment that has these packages; it is made when it is not there.
///
/// # Errors
/// Python is missing or too old, or a package cannot be installed.
pub fn environment(folder: &Path, packages: &[&str]) -> anyhow::Result<PathBuf> {
    let python = folder.join("bin/python");
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).is_ok_and(|text| text == packages.join("\n")) && python.exists() {
        return Ok(python);
    }
    let _ = std::fs::remove_dir_all(folder);
    let parent = folder.parent().context("the environment has no folder")?;
    std::fs::create_dir_all(parent)?;
    let log = folder.with_extension("install");
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(folder);
    finish(&mut create, &log, LIMIT)?
        .success()
        .context("cannot make a Python environment: install python3 and python3-venv")?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    finish(&mut install, &log, LIMIT)?
        .success()
        .with_context(|| format!("cannot install {}", packages.join(" ")))?;
    ensure!(python.exists(), "{} was not made", python.display());
    std::fs::write(mark, packages.join("\n"))?;
    Ok(python)
}
