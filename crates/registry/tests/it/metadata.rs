//! Metadata and rule sets.

use serde_json::{Value, json};

use crate::server::{Registry, order};

fn with(number: usize, member: &str, value: Value) -> Value {
    let mut body = order(number);
    body[member] = value;
    body
}

#[test]
fn they_are_kept_and_are_a_part_of_identity() {
    let registry = Registry::start();
    let metadata =
        json!({"tags": {"Order.f0": ["PII"]}, "properties": {"owner": "team"}, "sensitive": ["owner"]});
    assert_eq!(registry.register("s", order(0)), 1);
    assert_eq!(registry.register("s", with(0, "metadata", metadata.clone())), 2);
    assert_eq!(registry.get("/schemas/ids/2").ok()["metadata"], metadata);
    let one = registry.get("/schemas/ids/1").ok();
    assert_eq!(one["schema"], registry.get("/schemas/ids/2").ok()["schema"]);
    assert_ne!(one["guid"], registry.get("/schemas/ids/2").ok()["guid"]);
}

#[test]
fn what_is_left_out_is_inherited() {
    let registry = Registry::start();
    registry.register("s", with(0, "metadata", json!({"properties": {"owner": "team"}})));
    let answer = registry.post("/subjects/s/versions", order(1)).ok();
    assert_eq!(answer["metadata"]["properties"]["owner"], "team");
}

#[test]
fn the_newest_version_with_these_properties() {
    let registry = Registry::start();
    registry.register("s", with(0, "metadata", json!({"properties": {"major": "1", "x": "y"}})));
    registry.register("s", with(1, "metadata", json!({"properties": {"major": "1", "x": "y"}})));
    registry.register("s", with(2, "metadata", json!({"properties": {"major": "2"}})));
    let get = |query: &str| registry.get(&format!("/subjects/s/metadata?{query}"));
    assert_eq!(get("key=major&value=1").ok()["version"], 2);
    assert_eq!(get("key=major&value=1&key=x&value=y").ok()["version"], 2);
    assert_eq!(get("key=major&value=2").ok()["version"], 3);
    get("key=major&value=3").refused(40403);
    registry.get("/subjects/none/metadata?key=a&value=b").refused(40401);
}

fn rule(change: impl FnOnce(&mut Value)) -> Value {
    let mut rule = json!({"name": "encrypt", "kind": "TRANSFORM", "mode": "WRITEREAD", "type": "ENCRYPT", "tags": ["PII"],
        "params": {"encrypt.kek.name": "k"}, "onFailure": "ERROR,NONE"});
    change(&mut rule);
    rule
}

#[test]
fn rules_are_kept() {
    let registry = Registry::start();
    let rules = json!({"domainRules": [rule(|_| {})]});
    registry.register("s", with(0, "ruleSet", rules.clone()));
    assert_eq!(registry.get("/subjects/s/versions/1").ok()["ruleSet"], rules);
    let listed =
        |kind: &str| registry.get(&format!("/schemas?ruleType={kind}")).ok().as_array().unwrap().len();
    assert_eq!([listed("ENCRYPT"), listed("CEL")], [1, 0]);
}

#[test]
fn rules_are_checked() {
    let registry = Registry::start();
    let try_rules = |list: &str, rules: Vec<Value>| {
        registry.post("/subjects/s/versions", with(0, "ruleSet", json!({list: rules})))
    };
    let set = |name: &str, value: &str| rule(|rule| rule[name] = json!(value));
    for wrong in [
        set("name", ""),
        set("name", "1a"),
        set("name", "a b"),
        set("name", &"a".repeat(257)),
        set("type", ""),
        set("kind", "NONE"),
        set("mode", "UPGRADE"),
        set("mode", ""),
        set("onSuccess", "A,B,C"),
        rule(|rule| {
            rule["mode"] = json!("WRITE");
        }),
    ] {
        try_rules("domainRules", vec![wrong]).refused(42210);
    }
    try_rules("domainRules", vec![rule(|_| {}), rule(|_| {})]).refused(42210);
    try_rules("migrationRules", vec![rule(|_| {})]).refused(42210);
    try_rules("migrationRules", vec![set("mode", "UPDOWN")]).ok();
    try_rules("encodingRules", vec![set("name", &"a".repeat(256))]).ok();
}
