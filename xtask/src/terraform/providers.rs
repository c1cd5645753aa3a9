//! Which provider binaries a run uses, and the one mirror folder that they are linked into.
//!
//! The AWS provider is the real one wherever it is found. The Confluent provider is the real one only where
//! `SLUICE_TF_PLUGIN_DIR` or a registry has it; else crates/terraform-stand-in, which is always there.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use super::cli_config;
use super::command::finish;
use super::search::{self, Provider, newest};
use super::tools::{self, Tool};

/// Names the folder that holds providers: a mirror, or any folder above their binaries.
pub const PLUGIN_FOLDER: &str = "SLUICE_TF_PLUGIN_DIR";

/// The version that the stand-in is taken for. The blueprint asks for `~> 2.83`.
const STAND_IN_VERSION: &str = "2.83.0";

const STAND_IN: &str = "terraform-provider-confluent";

/// Providers of a run.
#[derive(Debug)]
pub struct Providers {
    /// The AWS provider, if there is one.
    pub aws: Option<Provider>,
    /// The Confluent provider.
    pub confluent: Provider,
    /// Whether that is the stand-in.
    pub is_stand_in: bool,
    /// The host under which Terraform looks for providers that name none.
    pub host: String,
    /// The CLI configuration under which only these are found.
    pub config: PathBuf,
}

impl Providers {
    /// Finds them, and links them into `folder/mirror`.
    ///
    /// # Errors
    /// The stand-in is needed and was not built, or the mirror cannot be written.
    pub fn find(tool: &Tool, folder: &Path, built: &Path) -> anyhow::Result<Self> {
        let host = tools::default_host(tool, folder)?;
        let named = std::env::var_os(PLUGIN_FOLDER).map(PathBuf::from);
        let mut aws = find_aws(named.as_deref());
        let mut confluent = named.as_deref().and_then(|folder| find_confluent(folder, PLUGIN_FOLDER));
        if aws.is_none() {
            match from_registry(tool, folder) {
                Ok(cache) => {
                    aws = newest(&cache, "aws", "registry", accepts_aws);
                    confluent = confluent.or_else(|| find_confluent(&cache, "registry"));
                }
                Err(problem) => {
                    println!("no AWS provider on this machine, and none from a registry: {problem:#}")
                }
            }
        }
        let is_stand_in = confluent.is_none();
        let confluent = confluent.unwrap_or_else(|| Provider {
            file: built.join(STAND_IN),
            version: STAND_IN_VERSION.to_owned(),
            place: "crates/terraform-stand-in".to_owned(),
        });
        anyhow::ensure!(
            confluent.file.exists(),
            "{} is not there: cargo build --release --package sluice-terraform-stand-in",
            confluent.file.display()
        );
        let mirror = folder.join("mirror");
        let _ = std::fs::remove_dir_all(&mirror);
        if let Some(aws) = &aws {
            link(&mirror.join(&host).join("hashicorp/aws"), "aws", aws)?;
        }
        link(&mirror.join(&host).join("confluentinc/confluent"), "confluent", &confluent)?;
        let config = folder.join("terraform.rc");
        std::fs::write(&config, cli_config::only(&mirror))?;
        Ok(Self { aws, confluent, is_stand_in, host, config })
    }

    /// What is used, in a line each.
    pub fn shown(&self) -> String {
        let aws = match &self.aws {
            Some(aws) => format!("AWS provider {} ({}, {})", aws.version, aws.place, aws.file.display()),
            None => "no AWS provider".to_owned(),
        };
        let kind =
            if self.is_stand_in { "our stand-in for the Confluent provider" } else { "Confluent provider" };
        format!("{aws}\n{kind} {} ({})", self.confluent.version, self.confluent.place)
    }
}

fn accepts_aws(version: (u32, u32, u32)) -> bool {
    ((5, 100, 0)..(7, 0, 0)).contains(&version)
}

fn find_confluent(folder: &Path, place: &str) -> Option<Provider> {
    newest(folder, "confluent", place, |(major, minor, _)| major == 2 && minor >= 83)
}

fn find_aws(named: Option<&Path>) -> Option<Provider> {
    let mut places: Vec<(PathBuf, &str)> =
        named.map(|folder| (folder.to_owned(), PLUGIN_FOLDER)).into_iter().collect();
    places.extend(cli_config::mirrors().into_iter().map(|folder| (folder, "CLI configuration")));
    places.extend(cli_config::implied_mirrors().into_iter().map(|folder| (folder, "implied mirror")));
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let disk =
        ["/opt", "/usr/local", "/usr/share", "/usr/lib", "/srv", "/var/lib", "/var/cache"].map(PathBuf::from);
    places.extend(disk.into_iter().chain(home).map(|folder| (folder, "disk")));
    places.iter().find_map(|(folder, place)| newest(folder, "aws", place, accepts_aws))
}

// A cache folder that `init` filled from a registry.
fn from_registry(tool: &Tool, folder: &Path) -> anyhow::Result<PathBuf> {
    let (probe, cache) = (folder.join("registry"), folder.join("plugin-cache"));
    let _ = std::fs::remove_dir_all(&probe);
    std::fs::create_dir_all(&probe)?;
    std::fs::create_dir_all(&cache)?;
    let config = folder.join("registry.rc");
    std::fs::write(
        &config,
        format!(
            "plugin_cache_dir = {:?}\nprovider_installation {{\n  direct {{}}\n}}\n",
            cache.display().to_string()
        ),
    )?;
    std::fs::write(
        probe.join("main.tf"),
        "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \">= 5.100.0, < 7.0.0\"\n    }\n    confluent = {\n      source  = \"confluentinc/confluent\"\n      version = \"~> 2.83\"\n    }\n  }\n}\n",
    )?;
    let mut command = tool.command();
    command.args(["init", "-input=false", "-no-color"]).current_dir(&probe);
    command.env("TF_CLI_CONFIG_FILE", &config).env("CHECKPOINT_DISABLE", "1");
    let ended = finish(&mut command, &folder.join("registry-init"), Duration::from_secs(300))?;
    ended.success().context("terraform init from a registry")?;
    Ok(cache)
}

// As an unpacked mirror has it; an archive as a packed one.
fn link(folder: &Path, kind: &str, provider: &Provider) -> anyhow::Result<()> {
    let place = match provider.is_packed() {
        true => {
            folder.join(format!("terraform-provider-{kind}_{}_{}.zip", provider.version, search::platform()))
        }
        false => folder
            .join(&provider.version)
            .join(search::platform())
            .join(format!("terraform-provider-{kind}_v{}", provider.version)),
    };
    let parent = place.parent().context("a mirror has folders")?;
    std::fs::create_dir_all(parent)?;
    symlink(&provider.file, &place).with_context(|| format!("cannot link {}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_the_blueprint_takes_are_found() {
        assert!(accepts_aws((5, 100, 0)) && accepts_aws((6, 20, 1)));
        assert!(!accepts_aws((5, 99, 1)) && !accepts_aws((7, 0, 0)));
    }
}
