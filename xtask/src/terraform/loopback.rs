//! Nothing is applied but on loopback.
//!
//! Three things are looked at before an apply: the environment of the command, the provider blocks of the root, and
//! the plan itself, which carries the values of the variables.

use std::net::IpAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};
use serde_json::Value;

/// The one variable of the environment by which the AWS provider finds every service.
pub const AWS_ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The variable of every root by which the Confluent provider finds its API.
pub const CONFLUENT_ENDPOINT: &str = "confluent_endpoint";

/// Accepts `http://` and an address of this machine, nothing else.
///
/// # Errors
/// It is anything else.
pub fn require(url: &str) -> anyhow::Result<()> {
    let refused = || format!("{url:?} is not on loopback: nothing is applied to it");
    let rest = url.strip_prefix("http://").with_context(refused)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A user part would hide the host: http://127.0.0.1@elsewhere.
    ensure!(!authority.contains('@'), refused());
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_ours = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    ensure!(is_ours, refused());
    Ok(())
}

/// The command's environment sends every AWS service to loopback.
///
/// # Errors
/// The endpoint is missing or elsewhere, or a service has one of its own.
pub fn check_environment(command: &Command) -> anyhow::Result<()> {
    let mut found = false;
    for (name, value) in command.get_envs() {
        let Some(name) = name.to_str() else { continue };
        let Some(value) = value else { continue };
        if name == AWS_ENDPOINT {
            require(&value.to_string_lossy())?;
            found = true;
        } else if name.starts_with(AWS_ENDPOINT)
            || name == "AWS_PROFILE"
            || name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
        {
            bail!("{name} is set: it could lead an AWS service elsewhere");
        }
    }
    ensure!(found, "{AWS_ENDPOINT} is not set: AWS services would be looked for outside");
    Ok(())
}

/// The root's provider blocks take their endpoints from where we set them.
///
/// # Errors
/// A block has an endpoint of its own, or none.
pub fn check_providers(folder: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "tf") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let body: Body = text.parse().with_context(|| format!("{} is not HCL", path.display()))?;
        for block in body.get_blocks("provider") {
            check_provider(block).with_context(|| format!("{}", path.display()))?;
        }
    }
    Ok(())
}

fn check_provider(block: &Block) -> anyhow::Result<()> {
    match block.labels.first().map(|label| label.as_str()) {
        Some("confluent") => {
            let endpoint = block.body.get_attribute("endpoint").map(|attribute| &attribute.value);
            let ours = endpoint.is_some_and(|value| is_variable(value, CONFLUENT_ENDPOINT));
            ensure!(ours, "provider \"confluent\" must have endpoint = var.{CONFLUENT_ENDPOINT}");
        }
        Some("aws") => {
            let elsewhere = ["endpoints", "assume_role", "assume_role_with_web_identity"];
            let named: Vec<_> = elsewhere.iter().filter(|name| block.body.has_blocks(name)).collect();
            ensure!(named.is_empty(), "provider \"aws\" has {named:?}, which could lead elsewhere");
            for attribute in ["profile", "shared_config_files", "shared_credentials_files"] {
                ensure!(!block.body.has_attribute(attribute), "provider \"aws\" has {attribute}");
            }
        }
        Some(other) => bail!("provider {other:?} is not known to stay on loopback"),
        None => bail!("a provider block has no name"),
    }
    Ok(())
}

fn is_variable(value: &Expression, name: &str) -> bool {
    value.to_string().trim() == format!("var.{name}")
}

/// The plan was made for a Confluent Cloud on loopback.
///
/// # Errors
/// It has a Confluent provider and no such endpoint.
pub fn check_plan(plan: &Value) -> anyhow::Result<()> {
    let uses_confluent = plan["configuration"]["provider_config"]
        .as_object()
        .is_some_and(|providers| providers.values().any(|provider| provider["name"] == "confluent"));
    match plan["variables"][CONFLUENT_ENDPOINT]["value"].as_str() {
        Some(url) => require(url),
        None if uses_confluent => {
            bail!("the plan has no {CONFLUENT_ENDPOINT}: it would go to the public API")
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in ["http://127.0.0.1:80", "http://127.9.0.1/x", "http://localhost:1", "http://[::1]:5000"] {
            require(url).unwrap();
        }
        for url in [
            "https://api.example.com",
            "http://10.0.0.1:80",
            "http://127.0.0.1@example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://0.0.0.0:80",
            "127.0.0.1:80",
            "",
        ] {
            assert!(require(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_environment_without_our_endpoint_is_refused() {
        let mut command = Command::new("x");
        assert!(check_environment(&command).is_err());
        command.env(AWS_ENDPOINT, "http://127.0.0.1:1");
        check_environment(&command).unwrap();
        command.env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1");
        assert!(check_environment(&command).is_err());
        command.env_remove("AWS_ENDPOINT_URL_S3").env(AWS_ENDPOINT, "https://example.com");
        assert!(check_environment(&command).is_err());
    }

    fn providers(text: &str) -> anyhow::Result<()> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), text).unwrap();
        check_providers(folder.path())
    }

    #[test]
    fn provider_blocks_must_take_our_endpoints() {
        providers("provider \"confluent\" {\n  endpoint = var.confluent_endpoint\n}\n").unwrap();
        providers("provider \"aws\" {\n  region = var.region\n}\n").unwrap();
        for text in [
            "provider \"confluent\" {\n}\n",
            "provider \"confluent\" {\n  endpoint = \"https://api.example.com\"\n}\n",
            "provider \"aws\" {\n  endpoints {\n    s3 = \"https://example.com\"\n  }\n}\n",
            "provider \"aws\" {\n  profile = \"prod\"\n}\n",
            "provider \"google\" {\n}\n",
        ] {
            assert!(providers(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_plan_for_the_public_api_is_refused() {
        let provider = json!({"provider_config": {"confluent": {"name": "confluent"}}});
        let with = |url: Value| json!({"configuration": provider, "variables": {"confluent_endpoint": {"value": url}}});
        check_plan(&with(json!("http://127.0.0.1:1"))).unwrap();
        assert!(check_plan(&with(json!("https://api.example.com"))).is_err());
        assert!(check_plan(&with(Value::Null)).is_err());
        check_plan(&json!({"configuration": {"provider_config": {"aws": {"name": "aws"}}}})).unwrap();
    }
}
