//! Gateways: how an environment reaches out to, or is reached from, private networks.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::life::add;
use super::networks::{ACCOUNT, endpoint_service, rename};
use super::private_link::draft;
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{at, required, text};

pub(crate) struct Gateways;

static SHAPE: Shape = Shape {
    name: "gateway",
    path: "networking/v1/gateways",
    api_version: "networking/v1",
    kind: "Gateway",
    id_prefix: "gw",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: true,
};

impl Collection for Gateways {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let environment = SHAPE.environment_of(body).unwrap_or_default();
        format!("{}/gateway={id}", Cloud::environment_crn(environment))
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let region = required(sent, "spec.config.region")?;
        let kind = required(sent, "spec.config.kind")?;
        let (config, status) = match kind.as_str() {
            "AwsEgressPrivateLinkGatewaySpec" => (json!({"kind": kind, "region": region}), egress(id)),
            "AwsIngressPrivateLinkGatewaySpec" => {
                let service = endpoint_service(cloud, &region);
                let status = json!({"kind": "AwsIngressPrivateLinkGatewayStatus", "vpc_endpoint_service_name": service});
                (json!({"kind": kind, "region": region}), status)
            }
            "AwsPrivateNetworkInterfaceGatewaySpec" => {
                let zones = at(sent, "spec.config.zones").cloned().unwrap_or_default();
                if zones.as_array().is_none_or(|zones| zones.len() < 2) {
                    return Err(Refusal::bad("spec.config.zones must name two zones or more"));
                }
                let status = json!({"kind": "AwsPrivateNetworkInterfaceGatewayStatus", "account": ACCOUNT});
                (json!({"kind": kind, "region": region, "zones": zones}), status)
            }
            _ => {
                return Err(Refusal::bad(format!(
                    "spec.config.kind {kind} is not one that this fake serves"
                )));
            }
        };
        let spec = json!({
            "display_name": text(sent, "spec.display_name").unwrap_or(id), "config": config,
            "environment": sent["spec"]["environment"],
        });
        Ok(draft(spec, json!({"cloud_gateway": status}), "READY"))
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        Ok(None)
    }

    fn keep(&self, cloud: &Cloud, id: &str, _body: &Value) -> Result<(), Refusal> {
        for kind in ["access_point", "dns_record", "dns_forwarder"] {
            // The cloud waits until they are gone, so an object on its way out counts.
            if let Some((child, _)) =
                cloud.all(kind).find(|(_, object)| text(&object.body, "spec.gateway.id") == Some(id))
            {
                return Err(Refusal::bad(format!("gateway {id} still has {kind} {child}: delete it first")));
            }
        }
        Ok(())
    }
}

/// The principal that must be allowed at the customer's endpoint service.
fn egress(id: &str) -> Value {
    let principal = format!("arn:aws:iam::{ACCOUNT}:role/{id}");
    json!({"kind": "AwsEgressPrivateLinkGatewayStatus", "principal_arn": principal})
}

/// A Private Link network comes with an egress gateway. It is not counted among what clients made.
pub(crate) fn of_network(cloud: &mut Cloud, network: &Value, region: &str) -> Value {
    let id = cloud.ids.next(SHAPE.id_prefix);
    let spec = json!({
        "display_name": network["display_name"],
        "config": {"kind": "AwsEgressPrivateLinkGatewaySpec", "region": region},
        "environment": network["environment"],
    });
    let body = json!({"spec": spec, "status": {"phase": "READY", "cloud_gateway": egress(&id)}});
    let body = add(&Gateways, cloud, &id, Draft { body, ready: None });
    if let Some(object) = cloud.objects.entry(SHAPE.name).or_default().get_mut(&id) {
        object.built_in = true;
    }
    cloud.reference(&SHAPE, &id, &Gateways.crn(&id, &body))
}

/// The gateway goes with its network.
pub(crate) fn forget_network(cloud: &mut Cloud, network: &str) {
    let gateway =
        cloud.present("network", network).and_then(|body| text(body, "spec.gateway.id")).map(str::to_owned);
    if let Some(gateway) = gateway {
        cloud.objects.entry(SHAPE.name).or_default().shift_remove(&gateway);
    }
}
