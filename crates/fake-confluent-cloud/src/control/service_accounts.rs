//! Service accounts.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::life::remove;
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{at, required};

pub(crate) struct ServiceAccounts;

static SHAPE: Shape = Shape {
    name: "service_account",
    path: "iam/v2/service-accounts",
    api_version: "iam/v2",
    kind: "ServiceAccount",
    id_prefix: "sa",
    environment: None,
    created: 201,
    missing: 404,
    slow_delete: false,
};

/// Characters of a name at most.
const NAME_MAX: usize = 64;

impl Collection for ServiceAccounts {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, _body: &Value) -> String {
        format!("{}/service-account={id}", Cloud::organization_crn())
    }

    fn create(&self, cloud: &mut Cloud, _id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let name = required(sent, "display_name")?;
        let length = name.chars().count();
        if length > NAME_MAX {
            let message = format!("display_name has {length} characters, {NAME_MAX} are the most");
            return Err(Refusal::bad(message));
        }
        if cloud.all(SHAPE.name).any(|(_, object)| object.body["display_name"] == name) {
            return Err(Refusal::conflict(format!("a service account with the name {name} exists already")));
        }
        let description = at(sent, "description").and_then(Value::as_str).unwrap_or_default();
        Ok(Draft { body: json!({"display_name": name, "description": description}), ready: None })
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        if at(sent, "display_name").is_some_and(|name| *name != body["display_name"]) {
            return Err(Refusal::bad("the display_name of a service account cannot be changed"));
        }
        if let Some(description) = at(sent, "description").and_then(Value::as_str) {
            body["description"] = json!(description);
        }
        Ok(None)
    }

    /// Its keys and its role bindings go with it.
    fn forget(&self, cloud: &mut Cloud, id: &str) {
        let principal = format!("User:{id}");
        let children: [(&dyn Collection, _, _); 2] = [
            (&super::api_keys::ApiKeys, "spec.owner.id", id),
            (&super::role_bindings::RoleBindings, "principal", &principal),
        ];
        for (collection, path, wanted) in children {
            let theirs: Vec<String> = cloud
                .all(collection.shape().name)
                .filter(|(_, object)| at(&object.body, path).is_some_and(|found| found == wanted))
                .map(|(child, _)| child.clone())
                .collect();
            for child in theirs {
                remove(collection, cloud, &child);
            }
        }
    }
}
