//! Private Link: access of an AWS account to a network, and attachments of serverless clusters.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::collection::{Collection, rename};
use crate::json::{at, element, reference, text, text_value};
use crate::value::Value;

/// `confluent_private_link_access`
pub static ACCESS: Collection = Collection {
    name: "the private link access",
    path: "/networking/v1/private-link-accesses",
    in_environment: true,
    ready: &["READY"],
    pending: &["PROVISIONING"],
    slow_delete: true,
    create: |state| {
        json!({"spec": named(state, json!({
            "cloud": {"kind": "AwsPrivateLinkAccess", "account": state.text("aws.0.account")},
            "environment": {"id": state.text("environment.0.id")},
            "network": {"id": state.text("network.0.id")},
        }))})
    },
    change: rename,
    show: |answer, state| {
        names(answer, state);
        state.set("network", reference(answer, "spec.network.id"));
        state.set("aws", element([("account", text_value(answer, "spec.cloud.account"))]));
        Ok(())
    },
};

/// `confluent_private_link_attachment`
pub static ATTACHMENT: Collection = Collection {
    name: "the private link attachment",
    path: "/networking/v1/private-link-attachments",
    in_environment: true,
    ready: &["READY", "WAITING_FOR_CONNECTIONS"],
    pending: &["PROVISIONING"],
    slow_delete: true,
    create: |state| {
        json!({"spec": {
            "display_name": state.text("display_name"), "cloud": state.text("cloud"), "region": state.text("region"),
            "environment": {"id": state.text("environment.0.id")},
        }})
    },
    change: rename,
    show: |answer, state| {
        names(answer, state);
        state.set("cloud", text_value(answer, "spec.cloud"));
        state.set("region", text_value(answer, "spec.region"));
        state.set("dns_domain", text_value(answer, "status.dns_domain"));
        state.set("resource_name", text_value(answer, "metadata.resource_name"));
        let service = text(answer, "status.cloud.vpc_endpoint_service.vpc_endpoint_service_name");
        state.set(
            "aws",
            match service {
                "" => Value::List(Vec::new()),
                service => element([("vpc_endpoint_service_name", Value::from(service))]),
            },
        );
        for other in ["azure", "gcp"] {
            state.set(other, Value::List(Vec::new()));
        }
        Ok(())
    },
};

/// `confluent_private_link_attachment_connection`. It is not waited for: the real provider asks with id and
/// environment exchanged and takes the answer for readiness.
pub static CONNECTION: Collection = Collection {
    name: "the private link attachment connection",
    path: "/networking/v1/private-link-attachment-connections",
    in_environment: true,
    ready: &[],
    pending: &[],
    slow_delete: true,
    create: |state| {
        json!({"spec": {
            "display_name": state.text("display_name"),
            "cloud": {
                "kind": "AwsPrivateLinkAttachmentConnection", "vpc_endpoint_id": state.text("aws.0.vpc_endpoint_id"),
            },
            "environment": {"id": state.text("environment.0.id")},
            "private_link_attachment": {"id": state.text("private_link_attachment.0.id")},
        }})
    },
    change: rename,
    show: |answer, state| {
        names(answer, state);
        state.set("private_link_attachment", reference(answer, "spec.private_link_attachment.id"));
        state.set("resource_name", text_value(answer, "metadata.resource_name"));
        state.set("aws", element([("vpc_endpoint_id", text_value(answer, "spec.cloud.vpc_endpoint_id"))]));
        Ok(())
    },
};

fn names(answer: &Json, state: &mut Value) {
    state.set("display_name", text_value(answer, "spec.display_name"));
    state.set("environment", reference(answer, "spec.environment.id"));
}

/// A spec with its name, when there is one.
pub(super) fn named(state: &Value, mut spec: Json) -> Json {
    if !state.text("display_name").is_empty() {
        spec["display_name"] = json!(state.text("display_name"));
    }
    spec
}

/// The one element of a block that has this kind; the block stays as it is when the answer is of another kind.
pub(super) fn show_kind(
    answer: &Json,
    (place, kind): (&str, &str),
    state: &mut Value,
    (block, fields): (&str, &[(&str, &str)]),
) -> Result<()> {
    if text(answer, place) == kind {
        let fields = fields.iter().map(|(name, path)| (*name, Value::from(at(answer, path))));
        state.set(block, element(fields));
    }
    Ok(())
}
