//! Private Link: access to a network (Dedicated), and attachments with their connections (serverless clusters).

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::networks::{aws_only, endpoint_service, rename};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{required, text};

/// Lets an AWS account connect to a network.
pub(crate) struct Accesses;
/// The older way to reach Enterprise clusters of a region privately.
pub(crate) struct Attachments;
/// One VPC endpoint of an attachment.
pub(crate) struct Connections;

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

static ATTACHMENTS: Shape = Shape {
    name: "private_link_attachment",
    path: "networking/v1/private-link-attachments",
    api_version: "networking/v1",
    kind: "PrivateLinkAttachment",
    id_prefix: "platt",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: true,
};

static CONNECTIONS: Shape = Shape {
    name: "private_link_attachment_connection",
    path: "networking/v1/private-link-attachment-connections",
    api_version: "networking/v1",
    kind: "PrivateLinkAttachmentConnection",
    id_prefix: "plattc",
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

impl Collection for Attachments {
    fn shape(&self) -> &'static Shape {
        &ATTACHMENTS
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let environment = ATTACHMENTS.environment_of(body).unwrap_or_default();
        format!("{}/private-link-attachment={id}", Cloud::environment_crn(environment))
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        aws_only(&required(sent, "spec.cloud")?)?;
        let region = required(sent, "spec.region")?;
        let spec = json!({
            "display_name": required(sent, "spec.display_name")?, "cloud": "AWS", "region": region,
            "environment": sent["spec"]["environment"],
        });
        let status = json!({
            "dns_domain": format!("{}.{region}.aws.private.confluent.cloud", id.trim_start_matches("platt-")),
            "cloud": {
                "kind": "AwsPrivateLinkAttachmentStatus",
                "vpc_endpoint_service": {"vpc_endpoint_service_name": endpoint_service(cloud, &region)},
            },
        });
        // It becomes READY with its first connection.
        Ok(draft(spec, status, "WAITING_FOR_CONNECTIONS"))
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        Ok(None)
    }

    fn keep(&self, cloud: &Cloud, id: &str, _body: &Value) -> Result<(), Refusal> {
        let path = "spec.private_link_attachment.id";
        let mut children = cloud.all(CONNECTIONS.name).filter(|(_, object)| !object.is_deleting());
        match children.find(|(_, object)| text(&object.body, path) == Some(id)) {
            Some((child, _)) => Err(Refusal::bad(format!("attachment {id} still has connection {child}"))),
            None => Ok(()),
        }
    }
}

impl Collection for Connections {
    fn shape(&self) -> &'static Shape {
        &CONNECTIONS
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let attachment = text(body, "spec.private_link_attachment.resource_name").unwrap_or_default();
        format!("{attachment}/private-link-attachment-connection={id}")
    }

    fn create(&self, cloud: &mut Cloud, _id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let endpoint = required(sent, "spec.cloud.vpc_endpoint_id")?;
        let reference = parent(cloud, &Attachments, sent, "spec.private_link_attachment")?;
        let attachment = text(&reference, "id").unwrap_or_default();
        let path = "status.cloud.vpc_endpoint_service.vpc_endpoint_service_name";
        let service =
            cloud.live(ATTACHMENTS.name, attachment).and_then(|body| text(body, path)).map(str::to_owned);
        if let Some(object) = cloud.objects.entry(ATTACHMENTS.name).or_default().get_mut(attachment) {
            object.settle();
            object.body["status"]["phase"] = json!("READY");
        }
        let spec = json!({
            "display_name": required(sent, "spec.display_name")?,
            "cloud": {"kind": "AwsPrivateLinkAttachmentConnection", "vpc_endpoint_id": endpoint},
            "environment": sent["spec"]["environment"], "private_link_attachment": reference,
        });
        let status = json!({"cloud": {
            "kind": "AwsPrivateLinkAttachmentConnectionStatus", "vpc_endpoint_id": endpoint,
            "vpc_endpoint_service_name": service.unwrap_or_default(),
        }});
        Ok(draft(spec, status, "READY"))
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
