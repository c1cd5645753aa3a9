//! API keys: of the cloud, of Kafka clusters and of Schema Registry.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::life::add;
use crate::cloud::{Cloud, USER};
use crate::exchange::Refusal;
use crate::field::{at, required, set, text};
use crate::ids::secret;

pub(crate) struct ApiKeys;

static SHAPE: Shape = Shape {
    name: "api_key",
    path: "iam/v2/api-keys",
    api_version: "iam/v2",
    kind: "ApiKey",
    id_prefix: "",
    environment: None,
    created: 202,
    missing: 403,
    slow_delete: false,
};

impl Collection for ApiKeys {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let owner = text(body, "spec.owner.resource_name").unwrap_or_default();
        format!("{owner}/api-key={id}")
    }

    fn id(&self, cloud: &mut Cloud) -> String {
        cloud.ids.key()
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let owner = owner(cloud, &required(sent, "spec.owner.id")?)?;
        let resource = resource(cloud, text(sent, "spec.resource.id"))?;
        let spec = json!({
            "display_name": at(sent, "spec.display_name").and_then(Value::as_str).unwrap_or_default(),
            "description": at(sent, "spec.description").and_then(Value::as_str).unwrap_or_default(),
            "owner": owner, "resource": resource,
        });
        if resource["kind"] == "Cluster" && cloud.options.key_pending_uses > 0 {
            cloud.key_pending.insert(id.to_owned(), cloud.options.key_pending_uses);
        }
        cloud.secrets.insert(id.to_owned(), secret());
        Ok(Draft { body: json!({"spec": spec}), ready: None })
    }

    fn shown_at_create(&self, cloud: &Cloud, id: &str, body: &mut Value) {
        // The only answer that carries the secret: the state does not hold it.
        set(body, "spec.secret", json!(cloud.secrets.get(id)));
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        for key in ["display_name", "description"] {
            if let Some(value) = at(sent, &format!("spec.{key}")) {
                body["spec"][key] = value.clone();
            }
        }
        Ok(None)
    }

    fn forget(&self, cloud: &mut Cloud, id: &str) {
        cloud.secrets.remove(id);
        cloud.key_pending.remove(id);
    }
}

fn owner(cloud: &Cloud, id: &str) -> Result<Value, Refusal> {
    let owners: [(&dyn Collection, &str); 2] =
        [(&super::service_accounts::ServiceAccounts, "sa-"), (&super::users::Users, "u-")];
    for (collection, prefix) in owners {
        if let Some(body) = cloud.live(collection.shape().name, id).filter(|_| id.starts_with(prefix)) {
            return Ok(cloud.reference(collection.shape(), id, &collection.crn(id, body)));
        }
    }
    Err(Refusal::bad(format!("spec.owner.id {id} was not found")))
}

fn resource(cloud: &Cloud, id: Option<&str>) -> Result<Value, Refusal> {
    let Some(id) = id.filter(|id| *id != "cloud") else {
        return Ok(json!({
            "api_version": "iam/v2", "id": "cloud", "kind": "Cloud",
            "related": format!("{}/iam/v2/api-keys", cloud.url), "resource_name": Cloud::organization_crn(),
        }));
    };
    let clusters: [(&dyn Collection, &str); 2] =
        [(&super::clusters::Clusters, "cmk/v2"), (&super::schema_registries::SchemaRegistries, "srcm/v2")];
    for (collection, api_version) in clusters {
        let shape = collection.shape();
        if let Some(body) = cloud.live(shape.name, id) {
            let mut reference = cloud.reference(shape, id, &collection.crn(id, body));
            // The cloud still says srcm/v2 for keys of Schema Registry.
            reference["api_version"] = json!(api_version);
            reference["environment"] = json!(shape.environment_of(body));
            return Ok(reference);
        }
    }
    Err(Refusal::bad(format!("spec.resource.id {id} was not found")))
}

/// The cloud key that is there from the start.
pub(crate) fn furnish(cloud: &mut Cloud, key: &str) {
    let Ok(resource) = resource(cloud, None) else { return };
    let owner = owner(cloud, USER).unwrap_or_default();
    let spec = json!({"display_name": "first key", "description": "", "owner": owner, "resource": resource});
    add(&ApiKeys, cloud, key, Draft { body: json!({"spec": spec}), ready: None });
    if let Some(object) = cloud.objects.entry(SHAPE.name).or_default().get_mut(key) {
        object.built_in = true;
    }
}

/// Keys of a cluster go with it.
pub(crate) fn forget_resource(cloud: &mut Cloud, resource: &str) {
    let theirs: Vec<String> = cloud
        .all(SHAPE.name)
        .filter(|(_, object)| text(&object.body, "spec.resource.id") == Some(resource))
        .map(|(key, _)| key.clone())
        .collect();
    for key in theirs {
        super::life::remove(&ApiKeys, cloud, &key);
    }
}
