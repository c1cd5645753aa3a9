//! JSON Schema.

use serde_json::{Value, json};

use crate::server::Registry;

fn json_schema(schema: &Value) -> Value {
    json!({"schemaType": "JSON", "schema": schema.to_string()})
}

#[test]
fn the_order_of_members_is_kept_unless_normalized() {
    let registry = Registry::start();
    let body = json!({"schemaType": "JSON", "schema": "{ \"type\": \"object\", \"$id\" : \"x\" }"});
    let answer = registry.post("/subjects/s/versions", body.clone()).ok();
    assert_eq!(
        (&answer["schema"], &answer["schemaType"]),
        (&json!(r#"{"type":"object","$id":"x"}"#), &json!("JSON"))
    );
    let answer = registry.post("/subjects/t/versions?normalize=true", body).ok();
    assert_eq!(answer["schema"], r#"{"$id":"x","type":"object"}"#);
}

#[test]
fn another_order_is_the_same_schema() {
    let registry = Registry::start();
    registry.register("s", json!({"schemaType": "JSON", "schema": r#"{"type":"object","title":"A"}"#}));
    let other = json!({"schemaType": "JSON", "schema": r#"{"title":"A","type":"object"}"#});
    assert_eq!(registry.register("s", other), 1);
}

#[test]
fn a_typed_property_on_an_open_object_is_incompatible_unless_lenient() {
    let registry = Registry::start();
    registry.register("s", json_schema(&json!({"type": "object"})));
    let new = json_schema(&json!({"type": "object", "properties": {"a": {"type": "string"}}}));
    let message = registry.post("/subjects/s/versions", new.clone()).refused(40901);
    assert!(message.contains("PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"), "{message}");
    registry.put("/config/s", json!({"compatibilityPolicy": "lenient"})).ok();
    registry.post("/subjects/s/versions", new).ok();
}

#[test]
fn references_are_found_by_their_uri() {
    let registry = Registry::start();
    registry.register("part", json_schema(&json!({"$id": "http://shop/part.json", "type": "string"})));
    let mut user = json_schema(&json!({"type": "object", "properties": {"p": {"$ref": "part.json"}}}));
    registry.post("/subjects/user/versions", user.clone()).refused(42201);
    user["references"] = json!([{"name": "part.json", "subject": "part", "version": 1}]);
    registry.register("user", user);
    assert_eq!(registry.get("/subjects/part/versions/1/referencedby").ok(), json!([2]));
}

#[test]
fn true_and_false_are_schemas() {
    let registry = Registry::start();
    registry.register("s", json_schema(&json!(true)));
    registry.post("/subjects/s/versions", json!({"schemaType": "JSON", "schema": "nope"})).refused(42201);
}
