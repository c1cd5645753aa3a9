//! Schema Registry clusters: an environment gets one with its first Kafka cluster.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::life::add;
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::text;
use crate::registry::Registry;

pub(crate) struct SchemaRegistries;

static SHAPE: Shape = Shape {
    name: "schema_registry_cluster",
    path: "srcm/v3/clusters",
    api_version: "srcm/v3",
    kind: "Cluster",
    id_prefix: "lsrc",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: false,
};

impl Collection for SchemaRegistries {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let environment = SHAPE.environment_of(body).unwrap_or_default();
        format!("{}/schema-registry={id}", Cloud::environment_crn(environment))
    }

    fn create(&self, _cloud: &mut Cloud, _id: &str, _sent: &Value) -> Result<Draft, Refusal> {
        Err(Refusal::new(405, "a Schema Registry cluster comes with an environment's first Kafka cluster"))
    }

    fn keep(&self, _cloud: &Cloud, _id: &str, _body: &Value) -> Result<(), Refusal> {
        Err(Refusal::new(405, "a Schema Registry cluster goes with its environment"))
    }

    fn forget(&self, cloud: &mut Cloud, id: &str) {
        cloud.registries.shift_remove(id);
        super::api_keys::forget_resource(cloud, id);
    }
}

/// The registry of an environment, if it has one.
pub(crate) fn of_environment(cloud: &Cloud, environment: &str) -> Option<String> {
    let mut all = cloud.all(SHAPE.name);
    all.find(|(_, object)| SHAPE.environment_of(&object.body) == Some(environment)).map(|(id, _)| id.clone())
}

/// Makes the registry of an environment, unless it is there. It is not counted among what clients made.
pub(crate) fn ensure(cloud: &mut Cloud, environment: &str, region: &str) {
    if of_environment(cloud, environment).is_some() {
        return;
    }
    let package = cloud
        .live("environment", environment)
        .and_then(|body| text(body, "stream_governance_config.package"))
        .unwrap_or("ESSENTIALS")
        .to_owned();
    let id = cloud.ids.next(SHAPE.id_prefix);
    let spec = json!({
        "display_name": "Stream Governance Package", "package": package, "cloud": "AWS", "region": region,
        "environment": {"id": environment},
    });
    let endpoints = json!({
        "http_endpoint": cloud.url, "catalog_http_endpoint": cloud.url, "private_http_endpoint": cloud.url,
        "private_networking_config": {"regional_endpoints": {region: cloud.url}},
    });
    let ready = json!({"spec": endpoints, "status": {"phase": "PROVISIONED"}});
    let body = json!({"spec": spec, "status": {"phase": "PROVISIONING"}});
    add(&SchemaRegistries, cloud, &id, Draft { body, ready: Some(ready) });
    if let Some(object) = cloud.objects.entry(SHAPE.name).or_default().get_mut(&id) {
        object.built_in = true;
    }
    cloud.registries.insert(id, Registry::default());
}
