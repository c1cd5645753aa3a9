//! POST /subjects/{subject}.

use serde_json::json;

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
