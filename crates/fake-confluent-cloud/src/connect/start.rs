//! Starting a connector: what is checked, and what a start does elsewhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::{Connector, State};
use super::{Place, offsets, plugins, validate};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::kafka::topics::Topic;

/// Makes a connector that provisions.
pub(crate) fn start(
    cloud: &mut Cloud,
    place: &Place,
    name: &str,
    config: BTreeMap<String, String>,
    offsets: Vec<Value>,
) -> Result<(), Refusal> {
    check(cloud, place, name, &config)?;
    let id = cloud.ids.next("lcc");
    let mut connector = Connector {
        id,
        config,
        state: State::Provisioning,
        trace: String::new(),
        next: None,
        offsets: Vec::new(),
        offset_change: None,
    };
    if !offsets.is_empty() {
        offsets::check(&connector, &offsets)?;
        connector.offsets = offsets;
    }
    make_dead_letter_topic(cloud, place, &connector);
    launch(cloud, name, &mut connector);
    cloud.connectors.entry(place.cluster.clone()).or_default().insert(name.to_owned(), connector);
    note_usage(cloud, place, name);
    Ok(())
}

/// It provisions and then runs, unless a test wants it to fail.
pub(crate) fn launch(cloud: &mut Cloud, name: &str, connector: &mut Connector) {
    let failure = cloud.failures.of_connector(name);
    let target = if failure.is_some() { State::Failed } else { State::Running };
    connector.trace = failure.unwrap_or_default();
    connector.state = State::Provisioning;
    connector.await_reads(cloud.options.pending_reads, target);
}

/// Refuses a config, with all that is wrong in it.
pub(crate) fn check(
    cloud: &Cloud,
    place: &Place,
    name: &str,
    config: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let class = config.get("connector.class").map_or("", String::as_str);
    if class.is_empty() {
        return Err(Refusal::bad("connector.class is required"));
    }
    let plugin =
        plugins::find(class).ok_or_else(|| Refusal::bad(format!("connector.class {class} is no plugin")))?;
    if config.get("name").is_some_and(|named| named != name) {
        return Err(Refusal::bad(format!("name in the config must be {name}, the name of the connector")));
    }
    let errors = validate::check(cloud, place, plugin, config);
    if errors.is_empty() {
        return Ok(());
    }
    let text: Vec<String> = errors.iter().map(|(key, why)| format!("{key}: {}", why.join("; "))).collect();
    Err(Refusal::bad(format!("the config is invalid: {}", text.join(", "))))
}

/// A sink's dead letters get a topic of their own in the customer's cluster; it stays when the sink goes.
fn make_dead_letter_topic(cloud: &mut Cloud, place: &Place, connector: &Connector) {
    if connector.kind() != "sink" {
        return;
    }
    let name =
        connector.config.get("errors.deadletterqueue.topic.name").map_or("dlq-${connector}", String::as_str);
    let name = name.replace("${connector}", &connector.id);
    let topics = cloud.kafka.get_mut(&place.cluster).map(|kafka| &mut kafka.topics);
    if let Some(topics) = topics.filter(|_| !name.is_empty()) {
        topics.entry(name).or_insert(Topic { partitions: 1, config: BTreeMap::new(), deleting: None });
    }
}

/// Provider integrations know who uses them.
pub(crate) fn note_usage(cloud: &mut Cloud, place: &Place, name: &str) {
    let connectors = cloud.connectors.get(&place.cluster);
    let used = connectors.and_then(|all| all.get(name)?.config.get("provider.integration.id").cloned());
    let crn = json!(place.crn(name));
    for (id, object) in cloud.objects.entry("provider_integration").or_default() {
        let Some(usages) = object.body["usages"].as_array_mut() else { continue };
        usages.retain(|usage| *usage != crn);
        if Some(id) == used.as_ref() {
            usages.push(crn.clone());
        }
    }
}
