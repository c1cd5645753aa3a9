//! Role bindings. What they allow is not enforced: every cloud key may do everything here.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{required, text};

pub(crate) struct RoleBindings;

static SHAPE: Shape = Shape {
    name: "role_binding",
    path: "iam/v2/role-bindings",
    api_version: "iam/v2",
    kind: "RoleBinding",
    id_prefix: "rb",
    environment: None,
    created: 201,
    missing: 403,
    slow_delete: false,
};

/// Roles of Confluent Cloud, as its documentation and tools name them.
const ROLES: &[&str] = &[
    "OrganizationAdmin",
    "AccountAdmin",
    "EnvironmentAdmin",
    "CloudClusterAdmin",
    "NetworkAdmin",
    "Operator",
    "ConnectManager",
    "MetricsViewer",
    "ResourceOwner",
    "DeveloperRead",
    "DeveloperWrite",
    "DeveloperManage",
    "Assigner",
    "DataDiscovery",
    "DataSteward",
    "ResourceKeyAdmin",
    "BillingAdmin",
    "KsqlAdmin",
    "FlinkAdmin",
    "FlinkDeveloper",
];

/// Resources inside of a cluster, which take roles only where the cluster has role-based access.
const INNER: &[&str] = &["topic", "group", "transactional-id", "connector"];

impl Collection for RoleBindings {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, _body: &Value) -> String {
        format!("{}/rolebinding={id}", Cloud::organization_crn())
    }

    fn create(&self, cloud: &mut Cloud, _id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let (principal, role) = (required(sent, "principal")?, required(sent, "role_name")?);
        let crn = required(sent, "crn_pattern")?;
        check_principal(cloud, &principal)?;
        if !ROLES.contains(&role.as_str()) {
            return Err(Refusal::bad(format!("unknown role {role}")));
        }
        check_crn(cloud, &crn)?;
        let body = json!({"principal": principal, "role_name": role, "crn_pattern": crn});
        let same = |object: &Value| {
            ["principal", "role_name", "crn_pattern"].iter().all(|key| object[key] == body[key])
        };
        if cloud.all(SHAPE.name).any(|(_, object)| same(&object.body)) {
            return Err(Refusal::conflict("this role binding exists already"));
        }
        Ok(Draft { body, ready: None })
    }
}

fn check_principal(cloud: &Cloud, principal: &str) -> Result<(), Refusal> {
    let Some((kind @ ("User" | "Group"), id)) = principal.split_once(':') else {
        return Err(Refusal::bad(format!("principal must begin with User: or Group:, not {principal}")));
    };
    let collection = match id.split('-').next() {
        Some("sa") if kind == "User" => "service_account",
        Some("u") if kind == "User" => "user",
        Some("pool") if kind == "User" => "identity_pool",
        _ => return Ok(()),
    };
    match cloud.live(collection, id) {
        Some(_) => Ok(()),
        None => Err(Refusal::bad(format!("principal {principal} was not found"))),
    }
}

/// A literal such as `topic=var.prefix*` passes, as it does in the cloud, and grants nothing.
fn check_crn(cloud: &Cloud, crn: &str) -> Result<(), Refusal> {
    let organization = Cloud::organization_crn();
    let Some(rest) = crn.strip_prefix(&organization) else {
        return Err(Refusal::new(403, format!("crn_pattern must begin with {organization}, not {crn}")));
    };
    for part in rest.split('/').filter(|part| !part.is_empty()) {
        let Some((kind, id)) = part.split_once('=') else {
            return Err(Refusal::bad(format!("crn_pattern has a part without a value: {part}")));
        };
        let collection = match kind {
            "environment" => "environment",
            "cloud-cluster" | "kafka" => "kafka_cluster",
            "schema-registry" => "schema_registry_cluster",
            _ => continue,
        };
        if id != "*" && cloud.live(collection, id).is_none() {
            return Err(Refusal::bad(format!("crn_pattern names {part}, which was not found")));
        }
    }
    check_cluster_has_roles(cloud, rest)
}

fn check_cluster_has_roles(cloud: &Cloud, rest: &str) -> Result<(), Refusal> {
    let parts: Vec<(&str, &str)> = rest.split('/').filter_map(|part| part.split_once('=')).collect();
    let inner = parts.iter().find(|(kind, _)| INNER.contains(kind));
    let cluster = parts.iter().find(|(kind, _)| *kind == "cloud-cluster");
    let (Some((inner, _)), Some((_, cluster))) = (inner, cluster) else { return Ok(()) };
    let kind = cloud.live("kafka_cluster", cluster).and_then(|body| text(body, "spec.config.kind"));
    if kind == Some("Basic") {
        return Err(Refusal::bad(format!("a Basic cluster has no role bindings on a {inner}: use ACLs")));
    }
    Ok(())
}
