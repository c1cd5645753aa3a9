//! Kafka clusters of all types.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::networks::aws_only;
use super::private_link::parent;
use super::sizes;
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{at, required, text};
use crate::kafka::Kafka;

pub(crate) struct Clusters;

static SHAPE: Shape = Shape {
    name: "kafka_cluster",
    path: "cmk/v2/clusters",
    api_version: "cmk/v2",
    kind: "Cluster",
    id_prefix: "lkc",
    environment: Some("spec.environment"),
    created: 202,
    // The cloud does not say whether a cluster exists.
    missing: 403,
    slow_delete: true,
};

impl Collection for Clusters {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let environment = SHAPE.environment_of(body).unwrap_or_default();
        format!("{}/cloud-cluster={id}/kafka={id}", Cloud::environment_crn(environment))
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let name = required(sent, "spec.display_name")?;
        aws_only(&required(sent, "spec.cloud")?)?;
        let region = required(sent, "spec.region")?;
        let availability = required(sent, "spec.availability")?;
        let config = sizes::config(sent, &availability)?;
        let network = match text(sent, "spec.network.id") {
            Some(_) => Some(parent(cloud, &super::networks::Networks, sent, "spec.network")?),
            None => None,
        };
        if network.is_some() && config["kind"] != "Dedicated" {
            return Err(Refusal::bad("spec.network is for Dedicated clusters only"));
        }
        let zones = zones(cloud, network.as_ref(), &region, &availability);
        let (endpoints, bootstrap) = endpoints(cloud, id, &region, network.as_ref());
        let mut spec = json!({
            "display_name": name, "availability": availability, "cloud": "AWS", "region": region, "config": config,
            "environment": sent["spec"]["environment"],
            "deletion_protection": at(sent, "spec.deletion_protection").and_then(Value::as_bool).unwrap_or(false),
        });
        if let Some(network) = network {
            spec["network"] = network;
        }
        if let Some(key) = text(sent, "spec.byok.id") {
            let crn = format!("{}/key={key}", Cloud::organization_crn());
            let related = format!("{}/byok/v1/keys/{key}", cloud.url);
            spec["byok"] = json!({"id": key, "related": related, "resource_name": crn});
        }
        let mut then = json!({
            "spec": {
                "http_endpoint": cloud.url, "kafka_bootstrap_endpoint": bootstrap, "endpoints": endpoints,
            },
            "status": {"phase": "PROVISIONED"},
        });
        let mut status = json!({"phase": "PROVISIONING"});
        if spec["config"]["kind"] == "Dedicated" {
            then["spec"]["config"] = json!({"zones": zones});
            status["cku"] = spec["config"]["cku"].clone();
        }
        cloud.kafka.insert(id.to_owned(), Kafka::default());
        let environment = text(sent, "spec.environment.id").unwrap_or_default().to_owned();
        super::schema_registries::ensure(cloud, &environment, &region);
        Ok(Draft { body: json!({"spec": spec, "status": status}), ready: Some(then) })
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        if let Some(name) = text(sent, "spec.display_name") {
            body["spec"]["display_name"] = json!(name);
        }
        if let Some(protection) = at(sent, "spec.deletion_protection") {
            body["spec"]["deletion_protection"] = protection.clone();
        }
        match at(sent, "spec.config") {
            Some(config) => sizes::resize(config, body),
            None => Ok(None),
        }
    }

    fn keep(&self, _cloud: &Cloud, id: &str, body: &Value) -> Result<(), Refusal> {
        if at(body, "spec.deletion_protection") == Some(&json!(true)) {
            return Err(Refusal::conflict(format!(
                "cluster {id} has deletion protection: switch it off first"
            )));
        }
        Ok(())
    }

    /// Topics, ACLs, connectors and keys go with the cluster.
    fn forget(&self, cloud: &mut Cloud, id: &str) {
        cloud.kafka.shift_remove(id);
        crate::connect::forget_cluster(cloud, id);
        super::api_keys::forget_resource(cloud, id);
    }
}

fn zones(cloud: &Cloud, network: Option<&Value>, region: &str, availability: &str) -> Vec<Value> {
    let theirs = network
        .and_then(|network| cloud.live("network", text(network, "id")?))
        .and_then(|body| at(body, "spec.zones")?.as_array().cloned());
    let all = theirs
        .unwrap_or_else(|| super::networks::default_zones(region).into_iter().map(Value::from).collect());
    let wanted = if availability == "SINGLE_ZONE" { 1 } else { 3 };
    all.into_iter().take(wanted).collect()
}

/// `http_endpoint` is this server, so that Kafka REST is found; the bootstrap address is only shown.
fn endpoints(cloud: &Cloud, id: &str, region: &str, network: Option<&Value>) -> (Value, String) {
    let (name, connection) = match network {
        Some(network) => {
            let network = text(network, "id").unwrap_or_default().trim_start_matches("n-");
            (format!("{id}.{network}.{region}.aws.confluent.cloud"), "PRIVATE_LINK")
        }
        None => (format!("{}.{region}.aws.confluent.cloud", id.replace("lkc", "pkc")), "PUBLIC"),
    };
    let bootstrap = format!("SASL_SSL://{name}:9092");
    let endpoints = json!({connection: {
        "kafka_bootstrap_endpoint": bootstrap, "http_endpoint": cloud.url, "connection_type": connection,
    }});
    (endpoints, bootstrap)
}
