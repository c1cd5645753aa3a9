//! What the service checks before a connector starts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::plugins::{self, Plugin};
use super::{Place, config};
use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply};
use crate::field::text;
use crate::mask::MASK;

/// Errors by key, in the order of keys.
pub(crate) type Errors = BTreeMap<String, Vec<String>>;

/// Keys that every connector needs.
const REQUIRED: &[&str] = &["connector.class", "name"];

/// The validate call.
pub(crate) fn answer(cloud: &Cloud, place: &Place, class: &str, sent: &Value) -> Answer {
    let plugin = plugins::find(class)
        .ok_or_else(|| Refusal::new(404, format!("connector plugin {class} was not found")))?;
    let mut config = config::read(sent)?;
    // Tools validate a change of a config that they have read back, masked.
    let known = cloud.connectors.get(&place.cluster);
    if let Some(connector) = config.get("name").and_then(|name| known?.get(name)) {
        config::keep_masked(&mut config, &connector.config);
    }
    let mut errors = check(cloud, place, plugin, &config);
    if config.get("connector.class").is_some_and(|named| named != class) {
        errors.entry("connector.class".to_owned()).or_default().push(format!("the plugin is {class}"));
    }
    let mut keys: Vec<&str> = REQUIRED.iter().chain(plugin.required).copied().collect();
    keys.extend(plugin.values.iter().map(|(key, _)| *key));
    keys.extend(errors.keys().map(String::as_str));
    keys.extend(config.keys().map(String::as_str));
    keys.sort_unstable();
    keys.dedup();
    let configs: Vec<Value> = keys.into_iter().map(|key| definition(plugin, &config, &errors, key)).collect();
    let count: usize = errors.values().map(Vec::len).sum();
    Ok(Reply::ok(json!({"name": class, "groups": ["Connector"], "error_count": count, "configs": configs})))
}

fn definition(plugin: &Plugin, config: &BTreeMap<String, String>, errors: &Errors, key: &str) -> Value {
    let secret = plugins::is_secret(plugin.class, key);
    let value = config.get(key).map(|value| if secret { MASK } else { value.as_str() });
    let values =
        plugin.values.iter().find(|(name, _)| *name == key).map_or(&[] as &[&str], |(_, values)| *values);
    json!({
        "definition": {
            "name": key, "type": if secret { "PASSWORD" } else { "STRING" },
            "required": REQUIRED.contains(&key) || plugin.required.contains(&key), "default_value": "",
            "importance": "HIGH", "documentation": "", "group": "Connector", "width": "NONE", "display_name": key,
            "dependents": [], "order": 1, "alias": "",
        },
        "value": {
            "name": key, "value": value.unwrap_or_default(), "recommended_values": values,
            "errors": errors.get(key).cloned().unwrap_or_default(), "visible": true,
        },
        "metadata": {},
    })
}

/// All that is wrong with a config.
pub(crate) fn check(
    cloud: &Cloud,
    place: &Place,
    plugin: &Plugin,
    config: &BTreeMap<String, String>,
) -> Errors {
    let mut errors = Errors::new();
    let mut add = |key: &str, why: String| errors.entry(key.to_owned()).or_default().push(why);
    let set = |key: &str| config.get(key).map(String::as_str).filter(|value| !value.is_empty());
    for key in REQUIRED.iter().chain(plugin.required) {
        if set(key).is_none() {
            add(key, format!("\"{key}\" is required"));
        }
    }
    for (key, values) in plugin.values {
        if let Some(value) = set(key).filter(|value| !values.contains(value)) {
            add(key, format!("value {value} is invalid: valid values are {values:?}"));
        }
    }
    let positive = |tasks: &&str| tasks.parse::<u32>().is_ok_and(|tasks| tasks > 0);
    if let Some(tasks) = set("tasks.max").filter(|tasks| !positive(tasks)) {
        add("tasks.max", format!("{tasks} is not a number from 1"));
    }
    if plugin.kind == "sink" {
        check_topics(set("topics"), set("topics.regex"), set("errors.deadletterqueue.topic.name"), &mut add);
    }
    check_kafka_access(cloud, place, &set, &mut add);
    check_aws_access(cloud, place, plugin, &set, &mut add);
    errors
}

fn check_topics(
    topics: Option<&str>,
    regex: Option<&str>,
    dead_letters: Option<&str>,
    add: &mut impl FnMut(&str, String),
) {
    match (topics, regex) {
        (None, None) => add("topics", "one of \"topics\" and \"topics.regex\" is required".to_owned()),
        (Some(_), Some(_)) => {
            add("topics", "only one of \"topics\" and \"topics.regex\" can be set".to_owned())
        }
        _ => {}
    }
    let own = topics.unwrap_or_default().split(',').any(|topic| Some(topic.trim()) == dead_letters);
    if own && dead_letters.is_some() {
        let why = "a sink cannot consume its own dead letter queue".to_owned();
        add("errors.deadletterqueue.topic.name", why);
    }
}

fn check_kafka_access<'a>(
    cloud: &Cloud,
    place: &Place,
    set: &impl Fn(&str) -> Option<&'a str>,
    add: &mut impl FnMut(&str, String),
) {
    match set("kafka.auth.mode").unwrap_or("KAFKA_API_KEY") {
        "SERVICE_ACCOUNT" => match set("kafka.service.account.id") {
            None => {
                add("kafka.service.account.id", "required when kafka.auth.mode is SERVICE_ACCOUNT".to_owned())
            }
            Some(id) if cloud.live("service_account", id).is_none() => {
                add("kafka.service.account.id", format!("service account {id} was not found"));
            }
            Some(_) => {}
        },
        "KAFKA_API_KEY" => match (set("kafka.api.key"), set("kafka.api.secret")) {
            (Some(key), Some(secret)) => {
                let resource = cloud.live("api_key", key).and_then(|body| text(body, "spec.resource.id"));
                let good = cloud.secrets.get(key).is_some_and(|known| known == secret);
                if resource != Some(&place.cluster) || !good {
                    add(
                        "kafka.api.key",
                        "the key and secret are not valid for this Kafka cluster".to_owned(),
                    );
                }
            }
            (None, _) => add("kafka.api.key", "required when kafka.auth.mode is KAFKA_API_KEY".to_owned()),
            (_, None) => add("kafka.api.secret", "required when kafka.auth.mode is KAFKA_API_KEY".to_owned()),
        },
        other => {
            add("kafka.auth.mode", format!("value {other} is invalid: KAFKA_API_KEY or SERVICE_ACCOUNT"))
        }
    }
}

fn check_aws_access<'a>(
    cloud: &Cloud,
    place: &Place,
    plugin: &Plugin,
    set: &impl Fn(&str) -> Option<&'a str>,
    add: &mut impl FnMut(&str, String),
) {
    if !plugin.secret.contains(&"aws.secret.access.key") {
        return;
    }
    if set("authentication.method") != Some("IAM Roles") {
        for key in ["aws.access.key.id", "aws.secret.access.key"] {
            if set(key).is_none() {
                add(key, "required when authentication.method is Access Keys".to_owned());
            }
        }
        return;
    }
    match set("provider.integration.id") {
        None => add("provider.integration.id", "required when authentication.method is IAM Roles".to_owned()),
        Some(id) => {
            let theirs = cloud.live("provider_integration", id).and_then(|body| text(body, "environment.id"));
            if theirs != Some(&place.environment) {
                add("provider.integration.id", format!("provider integration {id} was not found"));
            }
        }
    }
}
