//! DNS: records that lead a name to an access point, and forwarders to a customer's servers.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::networks::rename;
use super::private_link::{draft, parent};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{at, required, text};

pub(crate) struct Records;
pub(crate) struct Forwarders;

static RECORDS: Shape = Shape {
    name: "dns_record",
    path: "networking/v1/dns-records",
    api_version: "networking/v1",
    kind: "DnsRecord",
    id_prefix: "dnsrec",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: true,
};

static FORWARDERS: Shape = Shape {
    name: "dns_forwarder",
    path: "networking/v1/dns-forwarders",
    api_version: "networking/v1",
    kind: "DnsForwarder",
    id_prefix: "dnsf",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: true,
};

impl Collection for Records {
    fn shape(&self) -> &'static Shape {
        &RECORDS
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        format!("{}/dns-record={id}", text(body, "spec.gateway.resource_name").unwrap_or_default())
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let domain = required(sent, "spec.domain")?;
        let gateway = parent(cloud, &super::gateways::Gateways, sent, "spec.gateway")?;
        let gateway_id = text(&gateway, "id").unwrap_or_default().to_owned();
        let config = target(cloud, sent, &gateway_id)?;
        let same = |object: &Value| {
            text(object, "spec.domain") == Some(domain.as_str())
                && text(object, "spec.gateway.id") == Some(gateway_id.as_str())
        };
        if cloud.all(RECORDS.name).any(|(_, object)| same(&object.body)) {
            return Err(Refusal::conflict(format!("gateway {gateway_id} has a record for {domain} already")));
        }
        let spec = json!({
            "display_name": text(sent, "spec.display_name").unwrap_or(id), "domain": domain, "config": config,
            "environment": sent["spec"]["environment"], "gateway": gateway,
        });
        Ok(draft(spec, json!({}), "READY"))
    }

    fn update(&self, cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        if at(sent, "spec.config").is_some() {
            let gateway = text(body, "spec.gateway.id").unwrap_or_default().to_owned();
            body["spec"]["config"] = target(cloud, sent, &gateway)?;
        }
        Ok(None)
    }
}

fn target(cloud: &Cloud, sent: &Value, gateway: &str) -> Result<Value, Refusal> {
    let point = required(sent, "spec.config.resource_id")?;
    let theirs = cloud.live("access_point", &point).and_then(|body| text(body, "spec.gateway.id"));
    if theirs != Some(gateway) {
        return Err(Refusal::bad(format!(
            "spec.config.resource_id {point} is no access point of gateway {gateway}"
        )));
    }
    Ok(json!({"kind": "PrivateLinkAccessPoint", "resource_id": point}))
}

impl Collection for Forwarders {
    fn shape(&self) -> &'static Shape {
        &FORWARDERS
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        format!("{}/dns-forwarder={id}", text(body, "spec.gateway.resource_name").unwrap_or_default())
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let gateway = parent(cloud, &super::gateways::Gateways, sent, "spec.gateway")?;
        let spec = json!({
            "display_name": text(sent, "spec.display_name").unwrap_or(id), "domains": domains(sent)?,
            "config": servers(sent)?, "environment": sent["spec"]["environment"], "gateway": gateway,
        });
        Ok(draft(spec, json!({}), "READY"))
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        if at(sent, "spec.domains").is_some() {
            body["spec"]["domains"] = domains(sent)?;
        }
        if at(sent, "spec.config").is_some() {
            body["spec"]["config"] = servers(sent)?;
        }
        Ok(None)
    }
}

fn domains(sent: &Value) -> Result<Value, Refusal> {
    match at(sent, "spec.domains") {
        Some(Value::Array(domains)) if !domains.is_empty() => Ok(json!(domains)),
        _ => Err(Refusal::bad("spec.domains must name a domain or more")),
    }
}

fn servers(sent: &Value) -> Result<Value, Refusal> {
    let servers = at(sent, "spec.config.dns_server_ips").and_then(Value::as_array);
    match servers {
        Some(servers) if (1..=3).contains(&servers.len()) => {
            Ok(json!({"kind": "ForwardViaIp", "dns_server_ips": servers}))
        }
        _ => Err(Refusal::bad("spec.config.dns_server_ips must name from one to three addresses")),
    }
}
