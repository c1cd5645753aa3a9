//! The whole state as JSON.

use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use crate::control::COLLECTIONS;
use crate::{kafka, mask, registry};

/// Everything, secrets masked, and `counts` of what clients made: a kind that has none is not in it, so `{}` means that
/// all is gone.
pub(crate) fn dump(cloud: &Cloud) -> Value {
    let mut state = Map::new();
    let mut counts = Map::new();
    for collection in COLLECTIONS {
        let name = collection.shape().name;
        let objects: Map<String, Value> = cloud
            .all(name)
            .map(|(id, object)| {
                let mut shown = object.body.clone();
                if object.is_deleting() {
                    shown["deleting"] = json!(true);
                }
                if object.built_in {
                    shown["built_in"] = json!(true);
                }
                (id.clone(), shown)
            })
            .collect();
        count(&mut counts, name, cloud.all(name).filter(|(_, it)| !it.built_in && !it.is_deleting()).count());
        state.insert(name.to_owned(), Value::Object(objects));
    }
    kafka_state(cloud, &mut state, &mut counts);
    registry_state(cloud, &mut state, &mut counts);
    connect_state(cloud, &mut state, &mut counts);
    state.insert("counts".to_owned(), Value::Object(counts));
    let known: Vec<&str> = cloud.secrets.values().map(String::as_str).collect();
    mask::masked(&Value::Object(state), &known, &|_| false)
}

fn count(counts: &mut Map<String, Value>, name: &str, number: usize) {
    let before = counts.get(name).and_then(Value::as_u64).unwrap_or(0);
    if number > 0 {
        counts.insert(name.to_owned(), json!(before + number as u64));
    }
}

fn kafka_state(cloud: &Cloud, state: &mut Map<String, Value>, counts: &mut Map<String, Value>) {
    let (mut topics, mut acls, mut configs) = (Map::new(), Map::new(), Map::new());
    for (id, kafka) in &cloud.kafka {
        let place = kafka::Place { url: cloud.url.clone(), cluster: id.clone() };
        let live = kafka.topics.iter().filter(|(_, topic)| topic.deleting.is_none());
        let theirs: Map<String, Value> = live
            .map(|(name, topic)| {
                (name.clone(), json!({"partitions_count": topic.partitions, "config": topic.config}))
            })
            .collect();
        count(counts, "kafka_topic", theirs.len());
        count(counts, "kafka_acl", kafka.acls.len());
        topics.insert(id.clone(), Value::Object(theirs));
        acls.insert(id.clone(), kafka.acls.iter().map(|acl| kafka::acls::show(&place, acl)).collect());
        configs.insert(id.clone(), json!(kafka.config));
    }
    state.insert("kafka_topic".to_owned(), Value::Object(topics));
    state.insert("kafka_acl".to_owned(), Value::Object(acls));
    state.insert("kafka_cluster_config".to_owned(), Value::Object(configs));
}

fn registry_state(cloud: &Cloud, state: &mut Map<String, Value>, counts: &mut Map<String, Value>) {
    let mut names: [(&str, Map<String, Value>); 5] =
        ["schema", "subject_config", "subject_mode", "tag", "tag_binding"].map(|name| (name, Map::new()));
    for (id, registry) in &cloud.registries {
        let schemas: Vec<Value> = registry
            .subjects
            .iter()
            .flat_map(|(subject, versions)| versions.iter().map(move |version| (subject, version)))
            .map(|(subject, version)| {
                let mut shown = registry::show(subject, version);
                shown["deleted"] = json!(version.deleted);
                shown
            })
            .collect();
        let live = schemas.iter().filter(|schema| schema["deleted"] == false).count();
        let sizes = [
            live,
            registry.configs.len(),
            registry.modes.len(),
            registry.tags.len(),
            registry.tag_bindings.len(),
        ];
        let bindings: Vec<&Value> = registry.tag_bindings.values().collect();
        let values = [
            json!(schemas),
            json!(registry.configs),
            json!(registry.modes),
            json!(registry.tags),
            json!(bindings),
        ];
        for (((name, all), size), value) in names.iter_mut().zip(sizes).zip(values) {
            count(counts, name, size);
            all.insert(id.clone(), value);
        }
    }
    state.extend(names.map(|(name, all)| (name.to_owned(), Value::Object(all))));
}

fn connect_state(cloud: &Cloud, state: &mut Map<String, Value>, counts: &mut Map<String, Value>) {
    let mut all = Map::new();
    for (cluster, connectors) in &cloud.connectors {
        count(counts, "connector", connectors.len());
        let theirs: Map<String, Value> = connectors
            .iter()
            .map(|(name, connector)| {
                let class = connector.class();
                let config: Map<String, Value> = connector
                    .config
                    .iter()
                    .map(|(key, value)| {
                        let secret = crate::connect::plugins::is_secret(class, key);
                        (key.clone(), json!(if secret { mask::MASK } else { value }))
                    })
                    .collect();
                let shown = json!({
                    "id": connector.id, "config": config, "state": connector.state.name(),
                    "trace": connector.trace, "offsets": connector.offsets,
                });
                (name.clone(), shown)
            })
            .collect();
        all.insert(cluster.clone(), Value::Object(theirs));
    }
    state.insert("connector".to_owned(), Value::Object(all));
}
