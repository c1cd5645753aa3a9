//! What lies inside a Kafka cluster or a Schema Registry.

use anyhow::{Context, Result};

use crate::cloud::Cloud;
use crate::resource;
use crate::value::Value;

/// Reads what a resource of the same name and arguments would read.
pub fn by_resource(cloud: &Cloud, name: &str, mut config: Value) -> Result<Value> {
    let resource = resource::find(name).with_context(|| format!("{name} is no resource"))?;
    let place = if name == "confluent_tag" { "name" } else { "subject_name" };
    let registry = cloud.registry_of(&config)?.0;
    let own = config.text(place);
    let id = if own.is_empty() { registry } else { format!("{registry}/{own}") };
    config.set("id", id);
    resource.read(cloud, config)?.with_context(|| format!("{name} was not found"))
}

/// `confluent_kafka_topic`
pub fn topic(cloud: &Cloud, mut config: Value) -> Result<Value> {
    let cluster = cloud.kafka_of(&config)?.0;
    let topic = config.text("topic_name").to_owned();
    config.set("id", format!("{cluster}/{topic}"));
    let resource = resource::find("confluent_kafka_topic").context("topics are no resource")?;
    resource.read(cloud, config)?.with_context(|| format!("the topic {topic} was not found"))
}

/// `confluent_schema`: one version, by the schema's number.
pub fn schema(cloud: &Cloud, mut config: Value) -> Result<Value> {
    let registry = cloud.registry_of(&config)?.0;
    let subject = config.text("subject_name").to_owned();
    let number = config.at("schema_identifier").to_json();
    config.set("id", format!("{registry}/{subject}/{number}"));
    let resource = resource::find("confluent_schema").context("schemas are no resource")?;
    resource.read(cloud, config)?.with_context(|| format!("the subject {subject} has no schema {number}"))
}
