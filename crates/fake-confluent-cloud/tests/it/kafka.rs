//! Kafka REST: topics, their settings, ACLs, cluster settings.

use serde_json::{Value, json};

use crate::fake::{Fake, Home};

fn topic(name: &str, partitions: u32, configs: Value) -> Value {
    json!({"topic_name": name, "partitions_count": partitions, "configs": configs})
}

/// The settings of a topic that were set, as name=value.
fn set(home: &Home, name: &str) -> Vec<String> {
    let list = home.kafka("GET", &format!("/topics/{name}/configs"), None).expect(200);
    let data = list["data"].as_array().unwrap();
    let set = data.iter().filter(|entry| entry["source"] == "DYNAMIC_TOPIC_CONFIG");
    set.map(|entry| format!("{}={}", entry["name"].as_str().unwrap(), entry["value"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_topic_lives_and_dies() {
    let home = Home::new(Fake::with(|options| options.delete_reads = 1));
    let body = topic("orders", 3, json!([{"name": "retention.ms", "value": "1000"}]));
    let made = home.kafka("POST", "/topics", body.clone()).expect(201);
    assert_eq!((&made["partitions_count"], &made["replication_factor"]), (&json!(3), &json!(3)));
    home.kafka("POST", "/topics", body).refused(400, "already exists");
    assert_eq!(home.kafka("GET", "/topics/orders", None).expect(200), made);
    assert_eq!(set(&home, "orders"), ["retention.ms=1000"]);
    let list = home.kafka("GET", "/topics", None).expect(200);
    assert_eq!(list["data"], json!([made]));
    assert_eq!(
        home.kafka("GET", "/topics/orders/partitions", None).expect(200)["data"].as_array().unwrap().len(),
        3
    );
    assert_eq!(home.kafka("GET", "/topics/orders/partitions/2", None).expect(200)["partition_id"], 2);
    home.kafka("GET", "/topics/orders/partitions/3", None).expect(404);
    home.kafka("DELETE", "/topics/orders", None).expect(204);
    // A read finds it once more; the list does not.
    assert_eq!(home.kafka("GET", "/topics", None).expect(200)["data"], json!([]));
    home.kafka("GET", "/topics/orders", None).expect(200);
    let gone = home.kafka("GET", "/topics/orders", None).expect(404);
    assert_eq!(gone["error_code"], 40403);
    home.kafka("DELETE", "/topics/orders", None).refused(404, "does not host");
}

/// Traps: partitions only grow; six is the default; replicas are three.
#[test]
fn partitions_only_grow() {
    let home = Home::new(Fake::start());
    let made = home.kafka("POST", "/topics", json!({"topic_name": "orders"})).expect(201);
    assert_eq!(made["partitions_count"], 6);
    home.kafka("PATCH", "/topics/orders", json!({"partitions_count": 4})).refused(400, "already has 6");
    home.kafka("PATCH", "/topics/orders", json!({"partitions_count": 6})).refused(400, "already has 6");
    assert_eq!(
        home.kafka("PATCH", "/topics/orders", json!({"partitions_count": 8})).expect(200)["partitions_count"],
        8
    );
    home.kafka("POST", "/topics", topic("none", 0, json!([]))).refused(400, "non-positive");
    home.kafka("POST", "/topics", json!({"topic_name": "one", "replication_factor": 1}))
        .refused(400, "replication");
}

/// Trap: on a create, only the service finds a misspelt setting.
#[test]
fn a_misspelt_setting_is_refused() {
    let home = Home::new(Fake::start());
    let with = |name: &str, value: &str| topic("orders", 1, json!([{"name": name, "value": value}]));
    home.kafka("POST", "/topics", with("retention.msec", "1")).refused(400, "retention.msec");
    home.kafka("POST", "/topics", with("retention.ms", "a week")).refused(400, "a week");
    home.kafka("POST", "/topics", with("cleanup.policy", "compacted")).refused(400, "compacted");
    home.kafka("POST", "/topics", with("compression.type", "zstd")).refused(400, "compression.type");
    home.kafka("GET", "/topics/orders", None).expect(404);
    for name in ["a b", "a/b", "..", &"n".repeat(250)] {
        home.kafka("POST", "/topics", topic(name, 1, json!([]))).refused(400, "illegal");
    }
    home.kafka("POST", "/topics", topic(&"n".repeat(249), 1, json!([]))).expect(201);
}

#[test]
fn settings_are_altered_all_or_none() {
    let home = Home::new(Fake::start());
    home.kafka("POST", "/topics", topic("orders", 1, json!([{"name": "retention.ms", "value": "1000"}])))
        .expect(201);
    let alter = |data: Value| home.kafka("POST", "/topics/orders/configs:alter", json!({"data": data}));
    let set_max = json!({"name": "max.message.bytes", "value": "1000000"});
    alter(json!([set_max, {"name": "retention.msec", "value": "1"}])).refused(400, "retention.msec");
    assert_eq!(set(&home, "orders"), ["retention.ms=1000"]);
    alter(json!([set_max, {"name": "retention.ms", "operation": "DELETE"}])).expect(204);
    assert_eq!(set(&home, "orders"), ["max.message.bytes=1000000"]);
    // What was removed has the server's default again.
    let one = home.kafka("GET", "/topics/orders/configs/retention.ms", None).expect(200);
    assert_eq!((&one["value"], &one["is_default"]), (&json!("604800000"), &json!(true)));
    home.kafka("PUT", "/topics/orders/configs/retention.ms", json!({"value": "5"})).expect(204);
    home.kafka("DELETE", "/topics/orders/configs/max.message.bytes", None).expect(204);
    assert_eq!(set(&home, "orders"), ["retention.ms=5"]);
    home.kafka("GET", "/topics/orders/configs/none", None).expect(404);
    home.kafka("GET", "/topics/none/configs", None).expect(404);
    let all = home.kafka("GET", "/topics/-/configs", None).expect(200);
    assert!(all["data"].as_array().unwrap().iter().all(|entry| entry["topic_name"] == "orders"));
    home.kafka("GET", "/topics/orders/default-configs", None).expect(200);
}

fn acl(kind: &str, name: &str, pattern: &str, principal: &str, operation: &str) -> Value {
    json!({
        "resource_type": kind, "resource_name": name, "pattern_type": pattern, "principal": principal, "host": "*",
        "operation": operation, "permission": "ALLOW",
    })
}

#[test]
fn acls_are_found_by_their_filters() {
    let home = Home::new(Fake::start());
    let principal = format!("User:{}", home.account);
    let read = acl("TOPIC", "orders", "LITERAL", &principal, "READ");
    home.kafka("POST", "/acls", read.clone()).expect(201);
    // The same once more is no second one.
    home.kafka("POST", "/acls", read).expect(201);
    home.kafka("POST", "/acls", acl("TOPIC", "dlq-lcc", "PREFIXED", &principal, "WRITE")).expect(201);
    let batch = json!({"data": [acl("GROUP", "connect-lcc", "PREFIXED", &principal, "READ")]});
    home.kafka("POST", "/acls:batch", batch).expect(201);
    let count = |query: &str| {
        home.kafka("GET", &format!("/acls?{query}"), None).expect(200)["data"].as_array().unwrap().len()
    };
    assert_eq!(count(""), 3);
    let exact = format!(
        "resource_type=TOPIC&resource_name=orders&pattern_type=LITERAL&principal={principal}&host=*&operation=READ&permission=ALLOW"
    );
    assert_eq!(count(&exact), 1);
    assert_eq!(count("resource_type=TOPIC&pattern_type=ANY&operation=ANY&permission=ANY"), 2);
    assert_eq!(count("resource_type=TOPIC&resource_name=dlq-lcc-1234&pattern_type=MATCH"), 1);
    home.kafka("DELETE", "/acls?resource_type=TOPIC", None).refused(400, "pattern_type");
    let gone = home.kafka("DELETE", &format!("/acls?{exact}"), None).expect(200);
    assert_eq!(gone["data"][0]["resource_name"], "orders");
    assert_eq!(count(""), 2);
}

/// Trap: a principal without `User:` is refused by the service only.
#[test]
fn an_acl_must_make_sense() {
    let home = Home::new(Fake::start());
    let principal = format!("User:{}", home.account);
    let cases = [
        (acl("TOPIC", "orders", "LITERAL", &home.account, "READ"), "User:"),
        (acl("TABLE", "orders", "LITERAL", &principal, "READ"), "TABLE"),
        (acl("TOPIC", "orders", "ANY", &principal, "READ"), "ANY"),
        (acl("TOPIC", "orders", "LITERAL", &principal, "SELECT"), "SELECT"),
        (acl("CLUSTER", "lkc-1", "LITERAL", &principal, "DESCRIBE"), "kafka-cluster"),
        (acl("TOPIC", "", "LITERAL", &principal, "READ"), "resource_name"),
    ];
    for (body, why) in cases {
        home.kafka("POST", "/acls", body).refused(400, why);
    }
    home.kafka("POST", "/acls", acl("CLUSTER", "kafka-cluster", "LITERAL", &principal, "DESCRIBE"))
        .expect(201);
}

/// Trap: destroying a cluster's settings in Terraform sends nothing, so they stay; here they are reset by name.
#[test]
fn only_a_dedicated_cluster_has_settings() {
    let standard = Home::new(Fake::start());
    let body = json!({"data": [{"name": "auto.create.topics.enable", "value": "true"}]});
    standard.kafka("POST", "/broker-configs:alter", body.clone()).refused(403, "Dedicated");
    standard.kafka("GET", "/broker-configs", None).expect(200);

    let home = Home::of(Fake::start(), json!({"kind": "Dedicated", "cku": 1}));
    home.kafka("POST", "/broker-configs:alter", body).expect(204);
    let unknown = json!({"data": [{"name": "log.dirs", "value": "/"}]});
    home.kafka("POST", "/broker-configs:alter", unknown).refused(400, "log.dirs");
    let one = home.kafka("GET", "/broker-configs/auto.create.topics.enable", None).expect(200);
    assert_eq!((&one["value"], &one["source"]), (&json!("true"), &json!("DYNAMIC_DEFAULT_BROKER_CONFIG")));
    home.kafka("PUT", "/broker-configs/num.partitions", json!({"value": "12"})).expect(204);
    let list = home.kafka("GET", "/broker-configs", None).expect(200);
    let set =
        list["data"].as_array().unwrap().iter().filter(|it| it["source"] == "DYNAMIC_DEFAULT_BROKER_CONFIG");
    assert_eq!(set.count(), 2);
    home.kafka("DELETE", "/broker-configs/num.partitions", None).expect(204);
}

#[test]
fn a_cluster_describes_itself() {
    let home = Home::new(Fake::start());
    let shown = home.kafka("GET", "", None).expect(200);
    assert_eq!(shown["cluster_id"], home.cluster);
    home.kafka("GET", "/nowhere", None).expect(404);
}
