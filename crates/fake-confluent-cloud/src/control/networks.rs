//! Networks of Dedicated clusters.

use serde_json::{Map, Value, json};

use super::collection::{Collection, Draft, Shape};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{at, required, text};

pub(crate) struct Networks;

static SHAPE: Shape = Shape {
    name: "network",
    path: "networking/v1/networks",
    api_version: "networking/v1",
    kind: "Network",
    id_prefix: "n",
    environment: Some("spec.environment"),
    created: 202,
    missing: 404,
    slow_delete: true,
};

/// AWS account in which the networks of this fake lie.
pub(crate) const ACCOUNT: &str = "012345678901";

impl Collection for Networks {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let environment = SHAPE.environment_of(body).unwrap_or_default();
        format!("{}/network={id}", Cloud::environment_crn(environment))
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let region = required(sent, "spec.region")?;
        aws_only(&required(sent, "spec.cloud")?)?;
        let types: Vec<&str> = at(sent, "spec.connection_types")
            .and_then(Value::as_array)
            .map(|types| types.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        if types.is_empty()
            || types.iter().any(|kind| !["PRIVATELINK", "PEERING", "TRANSITGATEWAY"].contains(kind))
        {
            return Err(Refusal::bad(
                "spec.connection_types must be of PRIVATELINK, PEERING, TRANSITGATEWAY",
            ));
        }
        let zones = zones(sent, &region)?;
        let resolution = text(sent, "spec.dns_config.resolution").unwrap_or("CHASED_PRIVATE");
        if !["CHASED_PRIVATE", "PRIVATE"].contains(&resolution) {
            return Err(Refusal::bad(format!("spec.dns_config.resolution cannot be {resolution}")));
        }
        let mut spec = json!({
            "display_name": text(sent, "spec.display_name").unwrap_or(id),
            "cloud": "AWS", "region": region, "connection_types": types, "zones": zones,
            "dns_config": {"resolution": resolution}, "environment": sent["spec"]["environment"],
        });
        for key in ["cidr", "reserved_cidr", "zones_info"] {
            if let Some(value) = at(sent, &format!("spec.{key}")) {
                spec[key] = value.clone();
            }
        }
        if types.contains(&"PRIVATELINK") {
            let gateway = super::gateways::of_network(cloud, &spec, &region);
            spec["gateway"] = gateway;
        } else if text(sent, "spec.cidr").is_none() && at(sent, "spec.zones_info").is_none() {
            return Err(Refusal::bad("spec.cidr is required for PEERING and TRANSITGATEWAY"));
        }
        let status = json!({
            "phase": "PROVISIONING", "supported_connection_types": types, "active_connection_types": [],
        });
        let ready = ready(cloud, id, &region, &zones, &types);
        Ok(Draft { body: json!({"spec": spec, "status": status}), ready: Some(ready) })
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        rename(sent, body);
        Ok(None)
    }

    fn keep(&self, cloud: &Cloud, id: &str, _body: &Value) -> Result<(), Refusal> {
        for (kind, path) in [("private_link_access", "spec.network.id"), ("kafka_cluster", "spec.network.id")]
        {
            if let Some((child, _)) = cloud.all(kind).find(|(_, object)| text(&object.body, path) == Some(id))
            {
                return Err(Refusal::bad(format!(
                    "network {id} is used by {kind} {child}: delete that first"
                )));
            }
        }
        Ok(())
    }

    fn forget(&self, cloud: &mut Cloud, id: &str) {
        super::gateways::forget_network(cloud, id);
    }
}

fn zones(sent: &Value, region: &str) -> Result<Vec<String>, Refusal> {
    let zones: Vec<String> = at(sent, "spec.zones")
        .and_then(Value::as_array)
        .map(|zones| zones.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    if zones.is_empty() {
        return Ok(default_zones(region));
    }
    // Zone names (eu-central-1a) mean another place in every account; the API takes zone ids (euc1-az1).
    if let Some(wrong) = zones.iter().find(|zone| !zone.contains("-az")) {
        return Err(Refusal::bad(format!("spec.zones must be zone ids such as euc1-az1, not {wrong}")));
    }
    if zones.len() != 1 && zones.len() != 3 {
        return Err(Refusal::bad(format!("spec.zones must be one or three, not {}", zones.len())));
    }
    Ok(zones)
}

/// The three zones that the cloud picks when none are named.
pub(crate) fn default_zones(region: &str) -> Vec<String> {
    (1..=3).map(|number| format!("{}-az{number}", zone_code(region))).collect()
}

/// `eu-central-1` → `euc1`, `ap-southeast-2` → `apse2`, as AWS abbreviates regions in zone ids.
fn zone_code(region: &str) -> String {
    let short = |part: &str| match part {
        "northeast" => "ne".to_owned(),
        "northwest" => "nw".to_owned(),
        "southeast" => "se".to_owned(),
        "southwest" => "sw".to_owned(),
        _ => part.chars().take(1).collect(),
    };
    let mut parts = region.split('-');
    let area = parts.next().unwrap_or_default();
    format!("{area}{}", parts.map(short).collect::<String>())
}

fn ready(cloud: &mut Cloud, id: &str, region: &str, zones: &[String], types: &[&str]) -> Value {
    let name = id.trim_start_matches("n-");
    let domain = format!("{name}.{region}.aws.confluent.cloud");
    let subdomains: Map<String, Value> =
        zones.iter().map(|zone| (zone.clone(), json!(format!("{zone}.{domain}")))).collect();
    let mut aws =
        json!({"kind": "AwsNetwork", "vpc": format!("vpc-{}", cloud.ids.hex()), "account": ACCOUNT});
    if types.contains(&"PRIVATELINK") {
        aws["private_link_endpoint_service"] = json!(endpoint_service(cloud, region));
    }
    json!({"status": {
        "phase": "READY", "active_connection_types": types, "dns_domain": domain,
        "endpoint_suffix": format!(".{domain}"), "zonal_subdomains": subdomains, "cloud": aws,
    }})
}

/// Name of a new VPC endpoint service.
pub(crate) fn endpoint_service(cloud: &mut Cloud, region: &str) -> String {
    format!("com.amazonaws.vpce.{region}.vpce-svc-{}", cloud.ids.hex())
}

/// This fake knows AWS; what it would say of other clouds would be invented.
pub(crate) fn aws_only(cloud: &str) -> Result<(), Refusal> {
    match cloud {
        "AWS" => Ok(()),
        _ => Err(Refusal::bad(format!("this fake serves AWS only, not {cloud}"))),
    }
}

/// The one field that most networking objects let change.
pub(crate) fn rename(sent: &Value, body: &mut Value) {
    if let Some(name) = text(sent, "spec.display_name") {
        body["spec"]["display_name"] = json!(name);
    }
}

#[cfg(test)]
mod tests {
    use super::zone_code;

    #[test]
    fn regions_are_abbreviated_as_aws_does() {
        for (region, code) in [("eu-central-1", "euc1"), ("us-east-2", "use2"), ("ap-southeast-2", "apse2")] {
            assert_eq!(zone_code(region), code);
        }
    }
}
