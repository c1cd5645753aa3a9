//! Keys: what is let in, and how each API says no.

use serde_json::json;

use crate::fake::{Fake, Home};

#[test]
fn each_api_refuses_in_its_own_form() {
    let home = Home::new(Fake::start());
    let wrong = Some(("FAKECLOUDKEY0001".to_owned(), "wrong".to_owned()));
    let kafka = format!("/kafka/v3/clusters/{}/topics", home.cluster);
    let connect =
        format!("/connect/v1/environments/{}/clusters/{}/connectors", home.environment, home.cluster);
    for key in [None, wrong] {
        let ask = |path: &str| home.fake.ask(key.as_ref(), "GET", path, None);
        let control = ask("/org/v2/environments").expect(401);
        assert_eq!(
            (&control["errors"][0]["status"], &control["errors"][0]["code"]),
            (&json!("401"), &json!("unauthorized"))
        );
        assert_eq!(ask(&kafka).expect(401)["error_code"], 40101);
        assert_eq!(ask("/subjects").expect(401)["error_code"], 401);
        assert_eq!(ask(&connect).expect(401)["error"]["code"], 401);
    }
}

/// Trap: the control plane answers 403 to a key of a cluster. Clients tell it from "gone" by the words.
#[test]
fn a_cluster_key_is_no_cloud_key() {
    let home = Home::new(Fake::start());
    let ask = |path: &str| home.fake.ask(Some(&home.kafka_key), "GET", path, None);
    ask("/org/v2/environments").refused(403, "invalid API key");
    let connect =
        format!("/connect/v1/environments/{}/clusters/{}/connectors", home.environment, home.cluster);
    ask(&connect).refused(401, "Unauthorized");
    ask("/subjects").refused(401, "Unauthorized");
}

#[test]
fn a_key_opens_its_own_cluster_only() {
    let home = Home::new(Fake::start());
    let other = home.fake.cluster(&home.environment, json!({"kind": "Standard"}));
    let path = format!("/kafka/v3/clusters/{other}/topics");
    home.fake.ask(Some(&home.kafka_key), "GET", &path, None).refused(401, "Authentication failed");
    home.fake.cloud("GET", &path, None).refused(401, "Authentication failed");
    home.kafka("GET", "/topics", None).expect(200);
}

#[test]
fn a_cloud_key_that_was_made_opens_the_control_plane_until_it_is_deleted() {
    let fake = Fake::start();
    let account = fake.service_account("pipeline");
    let key = fake.key(&account, None);
    fake.ask(Some(&key), "GET", "/org/v2/environments", None).expect(200);
    fake.cloud("DELETE", &format!("/iam/v2/api-keys/{}", key.0), None).expect(204);
    fake.ask(Some(&key), "GET", "/org/v2/environments", None).refused(401, "Unauthorized");
}

/// Trap: a key and its secret are no bearer token.
#[test]
fn a_key_is_no_bearer_token() {
    let fake = Fake::start();
    let bearer = |path: &str| {
        let request = ureq::get(format!("{}{path}", fake.url()));
        let request = request.header("authorization", "Bearer FAKECLOUDKEY0001:fake-cloud-secret");
        let request = request.config().http_status_as_error(false).build();
        request.call().unwrap().status().as_u16()
    };
    assert_eq!(bearer("/org/v2/environments"), 401);
    assert_eq!(bearer("/fake/v1/state"), 200, "hooks ask for nothing");
}

/// A new key of a cluster works after a while only: what waits for it must not take 401 for its end.
#[test]
fn a_new_cluster_key_is_refused_for_a_while() {
    let fake = Fake::with(|options| options.key_pending_uses = 2);
    let environment = fake.environment("home");
    let cluster = fake.cluster(&environment, json!({"kind": "Basic"}));
    let key = fake.key(&fake.service_account("worker"), Some(&cluster));
    let path = format!("/kafka/v3/clusters/{cluster}/topics");
    let seen: Vec<u16> = (0..4).map(|_| fake.ask(Some(&key), "GET", &path, None).status).collect();
    assert_eq!(seen, [401, 401, 200, 200]);
}
