//! References between schemas.

use serde_json::{Value, json};

use crate::server::{Registry, avro, order};

fn part() -> Value {
    avro(&json!({"type": "record", "name": "P", "fields": [{"name": "n", "type": "int"}]}))
}

fn user(subject: &str, version: i32) -> Value {
    let mut body = avro(&json!({"type": "array", "items": "P"}));
    body["references"] = json!([{"name": "P", "subject": subject, "version": version}]);
    body
}

#[test]
fn a_schema_may_use_another() {
    let registry = Registry::start();
    registry.post("/subjects/user/versions", user("part", 1)).refused(42201);
    registry.register("part", part());
    registry.register("user", user("part", 1));
    let answer = registry.get("/subjects/user/versions/1").ok();
    assert_eq!(answer["references"], json!([{"name": "P", "subject": "part", "version": 1}]));
    assert_eq!(registry.get("/schemas/ids/2").ok()["references"], answer["references"]);
    assert_eq!(registry.get("/subjects/part/versions/1/referencedby").ok(), json!([2]));
    assert_eq!(registry.get("/subjects/user/versions/1/referencedby").ok(), json!([]));
    registry.get("/subjects/part/versions/9/referencedby").refused(40402);
    registry.get("/subjects/none/versions/1/referencedby").refused(40401);
}

#[test]
fn minus_1_is_the_latest_and_stored_as_a_number() {
    let registry = Registry::start();
    registry.register("part", part());
    registry.register("part", avro(&json!({"type": "record", "name": "P", "fields": []})));
    registry.register("user", user("part", -1));
    assert_eq!(registry.get("/subjects/user/versions/1").ok()["references"][0]["version"], 2);
    // and is found again by either
    assert_eq!(registry.post("/subjects/user", user("part", -1)).ok()["version"], 1);
    assert_eq!(registry.post("/subjects/user", user("part", 2)).ok()["version"], 1);
    registry.post("/subjects/user/versions", user("none", -1)).refused(42201);
}

#[test]
fn members_that_are_missing_or_null() {
    let registry = Registry::start();
    registry.register("part", part());
    for reference in [
        json!({"subject": "part", "version": 1}),
        json!({"name": "P", "version": 1}),
        json!({"name": "P", "subject": "part"}),
        json!({"name": null, "subject": "part", "version": 1}),
    ] {
        let mut body = user("part", 1);
        body["references"] = json!([reference]);
        registry.post("/subjects/user/versions", body).refused(42201);
    }
    let mut body = order(0);
    body["references"] = Value::Null;
    registry.register("s", body);
}

#[test]
fn they_are_followed_to_the_end() {
    let registry = Registry::start();
    registry.register("a", part());
    let mut b = avro(&json!({"type": "record", "name": "Q", "fields": [{"name": "p", "type": "P"}]}));
    b["references"] = json!([{"name": "P", "subject": "a", "version": 1}]);
    registry.register("b", b);
    let mut c = avro(&json!({"type": "array", "items": "Q"}));
    c["references"] = json!([{"name": "Q", "subject": "b", "version": 1}]);
    registry.register("c", c);
    let resolved = registry.get("/subjects/c/versions/1?format=resolved").ok()["schema"].clone();
    let resolved: Value = serde_json::from_str(resolved.as_str().unwrap()).unwrap();
    assert_eq!(resolved["items"]["fields"][0]["type"]["name"], "P");
}

#[test]
fn what_is_referred_to_is_not_deleted() {
    let registry = Registry::start();
    registry.register("part", part());
    registry.register("user", user("part", 1));
    let message = registry.delete("/subjects/part/versions/1").refused(42206);
    assert_eq!(
        message,
        "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=part,version=1}."
    );
    registry.delete("/subjects/part").refused(42206);
    registry.delete("/subjects/user").ok();
    // A soft delete minds live users only, a permanent one all.
    registry.delete("/subjects/part").ok();
    registry.delete("/subjects/part?permanent=true").refused(42206);
    registry.delete("/subjects/part/versions/1?permanent=true").refused(42206);
    assert_eq!(registry.get("/subjects/part/versions/1/referencedby").ok(), json!([]));
    assert_eq!(registry.get("/subjects/part/versions/1/referencedby?deleted=true").ok(), json!([2]));
    registry.delete("/subjects/user?permanent=true").ok();
    registry.delete("/subjects/part?permanent=true").ok();
}

#[test]
fn a_whole_subject_may_refer_to_itself() {
    let registry = Registry::start();
    registry.put("/config/s", json!({"compatibility": "NONE"})).ok();
    registry.register("s", part());
    registry.register("s", user("s", 1));
    registry.delete("/subjects/s/versions/1").refused(42206);
    assert_eq!(registry.delete("/subjects/s").ok(), json!([1, 2]));
    assert_eq!(registry.delete("/subjects/s?permanent=true").ok(), json!([1, 2]));
}

#[test]
fn new_schemas_do_not_see_deleted_ones() {
    let registry = Registry::start();
    registry.register("part", part());
    registry.delete("/subjects/part").ok();
    registry.post("/subjects/user/versions", user("part", 1)).refused(42201);
    registry.post("/subjects/user/versions", user("part", -1)).refused(42201);
}

#[test]
fn a_name_without_context_is_in_the_users_context() {
    let registry = Registry::start();
    registry.register(":.c:part", part());
    registry.register(":.c:user", user("part", 1));
    registry.post("/subjects/user/versions", user("part", 1)).refused(42201);
    registry.register("user", user(":.c:part", 1));
    assert_eq!(registry.get("/subjects/:.c:part/versions/1/referencedby").ok(), json!([1, 2]));
    let qualified = registry.get("/subjects/:.c:user/versions/1?referenceFormat=qualified").ok();
    assert_eq!(qualified["references"][0]["subject"], ":.c:part");
}

#[test]
fn normalize_sorts_them_and_leaves_doubles_out() {
    let registry = Registry::start();
    registry.register("a", part());
    let mut body = user("a", 1);
    let reference = body["references"][0].clone();
    body["references"] = json!([reference, reference]);
    let answer = registry.post("/subjects/user/versions?normalize=true", body).ok();
    assert_eq!(answer["references"].as_array().unwrap().len(), 1);
}
