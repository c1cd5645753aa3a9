//! Organization and environments.

use serde_json::json;

use crate::fake::{Fake, id};

/// The provider cuts the organization's id out of the first environment, so a new organization has one.
#[test]
fn a_new_organization_has_one_environment() {
    let fake = Fake::start();
    let list = fake.cloud("GET", "/org/v2/environments", None).expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let crn = list["data"][0]["metadata"]["resource_name"].as_str().unwrap();
    let organizations = fake.cloud("GET", "/org/v2/organizations", None).expect(200);
    let organization = id(&organizations["data"][0]);
    assert_eq!(
        crn,
        format!("crn://confluent.cloud/organization={organization}/environment={}", id(&list["data"][0]))
    );
    fake.cloud("GET", &format!("/org/v2/organizations/{organization}"), None).expect(200);
    fake.cloud("GET", "/org/v2/organizations/other", None).refused(404, "other");
    assert_eq!(fake.counts(), json!({}));
}

#[test]
fn an_environment_lives_and_dies() {
    let fake = Fake::start();
    let body = json!({"display_name": "prod", "stream_governance_config": {"package": "ADVANCED"}});
    let made = fake.cloud("POST", "/org/v2/environments", body).expect(201);
    let path = format!("/org/v2/environments/{}", id(&made));
    assert_eq!(fake.cloud("GET", &path, None).expect(200), made);
    let renamed = fake.cloud("PATCH", &path, json!({"display_name": "live"})).expect(200);
    assert_eq!(
        (&renamed["display_name"], &renamed["stream_governance_config"]["package"]),
        (&json!("live"), &json!("ADVANCED"))
    );
    fake.cloud("DELETE", &path, None).expect(204);
    fake.cloud("GET", &path, None).refused(404, "not found");
    fake.cloud("DELETE", &path, None).refused(404, "not found");
}

#[test]
fn names_are_unique_and_needed() {
    let fake = Fake::start();
    fake.environment("prod");
    fake.cloud("POST", "/org/v2/environments", json!({"display_name": "prod"})).refused(409, "prod");
    fake.cloud("POST", "/org/v2/environments", json!({"display_name": ""})).refused(400, "display_name");
    let body = json!({"display_name": "x", "stream_governance_config": {"package": "GOLD"}});
    fake.cloud("POST", "/org/v2/environments", body).refused(400, "GOLD");
    let other = fake.environment("other");
    let path = format!("/org/v2/environments/{other}");
    fake.cloud("PATCH", &path, json!({"display_name": "prod"})).refused(409, "prod");
}

#[test]
fn an_environment_with_children_stays() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let cluster = fake.cluster(&environment, json!({"kind": "Basic"}));
    let path = format!("/org/v2/environments/{environment}");
    fake.cloud("DELETE", &path, None).refused(409, &cluster);
    fake.cloud("DELETE", &format!("/cmk/v2/clusters/{cluster}?environment={environment}"), None).expect(204);
    fake.cloud("DELETE", &path, None).expect(204);
    assert_eq!(fake.counts(), json!({}));
}

/// The package goes up with the registry in place, never down.
#[test]
fn a_governance_package_does_not_go_back() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    fake.cluster(&environment, json!({"kind": "Basic"}));
    let path = format!("/org/v2/environments/{environment}");
    let package = |name: &str| json!({"stream_governance_config": {"package": name}});
    fake.cloud("PATCH", &path, package("ADVANCED")).expect(200);
    let registries =
        fake.cloud("GET", &format!("/srcm/v3/clusters?environment={environment}"), None).expect(200);
    assert_eq!(registries["data"][0]["spec"]["package"], "ADVANCED");
    fake.cloud("PATCH", &path, package("ESSENTIALS")).refused(400, "cannot go back");
}
