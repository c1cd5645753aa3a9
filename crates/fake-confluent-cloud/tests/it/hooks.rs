//! What a test does behind the cloud's back.

use serde_json::{Value, json};

use crate::fake::{Fake, Home, id, reference};

#[test]
fn a_reset_forgets_everything_but_the_first_key() {
    let home = Home::new(Fake::start());
    home.fake.fail(json!({"path_prefix": "/org/", "status": 500}));
    home.fake.hook("POST", "reset", None).expect(204);
    assert_eq!(home.fake.counts(), json!({}));
    let list = home.fake.cloud("GET", "/org/v2/environments", None).expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    home.kafka("GET", "/topics", None).expect(401);
    // Ids do not come twice: what remembers the old ones finds nothing.
    assert_ne!(home.fake.environment("home"), home.environment);
}

#[test]
fn counts_are_of_what_was_made() {
    let home = Home::new(Fake::start());
    home.kafka("POST", "/topics", json!({"topic_name": "orders"})).expect(201);
    home.registry("PUT", "/config/orders-value", json!({"compatibility": "NONE"})).expect(200);
    home.create_connector(&home.datagen("gen")).expect(201);
    let expected = json!({
        "environment": 1, "kafka_cluster": 1, "service_account": 1, "api_key": 2, "kafka_topic": 1,
        "subject_config": 1, "connector": 1,
    });
    assert_eq!(home.fake.counts(), expected);
    let state = home.fake.hook("GET", "state", None).expect(200);
    assert_eq!(state["kafka_topic"][&home.cluster]["orders"]["partitions_count"], 6);
    assert_eq!(state["connector"][&home.cluster]["gen"]["config"]["quickstart"], "ORDERS");
    assert_eq!(state["kafka_cluster"][&home.cluster]["spec"]["display_name"], "cluster");
}

#[test]
fn objects_are_changed_behind_their_owners_back() {
    let home = Home::of(Fake::start(), json!({"kind": "Dedicated", "cku": 2}));
    let change = |kind: &str, name: &str, patch: Value| {
        home.fake.change(json!({"kind": kind, "name": name, "patch": patch}))
    };

    change("kafka_cluster", &home.cluster, json!({"spec": {"config": {"cku": 4}}, "status": {"cku": 4}}));
    let path = format!("/cmk/v2/clusters/{}?environment={}", home.cluster, home.environment);
    assert_eq!(home.fake.cloud("GET", &path, None).expect(200)["status"]["cku"], 4);

    change("environment", "home", json!({"display_name": "renamed"}));
    let path = format!("/org/v2/environments/{}", home.environment);
    assert_eq!(home.fake.cloud("GET", &path, None).expect(200)["display_name"], "renamed");

    home.kafka(
        "POST",
        "/topics",
        json!({"topic_name": "orders", "configs": [{"name": "retention.ms", "value": "1"}]}),
    )
    .expect(201);
    change(
        "kafka_topic",
        "orders",
        json!({"config": {"retention.ms": null, "cleanup.policy": "compact"}, "partitions_count": 9}),
    );
    let topic = home.kafka("GET", "/topics/orders", None).expect(200);
    assert_eq!(topic["partitions_count"], 9);
    let setting = home.kafka("GET", "/topics/orders/configs/cleanup.policy", None).expect(200);
    assert_eq!(setting["value"], "compact");

    home.create_connector(&home.datagen("gen")).expect(201);
    change(
        "connector",
        "gen",
        json!({"config": {"quickstart": "USERS", "tasks.max": null}, "state": "DEGRADED"}),
    );
    let all = home.connect("GET", "/connectors?expand=info,status,id", None).expect(200);
    let config = &all["gen"]["info"]["config"];
    assert_eq!((&config["quickstart"], &config["tasks.max"]), (&json!("USERS"), &Value::Null));
    assert_eq!(all["gen"]["status"]["connector"]["state"], "DEGRADED");

    home.registry("PUT", "/config/orders-value", json!({"compatibility": "NONE"})).expect(200);
    change("subject_config", "orders-value", json!({"compatibilityLevel": "FULL"}));
    assert_eq!(home.registry("GET", "/config/orders-value", None).expect(200)["compatibilityLevel"], "FULL");
}

/// `null` as the patch: someone deleted it.
#[test]
fn objects_vanish_behind_their_owners_back() {
    let home = Home::new(Fake::start());
    home.kafka("POST", "/topics", json!({"topic_name": "orders"})).expect(201);
    home.registry("PUT", "/config/orders-value", json!({"compatibility": "NONE"})).expect(200);
    home.create_connector(&home.datagen("gen")).expect(201);
    let vanish =
        |kind: &str, name: &str| home.fake.change(json!({"kind": kind, "name": name, "patch": null}));
    vanish("connector", "gen");
    vanish("kafka_topic", "orders");
    vanish("subject_config", "orders-value");
    vanish("service_account", "worker");
    assert_eq!(home.fake.counts(), json!({"environment": 1, "kafka_cluster": 1}));
}

#[test]
fn a_change_that_cannot_be_is_refused() {
    let home = Home::new(Fake::start());
    home.create_connector(&home.datagen("gen")).expect(201);
    for (body, why) in [
        (json!({"kind": "connector", "name": "gen"}), "patch"),
        (json!({"kind": "connector", "patch": {}}), "id"),
        (json!({"kind": "connector", "name": "none", "patch": {}}), "none"),
        (json!({"kind": "connector", "name": "gen", "patch": {"state": "ASLEEP"}}), "ASLEEP"),
        (json!({"kind": "connector", "name": "gen", "patch": {"config": {"a": 1}}}), "must be a string"),
        (json!({"kind": "conector", "name": "gen", "patch": {}}), "conector"),
        (json!({"kind": "network", "id": "n-1", "patch": {}}), "n-1"),
        (json!({"kind": "network", "id": "n-1", "patch": 1}), "object"),
    ] {
        home.fake.hook("POST", "change", body).refused(400, why);
    }
    home.fake.hook("GET", "nothing", None).expect(404);
}

#[test]
fn requests_are_logged_with_what_was_sent() {
    let fake = Fake::start();
    fake.hook("DELETE", "requests", None).expect(204);
    let environment = fake.environment("home");
    fake.cloud("GET", &format!("/networking/v1/networks/n-none?environment={environment}"), None).expect(404);
    fake.fail(json!({"path_prefix": "/cmk/", "status": 500, "times": 1}));
    fake.cloud("GET", &format!("/cmk/v2/clusters?environment={environment}"), None).expect(500);
    fake.cloud("GET", "/flink/v1/anything", None).expect(404);
    let log = fake.hook("GET", "requests", None).expect(200);
    let entries = log["requests"].as_array().unwrap();
    assert_eq!(entries.len(), 4, "hooks are not logged, what is not served is");
    let entry = &entries[0];
    assert_eq!(
        (&entry["method"], &entry["path"], &entry["status"]),
        (&json!("POST"), &json!("/org/v2/environments"), &json!(201))
    );
    assert_eq!(
        (&entry["body"], &entry["api_key"]),
        (&json!({"display_name": "home"}), &json!("FAKECLOUDKEY0001"))
    );
    assert_eq!(entries[1]["query"], json!({"environment": environment}));
    assert_eq!(
        (&entries[1]["failed_on_purpose"], &entries[2]["failed_on_purpose"]),
        (&json!(false), &json!(true))
    );
}

#[test]
fn a_body_that_is_no_json_and_a_path_that_is_not_served_are_told() {
    let fake = Fake::start();
    fake.cloud("GET", "/flink/v1/anything", None).refused(404, "/flink/v1/anything");
    fake.cloud("GET", "/org/v2/anything", None).refused(404, "/org/v2/anything");
    assert_eq!(fake.text("POST", "/org/v2/environments", "{").0, 400);
    assert_eq!(fake.text("POST", "/fake/v1/change", "{").0, 400);
}

/// What the harness asserts after a destroy: no pending deletes are counted.
#[test]
fn what_is_on_its_way_out_is_not_counted() {
    let fake = Fake::with(|options| options.delete_reads = 5);
    let environment = fake.environment("home");
    let body = json!({"spec": {
        "display_name": "gw", "environment": reference(&environment),
        "config": {"kind": "AwsEgressPrivateLinkGatewaySpec", "region": "eu-central-1"},
    }});
    let gateway = id(&fake.cloud("POST", "/networking/v1/gateways", body).expect(202));
    fake.cloud("DELETE", &format!("/networking/v1/gateways/{gateway}?environment={environment}"), None)
        .expect(204);
    fake.cloud("DELETE", &format!("/org/v2/environments/{environment}"), None).expect(204);
    assert_eq!(fake.counts(), json!({}));
    let state = fake.hook("GET", "state", None).expect(200);
    assert_eq!(state["gateway"][&gateway]["deleting"], true);
}
