//! Protobuf.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::server::Registry;

fn proto(text: &str) -> Value {
    json!({"schemaType": "PROTOBUF", "schema": text})
}

const ORDER: &str = "syntax = \"proto3\";\npackage shop;\n\nmessage Order {\n  int64 id = 1;\n}\n";

#[test]
fn the_text_is_printed_again() {
    let registry = Registry::start();
    let text = "syntax=\"proto3\";package shop;message Order{int64 id=1;}";
    let answer = registry.post("/subjects/s/versions", proto(text)).ok();
    assert_eq!((&answer["schema"], &answer["schemaType"]), (&json!(ORDER), &json!("PROTOBUF")));
    assert_eq!(registry.register("s", proto(ORDER)), 1);
    assert_eq!(registry.get("/schemas/ids/1/schema").text, ORDER);
}

#[test]
fn a_descriptor_comes_and_goes_in_base64() {
    let registry = Registry::start();
    registry.register("s", proto(ORDER));
    let serialized = registry.get("/schemas/ids/1?format=serialized").ok()["schema"].clone();
    STANDARD.decode(serialized.as_str().unwrap()).unwrap();
    // It is the same schema, and who sends it so is answered so.
    let sent = proto(serialized.as_str().unwrap());
    let answer = registry.post("/subjects/s/versions", sent.clone()).ok();
    assert_eq!((&answer["id"], &answer["schema"]), (&json!(1), &serialized));
    assert_eq!(registry.post("/subjects/s", sent).ok()["schema"], serialized);
    assert_eq!(registry.get("/schemas/ids/1").ok()["schema"], ORDER);
    let by_version = registry.get("/subjects/s/versions/1?format=serialized").ok()["schema"].clone();
    assert_eq!(by_version, serialized);
}

#[test]
fn imports_are_references() {
    let registry = Registry::start();
    registry.register("part", proto("syntax = \"proto3\"; message Part { int32 n = 1; }"));
    let mut user = proto("syntax = \"proto3\"; import \"part.proto\"; message User { Part p = 1; }");
    registry.post("/subjects/user/versions", user.clone()).refused(42201);
    user["references"] = json!([{"name": "part.proto", "subject": "part", "version": 1}]);
    registry.register("user", user);
    assert_eq!(registry.get("/subjects/part/versions/1/referencedby").ok(), json!([2]));
    registry.delete("/subjects/part").refused(42206);
}

#[test]
fn known_imports_need_no_reference() {
    let registry = Registry::start();
    let text = "syntax = \"proto3\"; import \"google/protobuf/timestamp.proto\"; \
                message A { google.protobuf.Timestamp at = 1; }";
    registry.register("s", proto(text));
}

#[test]
fn what_breaks_readers_is_refused() {
    let registry = Registry::start();
    registry.register("s", proto(ORDER));
    let new = |text: &str| registry.post("/subjects/s/versions", proto(text));
    new("syntax = \"proto3\"; package shop; message Order { string id = 1; }").refused(40901);
    new("syntax = \"proto3\"; package shop; message Other { int64 id = 1; }").refused(40901);
    new("syntax = \"proto3\"; package shop; message Order { int64 id = 1; string name = 2; }").ok();
}

#[test]
fn what_is_no_file_is_refused() {
    let registry = Registry::start();
    for text in ["message {", "syntax = \"proto9\";", "message A { B b = 1; }"] {
        registry.post("/subjects/s/versions", proto(text)).refused(42201);
    }
}
