//! /subjects/{subject}/versions.

use serde_json::json;

use crate::server::{Registry, order};

fn three() -> Registry {
    let registry = Registry::start();
    (0..3).for_each(|number| {
        registry.register("s", order(number));
    });
    registry
}

#[test]
fn versions_are_listed_from_the_oldest_on() {
    let registry = three();
    registry.delete("/subjects/s/versions/2").ok();
    assert_eq!(registry.get("/subjects/s/versions").ok(), json!([1, 3]));
    assert_eq!(registry.get("/subjects/s/versions?deleted=true").ok(), json!([1, 2, 3]));
    assert_eq!(registry.get("/subjects/s/versions?deletedOnly=true").ok(), json!([2]));
    assert_eq!(
        registry.get("/subjects/s/versions?deleted=true&deletedAsNegative=true").ok(),
        json!([1, -2, 3])
    );
    assert_eq!(registry.get("/subjects/s/versions?offset=1&limit=5").ok(), json!([3]));
    assert_eq!(registry.get("/subjects/s/versions?limit=-1").ok(), json!([1, 3]));
}

#[test]
fn one_version() {
    let registry = three();
    let answer = registry.get("/subjects/s/versions/2").ok();
    assert_eq!((&answer["version"], &answer["id"], &answer["subject"]), (&json!(2), &json!(2), &json!("s")));
    assert_eq!(answer["schemaType"], "AVRO");
    assert!(answer.get("references").is_none() && answer.get("deleted").is_none());
    for latest in ["latest", "-1"] {
        assert_eq!(registry.get(&format!("/subjects/s/versions/{latest}")).ok()["version"], 3);
    }
}

#[test]
fn versions_that_are_none() {
    let registry = three();
    for version in ["0", "-2", "x", "1.0", "99999999999", "Latest", "%20"] {
        registry.get(&format!("/subjects/s/versions/{version}")).refused(42202);
        registry.delete(&format!("/subjects/s/versions/{version}")).refused(42202);
    }
    assert_eq!(registry.get("/subjects/s/versions/4").refused(40402), "Version 4 not found.");
    registry.get("/subjects/none/versions/1").refused(40401);
    registry.get("/subjects/none/versions/latest").refused(40401);
}

#[test]
fn latest_is_never_a_deleted_one() {
    let registry = three();
    registry.delete("/subjects/s/versions/3").ok();
    assert_eq!(registry.get("/subjects/s/versions/latest").ok()["version"], 2);
    assert_eq!(registry.get("/subjects/s/versions/latest?deleted=true").ok()["version"], 2);
    let deleted = registry.get("/subjects/s/versions/3?deleted=true").ok();
    assert_eq!((&deleted["version"], &deleted["deleted"]), (&json!(3), &json!(true)));
    registry.get("/subjects/s/versions/3").refused(40402);
    registry.delete("/subjects/s").ok();
    registry.get("/subjects/s/versions/latest?deleted=true").refused(40402);
    registry.get("/subjects/s/versions/latest").refused(40401);
}

#[test]
fn the_text_alone() {
    let registry = three();
    let known = registry.get("/subjects/s/versions/2").ok();
    assert_eq!(registry.get("/subjects/s/versions/2/schema").text, known["schema"].as_str().unwrap());
    registry.get("/subjects/s/versions/9/schema").refused(40402);
}

#[test]
fn a_subject_without_context_is_looked_for_in_all() {
    let registry = Registry::start();
    registry.register(":.c:s", order(0));
    assert_eq!(registry.get("/subjects/s/versions/1").ok()["subject"], ":.c:s");
    registry.register("s", order(1));
    assert_eq!(registry.get("/subjects/s/versions/1").ok()["subject"], "s");
}

#[test]
fn an_unknown_format_gives_the_canonical_text() {
    let registry = three();
    let known = registry.get("/subjects/s/versions/1").ok();
    for format in ["resolved", "serialized", "nonsense", ""] {
        assert_eq!(registry.get(&format!("/subjects/s/versions/1?format={format}")).ok(), known);
    }
}
