//! Connect v1: managed connectors of a Kafka cluster.

pub(crate) mod config;
mod connectors;
mod offsets;
pub(crate) mod plugins;
mod start;
mod state;
mod validate;

use indexmap::IndexMap;

use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::text;

pub(crate) use connectors::remove;
pub(crate) use state::{Connector, State};

/// Connectors of one Kafka cluster by name.
pub(crate) type Connectors = IndexMap<String, Connector>;

/// The cluster to which a request goes.
#[derive(Debug)]
pub(crate) struct Place {
    pub environment: String,
    pub cluster: String,
}

impl Place {
    /// A connector's name as a resource.
    pub fn crn(&self, connector: &str) -> String {
        let environment = Cloud::environment_crn(&self.environment);
        format!("{environment}/cloud-cluster={}/connector={connector}", self.cluster)
    }
}

/// Connectors go with their cluster, and no integration is used by them any more.
pub(crate) fn forget_cluster(cloud: &mut Cloud, cluster: &str) {
    cloud.connectors.shift_remove(cluster);
    let part = format!("/cloud-cluster={cluster}/");
    for object in cloud.objects.entry("provider_integration").or_default().values_mut() {
        if let Some(usages) = object.body["usages"].as_array_mut() {
            usages.retain(|usage| usage.as_str().is_none_or(|crn| !crn.contains(&part)));
        }
    }
}

/// Answers a request to Connect.
pub(crate) fn route(cloud: &mut Cloud, request: &Request) -> Answer {
    let (method, segments) = request.route();
    let ["connect", "v1", "environments", environment, "clusters", cluster, rest @ ..] = segments.as_slice()
    else {
        return Err(Refusal::new(404, "resource not found"));
    };
    let theirs = cloud.live("kafka_cluster", cluster).and_then(|body| text(body, "spec.environment.id"));
    if theirs != Some(*environment) {
        return Err(Refusal::new(
            404,
            format!("cluster {cluster} was not found in environment {environment}"),
        ));
    }
    let place = Place { environment: (*environment).to_owned(), cluster: (*cluster).to_owned() };
    match (method, rest) {
        ("GET", ["connector-plugins"]) => Ok(Reply::ok(plugins::list())),
        ("PUT", ["connector-plugins", class, "config", "validate"]) => {
            validate::answer(cloud, &place, class, &request.body)
        }
        (_, ["connectors", name, "offsets", rest @ ..]) => offsets::route(cloud, &place, request, name, rest),
        (_, ["connectors", rest @ ..]) => connectors::route(cloud, &place, request, rest),
        _ => Err(Refusal::new(404, "resource not found")),
    }
}
