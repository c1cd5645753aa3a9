//! Networks of Dedicated clusters.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::collection::{Collection, rename};
use super::{Failed, Resource};
use crate::cloud::Cloud;
use crate::json::{at, element, reference, text, text_value};
use crate::plan::Plan;
use crate::problem::{Problem, Step};
use crate::value::Value;

/// `confluent_network`, without what a plan does with zones.
pub static NETWORK: Collection = Collection {
    name: "the network",
    path: "/networking/v1/networks",
    in_environment: true,
    ready: &["READY"],
    pending: &["PROVISIONING"],
    slow_delete: false,
    create: body,
    change: rename,
    show,
};

/// `confluent_network`
pub struct Network;

fn body(state: &Value) -> Json {
    let mut spec = json!({
        "cloud": state.text("cloud"), "region": state.text("region"),
        "connection_types": state.at("connection_types").to_json(),
        "environment": {"id": state.text("environment.0.id")},
    });
    for name in ["display_name", "cidr", "reserved_cidr"] {
        if !state.text(name).is_empty() {
            spec[name] = json!(state.text(name));
        }
    }
    if !state.list("zones").is_empty() {
        spec["zones"] = state.at("zones").to_json();
    }
    if !state.list("zone_info").is_empty() {
        spec["zones_info"] = state.at("zone_info").to_json();
    }
    let resolution = state.text("dns_config.0.resolution");
    if !resolution.is_empty() {
        spec["dns_config"] = json!({"resolution": resolution});
    }
    json!({ "spec": spec })
}

fn show(answer: &Json, state: &mut Value) -> Result<()> {
    for name in ["display_name", "cloud", "region", "cidr", "reserved_cidr"] {
        state.set(name, text_value(answer, &format!("spec.{name}")));
    }
    for name in ["connection_types", "zones"] {
        state.set(name, at(answer, &format!("spec.{name}")));
    }
    for name in ["dns_domain", "endpoint_suffix"] {
        state.set(name, text_value(answer, &format!("status.{name}")));
    }
    state.set("zonal_subdomains", at(answer, "status.zonal_subdomains"));
    state.set(
        "zone_info",
        match at(answer, "spec.zones_info") {
            Json::Null => Value::List(Vec::new()),
            zones => Value::from(zones),
        },
    );
    let cloud = at(answer, "status.cloud");
    if text(cloud, "kind") == "AwsNetwork" {
        let field = |name| (name, text_value(cloud, name));
        state.set("aws", element([field("vpc"), field("account"), field("private_link_endpoint_service")]));
    }
    state.set("environment", reference(answer, "spec.environment.id"));
    state.set("gateway", reference(answer, "spec.gateway.id"));
    state.set("resource_name", text_value(answer, "metadata.resource_name"));
    state.set(
        "dns_config",
        match text(answer, "spec.dns_config.resolution") {
            "" => Value::List(Vec::new()),
            resolution => element([("resolution", Value::from(resolution))]),
        },
    );
    Ok(())
}

impl Resource for Network {
    fn create(&self, cloud: &Cloud, state: Value) -> Result<Value, Failed> {
        NETWORK.create(cloud, state)
    }

    fn read(&self, cloud: &Cloud, state: Value) -> Result<Option<Value>> {
        NETWORK.read(cloud, state)
    }

    fn update(&self, cloud: &Cloud, prior: &Value, state: Value) -> Result<Value, Failed> {
        NETWORK.update(cloud, prior, state)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        NETWORK.delete(cloud, state)
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        NETWORK.import(cloud, id)
    }

    /// The order of the zones does not count.
    fn adjust(
        &self,
        _cloud: Option<&Cloud>,
        _config: &Value,
        prior: &Value,
        plan: &mut Plan,
    ) -> Result<(), Problem> {
        let names = |state: &Value| -> BTreeSet<String> {
            let zones = state.list("zones").iter();
            zones
                .filter_map(|zone| if let Value::Text(zone) = zone { Some(zone.clone()) } else { None })
                .collect()
        };
        let is_same =
            plan.state.list("zones").len() == prior.list("zones").len() && names(&plan.state) == names(prior);
        if *prior != Value::Null && plan.state.at("zones").is_known() && is_same {
            plan.state.set("zones", prior.at("zones").clone());
            plan.replace.retain(|place| place.0.first() != Some(&Step::Name("zones".to_owned())));
        }
        Ok(())
    }
}
