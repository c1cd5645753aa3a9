//! Private Link attachments of serverless clusters, and their connections.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::networks::{aws_only, endpoint_service, rename};
use super::private_link::{draft, parent};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{at, required, text};

/// The older way to reach Enterprise clusters of a region privately.
pub(crate) struct Attachments;
/// One VPC endpoint of an attachment.
pub(crate) struct Connections;

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
        let mut service = Value::Null;
        if let Some(object) = cloud.objects.entry(ATTACHMENTS.name).or_default().get_mut(attachment) {
            object.settle();
            object.body["status"]["phase"] = json!("READY");
            service = at(&object.body, path).cloned().unwrap_or_default();
        }
        let spec = json!({
            "display_name": required(sent, "spec.display_name")?,
            "cloud": {"kind": "AwsPrivateLinkAttachmentConnection", "vpc_endpoint_id": endpoint},
            "environment": sent["spec"]["environment"], "private_link_attachment": reference,
        });
        let status = json!({"cloud": {
            "kind": "AwsPrivateLinkAttachmentConnectionStatus", "vpc_endpoint_id": endpoint,
            "vpc_endpoint_service_name": service,
        }});
        Ok(draft(spec, status, "READY"))
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        Ok(None)
    }
}
