//! Kafka topics, by Kafka REST.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::imported::kafka_state;
use super::{Failed, Resource};
use crate::cloud::{Api, Cloud, Look, path, until};
use crate::json::{at, text};
use crate::plan::Plan;
use crate::problem::{Place, Problem};
use crate::value::Value;

/// `confluent_kafka_topic`
pub struct Topic;

/// Settings that can be changed after a topic was made. The service takes others at a create only.
const EDITABLE: [&str; 19] = [
    "cleanup.policy",
    "confluent.key.schema.validation",
    "confluent.key.subject.name.strategy",
    "confluent.schema.validation.context.name",
    "confluent.value.schema.validation",
    "confluent.value.subject.name.strategy",
    "delete.retention.ms",
    "max.compaction.lag.ms",
    "max.message.bytes",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.difference.max.ms",
    "message.timestamp.type",
    "min.compaction.lag.ms",
    "min.insync.replicas",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.ms",
];

fn topics(cluster: &str) -> String {
    path(&["kafka", "v3", "clusters", cluster, "topics"])
}

fn one(cluster: &str, state: &Value, rest: &str) -> String {
    format!("{}{}{rest}", topics(cluster), path(&[state.text("topic_name")]))
}

fn partitions(state: &Value) -> i64 {
    match state.at("partitions_count") {
        Value::Number(number) => number.as_i64().unwrap_or(0),
        _ => 0,
    }
}

/// The settings that were set on the topic itself, not those that it inherits.
fn read_settings(api: &Api, cluster: &str, state: &Value) -> Result<Value> {
    let answer = api.get(&one(cluster, state, "/configs"))?;
    let entries = at(&answer, "data").as_array().map_or(&[][..], Vec::as_slice);
    let own = entries.iter().filter(|entry| {
        text(entry, "source") == "DYNAMIC_TOPIC_CONFIG"
            && text(entry, "name") != "confluent.topic.type"
            && !at(entry, "value").is_null()
    });
    Ok(Value::Map(
        own.map(|entry| (text(entry, "name").to_owned(), Value::from(text(entry, "value")))).collect(),
    ))
}

fn alter(prior: &Value, state: &Value) -> Result<Vec<Json>> {
    let (old, new) = (prior.texts("config"), state.texts("config"));
    let removed = old.keys().filter(|name| !new.contains_key(*name)).map(|name| (name, None));
    let set = new
        .iter()
        .filter(|(name, value)| old.get(*name) != Some(value))
        .map(|(name, value)| (name, Some(value)));
    let changes: BTreeMap<&String, Option<&String>> = removed.chain(set).collect();
    changes
        .into_iter()
        .map(|(name, value)| {
            if !EDITABLE.contains(&name.as_str()) {
                bail!("the topic setting {name} cannot be changed after the topic was made");
            }
            Ok(match value {
                Some(value) => json!({"name": name, "value": value}),
                None => json!({"name": name, "operation": "DELETE"}),
            })
        })
        .collect()
}

impl Resource for Topic {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let (cluster, api) = cloud.kafka_of(&state)?;
        let configs: Vec<Json> = state
            .texts("config")
            .into_iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let body = json!({
            "topic_name": state.text("topic_name"), "partitions_count": partitions(&state), "configs": configs,
        });
        api.post(&topics(&cluster), &body)?;
        state.set("id", format!("{cluster}/{}", state.text("topic_name")));
        Ok(self.read(cloud, state)?.context("the topic was made but is not there")?)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let (cluster, api) = cloud.kafka_of(&state)?;
        match api.get(&one(&cluster, &state, "")) {
            Ok(answer) => {
                state.set("partitions_count", at(&answer, "partitions_count"));
                let settings = read_settings(&api, &cluster, &state)?;
                state.set("config", settings);
                Ok(Some(state))
            }
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, prior: &Value, mut state: Value) -> Result<Value, Failed> {
        let (cluster, api) = cloud.kafka_of(&state)?;
        if partitions(prior) != partitions(&state) {
            let grown =
                api.patch(&one(&cluster, &state, ""), &json!({"partitions_count": partitions(&state)}));
            if let Err(failure) = grown {
                state.set("partitions_count", prior.at("partitions_count").clone());
                return Err(Failed { state: Some(state), error: failure.into() });
            }
        }
        let changed = alter(prior, &state)?;
        if !changed.is_empty() {
            api.post(&one(&cluster, &state, "/configs:alter"), &json!({ "data": changed }))?;
        }
        Ok(self.read(cloud, state)?.context("the topic was changed but is not there")?)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        let (cluster, api) = cloud.kafka_of(state)?;
        let one = one(&cluster, state, "");
        api.delete(&one)?;
        until(cloud, "the deletion of the topic", || match api.get(&one) {
            Ok(_) => Ok(Look::Pending("there".to_owned())),
            Err(failure) if failure.is_not_found() => Ok(Look::Done(())),
            Err(failure) => Err(failure.into()),
        })
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        let (cluster, topic) =
            id.split_once('/').with_context(|| format!("the id {id:?} is not CLUSTER/TOPIC"))?;
        let mut state = kafka_state(cloud, cluster)?;
        state.set("topic_name", topic);
        state.set("id", id);
        Ok(state)
    }

    /// Partitions can only be added: fewer of them mean another topic, and the loss of its data.
    fn adjust(
        &self,
        _cloud: Option<&Cloud>,
        _config: &Value,
        prior: &Value,
        plan: &mut Plan,
    ) -> Result<(), Problem> {
        let is_known = plan.state.at("partitions_count").is_known();
        if *prior != Value::Null && is_known && partitions(&plan.state) < partitions(prior) {
            plan.replace.push(Place::default().name("partitions_count"));
        }
        Ok(())
    }
}
