//! Checks a config before it is accepted: plugin, references, keys.

use std::sync::Arc;
use std::time::Duration;

use config::RawConfig;
use spec::Validation;

use crate::{Error, Parts, Result};

/// The longest that a check may take.
const LIMIT: Duration = Duration::from_secs(90);

/// Checks a config, as sent. The answer shows references, never what they stand for (invariant 5).
pub(crate) async fn validate(parts: &Arc<Parts>, sent: RawConfig) -> Result<Validation> {
    spec::connector_plugin(&sent, &*parts.registry).map_err(|problem| Error::Refused(problem.to_string()))?;
    let resolved = parts.resolve(&sent).await.map_err(|error| Error::Refused(error.to_string()))?;
    let parts = parts.clone();
    // Plugins have a say in it: a panic or a long loop of theirs must not take the herder's thread.
    let checked = tokio::task::spawn_blocking(move || {
        let Parts { registry, defaults, policy, .. } = &*parts;
        spec::validate(&resolved.config, &**registry, defaults, policy)
            .with_references(&sent, &resolved.config)
            .scrubbed(|text| resolved.redactor.scrub(text).into_owned())
    });
    match tokio::time::timeout(LIMIT, checked).await {
        Ok(Ok(validation)) => Ok(validation),
        Ok(Err(_)) => Err(Error::Failed("the plugin panicked while it checked the config".to_owned())),
        Err(_) => Err(Error::TimedOut(format!("the config was not checked within {} s", LIMIT.as_secs()))),
    }
}

/// Refuses a config that is not valid, in Kafka Connect's words.
pub(crate) async fn check(parts: &Arc<Parts>, config: &RawConfig) -> Result<()> {
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
