//! Access points: one endpoint of a gateway.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::networks::rename;
use super::private_link::{draft, parent};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{at, required, text};

pub(crate) struct AccessPoints;

static SHAPE: Shape = Shape {
    name: "access_point",
    path: "networking/v1/access-points",
    api_version: "networking/v1",
    kind: "AccessPoint",
    id_prefix: "ap",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: true,
};

impl Collection for AccessPoints {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        format!("{}/access-point={id}", text(body, "spec.gateway.resource_name").unwrap_or_default())
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let gateway = parent(cloud, &super::gateways::Gateways, sent, "spec.gateway")?;
        let gateway_body =
            cloud.live("gateway", text(&gateway, "id").unwrap_or_default()).cloned().unwrap_or_default();
        let kind = required(sent, "spec.config.kind")?;
        let needs = match kind.as_str() {
            "AwsEgressPrivateLinkEndpoint" => "AwsEgressPrivateLinkGatewaySpec",
            "AwsIngressPrivateLinkEndpoint" => "AwsIngressPrivateLinkGatewaySpec",
            _ => {
                return Err(Refusal::bad(format!(
                    "spec.config.kind {kind} is not one that this fake serves"
                )));
            }
        };
        if text(&gateway_body, "spec.config.kind") != Some(needs) {
            return Err(Refusal::bad(format!("spec.config.kind {kind} needs a gateway of kind {needs}")));
        }
        let (config, status) = if kind == "AwsEgressPrivateLinkEndpoint" {
            egress(cloud, sent)?
        } else {
            ingress(id, sent, &gateway_body)?
        };
        let spec = json!({
            "display_name": text(sent, "spec.display_name").unwrap_or(id), "config": config,
            "environment": sent["spec"]["environment"], "gateway": gateway,
        });
        Ok(draft(spec, json!({"config": status}), "READY"))
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        Ok(None)
    }

    fn keep(&self, cloud: &Cloud, id: &str, _body: &Value) -> Result<(), Refusal> {
        let mut records = cloud.all("dns_record");
        match records.find(|(_, object)| text(&object.body, "spec.config.resource_id") == Some(id)) {
            Some((record, _)) => Err(Refusal::bad(format!(
                "access point {id} is used by DNS record {record}: delete that first"
            ))),
            None => Ok(()),
        }
    }
}

fn egress(cloud: &mut Cloud, sent: &Value) -> Result<(Value, Value), Refusal> {
    let service = required(sent, "spec.config.vpc_endpoint_service_name")?;
    if !service.starts_with("com.amazonaws.") {
        return Err(Refusal::bad(format!(
            "vpc_endpoint_service_name must begin with com.amazonaws., not {service}"
        )));
    }
    let available =
        at(sent, "spec.config.enable_high_availability").and_then(Value::as_bool).unwrap_or(false);
    let endpoint = format!("vpce-{}", cloud.ids.hex());
    // `com.amazonaws.eu-central-1.s3` and `com.amazonaws.vpce.eu-central-1.vpce-svc-0…` are reached below their own name.
    let parts: Vec<&str> = service.split('.').skip(2).collect();
    let (region, name) = match parts.as_slice() {
        ["vpce", region, name] => (*region, *name),
        [region, name, ..] => (*region, *name),
        _ => return Err(Refusal::bad(format!("vpc_endpoint_service_name {service} names no service"))),
    };
    let config = json!({
        "kind": "AwsEgressPrivateLinkEndpoint", "vpc_endpoint_service_name": service,
        "enable_high_availability": available,
    });
    let status = json!({
        "kind": "AwsEgressPrivateLinkEndpointStatus", "vpc_endpoint_id": endpoint,
        "vpc_endpoint_dns_name": format!("*.{endpoint}-fake0001.{name}.{region}.vpce.amazonaws.com"),
    });
    Ok((config, status))
}

fn ingress(id: &str, sent: &Value, gateway: &Value) -> Result<(Value, Value), Refusal> {
    let endpoint = required(sent, "spec.config.vpc_endpoint_id")?;
    let region = text(gateway, "spec.config.region").unwrap_or_default();
    let service = text(gateway, "status.cloud_gateway.vpc_endpoint_service_name");
    let Some(service) = service else {
        return Err(Refusal::conflict("the gateway is not ready yet"));
    };
    let config = json!({"kind": "AwsIngressPrivateLinkEndpoint", "vpc_endpoint_id": endpoint});
    let status = json!({
        "kind": "AwsIngressPrivateLinkEndpointStatus", "vpc_endpoint_id": endpoint,
        "vpc_endpoint_service_name": service,
        "dns_domain": format!("{}.{region}.aws.accesspoint.confluent.cloud", id.replace('-', "")),
    });
    Ok((config, status))
}
