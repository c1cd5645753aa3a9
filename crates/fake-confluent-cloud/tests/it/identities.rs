//! Service accounts, role bindings, keys, identity providers and pools.

use serde_json::{Value, json};

use crate::fake::{Fake, Home, id};

/// Trap: names that templates put together pass 64 characters, and only the service says so.
#[test]
fn a_service_account_name_has_64_characters_at_most() {
    let fake = Fake::start();
    let path = "/iam/v2/service-accounts";
    let name = |length: usize| json!({"display_name": "a".repeat(length), "description": "d"});
    fake.cloud("POST", path, name(65)).refused(400, "64");
    let made = fake.cloud("POST", path, name(64)).expect(201);
    fake.cloud("POST", path, name(64)).refused(409, "exists");
    let one = format!("{path}/{}", id(&made));
    assert_eq!(fake.cloud("PATCH", &one, json!({"description": "new"})).expect(200)["description"], "new");
    fake.cloud("PATCH", &one, json!({"display_name": "other"})).refused(400, "display_name");
    assert_eq!(fake.cloud("GET", &one, None).expect(200)["api_version"], "iam/v2");
    fake.cloud("GET", &format!("{path}/sa-none"), None).refused(404, "sa-none");
}

fn binding(principal: &str, role: &str, crn: &str) -> Value {
    json!({"principal": principal, "role_name": role, "crn_pattern": crn})
}

#[test]
fn a_role_binding_lives_and_dies() {
    let home = Home::new(Fake::start());
    let path = "/iam/v2/role-bindings";
    let cluster = home.fake.cloud(
        "GET",
        &format!("/cmk/v2/clusters/{}?environment={}", home.cluster, home.environment),
        None,
    );
    let crn = cluster.expect(200)["metadata"]["resource_name"].as_str().unwrap().to_owned();
    assert!(crn.ends_with(&format!("/cloud-cluster={0}/kafka={0}", home.cluster)));
    let principal = format!("User:{}", home.account);
    let body = binding(&principal, "DeveloperRead", &format!("{crn}/topic=orders*"));
    let made = home.fake.cloud("POST", path, body.clone()).expect(201);
    home.fake.cloud("POST", path, body).refused(409, "exists");
    let one = format!("{path}/{}", id(&made));
    assert_eq!(home.fake.cloud("GET", &one, None).expect(200), made);
    let filter = format!("{path}?principal={principal}&role_name=DeveloperRead&crn_pattern={crn}/topic=*");
    assert_eq!(home.fake.cloud("GET", &filter, None).expect(200)["data"][0], made);
    // A delete shows the binding once more; afterwards the cloud does not say whether there ever was one.
    assert_eq!(home.fake.cloud("DELETE", &one, None).expect(200), made);
    home.fake.cloud("GET", &one, None).refused(403, "Forbidden");
}

#[test]
fn a_role_binding_must_make_sense() {
    let home = Home::of(Fake::start(), json!({"kind": "Basic"}));
    let crn = |rest: &str| {
        let environments =
            home.fake.cloud("GET", &format!("/org/v2/environments/{}", home.environment), None).expect(200);
        format!("{}{rest}", environments["metadata"]["resource_name"].as_str().unwrap())
    };
    let principal = format!("User:{}", home.account);
    let cluster = format!("/cloud-cluster={}", home.cluster);
    let cases = [
        (binding(&principal, "DeveloperReader", &crn("")), 400, "DeveloperReader"),
        (binding(&home.account, "Operator", &crn("")), 400, "User:"),
        (binding("User:sa-none", "Operator", &crn("")), 400, "sa-none"),
        (binding(&principal, "Operator", "crn://confluent.cloud/organization=another"), 403, "crn_pattern"),
        (binding(&principal, "CloudClusterAdmin", &crn("/cloud-cluster=lkc-none")), 400, "lkc-none"),
        // Trap: there are no roles on topics of a Basic cluster.
        (
            binding(&principal, "DeveloperRead", &crn(&format!("{cluster}/kafka={}/topic=a", home.cluster))),
            400,
            "Basic",
        ),
    ];
    for (body, status, why) in cases {
        home.fake.cloud("POST", "/iam/v2/role-bindings", body).refused(status, why);
    }
    // Trap: a pattern with an unresolved template in it is taken, and grants nothing.
    home.fake
        .cloud(
            "POST",
            "/iam/v2/role-bindings",
            binding(&principal, "ResourceOwner", &crn("/flink-region=var.x*")),
        )
        .expect(201);
}

/// The secret is in the create's answer, and in no other.
#[test]
fn a_secret_is_told_once() {
    let home = Home::new(Fake::start());
    let body = json!({"spec": {"display_name": "k", "description": "d", "owner": {"id": home.account}, "resource": {"id": home.registry}}});
    let made = home.fake.cloud("POST", "/iam/v2/api-keys", body).expect(202);
    assert_eq!(made["spec"]["secret"].as_str().unwrap().len(), 64);
    assert_eq!(made["spec"]["resource"]["kind"], "Cluster");
    assert_eq!(made["spec"]["resource"]["api_version"], "srcm/v2");
    assert_eq!(made["spec"]["owner"]["kind"], "ServiceAccount");
    let path = format!("/iam/v2/api-keys/{}", id(&made));
    let read = home.fake.cloud("GET", &path, None).expect(200);
    assert_eq!(read["spec"]["secret"], Value::Null);
    let changed = home.fake.cloud("PATCH", &path, json!({"spec": {"description": "new"}})).expect(200);
    assert_eq!(
        (&changed["spec"]["description"], &changed["spec"]["display_name"]),
        (&json!("new"), &json!("k"))
    );
    let list =
        home.fake.cloud("GET", &format!("/iam/v2/api-keys?spec.owner={}", home.account), None).expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 3);
    let list =
        home.fake.cloud("GET", &format!("/iam/v2/api-keys?spec.resource={}", home.cluster), None).expect(200);
    assert_eq!(id(&list["data"][0]), home.kafka_key.0);
    assert!(!list.to_string().contains(&home.kafka_key.1));
}

#[test]
fn a_key_needs_an_owner_and_a_resource_that_are_there() {
    let home = Home::new(Fake::start());
    let key =
        |owner: &str, resource: &str| json!({"spec": {"owner": {"id": owner}, "resource": {"id": resource}}});
    home.fake.cloud("POST", "/iam/v2/api-keys", key("sa-none", &home.cluster)).refused(400, "sa-none");
    home.fake.cloud("POST", "/iam/v2/api-keys", key(&home.account, "lkc-none")).refused(400, "lkc-none");
    home.fake.cloud("GET", "/iam/v2/api-keys/NONE", None).refused(403, "Forbidden");
}

#[test]
fn keys_and_bindings_go_with_their_account() {
    let home = Home::new(Fake::start());
    let environment =
        home.fake.cloud("GET", &format!("/org/v2/environments/{}", home.environment), None).expect(200);
    let crn = environment["metadata"]["resource_name"].as_str().unwrap();
    let body = binding(&format!("User:{}", home.account), "EnvironmentAdmin", crn);
    home.fake.cloud("POST", "/iam/v2/role-bindings", body).expect(201);
    home.fake.cloud("DELETE", &format!("/iam/v2/service-accounts/{}", home.account), None).expect(204);
    let counts = home.fake.counts();
    assert_eq!((&counts["api_key"], &counts["role_binding"]), (&Value::Null, &Value::Null), "{counts}");
    home.kafka("GET", "/topics", None).refused(401, "Authentication failed");
}

#[test]
fn identity_providers_have_pools() {
    let fake = Fake::start();
    let providers = "/iam/v2/identity-providers";
    let body = json!({
        "display_name": "ci", "description": "d", "issuer": "https://token.example",
        "jwks_uri": "https://token.example/keys",
    });
    fake.cloud("POST", providers, json!({"display_name": "ci"})).refused(400, "description");
    let provider = id(&fake.cloud("POST", providers, body).expect(201));
    let one = format!("{providers}/{provider}");
    assert_eq!(fake.cloud("PATCH", &one, json!({"display_name": "new"})).expect(200)["display_name"], "new");
    assert_eq!(
        fake.cloud("GET", providers, None).expect(200)["data"][0],
        fake.cloud("GET", &one, None).expect(200)
    );
    let pools = format!("{providers}/{provider}/identity-pools");
    let body = json!({
        "display_name": "deployers", "description": "d", "identity_claim": "claims.sub",
        "filter": "claims.aud == \"confluent\"",
    });
    let pool = fake.cloud("POST", &pools, body).expect(201);
    assert_eq!(pool["principal"], pool["id"]);
    let one = format!("{pools}/{}", id(&pool));
    assert_eq!(fake.cloud("PATCH", &one, json!({"description": "new"})).expect(200)["description"], "new");
    assert_eq!(fake.cloud("GET", &pools, None).expect(200)["data"].as_array().unwrap().len(), 1);
    assert_eq!(id(&fake.cloud("GET", &one, None).expect(200)), id(&pool));
    fake.cloud("GET", &format!("{pools}/pool-none"), None).refused(404, "pool-none");
    fake.cloud("DELETE", &format!("{providers}/{provider}"), None).refused(400, "identity pools");
    fake.cloud("GET", &format!("{providers}/op-none/identity-pools"), None).refused(400, "op-none");
    fake.cloud("DELETE", &one, None).expect(204);
    fake.cloud("DELETE", &format!("{providers}/{provider}"), None).expect(204);
}

#[test]
fn there_is_one_user() {
    let fake = Fake::start();
    let list = fake.cloud("GET", "/iam/v2/users", None).expect(200);
    let user = id(&list["data"][0]);
    fake.cloud("GET", &format!("/iam/v2/users/{user}"), None).expect(200);
    fake.cloud("DELETE", &format!("/iam/v2/users/{user}"), None).refused(403, "last user");
    let key = fake.key(&user, None);
    let shown = fake.cloud("GET", &format!("/iam/v2/api-keys/{}", key.0), None).expect(200);
    assert_eq!(shown["spec"]["owner"]["kind"], "User");
}
