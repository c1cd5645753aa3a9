//! Contexts.

use serde_json::json;

use crate::server::{Registry, order};

#[test]
fn a_context_has_its_own_ids_and_subjects() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.register("s", order(1));
    assert_eq!(registry.register(":.c:s", order(1)), 1);
    assert_eq!(registry.get("/subjects/:.c:s/versions").ok(), json!([1]));
    assert_eq!(registry.get("/subjects/s/versions").ok(), json!([1, 2]));
    assert_eq!(registry.get("/contexts").ok(), json!([".", ".c"]));
    assert_eq!(registry.get("/contexts?contextPrefix=.c").ok(), json!([".c"]));
}

#[test]
fn the_default_context_is_always_there() {
    assert_eq!(Registry::start().get("/contexts").ok(), json!(["."]));
}

#[test]
fn a_context_before_the_path_is_one_in_the_subject() {
    let registry = Registry::start();
    for path in [
        "/contexts/.c/subjects/s/versions",
        "/contexts/c/subjects/s/versions",
        "/contexts/:.c:/subjects/s/versions",
    ] {
        assert_eq!(registry.post(path, order(0)).ok()["version"], 1);
    }
    assert_eq!(registry.get("/subjects").ok(), json!([":.c:s"]));
    assert_eq!(registry.get("/contexts/.c/subjects").ok(), json!([":.c:s"]));
    assert_eq!(registry.get("/contexts/.c/subjects?subjectPrefix=t").ok(), json!([]));
    assert_eq!(registry.get("/contexts/.c/subjects/s/versions/1").ok()["subject"], ":.c:s");
    assert_eq!(registry.get("/contexts/.c/schemas/ids/1").ok()["schemaType"], "AVRO");
    registry.get("/contexts/.d/schemas/ids/1").refused(40403);
    registry.get("/schemas/ids/1").refused(40403);
    registry.put("/contexts/.c/config", json!({"compatibility": "FULL"})).ok();
    assert_eq!(registry.get("/config/:.c:").ok()["compatibilityLevel"], "FULL");
    registry.put("/contexts/.c/mode/s", json!({"mode": "READONLY"})).ok();
    assert_eq!(registry.get("/mode/:.c:s").ok()["mode"], "READONLY");
}

#[test]
fn the_default_context_can_be_named() {
    let registry = Registry::start();
    registry.register(":.:s", order(0));
    assert_eq!(registry.get("/subjects").ok(), json!(["s"]));
    registry.get("/contexts/./subjects/s/versions/1").ok();
}

#[test]
fn without_a_dot_it_is_no_context() {
    let registry = Registry::start();
    registry.register(":c:s", order(0));
    assert_eq!(registry.get("/contexts").ok(), json!(["."]));
    assert_eq!(registry.get("/subjects").ok(), json!([":c:s"]));
}

#[test]
fn a_context_is_deleted_when_it_is_empty() {
    let registry = Registry::start();
    registry.register(":.c:s", order(0));
    registry.delete("/contexts/.c").refused(42211);
    registry.delete("/subjects/:.c:s").ok();
    registry.delete("/contexts/.c").refused(42211);
    registry.delete("/subjects/:.c:s?permanent=true").ok();
    assert_eq!(registry.get("/contexts").ok(), json!([".", ".c"]));
    let answer = registry.delete("/contexts/.c");
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(registry.get("/contexts").ok(), json!(["."]));
    registry.delete("/contexts/.d").refused(404);
    registry.register("s", order(0));
    registry.delete("/contexts/.").refused(42211);
}

#[test]
fn the_first_registration_records_the_context_once() {
    let registry = Registry::start();
    registry.register(":.c:s", order(0));
    registry.register(":.c:t", order(1));
    let text = |entry: &sluice_registry::log::Entry| String::from_utf8(entry.key.clone()).unwrap();
    let keys: Vec<_> = registry.log.entries().iter().map(text).collect();
    assert_eq!(
        keys,
        [
            r#"{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}"#,
            r#"{"keytype":"SCHEMA","subject":":.c:s","version":1,"magic":1}"#,
            r#"{"keytype":"SCHEMA","subject":":.c:t","version":1,"magic":1}"#,
        ]
    );
}

#[test]
fn a_context_that_is_gone_cannot_be_deleted() {
    let registry = Registry::start();
    registry.register(":.c:s", order(0));
    registry.delete("/subjects/:.c:s").ok();
    registry.delete("/subjects/:.c:s?permanent=true").ok();
    registry.delete("/contexts/.c");
    let before = registry.log.entries().len();
    registry.delete("/contexts/.c").refused(404);
    assert_eq!(registry.log.entries().len(), before);
}
