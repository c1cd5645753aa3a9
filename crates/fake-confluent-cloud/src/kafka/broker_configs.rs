//! Settings of a whole cluster, which only a Dedicated one has.

use serde_json::{Value, json};

use super::topic_configs::alter;
use super::{Kafka, Place, not_found};
use crate::exchange::{Answer, Refusal, Reply, Request};

/// What may be set, with defaults.
const SETTINGS: &[(&str, &str)] = &[
    ("auto.create.topics.enable", "false"),
    ("log.cleaner.max.compaction.lag.ms", "9223372036854775807"),
    ("log.retention.ms", "604800000"),
    ("num.partitions", "6"),
    ("ssl.cipher.suites", ""),
];

pub(crate) fn route(
    kafka: &mut Kafka,
    place: &Place,
    request: &Request,
    kind: &str,
    rest: &[&str],
    dedicated: bool,
) -> Answer {
    let config = &mut kafka.config;
    match (request.method.as_str(), kind, rest) {
        ("GET", "broker-configs", []) => {
            let set = config.iter().map(|(name, value)| show(place, name, value, true));
            let rest = SETTINGS.iter().filter(|(name, _)| !config.contains_key(*name));
            let data = set.chain(rest.map(|(name, value)| show(place, name, value, false))).collect();
            Ok(Reply::ok(place.list("KafkaClusterConfigList", "broker-configs", data)))
        }
        ("GET", "broker-configs", [name]) => {
            check(name, "")?;
            let default = SETTINGS.iter().find(|(known, _)| known == name).map_or("", |(_, value)| *value);
            let set = config.get(*name);
            Ok(Reply::ok(show(place, name, set.map_or(default, String::as_str), set.is_some())))
        }
        (_, "broker-configs" | "broker-configs:alter", _) if !dedicated => {
            Err(Refusal::coded(40301, "only a Dedicated cluster has settings that can be changed"))
        }
        ("POST", "broker-configs:alter", []) => alter(config, &request.body, check),
        ("PUT", "broker-configs", [name]) => {
            check(name, "")?;
            let value = request.body["value"].as_str().unwrap_or_default();
            config.insert((*name).to_owned(), value.to_owned());
            Ok(Reply::empty(204))
        }
        ("DELETE", "broker-configs", [name]) => {
            check(name, "")?;
            config.remove(*name);
            Ok(Reply::empty(204))
        }
        _ => Err(not_found()),
    }
}

fn check(name: &str, _value: &str) -> Result<(), Refusal> {
    match SETTINGS.iter().any(|(known, _)| *known == name) {
        true => Ok(()),
        false => Err(Refusal::coded(
            40002,
            format!("Cluster config {name} cannot be read or changed in Confluent Cloud"),
        )),
    }
}

fn show(place: &Place, name: &str, value: &str, set: bool) -> Value {
    let source = if set { "DYNAMIC_DEFAULT_BROKER_CONFIG" } else { "DEFAULT_CONFIG" };
    json!({
        "kind": "KafkaClusterConfig",
        "metadata": place.metadata(&format!("broker-configs/{name}"), &format!("broker-config={name}")),
        "cluster_id": place.cluster, "config_type": "BROKER", "name": name, "value": value, "is_default": !set,
        "is_read_only": false, "is_sensitive": false, "source": source,
        "synonyms": [{"name": name, "value": value, "source": source}],
    })
}
