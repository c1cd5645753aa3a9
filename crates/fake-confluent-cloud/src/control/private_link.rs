//! Private Link access to a network of Dedicated clusters.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::networks::rename;
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{required, text};

/// Lets an AWS account connect to a network.
pub(crate) struct Accesses;

static ACCESSES: Shape = Shape {
    name: "private_link_access",
    path: "networking/v1/private-link-accesses",
    api_version: "networking/v1",
    kind: "PrivateLinkAccess",
    id_prefix: "pla",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: true,
};

impl Collection for Accesses {
    fn shape(&self) -> &'static Shape {
        &ACCESSES
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let network = text(body, "spec.network.resource_name").unwrap_or_default();
        format!("{network}/private-link-access={id}")
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let account = required(sent, "spec.cloud.account")?;
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::bad(format!("spec.cloud.account must have 12 digits, not {account}")));
        }
        let network = parent(cloud, &super::networks::Networks, sent, "spec.network")?;
        let spec = json!({
            "display_name": text(sent, "spec.display_name").unwrap_or(id),
            "cloud": {"kind": "AwsPrivateLinkAccess", "account": account},
            "environment": sent["spec"]["environment"], "network": network,
        });
        Ok(draft(spec, json!({}), "READY"))
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        Ok(None)
    }
}

/// An object that is PROVISIONING first; `status` and the final phase come when it is done.
pub(crate) fn draft(spec: Value, mut status: Value, phase: &str) -> Draft {
    status["phase"] = json!(phase);
    Draft {
        body: json!({"spec": spec, "status": {"phase": "PROVISIONING"}}),
        ready: Some(json!({"status": status})),
    }
}

/// The object that a new one names as its parent: it must be there, in the same environment, and stay.
pub(crate) fn parent(
    cloud: &Cloud,
    collection: &dyn Collection,
    sent: &Value,
    path: &str,
) -> Result<Value, Refusal> {
    let id = required(sent, &format!("{path}.id"))?;
    let shape = collection.shape();
    let body = cloud
        .live(shape.name, &id)
        .filter(|body| shape.environment_of(body) == text(sent, "spec.environment.id"))
        .ok_or_else(|| Refusal::bad(format!("{path}.id {id} was not found in this environment")))?;
    let mut reference = cloud.reference(shape, &id, &collection.crn(&id, body));
    if let Some(environment) = shape.environment_of(body) {
        reference["environment"] = json!(environment);
    }
    Ok(reference)
}
