//! Kafka REST v3 of all clusters: topics, their settings, ACLs, cluster settings.

pub(crate) mod acls;
mod broker_configs;
pub(crate) mod setting;
mod topic_configs;
pub(crate) mod topics;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply, Request};

/// What a cluster holds.
#[derive(Debug, Default)]
pub(crate) struct Kafka {
    pub topics: BTreeMap<String, topics::Topic>,
    pub acls: Vec<acls::Acl>,
    /// Settings of the cluster that were set (Dedicated only).
    pub config: BTreeMap<String, String>,
}

/// Answers a request to a cluster. Its key has been checked.
pub(crate) fn route(cloud: &mut Cloud, request: &Request) -> Answer {
    let (method, segments) = request.route();
    let ["kafka", "v3", "clusters", id, rest @ ..] = segments.as_slice() else { return Err(not_found()) };
    let place = Place { url: cloud.url.clone(), cluster: (*id).to_owned() };
    let dedicated = cloud
        .live("kafka_cluster", id)
        .is_some_and(|body| crate::field::text(body, "spec.config.kind") == Some("Dedicated"));
    let delete_reads = cloud.options.delete_reads;
    let Some(kafka) = cloud.kafka.get_mut(*id) else { return Err(not_found()) };
    match (method, rest) {
        ("GET", []) => Ok(Reply::ok(place.describe())),
        (_, ["topics", "-", "configs"]) => topic_configs::of_all(kafka, &place, method),
        (_, ["topics", name, kind @ ("configs" | "configs:alter" | "default-configs"), rest @ ..]) => {
            topic_configs::route(kafka, &place, request, name, kind, rest)
        }
        (_, ["topics", rest @ ..]) => topics::route(kafka, &place, request, rest, delete_reads),
        (_, [kind @ ("acls" | "acls:batch")]) => acls::route(kafka, &place, request, kind),
        (_, [kind @ ("broker-configs" | "broker-configs:alter"), rest @ ..]) => {
            broker_configs::route(kafka, &place, request, kind, rest, dedicated)
        }
        _ => Err(not_found()),
    }
}

pub(crate) fn not_found() -> Refusal {
    Refusal::new(404, "HTTP 404 Not Found")
}

/// Where a cluster's resources lie.
pub(crate) struct Place {
    pub url: String,
    pub cluster: String,
}

impl Place {
    pub fn link(&self, rest: &str) -> String {
        format!("{}/kafka/v3/clusters/{}/{rest}", self.url, self.cluster)
    }

    pub fn related(&self, rest: &str) -> Value {
        json!({"related": self.link(rest)})
    }

    /// Metadata of one resource; `name` is the part of its name below the cluster.
    pub fn metadata(&self, rest: &str, name: &str) -> Value {
        json!({"self": self.link(rest), "resource_name": format!("crn:///kafka={}/{name}", self.cluster)})
    }

    pub fn list(&self, kind: &str, rest: &str, data: Vec<Value>) -> Value {
        json!({"kind": kind, "metadata": {"self": self.link(rest), "next": null}, "data": data})
    }

    fn describe(&self) -> Value {
        let url = format!("{}/kafka/v3/clusters/{}", self.url, self.cluster);
        json!({
            "kind": "KafkaCluster", "cluster_id": self.cluster,
            "metadata": {"self": url, "resource_name": format!("crn:///kafka={}", self.cluster)},
            "acls": self.related("acls"), "brokers": self.related("brokers"),
            "broker_configs": self.related("broker-configs"), "consumer_groups": self.related("consumer-groups"),
            "topics": self.related("topics"), "partition_reassignments": self.related("topics/-/partitions/-/reassignment"),
        })
    }
}
