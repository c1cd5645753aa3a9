//! Checks a config before it is accepted: plugin, references, keys.

use std::sync::Arc;
use std::time::Duration;

use config::RawConfig;
use secrets::{LogSecrets, Resolved};
use spec::Validation;

use crate::resolve::hide_passwords;
use crate::{ChecksOn, Error, Parts, Result};

/// The longest that a check may take.
const LIMIT: Duration = Duration::from_secs(90);

/// Checks a config, as sent. The answer shows references, never what they stand for (invariant 5). Whoever may have a
/// config checked need not be one whose connectors run here: nothing of it is remembered.
pub(crate) async fn validate(parts: &Arc<Parts>, sent: RawConfig) -> Result<Validation> {
    spec::connector_plugin(&sent, &*parts.registry).map_err(|problem| Error::Refused(problem.to_string()))?;
    let resolved = tokio::time::timeout(LIMIT, parts.providers.resolve(&sent)).await.map_err(|_| {
        Error::TimedOut(format!("what the config refers to was not looked up within {} s", LIMIT.as_secs()))
    })?;
    let resolved = resolved.map_err(|error| Error::Refused(error.to_string()))?;
    let parts = parts.clone();
    // Plugins have a say in it, and a config may be large: a panic or a long loop must not take the herder's thread.
    let checks = parts.checks;
    let check = move || {
        let Resolved { config, mut redactor, .. } = resolved;
        let validation = LogSecrets::without(Arc::new(redactor.clone()), || parts.checked(&config));
        hide_passwords(&validation, &config, &mut redactor);
        validation.with_references(&sent, &config).scrubbed(&sent, |text| redactor.scrub(text).into_owned())
    };
    if checks == ChecksOn::ThisThread {
        return Ok(check());
    }
    match tokio::time::timeout(LIMIT, tokio::task::spawn_blocking(check)).await {
        Ok(Ok(validation)) => Ok(validation),
        Ok(Err(_)) => Err(Error::Failed("the plugin panicked while it checked the config".to_owned())),
        Err(_) => Err(Error::TimedOut(format!("the config was not checked within {} s", LIMIT.as_secs()))),
    }
}

/// Refuses a config that is not valid, in Kafka Connect's words.
pub(crate) async fn check(parts: &Arc<Parts>, config: &RawConfig) -> Result<()> {
    // Clients and proxies take such a segment of a path as a step in it: no request by this name would arrive here.
    if let Some(name) = config.get("name").map(str::trim).filter(|name| matches!(*name, "." | "..")) {
        return Err(Error::Refused(format!(
            "Invalid value {name} for configuration name: a path cannot have it as a segment, so no request would reach \
             the connector; choose another name"
        )));
    }
    let validation = validate(parts, config.clone()).await?;
    if validation.is_valid() {
        let name = config.get("name").unwrap_or_default();
        for warning in &validation.warnings {
            tracing::warn!(connector = name, "{}: {}", warning.key, warning.text);
        }
        return Ok(());
    }
    // Kafka's texts name their key; what a plugin says may not.
    let named = |name: &str, error: &String| match error.contains(name) {
        true => error.clone(),
        false => format!("{name}: {error}"),
    };
    let errors: Vec<String> = validation
        .configs
        .iter()
        .filter_map(|(_, value)| value.as_ref())
        .flat_map(|value| value.errors.iter().map(|error| named(&value.name, error)))
        .collect();
    Err(Error::Refused(format!(
        "Connector configuration is invalid and contains the following {} error(s):\n{}\nYou can also find the above \
         list of errors at the endpoint `/connector-plugins/{{connectorType}}/config/validate`",
        validation.error_count,
        errors.join("\n")
    )))
}
