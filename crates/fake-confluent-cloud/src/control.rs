//! The control plane: organization, environments, identities, networks, clusters.
//!
//! Each kind of object is a [`collection::Collection`]: what is its own is in its file, what all share (create, read,
//! list, change, delete, being pending) is in `life.rs`.

mod access_points;
mod api_keys;
mod attachments;
mod clusters;
pub(crate) mod collection;
mod dns;
mod environments;
mod gateways;
mod identities;
mod integrations;
pub(crate) mod life;
mod list;
mod networks;
mod private_link;
mod role_bindings;
mod schema_registries;
mod service_accounts;
mod sizes;
mod users;

use serde_json::{Value, json};

use crate::cloud::{Cloud, ORGANIZATION};
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::ids::now;
use collection::Collection;

/// All kinds, parents before children.
pub(crate) static COLLECTIONS: &[&dyn Collection] = &[
    &environments::Environments,
    &users::Users,
    &service_accounts::ServiceAccounts,
    &identities::IdentityProviders,
    &identities::IdentityPools,
    &role_bindings::RoleBindings,
    &api_keys::ApiKeys,
    &networks::Networks,
    &private_link::Accesses,
    &attachments::Attachments,
    &attachments::Connections,
    &gateways::Gateways,
    &access_points::AccessPoints,
    &dns::Records,
    &dns::Forwarders,
    &clusters::Clusters,
    &schema_registries::SchemaRegistries,
    &integrations::Integrations,
];

pub(crate) use schema_registries::of_environment as registry_of_environment;

/// What every organization has.
pub(crate) fn furnish(cloud: &mut Cloud, key: &str) {
    environments::furnish(cloud);
    users::furnish(cloud);
    api_keys::furnish(cloud, key);
}

/// Answers a request to the control plane.
pub(crate) fn route(cloud: &mut Cloud, request: &Request) -> Answer {
    let (method, segments) = request.route();
    if let ["org", "v2", "organizations", rest @ ..] = segments.as_slice() {
        return organizations(cloud, method, rest, request);
    }
    if let Some(answer) = identities::pools(cloud, request) {
        return answer;
    }
    for collection in COLLECTIONS {
        let parts: Vec<&str> = collection.shape().path.split('/').collect();
        let Some(rest) = segments.strip_prefix(parts.as_slice()) else { continue };
        return match rest {
            [] => life::on_all(*collection, cloud, request),
            [id] => life::on_one(*collection, cloud, request, id),
            _ => Err(not_found(request)),
        };
    }
    Err(not_found(request))
}

fn organizations(cloud: &Cloud, method: &str, rest: &[&str], request: &Request) -> Answer {
    let url = format!("{}/org/v2/organizations", cloud.url);
    let organization = json!({
        "api_version": "org/v2", "kind": "Organization", "id": ORGANIZATION, "display_name": "Fake",
        "metadata": {
            "self": format!("{url}/{ORGANIZATION}"), "resource_name": Cloud::organization_crn(),
            "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
        },
    });
    match (method, rest) {
        ("GET", []) => Ok(Reply::ok(json!({
            "api_version": "org/v2", "kind": "OrganizationList",
            "metadata": {"first": url, "total_size": 1}, "data": [organization],
        }))),
        ("GET", [id]) if *id == ORGANIZATION => Ok(Reply::ok(organization)),
        ("GET", [id]) => Err(Refusal::new(404, format!("organization {id} was not found"))),
        _ => Err(not_allowed(request)),
    }
}

pub(crate) fn not_found(request: &Request) -> Refusal {
    Refusal::new(404, format!("{} is not served by this fake", request.path))
}

pub(crate) fn not_allowed(request: &Request) -> Refusal {
    Refusal::new(405, format!("{} {} is not served by this fake", request.method, request.path))
}

/// `metadata` of a new object.
pub(crate) fn metadata(url: &str, path: &str, id: &str, environment: Option<&str>, crn: &str) -> Value {
    let scope = environment.map(|environment| format!("?environment={environment}")).unwrap_or_default();
    let now = now();
    json!({
        "self": format!("{url}/{path}/{id}{scope}"), "resource_name": crn, "created_at": now, "updated_at": now,
    })
}
