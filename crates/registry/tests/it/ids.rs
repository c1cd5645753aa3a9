//! /schemas/ids and /schemas/guids.

use serde_json::json;

use crate::server::{Registry, order};

#[test]
fn a_schema_by_its_id() {
    let registry = Registry::start();
    let known = registry.post("/subjects/s/versions", order(0)).ok();
    let answer = registry.get("/schemas/ids/1").ok();
    assert_eq!(answer, json!({"guid": known["guid"], "schemaType": "AVRO", "schema": known["schema"]}));
    assert_eq!(registry.get("/schemas/ids/2").refused(40403), "Schema 2 not found");
    registry.get("/schemas/ids/99999999999").refused(404);
}

#[test]
fn a_named_subject_is_answered_but_does_not_filter() {
    let registry = Registry::start();
    registry.register("s", order(0));
    let answer = registry.get("/schemas/ids/1?subject=s").ok();
    assert_eq!((&answer["subject"], &answer["version"]), (&json!("s"), &json!(1)));
    let answer = registry.get("/schemas/ids/1?subject=other").ok();
    assert_eq!(answer["subject"], "s");
}

#[test]
fn in_other_contexts_the_subject_must_have_it() {
    let registry = Registry::start();
    registry.register(":.c:s", order(0));
    registry.register("t", order(1));
    assert!(registry.get("/schemas/ids/1?subject=:.c:s").ok()["schema"].as_str().unwrap().contains("f0"));
    registry.get("/schemas/ids/1?subject=:.c:other").refused(40403);
    // A context alone names no subject.
    let answer = registry.get("/schemas/ids/1?subject=:.c:").ok();
    assert!(answer.get("subject").is_none() && !answer["schema"].as_str().unwrap().contains("f1"));
    // In the default context id 1 is another schema; a subject that is elsewhere only leads there.
    assert!(registry.get("/schemas/ids/1").ok()["schema"].as_str().unwrap().contains("f1"));
    assert_eq!(registry.get("/schemas/ids/1?subject=s").ok()["subject"], ":.c:s");
}

#[test]
fn the_highest_id_if_asked_for() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.register("s", order(1));
    assert_eq!(registry.get("/schemas/ids/1?fetchMaxId=true").ok()["maxId"], 2);
    assert!(registry.get("/schemas/ids/1").ok().get("maxId").is_none());
}

#[test]
fn the_text_alone() {
    let registry = Registry::start();
    let known = registry.post("/subjects/s/versions", order(0)).ok();
    assert_eq!(registry.get("/schemas/ids/1/schema").text, known["schema"].as_str().unwrap());
    registry.get("/schemas/ids/2/schema").refused(40403);
}

#[test]
fn where_a_schema_is() {
    let registry = Registry::start();
    registry.register("b", order(0));
    registry.register("a", order(0));
    registry.register("a", order(1));
    assert_eq!(registry.get("/schemas/ids/1/subjects").ok(), json!(["a", "b"]));
    assert_eq!(registry.get("/schemas/ids/1/subjects?subject=b").ok(), json!(["b"]));
    assert_eq!(registry.get("/schemas/ids/1/subjects?offset=1&limit=1").ok(), json!(["b"]));
    assert_eq!(
        registry.get("/schemas/ids/1/versions").ok(),
        json!([{"subject": "a", "version": 1}, {"subject": "b", "version": 1}])
    );
    registry.get("/schemas/ids/9/subjects").refused(40403);
    registry.get("/schemas/ids/9/versions").refused(40403);
}

#[test]
fn deleted_schemas_are_served_until_they_are_gone_for_good() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.delete("/subjects/s").ok();
    registry.get("/schemas/ids/1").ok();
    assert_eq!(registry.get("/schemas/ids/1/subjects").ok(), json!([]));
    assert_eq!(registry.get("/schemas/ids/1/subjects?deleted=true").ok(), json!(["s"]));
    assert_eq!(
        registry.get("/schemas/ids/1/versions?deleted=true").ok(),
        json!([{"subject": "s", "version": 1}])
    );
    registry.delete("/subjects/s?permanent=true").ok();
    registry.get("/schemas/ids/1").refused(40403);
    // Its id is not given to another.
    assert_eq!(registry.register("s", order(1)), 2);
}

#[test]
fn guids_are_the_same_in_every_context() {
    let registry = Registry::start();
    registry.register("filler", order(1));
    let here = registry.post("/subjects/s/versions", order(0)).ok();
    let there = registry.post("/subjects/:.c:s/versions", order(0)).ok();
    assert_eq!(here["guid"], there["guid"]);
    let guid = here["guid"].as_str().unwrap();
    assert_eq!(registry.get(&format!("/schemas/guids/{guid}")).ok()["schema"], here["schema"]);
    assert_eq!(
        registry.get(&format!("/schemas/guids/{guid}/ids")).ok(),
        json!([{"context": ".", "id": 2}, {"context": ".c", "id": 1}])
    );
    registry.get("/schemas/guids/00000000-0000-0000-0000-000000000000").refused(40403);
    registry.get("/schemas/guids/nonsense").refused(40403);
    registry.get("/schemas/guids/nonsense/ids").refused(40403);
}
