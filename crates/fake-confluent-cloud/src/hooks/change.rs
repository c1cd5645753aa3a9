//! Changing an object behind its owner's back: drift.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::connect::{Place, State};
use crate::control::COLLECTIONS;
use crate::control::life::remove;
use crate::field::{merge, text};

/// Applies `{kind, id | name, cluster?, patch}`: a JSON merge patch; `"patch": null` deletes the object.
///
/// # Errors
/// What is wrong with the request, or that there is no such object.
pub(crate) fn change(cloud: &mut Cloud, sent: &Value) -> Result<(), String> {
    let kind = text(sent, "kind").ok_or("kind is required")?;
    let id = text(sent, "id").or(text(sent, "name")).ok_or("id (or name) is required")?;
    let patch = sent.get("patch").ok_or("patch is required; null deletes the object")?;
    if !patch.is_object() && !patch.is_null() {
        return Err("patch must be an object, or null".to_owned());
    }
    let cluster = text(sent, "cluster");
    match kind {
        "kafka_topic" => topic(cloud, cluster, id, patch),
        "subject_config" => subject_config(cloud, id, patch),
        "connector" => connector(cloud, cluster, id, patch),
        _ => object(cloud, kind, id, patch),
    }
}

/// A control-plane object by id or by display name.
fn object(cloud: &mut Cloud, kind: &str, id: &str, patch: &Value) -> Result<(), String> {
    let collection =
        COLLECTIONS.iter().find(|collection| collection.shape().name == kind).ok_or_else(|| {
            let kinds: Vec<&str> = COLLECTIONS.iter().map(|collection| collection.shape().name).collect();
            format!("kind {kind} is none of {kinds:?}, kafka_topic, subject_config, connector")
        })?;
    let named = |body: &Value| text(body, "display_name").or(text(body, "spec.display_name")) == Some(id);
    let found = cloud
        .all(kind)
        .find(|(key, object)| key.as_str() == id || named(&object.body))
        .map(|(key, _)| key.clone())
        .ok_or_else(|| format!("there is no {kind} {id}"))?;
    if patch.is_null() {
        remove(*collection, cloud, &found);
        return Ok(());
    }
    if let Some(object) = cloud.objects.entry(collection.shape().name).or_default().get_mut(&found) {
        object.settle();
        merge(&mut object.body, patch);
    }
    Ok(())
}

/// `patch` has `partitions_count` and `config`, in which null puts a setting back to its default.
fn topic(cloud: &mut Cloud, cluster: Option<&str>, name: &str, patch: &Value) -> Result<(), String> {
    let mut clusters =
        cloud.kafka.iter_mut().filter(|(id, _)| cluster.is_none_or(|cluster| cluster == id.as_str()));
    let topics = clusters
        .find_map(|(_, kafka)| kafka.topics.contains_key(name).then_some(&mut kafka.topics))
        .ok_or_else(|| format!("there is no topic {name}"))?;
    if patch.is_null() {
        topics.remove(name);
        return Ok(());
    }
    if let Some(topic) = topics.get_mut(name) {
        if let Some(count) = patch["partitions_count"].as_u64() {
            topic.partitions = count;
        }
        patch_strings(&mut topic.config, &patch["config"])?;
    }
    Ok(())
}

fn subject_config(cloud: &mut Cloud, subject: &str, patch: &Value) -> Result<(), String> {
    let mut registries = cloud.registries.values_mut();
    let registry = registries
        .find(|registry| registry.configs.contains_key(subject))
        .ok_or_else(|| format!("there is no config of subject {subject}"))?;
    match patch.is_null() {
        true => drop(registry.configs.remove(subject)),
        false => merge(registry.configs.entry(subject.to_owned()).or_insert(json!({})), patch),
    }
    Ok(())
}

/// `patch` has `config` (null removes a key), `state`, `trace`, `offsets`.
fn connector(cloud: &mut Cloud, cluster: Option<&str>, name: &str, patch: &Value) -> Result<(), String> {
    let mut clusters =
        cloud.connectors.iter_mut().filter(|(id, _)| cluster.is_none_or(|cluster| cluster == id.as_str()));
    let (cluster, connector) = clusters
        .find_map(|(cluster, all)| Some((cluster.clone(), all.get_mut(name)?)))
        .ok_or_else(|| format!("there is no connector {name}"))?;
    if patch.is_null() {
        let environment =
            cloud.live("kafka_cluster", &cluster).and_then(|body| text(body, "spec.environment.id"));
        let place = Place { environment: environment.unwrap_or_default().to_owned(), cluster };
        crate::connect::remove(cloud, &place, name);
        return Ok(());
    }
    patch_strings(&mut connector.config, &patch["config"])?;
    if let Some(state) = text(patch, "state") {
        connector.state = State::parse(state).ok_or_else(|| format!("{state} is no state of a connector"))?;
        connector.next = None;
    }
    if let Some(trace) = patch["trace"].as_str() {
        connector.trace = trace.to_owned();
    }
    if let Some(offsets) = patch["offsets"].as_array() {
        connector.offsets.clone_from(offsets);
    }
    Ok(())
}

fn patch_strings(config: &mut BTreeMap<String, String>, patch: &Value) -> Result<(), String> {
    for (key, value) in patch.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(config.remove(key)),
            Value::String(text) => drop(config.insert(key.clone(), text.clone())),
            other => return Err(format!("the value of {key} must be a string or null, not {other}")),
        }
    }
    Ok(())
}
