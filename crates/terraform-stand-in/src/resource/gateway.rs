//! Gateways.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::collection::{Collection, rename};
use super::private_link::{named, show_kind};
use crate::json::{reference, text_value};
use crate::value::Value;

/// `confluent_gateway`
pub static GATEWAY: Collection = Collection {
    name: "the gateway",
    path: "/networking/v1/gateways",
    in_environment: true,
    ready: &["READY", "CREATED"],
    pending: &["PROVISIONING"],
    slow_delete: false,
    create,
    change: rename,
    show,
};

/// Blocks by the kind that the API has for them.
const KINDS: [(&str, &str); 3] = [
    ("aws_egress_private_link_gateway", "AwsEgressPrivateLinkGatewaySpec"),
    ("aws_ingress_private_link_gateway", "AwsIngressPrivateLinkGatewaySpec"),
    ("aws_private_network_interface_gateway", "AwsPrivateNetworkInterfaceGatewaySpec"),
];

fn create(state: &Value) -> Json {
    let mut config = json!({});
    for (block, kind) in KINDS {
        if let [element] = state.list(block) {
            config = json!({"kind": kind, "region": element.text("region")});
            if !element.list("zones").is_empty() {
                config["zones"] = element.at("zones").to_json();
            }
        }
    }
    json!({"spec": named(state, json!({"config": config, "environment": {"id": state.text("environment.0.id")}}))})
}

fn show(answer: &Json, state: &mut Value) -> Result<()> {
    state.set("display_name", text_value(answer, "spec.display_name"));
    state.set("environment", reference(answer, "spec.environment.id"));
    let region = ("region", "spec.config.region");
    let fields: [&[(&str, &str)]; 3] = [
        &[region, ("principal_arn", "status.cloud_gateway.principal_arn")],
        &[region, ("vpc_endpoint_service_name", "status.cloud_gateway.vpc_endpoint_service_name")],
        &[region, ("zones", "spec.config.zones"), ("account", "status.cloud_gateway.account")],
    ];
    for ((block, kind), fields) in KINDS.into_iter().zip(fields) {
        show_kind(answer, ("spec.config.kind", kind), state, (block, fields))?;
    }
    Ok(())
}
