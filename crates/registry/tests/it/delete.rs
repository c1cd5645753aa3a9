//! Soft and permanent deletes.

use serde_json::json;

use crate::server::{Registry, avro, order};

fn three() -> Registry {
    let registry = Registry::start();
    (0..3).for_each(|number| {
        registry.register("s", order(number));
    });
    registry
}

#[test]
fn a_version_goes_in_two_steps() {
    let registry = three();
    registry.delete("/subjects/s/versions/2?permanent=true").refused(40407);
    assert_eq!(registry.delete("/subjects/s/versions/2").ok(), json!(2));
    registry.delete("/subjects/s/versions/2").refused(40406);
    assert_eq!(registry.delete("/subjects/s/versions/2?permanent=true").ok(), json!(2));
    registry.delete("/subjects/s/versions/2?permanent=true").refused(40402);
    assert_eq!(registry.get("/subjects/s/versions?deleted=true").ok(), json!([1, 3]));
}

#[test]
fn the_latest_version() {
    let registry = three();
    assert_eq!(registry.delete("/subjects/s/versions/latest").ok(), json!(3));
    assert_eq!(registry.delete("/subjects/s/versions/-1").ok(), json!(2));
    registry.delete("/subjects/s/versions/latest?permanent=true").refused(40407);
    registry.delete("/subjects/s/versions/latest").ok();
    registry.delete("/subjects/s/versions/latest").refused(40402);
}

#[test]
fn a_subject_goes_in_two_steps() {
    let registry = three();
    registry.delete("/subjects/s?permanent=true").refused(40405);
    registry.delete("/subjects/s/versions/2").ok();
    assert_eq!(registry.delete("/subjects/s").ok(), json!([1, 3]));
    assert_eq!(registry.get("/subjects").ok(), json!([]));
    registry.delete("/subjects/s").refused(40404);
    assert_eq!(registry.delete("/subjects/s?permanent=true").ok(), json!([1, 2, 3]));
    registry.delete("/subjects/s?permanent=true").refused(40401);
    registry.delete("/subjects/s").refused(40401);
}

#[test]
fn a_mix_of_live_and_deleted_versions_is_not_deleted_for_good() {
    let registry = three();
    registry.delete("/subjects/s/versions/1").ok();
    registry.delete("/subjects/s?permanent=true").refused(40405);
}

#[test]
fn unknown_things() {
    let registry = three();
    registry.delete("/subjects/none").refused(40401);
    registry.delete("/subjects/none/versions/1").refused(40401);
    registry.delete("/subjects/s/versions/9").refused(40402);
}

#[test]
fn the_last_permanent_delete_takes_config_and_mode_along() {
    let registry = Registry::start();
    for subject in ["a", "b"] {
        registry.register(subject, order(0));
        registry.put(&format!("/config/{subject}"), json!({"compatibility": "NONE"})).ok();
        registry.put(&format!("/mode/{subject}"), json!({"mode": "READWRITE"})).ok();
    }
    registry.delete("/subjects/a").ok();
    registry.get("/config/a").ok();
    registry.delete("/subjects/a?permanent=true").ok();
    registry.delete("/subjects/b/versions/1").ok();
    registry.delete("/subjects/b/versions/1?permanent=true").ok();
    for subject in ["a", "b"] {
        registry.get(&format!("/config/{subject}")).refused(40408);
        registry.get(&format!("/mode/{subject}")).refused(40409);
    }
}

#[test]
fn the_records_are_the_originals() {
    let registry = three();
    registry.delete("/subjects/s/versions/1").ok();
    registry.delete("/subjects/s").ok();
    registry.delete("/subjects/s?permanent=true").ok();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let entries: Vec<_> = registry.log.entries().into_iter().skip(3).collect();
    let keys: Vec<_> = entries.iter().map(|entry| text(&entry.key)).collect();
    let key = |version: i32| format!(r#"{{"keytype":"SCHEMA","subject":"s","version":{version},"magic":1}}"#);
    let watermark = r#"{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}"#.to_owned();
    assert_eq!(keys, [key(1), watermark, key(3), key(2), key(1)]);
    assert!(text(entries[0].value.as_ref().unwrap()).ends_with(r#","deleted":true}"#));
    assert_eq!(text(entries[1].value.as_ref().unwrap()), r#"{"subject":"s","version":3}"#);
    assert!(entries[2..].iter().all(|entry| entry.value.is_none()));
}

#[test]
fn compatibility_forgets_deleted_versions() {
    let registry = Registry::start();
    registry.register("s", avro(&json!("string")));
    registry.post("/subjects/s/versions", avro(&json!("int"))).refused(40901);
    registry.delete("/subjects/s/versions/1").ok();
    registry.post("/subjects/s/versions", avro(&json!("int"))).ok();
}
