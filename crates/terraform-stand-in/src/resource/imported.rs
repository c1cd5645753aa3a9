//! Where an import finds the cluster of a topic, an ACL or a schema: in the provider block, or in variables of the
//! environment, since the id names neither address nor credentials.

use anyhow::{Result, bail};

use crate::cloud::{Cloud, Place};
use crate::json::element;
use crate::value::Value;

/// A state that leads to Kafka REST of a cluster.
pub fn kafka_state(cloud: &Cloud, cluster: &str) -> Result<Value> {
    state(&cloud.kafka, cluster, "kafka_cluster", "IMPORT_KAFKA")
}

/// A state that leads to a Schema Registry.
pub fn registry_state(cloud: &Cloud, cluster: &str) -> Result<Value> {
    state(&cloud.registry, cluster, "schema_registry_cluster", "IMPORT_SCHEMA_REGISTRY")
}

fn state(place: &Place, cluster: &str, block: &str, prefix: &str) -> Result<Value> {
    let mut state = Value::Map(Default::default());
    if place.id.is_empty() {
        state.set(block, element([("id", Value::from(cluster))]));
    }
    if place.is_set() {
        return Ok(state);
    }
    let variable = |name: &str| {
        let name = format!("{prefix}_{name}");
        match std::env::var(&name) {
            Ok(value) if !value.is_empty() => Ok(Value::from(value)),
            _ => bail!("set {name}: an import reads address and credentials from the environment"),
        }
    };
    state.set("rest_endpoint", variable("REST_ENDPOINT")?);
    state.set("credentials", element([("key", variable("API_KEY")?), ("secret", variable("API_SECRET")?)]));
    Ok(state)
}
