//! Levels, and POST /compatibility.

use serde_json::{Value, json};

use crate::server::{Registry, avro, record};

fn with_default() -> Value {
    avro(&json!({"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "a", "type": "long"}, {"name": "b", "type": "long", "default": 0}]}))
}

fn one() -> Value {
    record(&[("a", json!("long"))])
}

fn two() -> Value {
    record(&[("a", json!("long")), ("b", json!("long"))])
}

/// Whether `new` can follow `old` under a level, asked and tried.
#[track_caller]
fn check(level: &str, old: &[Value], new: &Value, compatible: bool) {
    let registry = Registry::start();
    registry.put("/config/s", json!({"compatibility": "NONE"})).ok();
    for schema in old {
        registry.register("s", schema.clone());
    }
    registry.put("/config/s", json!({"compatibility": level})).ok();
    let asked = registry.post("/compatibility/subjects/s/versions", new.clone()).ok();
    assert_eq!(asked["is_compatible"], compatible, "{level}");
    let answer = registry.post("/subjects/s/versions", new.clone());
    if compatible { drop(answer.ok()) } else { drop(answer.refused(40901)) }
}

#[test]
fn a_field_with_a_default_is_added_under_every_level() {
    for level in ["BACKWARD", "FORWARD", "FULL", "BACKWARD_TRANSITIVE", "FULL_TRANSITIVE", "NONE"] {
        check(level, &[one()], &with_default(), true);
    }
}

#[test]
fn a_field_without_default_is_added_forward_only() {
    check("FORWARD", &[one()], &two(), true);
    check("FORWARD_TRANSITIVE", &[one()], &two(), true);
    check("BACKWARD", &[one()], &two(), false);
    check("FULL", &[one()], &two(), false);
    check("NONE", &[one()], &two(), true);
}

#[test]
fn a_field_without_default_is_removed_backward_only() {
    check("BACKWARD", &[two()], &one(), true);
    check("FORWARD", &[two()], &one(), false);
    check("FULL_TRANSITIVE", &[two()], &one(), false);
}

#[test]
fn transitive_levels_look_at_all_versions() {
    // b: without default, gone, back with one
    let old = [avro(&json!("string")), avro(&json!(["string", "int"]))];
    let new = avro(&json!("int"));
    check("BACKWARD", &old, &new, false);
    let old = [two(), record(&[("a", json!("long")), ("b", json!("string"))])];
    check("BACKWARD", &old, &record(&[("b", json!("string"))]), true);
    check("BACKWARD_TRANSITIVE", &old, &record(&[("b", json!("string"))]), false);
    check("FORWARD", &[avro(&json!("string")), avro(&json!(["int", "long"]))], &avro(&json!("int")), true);
    check(
        "FORWARD_TRANSITIVE",
        &[avro(&json!("string")), avro(&json!(["int", "long"]))],
        &avro(&json!("int")),
        false,
    );
}

#[test]
fn another_type_is_never_compatible() {
    let json_schema = json!({"schemaType": "JSON", "schema": "{\"type\":\"string\"}"});
    check("BACKWARD", &[avro(&json!("string"))], &json_schema, false);
    check("FULL", &[avro(&json!("string"))], &json_schema, false);
    check("NONE", &[avro(&json!("string"))], &json_schema, true);
}

#[test]
fn logical_types_do_not_count() {
    let with = |logical: &str| avro(&json!({"type": "long", "logicalType": logical}));
    check("FULL", &[with("timestamp-millis")], &with("timestamp-micros"), true);
}

#[test]
fn the_refusal_says_what_does_not_fit() {
    let registry = Registry::start();
    registry.register("s", one());
    let message = registry.post("/subjects/s/versions", two()).refused(40901);
    for part in [
        "Schema being registered is incompatible with an earlier schema for subject \"s\", details: [",
        "READER_FIELD_MISSING_DEFAULT_VALUE",
        "{oldSchemaVersion: 1}",
        "{oldSchema: '",
        "{validateFields: 'false', compatibility: 'BACKWARD'}]",
    ] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
}

#[test]
fn messages_if_asked_for() {
    let registry = Registry::start();
    registry.register("s", one());
    let ask =
        |query: &str, body| registry.post(&format!("/compatibility/subjects/s/versions/1{query}"), body).ok();
    assert_eq!(ask("", two()), json!({"is_compatible": false}));
    let verbose = ask("?verbose=true", two());
    let messages = verbose["messages"].as_array().unwrap();
    assert_eq!(messages.last().unwrap(), "{validateFields: 'false', compatibility: 'BACKWARD'}");
    assert_eq!(ask("?verbose=true", with_default()), json!({"is_compatible": true, "messages": []}));
}

#[test]
fn a_schema_that_cannot_be_read_is_refused_or_with_verbose_incompatible() {
    let registry = Registry::start();
    registry.register("s", one());
    let wrong = json!({"schema": "{"});
    registry.post("/compatibility/subjects/s/versions/1", wrong.clone()).refused(42201);
    let answer = registry.post("/compatibility/subjects/s/versions/1?verbose=true", wrong).ok();
    assert_eq!(answer["is_compatible"], false);
    assert!(answer["messages"][0].as_str().unwrap().starts_with("Invalid schema {"));
}

#[test]
fn unknown_subjects_and_versions() {
    let registry = Registry::start();
    let ask = |path: &str| registry.post(&format!("/compatibility/subjects/{path}"), one());
    ask("none/versions/1").refused(40402);
    assert_eq!(ask("none/versions/latest").ok()["is_compatible"], true);
    assert_eq!(ask("none/versions").ok()["is_compatible"], true);
    ask("none/versions/0").refused(42202);
    registry.register("s", two());
    ask("s/versions/2").refused(40402);
    registry.delete("/subjects/s").ok();
    assert_eq!(ask("s/versions/latest").ok()["is_compatible"], true);
}

#[test]
fn one_version_is_compared_by_its_number() {
    let registry = Registry::start();
    registry.put("/config/s", json!({"compatibility": "NONE"})).ok();
    registry.register("s", avro(&json!("string")));
    registry.register("s", avro(&json!("int")));
    registry.put("/config/s", json!({"compatibility": "BACKWARD"})).ok();
    let ask = |version: &str| {
        let path = format!("/compatibility/subjects/s/versions/{version}");
        registry.post(&path, avro(&json!("long"))).ok()["is_compatible"].clone()
    };
    assert_eq!([ask("1"), ask("2"), ask("latest"), ask("-1")], [false, true, true, true]);
    let path = "/compatibility/subjects/s/versions";
    assert_eq!(registry.post(path, avro(&json!("long"))).ok()["is_compatible"], true);
}

#[test]
fn groups_are_compared_among_themselves() {
    let registry = Registry::start();
    registry
        .put("/config/s", json!({"compatibilityGroup": "major", "compatibility": "BACKWARD_TRANSITIVE"}))
        .ok();
    let of = |mut body: Value, major: &str| {
        body["metadata"] = json!({"properties": {"major": major}});
        registry.post("/subjects/s/versions", body)
    };
    of(avro(&json!("string")), "1").ok();
    of(avro(&json!("int")), "1").refused(40901);
    of(avro(&json!("int")), "2").ok();
    of(avro(&json!("long")), "2").ok();
    of(avro(&json!("long")), "1").refused(40901);
}

#[test]
fn references_are_followed() {
    let registry = Registry::start();
    let part =
        |kind: &str| avro(&json!({"type": "record", "name": "P", "fields": [{"name": "n", "type": kind}]}));
    registry.put("/config/part", json!({"compatibility": "NONE"})).ok();
    registry.register("part", part("int"));
    registry.register("part", part("long"));
    registry.register("part", part("string"));
    let user = |version: i32| {
        let mut body = avro(&json!({"type": "array", "items": "P"}));
        body["references"] = json!([{"name": "P", "subject": "part", "version": version}]);
        body
    };
    registry.register("user", user(1));
    let ask = |version| registry.post("/compatibility/subjects/user/versions", user(version)).ok();
    assert_eq!(ask(2)["is_compatible"], true);
    assert_eq!(ask(3)["is_compatible"], false);
}

#[test]
fn reserved_fields_are_kept_free() {
    let registry = Registry::start();
    registry.put("/config/s", json!({"validateFields": true})).ok();
    let with = |mut body: Value, reserved: &str| {
        body["metadata"] = json!({"properties": {"confluent:reserved": reserved}});
        registry.post("/subjects/s/versions", body)
    };
    with(one(), "x, y").ok();
    with(with_default(), "x,y,b").refused(42201);
    with(with_default(), "x").refused(42201);
    with(with_default(), "x,y,z").ok();
    let dollars = json!({"schemaType": "JSON", "schema": "{\"properties\":{\"$$a\":{}}}"});
    registry.put("/config/j", json!({"validateFields": true})).ok();
    registry.post("/subjects/j/versions", dollars.clone()).refused(42201);
    registry.post("/subjects/k/versions", dollars).ok();
}
