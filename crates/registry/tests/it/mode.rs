//! /mode.

use serde_json::json;
use sluice_registry::Options;

use crate::server::{Registry, order};

#[test]
fn read_write_unless_set() {
    let registry = Registry::start();
    assert_eq!(registry.get("/mode").ok(), json!({"mode": "READWRITE"}));
    registry.get("/mode/s").refused(40409);
    assert_eq!(registry.get("/mode/s?defaultToGlobal=true").ok(), json!({"mode": "READWRITE"}));
    assert_eq!(registry.put("/mode/s", json!({"mode": "readonly"})).ok(), json!({"mode": "READONLY"}));
    assert_eq!(registry.get("/mode/s").ok(), json!({"mode": "READONLY"}));
    assert_eq!(registry.delete("/mode/s").ok(), json!({"mode": "READONLY"}));
    registry.delete("/mode/s").refused(40401);
}

#[test]
fn wrong_modes() {
    let registry = Registry::start();
    registry.put("/mode", json!({"mode": "WRITEONLY"})).refused(42204);
    registry.put("/mode", json!({})).refused(42204);
    registry.put("/mode/s", json!({"mode": "FORWARD"})).refused(42204);
    registry.put("/mode/__GLOBAL", json!({"mode": "READONLY"})).refused(42208);
}

#[test]
fn read_only_refuses_every_change_and_no_read() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.register("s", order(1));
    registry.delete("/subjects/s/versions/2").ok();
    registry.put("/mode/s", json!({"mode": "READONLY"})).ok();
    assert_eq!(
        registry.post("/subjects/s/versions", order(2)).refused(42205),
        "Subject s is in read-only mode"
    );
    registry.delete("/subjects/s").refused(42205);
    registry.delete("/subjects/s/versions/1").refused(42205);
    registry.delete("/subjects/s/versions/2?permanent=true").refused(42205);
    registry.get("/subjects/s/versions/1").ok();
    registry.post("/subjects/s", order(0)).ok();
    registry.post("/compatibility/subjects/s/versions", order(2)).ok();
    registry.register("other", order(2));
    registry.delete("/mode/s").ok();
    registry.register("s", order(2));
}

#[test]
fn the_mode_of_all_holds_where_there_is_no_other() {
    let registry = Registry::start();
    registry.put("/mode", json!({"mode": "READONLY"})).ok();
    registry.post("/subjects/s/versions", order(0)).refused(42205);
    registry.put("/mode/s", json!({"mode": "READWRITE"})).ok();
    registry.register("s", order(0));
    // The default context is one of many.
    registry.register(":.c:s", order(0));
    registry.put("/mode/:.c:", json!({"mode": "READONLY"})).ok();
    registry.post("/subjects/:.c:s/versions", order(1)).refused(42205);
    registry.put("/mode", json!({"mode": "READONLY_OVERRIDE"})).ok();
    registry.post("/subjects/s/versions", order(1)).refused(42205);
    registry.delete("/mode").ok();
    registry.register("s", order(1));
}

#[test]
fn modes_may_be_fixed() {
    let registry = Registry::start_with(Options { mode_mutability: false, ..Options::default() });
    registry.put("/mode", json!({"mode": "READONLY"})).refused(42205);
    registry.put("/mode/s", json!({"mode": "READONLY"})).refused(42205);
    registry.delete("/mode").refused(42205);
}

#[test]
fn a_context_and_its_subjects_at_once() {
    let registry = Registry::start();
    for subject in [":.c:", ":.c:a", ":.c:b", "a"] {
        registry.put(&format!("/mode/{subject}"), json!({"mode": "READONLY"})).ok();
    }
    registry.delete("/mode/:.c:?recursive=true").ok();
    registry.get("/mode/:.c:a").refused(40409);
    registry.get("/mode/:.c:").refused(40409);
    registry.get("/mode/a").ok();
}
