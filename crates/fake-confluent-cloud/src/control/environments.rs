//! Environments.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::life::{add, remove};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{required, text};

pub(crate) struct Environments;

static SHAPE: Shape = Shape {
    name: "environment",
    path: "org/v2/environments",
    api_version: "org/v2",
    kind: "Environment",
    id_prefix: "env",
    environment: None,
    created: 201,
    missing: 404,
    slow_delete: false,
};

/// What keeps an environment; the rest goes with it.
const CHILDREN: &[&str] =
    &["network", "private_link_attachment", "gateway", "access_point", "dns_record", "kafka_cluster"];

impl Collection for Environments {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, _body: &Value) -> String {
        Cloud::environment_crn(id)
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let name = required(sent, "display_name")?;
        unique(cloud, id, &name)?;
        let package = text(sent, "stream_governance_config.package").unwrap_or("ESSENTIALS");
        check_package(package)?;
        let body = json!({"display_name": name, "stream_governance_config": {"package": package}});
        Ok(Draft { body, ready: None })
    }

    fn update(&self, cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        let id = body["id"].as_str().unwrap_or_default().to_owned();
        if let Some(name) = text(sent, "display_name") {
            unique(cloud, &id, name)?;
            body["display_name"] = json!(name);
        }
        if let Some(package) = text(sent, "stream_governance_config.package") {
            check_package(package)?;
            let was = text(body, "stream_governance_config.package").unwrap_or_default();
            let registry = super::registry_of_environment(cloud, &id);
            if was == "ADVANCED" && package == "ESSENTIALS" && registry.is_some() {
                return Err(Refusal::bad(
                    "a Stream Governance package cannot go back from ADVANCED to ESSENTIALS",
                ));
            }
            body["stream_governance_config"]["package"] = json!(package);
            let registries = cloud.objects.entry("schema_registry_cluster").or_default();
            if let Some(object) = registry.and_then(|id| registries.get_mut(&id)) {
                object.body["spec"]["package"] = json!(package);
            }
        }
        Ok(None)
    }

    fn keep(&self, cloud: &Cloud, id: &str, _body: &Value) -> Result<(), Refusal> {
        for child in super::COLLECTIONS.iter().filter(|child| CHILDREN.contains(&child.shape().name)) {
            let shape = child.shape();
            let found = cloud
                .all(shape.name)
                .find(|(_, object)| !object.is_deleting() && shape.environment_of(&object.body) == Some(id));
            if let Some((child, _)) = found {
                let message = format!("environment {id} still has {} {child}: delete it first", shape.kind);
                return Err(Refusal::conflict(message));
            }
        }
        Ok(())
    }

    fn forget(&self, cloud: &mut Cloud, id: &str) {
        for child in super::COLLECTIONS {
            let shape = child.shape();
            if shape.environment.is_none() || shape.slow_delete {
                continue;
            }
            let theirs: Vec<String> = cloud
                .all(shape.name)
                .filter(|(_, object)| shape.environment_of(&object.body) == Some(id))
                .map(|(child, _)| child.clone())
                .collect();
            for object in theirs {
                remove(*child, cloud, &object);
            }
        }
    }
}

fn unique(cloud: &Cloud, id: &str, name: &str) -> Result<(), Refusal> {
    let taken =
        cloud.all(SHAPE.name).any(|(other, object)| other != id && object.body["display_name"] == name);
    if taken {
        return Err(Refusal::conflict(format!("an environment with the name {name} exists already")));
    }
    Ok(())
}

fn check_package(package: &str) -> Result<(), Refusal> {
    match package {
        "ESSENTIALS" | "ADVANCED" => Ok(()),
        _ => Err(Refusal::bad(format!("package must be ESSENTIALS or ADVANCED, not {package}"))),
    }
}

/// A new organization has one environment.
pub(crate) fn furnish(cloud: &mut Cloud) {
    let id = cloud.ids.next(SHAPE.id_prefix);
    let body = json!({"display_name": "default", "stream_governance_config": {"package": "ESSENTIALS"}});
    add(&Environments, cloud, &id, Draft { body, ready: None });
    if let Some(object) = cloud.objects.entry(SHAPE.name).or_default().get_mut(&id) {
        object.built_in = true;
    }
}
