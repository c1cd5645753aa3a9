//! POST /subjects/{subject}.

use serde_json::json;
use sluice_registry::Options;
use sluice_registry::log::{Entry, MemoryLog};

use crate::server::{Registry, avro, order};

#[test]
fn a_registered_schema_is_found() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.register("s", order(1));
    let answer = registry.post("/subjects/s", order(0)).ok();
    assert_eq!((&answer["subject"], &answer["version"], &answer["id"]), (&json!("s"), &json!(1), &json!(1)));
    assert!(answer["ts"].as_i64().unwrap() > 1_600_000_000_000);
}

#[test]
fn unknown_subject_and_unknown_schema_are_two_errors() {
    let registry = Registry::start();
    registry.post("/subjects/s", order(0)).refused(40401);
    registry.register("s", order(0));
    assert_eq!(registry.post("/subjects/s", order(1)).refused(40403), "Schema not found");
    registry.post("/subjects/s", json!({"schema": "{"})).refused(42201);
}

#[test]
fn a_deleted_schema_is_found_if_asked_for() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.register("s", order(1));
    registry.delete("/subjects/s/versions/1").ok();
    registry.post("/subjects/s", order(0)).refused(40403);
    let answer = registry.post("/subjects/s?deleted=true", order(0)).ok();
    assert_eq!((&answer["version"], &answer["deleted"]), (&json!(1), &json!(true)));
    registry.delete("/subjects/s").ok();
    registry.post("/subjects/s", order(1)).refused(40401);
    registry.post("/subjects/s?deleted=true", order(1)).ok();
}

#[test]
fn it_writes_nothing() {
    let registry = Registry::start();
    registry.register("s", order(0));
    let before = registry.log.entries();
    registry.post("/subjects/s", order(0)).ok();
    registry.post("/subjects/s", order(1)).refused(40403);
    assert_eq!(registry.log.entries(), before);
}

#[test]
fn the_order_of_properties_does_not_hide_it() {
    let registry = Registry::start();
    registry.register("s", avro(&json!({"type": "string", "b": 1, "a": 2})));
    assert_eq!(registry.post("/subjects/s", avro(&json!({"a": 2, "b": 1, "type": "string"}))).ok()["id"], 1);
}

#[test]
fn an_inlined_schema_finds_its_twin_with_references() {
    let registry = Registry::start();
    let part = json!({"type": "record", "name": "shop.Part", "fields": [{"name": "n", "type": "int"}]});
    registry.register("part", avro(&part));
    let user = |part: serde_json::Value| {
        avro(&json!({"type": "record", "name": "shop.User", "fields": [{"name": "p", "type": part}]}))
    };
    let mut body = user(json!("shop.Part"));
    body["references"] = json!([{"name": "shop.Part", "subject": "part", "version": 1}]);
    let id = registry.register("user", body);
    assert_eq!(registry.post("/subjects/user", user(part.clone())).ok()["id"], id);
    assert_eq!(registry.register("user", user(part)), id);
}

#[test]
fn what_metadata_says_is_inherited_when_it_is_left_out() {
    let registry = Registry::start();
    let mut body = order(0);
    body["metadata"] = json!({"properties": {"owner": "team"}});
    registry.register("s", body);
    assert_eq!(registry.post("/subjects/s", order(0)).ok()["id"], 1);
}

#[test]
fn a_subject_without_context_is_looked_for_in_all() {
    let registry = Registry::start();
    registry.register(":.c:s", order(0));
    assert_eq!(registry.post("/subjects/s", order(0)).ok()["subject"], ":.c:s");
}

#[test]
fn an_older_version_is_found_whatever_later_ones_have() {
    let registry = Registry::start();
    registry.register("s", order(0));
    let mut body = order(1);
    body["metadata"] = json!({"properties": {"owner": "team"}});
    body["ruleSet"] =
        json!({"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}]});
    registry.register("s", body);
    let answer = registry.post("/subjects/s", order(0)).ok();
    assert_eq!((&answer["version"], &answer["metadata"]), (&json!(1), &json!(null)));
    // What the latest version has is left out all the same.
    assert_eq!(registry.post("/subjects/s", order(1)).ok()["version"], 2);
}

#[test]
fn what_a_config_adds_hides_no_version() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.put("/config/s", json!({"defaultMetadata": {"properties": {"owner": "team"}}})).ok();
    assert_eq!(registry.post("/subjects/s", order(0)).ok()["version"], 1);
    registry.register("s", order(1));
    assert_eq!(registry.post("/subjects/s", order(0)).ok()["version"], 1);
    assert_eq!(registry.post("/subjects/s", order(1)).ok()["version"], 2);
    registry.post("/subjects/s", order(2)).refused(40403);
}

#[test]
fn without_a_text_nothing_is_found() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.post("/subjects/s", json!({"schema": ""})).refused(40403);
}

// Its name has a letter that Avro allows no longer, its default does not fit.
#[test]
fn what_an_older_registry_took_is_found() {
    let text = r#"{"type":"record","name":"a-b","fields":[{"name":"x","type":"long","default":"no"}]}"#;
    let value = json!({"subject": "s", "version": 1, "id": 7, "schema": text, "deleted": false});
    let log = MemoryLog::of(vec![Entry {
        key: br#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#.to_vec(),
        value: Some(value.to_string().into_bytes()),
        timestamp_ms: 0,
    }]);
    let registry = Registry::start_on(Options::default(), log);
    assert_eq!(registry.post("/subjects/s", json!({"schema": text})).ok()["id"], 7);
    assert_eq!(registry.register("s", json!({"schema": text})), 7);
    registry.post("/subjects/t/versions", json!({"schema": text})).refused(42201);
}

#[test]
fn a_schema_is_looked_for_in_all_contexts_though_the_subject_is_here() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.register(":.c:s", order(1));
    assert_eq!(registry.post("/subjects/s", order(1)).ok()["subject"], ":.c:s");
    registry.post("/subjects/s", order(2)).refused(40403);
    registry.post("/subjects/:.c:s", order(0)).refused(40403);
}
