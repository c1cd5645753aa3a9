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
fn new_schemas_are_validated_unless_that_is_switched_off() {
    let record = |name: &str, space: &str, default: serde_json::Value| {
        avro(&json!({"type": "record", "name": name, "namespace": space,
            "fields": [{"name": "x", "type": "string", "default": default}]}))
    };
    let registry = Registry::start();
    let space = record("A", "not-a.space", json!("x"));
    let default = record("A", "n", json!(1));
    let name = record("not-a-name", "n", json!("x"));
    for schema in [&space, &default, &name] {
        registry.post("/subjects/s/versions", schema.clone()).refused(42201);
        registry.post("/compatibility/subjects/s/versions/latest", schema.clone()).refused(42201);
    }
    registry.put("/config", json!({"validateNewSchemas": false})).ok();
    registry.put("/config/strict", json!({"validateNewSchemas": true})).ok();
    let id = registry.register("a", space.clone());
    registry.register("b", default.clone());
    registry.post("/compatibility/subjects/a/versions/latest", space.clone()).ok();
    // A subject's own setting counts; a name has a form in any case.
    registry.post("/subjects/strict/versions", space.clone()).refused(42201);
    registry.post("/subjects/c/versions", name).refused(42201);
    // What is there is found and read whatever is set now.
    registry.put("/config", json!({"validateNewSchemas": true})).ok();
    assert_eq!(registry.post("/subjects/a", space).ok()["id"], id);
    registry.get(&format!("/schemas/ids/{id}")).ok();
}

#[test]
fn what_is_not_acted_on_is_refused() {
    let registry = Registry::start();
    let said = registry.put("/config/s", json!({"compatibilityPolicy": "LOGICAL"})).refused(42203);
    assert!(said.contains("STRICT or LENIENT"), "{said}");
    let said = registry.put("/config", json!({"validateRules": false})).refused(42210);
    assert!(said.contains("set it to true"), "{said}");
    registry.get("/config/s").refused(40408);
    assert_eq!(registry.put("/config/s", json!({"validateRules": true})).ok()["validateRules"], true);
}

#[test]
fn a_policy_of_another_registrys_log_lets_nothing_through_unchecked() {
    let log = sluice_registry::log::MemoryLog::of(vec![sluice_registry::log::Entry {
        key: br#"{"keytype":"CONFIG","subject":"s","magic":0}"#.to_vec(),
        value: Some(
            br#"{"subject":"s","compatibilityLevel":"NONE","compatibilityPolicy":"LOGICAL"}"#.to_vec(),
        ),
        timestamp_ms: 5,
    }]);
    let registry = Registry::start_on(sluice_registry::Options::default(), log);
    assert_eq!(registry.get("/config/s").ok()["compatibilityPolicy"], "LOGICAL");
    let said = registry.post("/subjects/s/versions", avro(&json!("string"))).refused(40901);
    assert!(said.contains("LOGICAL is not served"), "{said}");
    // Other settings can be changed, and the way out is the one that is said.
    registry.put("/config/s", json!({"normalize": true})).ok();
    registry.put("/config/s", json!({"compatibilityPolicy": "strict"})).ok();
    registry.register("s", avro(&json!("string")));
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
