//! DNS records and forwarders of gateways.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::collection::Collection;
use super::private_link::named;
use crate::json::{at, element, reference, text, text_value};
use crate::value::Value;

/// `confluent_dns_record`. It follows a new access point in place.
pub static RECORD: Collection = Collection {
    name: "the DNS record",
    path: "/networking/v1/dns-records",
    in_environment: true,
    ready: &["READY", "CREATED"],
    pending: &["PROVISIONING"],
    slow_delete: true,
    create: |state| {
        json!({"spec": named(state, json!({
            "domain": state.text("domain"), "config": record_target(state),
            "environment": {"id": state.text("environment.0.id")}, "gateway": {"id": state.text("gateway.0.id")},
        }))})
    },
    change: |prior, state| {
        let mut spec = json!({"environment": {"id": state.text("environment.0.id")}});
        if prior.at("display_name") != state.at("display_name") {
            spec["display_name"] = json!(state.text("display_name"));
        }
        if prior.at("private_link_access_point") != state.at("private_link_access_point") {
            spec["config"] = record_target(state);
        }
        Some(json!({ "spec": spec }))
    },
    show: |answer, state| {
        show_names(answer, state);
        state.set("domain", text_value(answer, "spec.domain"));
        if text(answer, "spec.config.kind") == "PrivateLinkAccessPoint" {
            state.set("private_link_access_point", reference(answer, "spec.config.resource_id"));
        }
        Ok(())
    },
};

/// `confluent_dns_forwarder`
pub static FORWARDER: Collection = Collection {
    name: "the DNS forwarder",
    path: "/networking/v1/dns-forwarders",
    in_environment: true,
    ready: &["READY", "CREATED"],
    pending: &["PROVISIONING"],
    slow_delete: false,
    create: |state| {
        json!({"spec": named(state, json!({
            "domains": state.at("domains").to_json(), "config": forwarder_target(state),
            "environment": {"id": state.text("environment.0.id")}, "gateway": {"id": state.text("gateway.0.id")},
        }))})
    },
    change: |_, state| {
        Some(json!({"spec": named(state, json!({
            "domains": state.at("domains").to_json(), "config": forwarder_target(state),
            "environment": {"id": state.text("environment.0.id")},
        }))}))
    },
    show: show_forwarder,
};

fn record_target(state: &Value) -> Json {
    json!({"kind": "PrivateLinkAccessPoint", "resource_id": state.text("private_link_access_point.0.id")})
}

fn forwarder_target(state: &Value) -> Json {
    match state.list("forward_via_ip") {
        [servers] => {
            json!({"kind": "ForwardViaIp", "dns_server_ips": servers.at("dns_server_ips").to_json()})
        }
        _ => json!({
            "kind": "ForwardViaGcpDnsZones",
            "domain_mappings": state.at("forward_via_gcp_dns_zones.0.domain_mappings").to_json(),
        }),
    }
}

fn show_forwarder(answer: &Json, state: &mut Value) -> Result<()> {
    show_names(answer, state);
    state.set("domains", at(answer, "spec.domains"));
    if text(answer, "spec.config.kind") == "ForwardViaIp" {
        let servers = Value::from(at(answer, "spec.config.dns_server_ips"));
        state.set("forward_via_ip", element([("dns_server_ips", servers)]));
    }
    Ok(())
}

fn show_names(answer: &Json, state: &mut Value) {
    state.set("display_name", text_value(answer, "spec.display_name"));
    state.set("environment", reference(answer, "spec.environment.id"));
    state.set("gateway", reference(answer, "spec.gateway.id"));
}
