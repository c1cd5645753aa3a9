//! Topics.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Kafka, Place, not_found, setting};
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::{at, text};

/// Partitions of a topic for which none are named.
const PARTITIONS_DEFAULT: u64 = 6;
/// Replicas of every topic.
const REPLICAS: u64 = 3;
const NAME_MAX: usize = 249;

/// A topic.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub partitions: u64,
    /// Settings that were set; the others have their defaults.
    pub config: BTreeMap<String, String>,
    /// Reads that still find it after its deletion.
    pub deleting: Option<u32>,
}

fn unknown() -> Refusal {
    Refusal::coded(40403, "This server does not host this topic-partition.")
}

/// The topic, unless it is gone or on its way out.
pub(crate) fn live<'a>(kafka: &'a mut Kafka, name: &str) -> Result<&'a mut Topic, Refusal> {
    kafka.topics.get_mut(name).filter(|topic| topic.deleting.is_none()).ok_or_else(unknown)
}

pub(crate) fn route(
    kafka: &mut Kafka,
    place: &Place,
    request: &Request,
    rest: &[&str],
    delete_reads: u32,
) -> Answer {
    match (request.method.as_str(), rest) {
        ("GET", []) => {
            let live = kafka.topics.iter().filter(|(_, topic)| topic.deleting.is_none());
            let data = live.map(|(name, topic)| show(place, name, topic)).collect();
            Ok(Reply::ok(place.list("KafkaTopicList", "topics", data)))
        }
        ("POST", []) => create(kafka, place, &request.body),
        ("GET", [name]) => read(kafka, place, name),
        ("PATCH", [name]) => grow(kafka, place, name, &request.body),
        ("DELETE", [name]) => {
            let topic = live(kafka, name)?;
            match delete_reads {
                0 => drop(kafka.topics.remove(*name)),
                reads => topic.deleting = Some(reads),
            }
            Ok(Reply::empty(204))
        }
        ("GET", [name, "partitions"]) => {
            let count = live(kafka, name)?.partitions;
            let data = (0..count).map(|partition| show_partition(place, name, partition)).collect();
            Ok(Reply::ok(place.list("KafkaPartitionList", &format!("topics/{name}/partitions"), data)))
        }
        ("GET", [name, "partitions", partition]) => {
            let count = live(kafka, name)?.partitions;
            match partition.parse() {
                Ok(partition) if partition < count => Ok(Reply::ok(show_partition(place, name, partition))),
                _ => Err(unknown()),
            }
        }
        _ => Err(not_found()),
    }
}

fn read(kafka: &mut Kafka, place: &Place, name: &str) -> Answer {
    let topic = kafka.topics.get_mut(name).ok_or_else(unknown)?;
    match &mut topic.deleting {
        Some(0) => {
            kafka.topics.remove(name);
            return Err(unknown());
        }
        Some(reads) => *reads -= 1,
        None => {}
    }
    Ok(Reply::ok(show(place, name, topic)))
}

fn create(kafka: &mut Kafka, place: &Place, sent: &Value) -> Answer {
    let name =
        text(sent, "topic_name").ok_or_else(|| Refusal::bad("topic_name must not be null or empty"))?;
    check_name(name)?;
    if kafka.topics.contains_key(name) {
        return Err(Refusal::coded(40002, format!("Topic '{name}' already exists.")));
    }
    let partitions = match at(sent, "partitions_count") {
        None => PARTITIONS_DEFAULT,
        Some(count) => count.as_u64().filter(|count| *count > 0).ok_or_else(|| {
            Refusal::coded(40002, "Number of partitions was set to an invalid non-positive value.")
        })?,
    };
    if at(sent, "replication_factor").is_some_and(|factor| factor.as_u64() != Some(REPLICAS)) {
        return Err(Refusal::coded(40002, format!("Topic replication factor must be {REPLICAS}")));
    }
    let mut config = BTreeMap::new();
    for pair in at(sent, "configs").and_then(Value::as_array).into_iter().flatten() {
        let key = text(pair, "name").ok_or_else(|| Refusal::bad("an entry of configs has no name"))?;
        let value = pair["value"].as_str().unwrap_or_default();
        setting::check(key, value)?;
        config.insert(key.to_owned(), value.to_owned());
    }
    let topic = Topic { partitions, config, deleting: None };
    let shown = show(place, name, &topic);
    if at(sent, "validate_only") == Some(&json!(true)) {
        return Ok(Reply::ok(shown));
    }
    kafka.topics.insert(name.to_owned(), topic);
    Ok(Reply::json(201, shown))
}

/// Characters and length as Kafka has them.
fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.len() > NAME_MAX || name == "." || name == ".." || !name.bytes().all(legal) {
        let message =
            format!("topic name {name} is illegal: at most {NAME_MAX} of letters, digits, '.', '_' and '-'");
        return Err(Refusal::coded(40002, message));
    }
    Ok(())
}

fn grow(kafka: &mut Kafka, place: &Place, name: &str, sent: &Value) -> Answer {
    let topic = live(kafka, name)?;
    let wanted = at(sent, "partitions_count").and_then(Value::as_u64).unwrap_or_default();
    if wanted <= topic.partitions {
        let message = format!("Topic already has {} partitions; {wanted} is not more.", topic.partitions);
        return Err(Refusal::coded(40002, message));
    }
    topic.partitions = wanted;
    Ok(Reply::ok(show(place, name, topic)))
}

pub(crate) fn show(place: &Place, name: &str, topic: &Topic) -> Value {
    let path = format!("topics/{name}");
    json!({
        "kind": "KafkaTopic", "metadata": place.metadata(&path, &format!("topic={name}")),
        "cluster_id": place.cluster, "topic_name": name, "is_internal": false, "replication_factor": REPLICAS,
        "partitions_count": topic.partitions, "partitions": place.related(&format!("{path}/partitions")),
        "configs": place.related(&format!("{path}/configs")),
        "partition_reassignments": place.related(&format!("{path}/partitions/-/reassignment")),
    })
}

fn show_partition(place: &Place, name: &str, partition: u64) -> Value {
    let path = format!("topics/{name}/partitions/{partition}");
    json!({
        "kind": "KafkaPartition", "metadata": place.metadata(&path, &format!("topic={name}/partition={partition}")),
        "cluster_id": place.cluster, "topic_name": name, "partition_id": partition,
        "leader": place.related(&format!("{path}/replicas/0")), "replicas": place.related(&format!("{path}/replicas")),
        "reassignment": place.related(&format!("{path}/reassignment")),
    })
}
