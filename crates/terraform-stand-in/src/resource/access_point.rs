//! Access points: one endpoint of a gateway.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::collection::Collection;
use super::private_link::{named, show_kind};
use crate::json::{reference, text_value};
use crate::value::Value;

/// `confluent_access_point`. An endpoint whose owner has not accepted it yet counts as made.
pub static ACCESS_POINT: Collection = Collection {
    name: "the access point",
    path: "/networking/v1/access-points",
    in_environment: true,
    ready: &["READY", "PENDING_ACCEPT", "CREATED"],
    pending: &["PROVISIONING"],
    slow_delete: true,
    create,
    change,
    show,
};

const EGRESS: &str = "aws_egress_private_link_endpoint";
const INGRESS: &str = "aws_ingress_private_link_endpoint";
const INTERFACE: &str = "aws_private_network_interface";

fn create(state: &Value) -> Json {
    let config = if let [endpoint] = state.list(EGRESS) {
        json!({
            "kind": "AwsEgressPrivateLinkEndpoint",
            "vpc_endpoint_service_name": endpoint.text("vpc_endpoint_service_name"),
            "enable_high_availability": *endpoint.at("enable_high_availability") == Value::Bool(true),
        })
    } else if let [endpoint] = state.list(INGRESS) {
        json!({"kind": "AwsIngressPrivateLinkEndpoint", "vpc_endpoint_id": endpoint.text("vpc_endpoint_id")})
    } else {
        interface(state)
    };
    json!({"spec": named(state, json!({
        "config": config, "environment": {"id": state.text("environment.0.id")},
        "gateway": {"id": state.text("gateway.0.id")},
    }))})
}

fn interface(state: &Value) -> Json {
    let interface = state.at(&format!("{INTERFACE}.0"));
    json!({
        "kind": "AwsPrivateNetworkInterface", "account": interface.text("account"),
        "network_interfaces": interface.at("network_interfaces").to_json(),
        "egress_routes": interface.at("routes").to_json(),
    })
}

fn change(prior: &Value, state: &Value) -> Option<Json> {
    let mut spec = json!({"environment": {"id": state.text("environment.0.id")}});
    if prior.at("display_name") != state.at("display_name") {
        spec["display_name"] = json!(state.text("display_name"));
    }
    if prior.at(INTERFACE) != state.at(INTERFACE) {
        spec["config"] = interface(state);
    }
    Some(json!({ "spec": spec }))
}

fn show(answer: &Json, state: &mut Value) -> Result<()> {
    state.set("display_name", text_value(answer, "spec.display_name"));
    state.set("environment", reference(answer, "spec.environment.id"));
    state.set("gateway", reference(answer, "spec.gateway.id"));
    let kind = "spec.config.kind";
    show_kind(
        answer,
        (kind, "AwsEgressPrivateLinkEndpoint"),
        state,
        (
            EGRESS,
            &[
                ("vpc_endpoint_service_name", "spec.config.vpc_endpoint_service_name"),
                ("enable_high_availability", "spec.config.enable_high_availability"),
                ("vpc_endpoint_id", "status.config.vpc_endpoint_id"),
                ("vpc_endpoint_dns_name", "status.config.vpc_endpoint_dns_name"),
            ],
        ),
    )?;
    show_kind(
        answer,
        (kind, "AwsIngressPrivateLinkEndpoint"),
        state,
        (
            INGRESS,
            &[
                ("vpc_endpoint_id", "spec.config.vpc_endpoint_id"),
                ("vpc_endpoint_service_name", "status.config.vpc_endpoint_service_name"),
                ("dns_domain", "status.config.dns_domain"),
            ],
        ),
    )?;
    show_kind(
        answer,
        (kind, "AwsPrivateNetworkInterface"),
        state,
        (
            INTERFACE,
            &[
                ("account", "spec.config.account"),
                ("network_interfaces", "spec.config.network_interfaces"),
                ("routes", "spec.config.egress_routes"),
            ],
        ),
    )
}
