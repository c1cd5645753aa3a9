//! Large and deep input.

use serde_json::{Value, json};
use sluice_registry::Options;

use crate::server::{Registry, avro, order};

#[test]
fn a_body_has_a_limit() {
    let registry = Registry::start_with(Options { body_bytes_max: 1000, ..Options::default() });
    registry.register("s", order(0));
    let long = avro(&json!({"type": "string", "doc": "x".repeat(1000)}));
    let message = registry.post("/subjects/s/versions", long).refused(413);
    assert!(message.contains("1000 bytes"), "{message}");
    registry.get("/subjects").ok();
}

#[test]
fn deep_schemas_are_refused() {
    let registry = Registry::start();
    let deep = |open: &str, close: &str, core: &str| {
        format!("{}{core}{}", open.repeat(20_000), close.repeat(20_000))
    };
    for (schema_type, text) in [
        ("AVRO", deep("[", "]", "\"int\"")),
        ("AVRO", deep("{\"type\":\"array\",\"items\":", "}", "\"int\"")),
        ("JSON", deep("{\"not\":", "}", "{}")),
        ("PROTOBUF", format!("syntax = \"proto3\"; {}{}", "message A {".repeat(20_000), "}".repeat(20_000))),
    ] {
        let body = json!({"schemaType": schema_type, "schema": text});
        let message = registry.post("/subjects/s/versions", body).refused(42201);
        assert!(message.len() < 10_000);
    }
    let body = format!("{{\"metadata\":{}1{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let answer = registry.send("POST", "/subjects/s/versions", &[], body.as_bytes());
    assert!([400, 422].contains(&answer.status));
    registry.get("/subjects").ok();
}

#[test]
fn a_chain_of_references_has_a_limit() {
    let registry = Registry::start();
    let link = |number: usize| -> Value {
        let name = |number| format!("R{number}");
        let fields = match number {
            0 => json!([]),
            number => json!([{"name": "next", "type": name(number - 1)}]),
        };
        let mut body = avro(&json!({"type": "record", "name": name(number), "fields": fields}));
        if number > 0 {
            let subject = format!("s{}", number - 1);
            body["references"] = json!([{"name": name(number - 1), "subject": subject, "version": 1}]);
        }
        body
    };
    let refused = (0..100)
        .find(|number| registry.post(&format!("/subjects/s{number}/versions"), link(*number)).status != 200);
    let number = refused.unwrap();
    let message = registry.post(&format!("/subjects/s{number}/versions"), link(number)).refused(42201);
    assert!(number > 50 && message.contains("nested deeper than"), "{number}: {message}");
}

#[test]
fn nonsense_is_answered() {
    let registry = Registry::start();
    for path in [
        "/%00",
        "/subjects/%00/versions",
        "/subjects/s/versions/%FF",
        "/schemas/ids/-1",
        "/schemas/ids/9223372036854775808",
        "/subjects?offset=-5&limit=-9223372036854775808",
        "/contexts/%FF/subjects",
        "/contexts///",
        "/config/%F0%9F%92%A5?defaultToGlobal=true",
        "/subjects/s/metadata?key&value",
        "/subjects?=&&=&%",
    ] {
        let status = registry.get(path).status;
        assert!((200..500).contains(&status), "{path}: {status}");
    }
    registry.get("/subjects").ok();
}

// To compare each with all others anew, as texts, would take minutes.
#[test]
fn a_subject_may_have_thousands_of_large_versions() {
    let registry = Registry::start();
    registry.put("/config", json!({"compatibility": "NONE"})).ok();
    let fields: Vec<_> = (0..100)
        .map(|field| json!({"name": format!("f{field}"), "type": "long", "order": "ignore"}))
        .collect();
    for number in 0..3000 {
        let schema = json!({"type": "record", "name": "Order", "fields": fields, "number": number});
        registry.register("s", avro(&schema));
    }
    assert_eq!(registry.get("/subjects/s/versions").ok().as_array().map(Vec::len), Some(3000));
}
