//! A connector's config as it is sent, kept and shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Place, plugins};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::text;
use crate::mask::MASK;

/// A config as sent. Values are strings; anything else is refused, as the API's description has it.
pub(crate) fn read(sent: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let object = sent.as_object().ok_or_else(|| Refusal::bad("config must be an object of strings"))?;
    object
        .iter()
        .map(|(key, value)| match value {
            Value::String(text) => Ok((key.clone(), text.clone())),
            other => Err(Refusal::bad(format!("config value of {key} must be a string, not {other}"))),
        })
        .collect()
}

/// A secret that comes back masked means "as it was": tools read a config, change a key and put all of it.
pub(crate) fn keep_masked(config: &mut BTreeMap<String, String>, was: &BTreeMap<String, String>) {
    for (key, value) in config {
        if let (MASK, Some(old)) = (value.as_str(), was.get(key)) {
            value.clone_from(old);
        }
    }
}

/// As it is read back: secrets masked, and with the keys that the service adds.
pub(crate) fn shown(cloud: &Cloud, place: &Place, name: &str, config: &BTreeMap<String, String>) -> Value {
    let class = config.get("connector.class").map_or("", String::as_str);
    let mut shown = added(cloud, place, name);
    for (key, value) in config {
        let value = if plugins::is_secret(class, key) { MASK } else { value };
        shown.insert(key.clone(), json!(value));
    }
    // It is what a client sent, but for the order.
    shown.sort_keys();
    Value::Object(shown)
}

/// Keys that nobody set. Clients must tell them from drift.
fn added(cloud: &Cloud, place: &Place, name: &str) -> Map<String, Value> {
    let cluster = cloud.live("kafka_cluster", &place.cluster).cloned().unwrap_or_default();
    let of = |path: &str| text(&cluster, path).unwrap_or_default().to_owned();
    let dedicated = of("spec.config.kind") == "Dedicated";
    let pairs = [
        ("cloud.environment", "prod".to_owned()),
        ("cloud.provider", of("spec.cloud").to_lowercase()),
        ("config.internal.connector.tenant", place.cluster.clone()),
        ("confluent.resource.connector.tier", "standard".to_owned()),
        ("connector.crn", place.crn(name)),
        ("kafka.dedicated", dedicated.to_string()),
        ("kafka.endpoint", of("spec.kafka_bootstrap_endpoint")),
        ("kafka.max.partition.validation.disable", "false".to_owned()),
        ("kafka.region", of("spec.region")),
        ("schema.registry.url", cloud.url.clone()),
        ("valid.kafka.api.key", "true".to_owned()),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value))).collect()
}
