//! Settings of a whole Dedicated cluster. A delete sends nothing: the values stay in the cluster.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::imported::kafka_state;
use super::{Failed, Resource};
use crate::cloud::{Cloud, path};
use crate::json::{at, text};
use crate::value::Value;

/// `confluent_kafka_cluster_config`
pub struct ClusterConfig;

fn configs(cluster: &str, rest: &str) -> String {
    format!("{}{rest}", path(&["kafka", "v3", "clusters", cluster, "broker-configs"]))
}

fn alter(cloud: &Cloud, state: &Value) -> Result<String> {
    let (cluster, api) = cloud.kafka_of(state)?;
    let data: Vec<Json> = state
        .texts("config")
        .into_iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    api.post(&configs(&cluster, ":alter"), &json!({ "data": data }))?;
    Ok(cluster)
}

impl Resource for ClusterConfig {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let cluster = alter(cloud, &state)?;
        state.set("id", cluster);
        Ok(self.read(cloud, state)?.context("the cluster is gone")?)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let (cluster, api) = cloud.kafka_of(&state)?;
        let found = match api.get(&configs(&cluster, "")) {
            Ok(found) => found,
            Err(failure) if failure.is_not_found() => return Ok(None),
            Err(failure) => return Err(failure.into()),
        };
        let entries = at(&found, "data").as_array().map_or(&[][..], Vec::as_slice);
        let own = entries.iter().filter(|entry| text(entry, "source") == "DYNAMIC_DEFAULT_BROKER_CONFIG");
        let config =
            own.map(|entry| (text(entry, "name").to_owned(), Value::from(text(entry, "value")))).collect();
        state.set("config", Value::Map(config));
        Ok(Some(state))
    }

    fn update(&self, cloud: &Cloud, prior: &Value, state: Value) -> Result<Value, Failed> {
        let new = state.texts("config");
        if let Some(removed) = prior.texts("config").into_keys().find(|name| !new.contains_key(name)) {
            let error = anyhow::anyhow!(
                "the cluster setting {removed} cannot be removed: set it to its default value"
            );
            return Err(error.into());
        }
        alter(cloud, &state)?;
        Ok(self.read(cloud, state)?.context("the cluster is gone")?)
    }

    fn delete(&self, _cloud: &Cloud, _state: &Value) -> Result<()> {
        Ok(())
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        if id.is_empty() {
            bail!("the id is that of a Kafka cluster");
        }
        let mut state = kafka_state(cloud, id)?;
        state.set("id", id);
        Ok(state)
    }
}
