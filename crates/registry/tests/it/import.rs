//! IMPORT mode.

use serde_json::{Value, json};

use crate::server::{Registry, avro, order};

fn with(mut body: Value, id: i32, version: Option<i32>) -> Value {
    body["id"] = json!(id);
    body["version"] = json!(version);
    body
}

#[test]
fn ids_and_versions_are_the_clients() {
    let registry = Registry::start();
    registry.put("/mode/s", json!({"mode": "IMPORT"})).ok();
    let answer = registry.post("/subjects/s/versions", with(order(0), 70, Some(3))).ok();
    assert_eq!((&answer["id"], &answer["version"]), (&json!(70), &json!(3)));
    // nothing is checked
    let answer = registry.post("/subjects/s/versions", with(avro(&json!("int")), 12, None)).ok();
    assert_eq!((&answer["id"], &answer["version"]), (&json!(12), &json!(4)));
    assert_eq!(registry.get("/subjects/s/versions").ok(), json!([3, 4]));
    assert_eq!(registry.get("/schemas/ids/12").ok()["schema"], "\"int\"");
    // and the next id of others is above
    assert_eq!(registry.register("t", order(2)), 71);
}

#[test]
fn an_id_must_be_there() {
    let registry = Registry::start();
    registry.put("/mode/s", json!({"mode": "IMPORT"})).ok();
    assert_eq!(
        registry.post("/subjects/s/versions", order(0)).refused(42205),
        "Subject s is not in read-write mode"
    );
}

#[test]
fn the_same_again_changes_nothing_and_another_schema_cannot_take_the_id() {
    let registry = Registry::start();
    registry.put("/mode/s", json!({"mode": "IMPORT"})).ok();
    registry.post("/subjects/s/versions", with(order(0), 7, Some(1))).ok();
    let before = registry.log.entries();
    assert_eq!(registry.post("/subjects/s/versions", with(order(0), 7, Some(1))).ok()["version"], 1);
    assert_eq!(registry.log.entries(), before);
    let message = registry.post("/subjects/s/versions", with(order(1), 7, None)).refused(42205);
    assert_eq!(message, "Overwrite new schema with id 7 is not permitted.");
}

#[test]
fn it_begins_with_nothing_or_by_force() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.put("/mode/s", json!({"mode": "IMPORT"})).refused(42205);
    registry.put("/mode", json!({"mode": "IMPORT"})).refused(42205);
    registry.put("/mode/t", json!({"mode": "IMPORT"})).ok();
    registry.put("/mode/s?force=true", json!({"mode": "IMPORT"})).ok();
    registry.post("/subjects/s/versions", with(order(1), 5, Some(9))).ok();
    assert_eq!(registry.get("/subjects/s/versions").ok(), json!([1, 9]));
}

#[test]
fn what_was_soft_deleted_is_purged() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.delete("/subjects/s").ok();
    registry.put("/mode/s", json!({"mode": "IMPORT"})).ok();
    registry.get("/subjects/s/versions?deleted=true").refused(40401);
    let keys: Vec<_> =
        registry.log.entries().into_iter().map(|entry| String::from_utf8(entry.key).unwrap()).collect();
    assert!(keys.contains(&r#"{"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}"#.to_owned()));
}

#[test]
fn after_it_everything_is_as_before() {
    let registry = Registry::start();
    registry.put("/mode", json!({"mode": "IMPORT"})).ok();
    registry.post("/subjects/s/versions", with(order(0), 9, Some(2))).ok();
    registry.put("/mode", json!({"mode": "READWRITE"})).ok();
    assert_eq!(registry.register("s", order(0)), 9);
    let answer = registry.post("/subjects/s/versions", order(1)).ok();
    assert_eq!((&answer["id"], &answer["version"]), (&json!(10), &json!(3)));
}

#[test]
fn nothing_is_added_to_what_is_imported() {
    let registry = Registry::start();
    registry.put("/mode", json!({"mode": "IMPORT"})).ok();
    let mut body = order(0);
    body["metadata"] = json!({"properties": {"owner": "team"}});
    body["ruleSet"] =
        json!({"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}]});
    registry.post("/subjects/s/versions", with(body, 1, Some(1))).ok();
    let first = registry.post("/subjects/t/versions", with(order(1), 2, Some(1))).ok();
    let answer = registry.post("/subjects/s/versions", with(order(1), 2, Some(2))).ok();
    assert_eq!((&answer["metadata"], &answer["ruleSet"]), (&json!(null), &json!(null)));
    assert_eq!(answer["guid"], first["guid"]);
    let update = json!({"overrideMetadata": {"properties": {"a": "b"}}, "normalize": true});
    registry.put("/config", update).ok();
    let answer = registry.post("/subjects/s/versions", with(order(2), 3, Some(3))).ok();
    assert_eq!(answer["metadata"], json!(null));
    let text = r#"{"type":"string","b":1,"a":2}"#;
    let answer =
        registry.post("/subjects/u/versions?normalize=true", with(json!({"schema": text}), 4, None)).ok();
    assert_eq!(answer["schema"], text);
}

#[test]
fn what_another_registry_took_is_imported() {
    let registry = Registry::start();
    registry.put("/mode", json!({"mode": "IMPORT"})).ok();
    let text = r#"{"type":"record","name":"a-b","fields":[{"name":"x","type":"long","default":"no"}]}"#;
    let answer = registry.post("/subjects/s/versions", with(json!({"schema": text}), 5, Some(1))).ok();
    assert_eq!((&answer["id"], &answer["schema"]), (&json!(5), &json!(text)));
    registry.post("/subjects/s/versions", with(json!({"schema": ""}), 6, Some(2))).refused(42201);
    registry.post("/subjects/s/versions", with(json!({"schema": "{"}), 6, Some(2))).refused(42201);
}
