//! A connector's config: where it is sent, what of an answer is ours, and whether the plugin takes it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::{Value as Json, json};

use crate::cloud::{Api, path};
use crate::json::{at, text};
use crate::value::Value;

/// Keys that the service adds to a config and that are no drift.
const ADDED_BY_SERVICE: [&str; 11] = [
    "cloud.environment",
    "cloud.provider",
    "confluent.custom.plugin.type",
    "confluent.resource.connector.tier",
    "connector.crn",
    "kafka.dedicated",
    "kafka.endpoint",
    "kafka.max.partition.validation.disable",
    "kafka.region",
    "schema.registry.url",
    "valid.kafka.api.key",
];
const INTERNAL: &str = "config.internal.";
/// A value that begins with this is masked.
const MASK: &str = "**";

/// The path of all connectors of a cluster.
pub fn connectors(state: &Value) -> String {
    let (environment, cluster) = (state.text("environment.0.id"), state.text("kafka_cluster.0.id"));
    path(&["connect", "v1", "environments", environment, "clusters", cluster, "connectors"])
}

/// The name, without which there is no connector.
pub fn name(state: &Value) -> Result<String> {
    let name = state.texts("config_nonsensitive").remove("name").unwrap_or_default();
    if name.is_empty() {
        bail!("config_nonsensitive has no \"name\": it names the connector and cannot be changed later");
    }
    Ok(name)
}

/// The path of one connector, or of something below it.
pub fn one(state: &Value, name: &str, rest: &str) -> String {
    format!("{}{}{rest}", connectors(state), path(&[name]))
}

/// Both maps, as they are sent.
pub fn merged(state: &Value) -> BTreeMap<String, String> {
    let mut config = state.texts("config_nonsensitive");
    config.extend(state.texts("config_sensitive"));
    config
}

/// Puts what Connect tells into a state.
pub fn show(found: &Json, state: &mut Value) {
    let is_ours = |(name, value): &(&String, &Json)| {
        !ADDED_BY_SERVICE.contains(&name.as_str())
            && !name.starts_with(INTERNAL)
            && !value.as_str().unwrap_or_default().starts_with(MASK)
    };
    let config: BTreeMap<String, Value> = match at(found, "info.config") {
        Json::Object(config) => config
            .iter()
            .filter(is_ours)
            .map(|(name, value)| (name.clone(), Value::from(value.as_str().unwrap_or_default())))
            .collect(),
        _ => BTreeMap::new(),
    };
    state.set("config_nonsensitive", config);
    state.set("status", text(&found["status"]["connector"], "state"));
    state.set("id", text(&found["id"], "id"));
}

/// Asks the plugin whether it takes this config.
pub fn validate(api: &Api, state: &Value, config: &BTreeMap<String, String>) -> Result<()> {
    match config.get("confluent.connector.type").map_or("", String::as_str) {
        "" | "MANAGED" => {}
        // Custom plugins have no such call.
        "CUSTOM" if config.contains_key("confluent.custom.plugin.id") => return Ok(()),
        "CUSTOM" => {
            bail!("config_nonsensitive has no \"confluent.custom.plugin.id\", which a custom connector needs")
        }
        other => bail!("confluent.connector.type is {other}, expected MANAGED or CUSTOM"),
    }
    let class = config.get("connector.class").map_or("", String::as_str);
    if class.is_empty() {
        bail!("config_nonsensitive has no \"connector.class\": the id of the plugin, such as S3_SINK");
    }
    let (environment, cluster) = (state.text("environment.0.id"), state.text("kafka_cluster.0.id"));
    let plugins = path(&[
        "connect",
        "v1",
        "environments",
        environment,
        "clusters",
        cluster,
        "connector-plugins",
        class,
    ]);
    let answer = api.put(&format!("{plugins}/config/validate"), &json!(config))?;
    let mut problems = Vec::new();
    for key in at(&answer, "configs").as_array().into_iter().flatten() {
        for problem in at(key, "value.errors").as_array().into_iter().flatten() {
            problems.push(format!("{}: {}", text(key, "value.name"), problem.as_str().unwrap_or_default()));
        }
    }
    if at(&answer, "error_count").as_u64().unwrap_or(0) > 0 {
        bail!("the plugin {class} does not take this config:\n  {}", problems.join("\n  "));
    }
    Ok(())
}
