//! /config.

use serde_json::json;

use crate::server::{Registry, avro, order};

#[test]
fn the_servers_level_is_backward() {
    let registry = Registry::start();
    assert_eq!(registry.get("/config").ok(), json!({"compatibilityLevel": "BACKWARD"}));
    assert_eq!(
        registry.get("/config/s?defaultToGlobal=true").ok(),
        json!({"compatibilityLevel": "BACKWARD"})
    );
    registry.get("/config/s").refused(40408);
}

#[test]
fn put_takes_and_answers_another_name_than_get() {
    let registry = Registry::start();
    let answer = registry.put("/config/s", json!({"compatibility": "full"})).ok();
    assert_eq!(answer, json!({"compatibility": "FULL"}));
    assert_eq!(registry.get("/config/s").ok(), json!({"compatibilityLevel": "FULL"}));
    assert_eq!(registry.delete("/config/s").ok(), json!({"compatibilityLevel": "FULL"}));
    registry.get("/config/s").refused(40408);
}

#[test]
fn wrong_values() {
    let registry = Registry::start();
    registry.put("/config", json!({"compatibility": "UP"})).refused(42203);
    registry.put("/config/s", json!({"compatibility": ""})).refused(42203);
    registry.put("/config/__GLOBAL", json!({"compatibility": "FULL"})).refused(42208);
    registry.put("/config/s", json!({"defaultRuleSet": {"domainRules": [{"name": "1"}]}})).refused(42210);
    registry.delete("/config/s").refused(40401);
}

#[test]
fn put_is_partial_and_null_clears() {
    let registry = Registry::start();
    registry.put("/config/s", json!({"compatibility": "FULL", "normalize": true})).ok();
    let answer = registry.put("/config/s", json!({"alias": "t", "unknown": 1})).ok();
    assert_eq!(answer, json!({"alias": "t", "normalize": true, "compatibility": "FULL"}));
    let answer = registry.put("/config/s", json!({"alias": null, "compatibility": null})).ok();
    assert_eq!(answer, json!({"normalize": true}));
}

#[test]
fn the_global_config_can_be_removed() {
    let registry = Registry::start();
    registry.put("/config", json!({"compatibility": "NONE"})).ok();
    registry.register("s", avro(&json!("string")));
    registry.register("s", avro(&json!("int")));
    assert_eq!(registry.delete("/config").ok(), json!({"compatibilityLevel": "NONE"}));
    assert_eq!(registry.delete("/config").ok(), json!({"compatibilityLevel": "BACKWARD"}));
    registry.post("/subjects/s/versions", avro(&json!("boolean"))).refused(40901);
}

#[test]
fn a_subject_then_its_context_then_what_is_behind_all() {
    let registry = Registry::start();
    let level = |subject: &str| {
        let answer = registry.get(&format!("/config/{subject}?defaultToGlobal=true")).ok();
        answer["compatibilityLevel"].as_str().unwrap().to_owned()
    };
    registry.put("/config/:.__GLOBAL:", json!({"compatibility": "FORWARD"})).ok();
    assert_eq!([level("s"), level(":.c:s")], ["FORWARD", "FORWARD"]);
    registry.put("/config", json!({"compatibility": "FULL"})).ok();
    assert_eq!([level("s"), level(":.c:s")], ["FULL", "FORWARD"]);
    registry.put("/config/:.c:", json!({"compatibility": "NONE"})).ok();
    assert_eq!([level("s"), level(":.c:s")], ["FULL", "NONE"]);
    registry.put("/config/:.c:s", json!({"compatibility": "BACKWARD_TRANSITIVE"})).ok();
    assert_eq!([level("s"), level(":.c:s")], ["FULL", "BACKWARD_TRANSITIVE"]);
}

#[test]
fn a_subject_entry_without_level_takes_the_servers_level() {
    let registry = Registry::start();
    registry.put("/config", json!({"compatibility": "NONE", "normalize": true})).ok();
    registry.put("/config/s", json!({"validateFields": false})).ok();
    let answer = registry.get("/config/s?defaultToGlobal=true").ok();
    // normalize is left to the context, the level is not
    assert_eq!((&answer["compatibilityLevel"], &answer["normalize"]), (&json!("BACKWARD"), &json!(true)));
    registry.register("s", avro(&json!("string")));
    registry.post("/subjects/s/versions", avro(&json!("int"))).refused(40901);
}

#[test]
fn an_alias_stands_for_its_subject() {
    let registry = Registry::start();
    registry.put("/config/old", json!({"alias": "new"})).ok();
    registry.register("old", order(0));
    assert_eq!(registry.get("/subjects").ok(), json!(["new"]));
    assert_eq!(registry.get("/subjects/old/versions/1").ok()["subject"], "new");
    assert_eq!(registry.post("/subjects/old", order(0)).ok()["subject"], "new");
    assert_eq!(registry.get("/schemas/ids/1?subject=old").ok()["subject"], "new");
    registry.post("/compatibility/subjects/old/versions/1", order(1)).ok();
    registry.delete("/subjects/old").ok();
    registry.get("/subjects/new/versions").refused(40401);
}

#[test]
fn metadata_and_rules_of_the_config_come_into_new_versions() {
    let registry = Registry::start();
    let rule = |name: &str| json!({"name": name, "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"});
    registry
        .put(
            "/config/s",
            json!({
                "defaultMetadata": {"properties": {"owner": "nobody", "tier": "3"}},
                "overrideMetadata": {"properties": {"region": "eu"}},
                "overrideRuleSet": {"domainRules": [rule("must")]},
            }),
        )
        .ok();
    let mut body = order(0);
    body["metadata"] = json!({"properties": {"owner": "team", "region": "us"}});
    let answer = registry.post("/subjects/s/versions", body).ok();
    assert_eq!(answer["metadata"]["properties"], json!({"owner": "team", "region": "eu", "tier": "3"}));
    assert_eq!(answer["ruleSet"]["domainRules"][0]["name"], "must");
    let shown = registry.get("/config/s").ok();
    assert_eq!(shown["overrideMetadata"]["properties"]["region"], "eu");
}

#[test]
fn a_read_only_subject_keeps_its_config() {
    let registry = Registry::start();
    registry.put("/config/s", json!({"compatibility": "FULL"})).ok();
    registry.put("/mode/s", json!({"mode": "READONLY"})).ok();
    registry.put("/config/s", json!({"compatibility": "NONE"})).refused(42205);
    registry.delete("/config/s").refused(42205);
    assert_eq!(registry.get("/config/s").ok()["compatibilityLevel"], "FULL");
}
