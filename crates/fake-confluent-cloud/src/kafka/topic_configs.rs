//! Settings of topics over HTTP.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::setting::{self, SETTINGS, Setting};
use super::topics::live;
use super::{Kafka, Place, not_found};
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::{at, text};

pub(crate) fn route(
    kafka: &mut Kafka,
    place: &Place,
    request: &Request,
    topic: &str,
    kind: &str,
    rest: &[&str],
) -> Answer {
    let method = request.method.as_str();
    if let ("GET", "default-configs", []) = (method, kind, rest) {
        let data = SETTINGS.iter().map(|setting| show(place, topic, setting, None)).collect();
        let path = format!("topics/{topic}/default-configs");
        return Ok(Reply::ok(place.list("KafkaTopicConfigList", &path, data)));
    }
    let config = &mut live(kafka, topic)?.config;
    match (method, kind, rest) {
        ("GET", "configs", []) => Ok(Reply::ok(place.list(
            "KafkaTopicConfigList",
            &format!("topics/{topic}/configs"),
            all(place, topic, config),
        ))),
        ("GET", "configs", [name]) => {
            let setting = known(name)?;
            Ok(Reply::ok(show(place, topic, setting, config.get(*name))))
        }
        ("PUT", "configs", [name]) => {
            let value = request.body["value"].as_str().unwrap_or_default();
            setting::check(name, value)?;
            config.insert((*name).to_owned(), value.to_owned());
            Ok(Reply::empty(204))
        }
        ("DELETE", "configs", [name]) => {
            known(name)?;
            config.remove(*name);
            Ok(Reply::empty(204))
        }
        ("POST", "configs:alter", []) => alter(config, &request.body, setting::check),
        _ => Err(not_found()),
    }
}

/// Settings of all topics at once.
pub(crate) fn of_all(kafka: &Kafka, place: &Place, method: &str) -> Answer {
    if method != "GET" {
        return Err(not_found());
    }
    let topics = kafka.topics.iter().filter(|(_, topic)| topic.deleting.is_none());
    let data = topics.flat_map(|(name, topic)| all(place, name, &topic.config)).collect();
    Ok(Reply::ok(place.list("KafkaTopicConfigList", "topics/-/configs", data)))
}

/// Applies a batch: all of it or, when one entry is wrong, nothing.
pub(crate) fn alter(
    config: &mut BTreeMap<String, String>,
    sent: &Value,
    check: impl Fn(&str, &str) -> Result<(), Refusal>,
) -> Answer {
    let entries =
        at(sent, "data").and_then(Value::as_array).ok_or_else(|| Refusal::bad("data must be a list"))?;
    let mut changed = config.clone();
    for entry in entries {
        let name = text(entry, "name").ok_or_else(|| Refusal::bad("an entry of data has no name"))?;
        match text(entry, "operation").unwrap_or("SET") {
            "SET" => {
                let value = entry["value"].as_str().unwrap_or_default();
                check(name, value)?;
                changed.insert(name.to_owned(), value.to_owned());
            }
            "DELETE" => drop(changed.remove(name)),
            other => return Err(Refusal::bad(format!("operation must be SET or DELETE, not {other}"))),
        }
    }
    if at(sent, "validate_only") != Some(&json!(true)) {
        *config = changed;
    }
    Ok(Reply::empty(204))
}

fn known(name: &str) -> Result<&'static Setting, Refusal> {
    setting::find(name)
        .map_err(|_| Refusal::new(404, format!("Config {name} cannot be found for this topic.")))
}

fn all(place: &Place, topic: &str, config: &BTreeMap<String, String>) -> Vec<Value> {
    SETTINGS.iter().map(|setting| show(place, topic, setting, config.get(setting.name))).collect()
}

fn show(place: &Place, topic: &str, setting: &Setting, set: Option<&String>) -> Value {
    let Setting { name, default, editable, .. } = *setting;
    let source = if set.is_some() { "DYNAMIC_TOPIC_CONFIG" } else { "DEFAULT_CONFIG" };
    let value = set.map_or(default, String::as_str);
    json!({
        "kind": "KafkaTopicConfig",
        "metadata": place.metadata(&format!("topics/{topic}/configs/{name}"), &format!("topic={topic}/config={name}")),
        "cluster_id": place.cluster, "topic_name": topic, "name": name, "value": value, "is_default": set.is_none(),
        "is_read_only": !editable, "is_sensitive": false, "source": source,
        "synonyms": [{"name": name, "value": value, "source": source}],
    })
}
