//! What is there after a restart is what was there before.

use serde_json::{Value, json};
use sluice_registry::log::MemoryLog;
use sluice_registry::{Options, Server};

use crate::server::{Registry, avro, order};

/// Everything that a client can see.
pub fn seen(registry: &Registry) -> Vec<(String, Value)> {
    let mut paths = vec![
        "/subjects?deleted=true".to_owned(),
        "/subjects".to_owned(),
        "/schemas?deleted=true".to_owned(),
        "/contexts".to_owned(),
        "/config".to_owned(),
        "/mode".to_owned(),
        "/config/:.c:".to_owned(),
        "/mode/:.c:".to_owned(),
    ];
    for subject in registry.get("/subjects?deleted=true").ok().as_array().unwrap() {
        let subject = subject.as_str().unwrap();
        paths.push(format!("/config/{subject}"));
        paths.push(format!("/mode/{subject}"));
        paths.push(format!("/subjects/{subject}/versions?deleted=true&deletedAsNegative=true"));
    }
    for id in 1..20 {
        paths.push(format!("/schemas/ids/{id}"));
        paths.push(format!("/schemas/ids/{id}/versions?deleted=true"));
        paths.push(format!("/schemas/ids/{id}/versions?deleted=true&subject=:.c:"));
    }
    paths
        .into_iter()
        .map(|path| {
            let body = registry.get(&path).body;
            (path, body)
        })
        .collect()
}

fn full() -> Registry {
    let registry = Registry::start();
    for subject in ["a", "b", ":.c:a"] {
        (0..3).for_each(|number| {
            registry.register(subject, order(number));
        });
    }
    registry.put("/config", json!({"compatibility": "FULL"})).ok();
    registry.put("/config/a", json!({"compatibility": "NONE", "normalize": true})).ok();
    registry.put("/mode/b", json!({"mode": "READONLY"})).ok();
    registry.put("/mode/b", json!({"mode": "READWRITE"})).ok();
    registry.delete("/subjects/a/versions/2").ok();
    registry.delete("/subjects/b").ok();
    registry.register("b", order(3));
    registry.delete("/subjects/:.c:a").ok();
    registry.delete("/subjects/:.c:a/versions/2?permanent=true").ok();
    let mut user = avro(&json!({"type": "array", "items": "shop.Order"}));
    user["references"] = json!([{"name": "shop.Order", "subject": "a", "version": 1}]);
    registry.register("user", user);
    registry
}

#[test]
fn after_a_restart() {
    let registry = full();
    let before = seen(&registry);
    let log = registry.log.clone();
    registry.stop();
    assert_eq!(seen(&Registry::start_on(Options::default(), log)), before);
}

#[test]
fn after_compaction_and_a_restart() {
    let registry = full();
    let before = seen(&registry);
    let compacted = registry.log.compacted();
    assert!(compacted.entries().len() < registry.log.entries().len());
    assert_eq!(seen(&Registry::start_on(Options::default(), compacted)), before);
}

#[test]
fn ids_go_on_where_they_were() {
    let registry = full();
    let log = registry.log.clone();
    let next = registry.register("next", avro(&json!("string")));
    registry.delete("/subjects/next").ok();
    registry.delete("/subjects/next?permanent=true").ok();
    registry.stop();
    let registry = Registry::start_on(Options::default(), log);
    assert_eq!(registry.register("next", avro(&json!("bytes"))), next + 1);
}

#[test]
fn broken_records_are_passed_over() {
    let registry = full();
    let before = seen(&registry);
    let mut entries = registry.log.entries();
    let entry = |key: &str, value: &str| sluice_registry::log::Entry {
        key: key.as_bytes().to_vec(),
        value: Some(value.as_bytes().to_vec()),
        timestamp_ms: 0,
    };
    let schema = |subject: &str, id: i32| {
        entry(
            &format!(r#"{{"keytype":"SCHEMA","subject":"{subject}","version":1,"magic":1}}"#),
            &format!(r#"{{"subject":"{subject}","version":1,"id":{id},"schema":"\"int\"","deleted":false}}"#),
        )
    };
    for (place, broken) in [
        (0, entry("", "")),
        (1, entry("nonsense", "{}")),
        (2, entry(r#"{"keytype":"SCHEMA","subject":"a","version":9,"magic":1}"#, "{}")),
        (5, entry(r#"{"keytype":"NEW","magic":7}"#, "{}")),
        (6, entry(r#"{"keytype":"NOOP","magic":0}"#, "")),
        (9, schema("__GLOBAL", 90)),
        (12, schema("taken", 1)),
        (13, schema("negative", -1)),
    ] {
        entries.insert(place, broken);
    }
    assert_eq!(seen(&Registry::start_on(Options::default(), MemoryLog::of(entries))), before);
}

#[test]
fn records_of_an_older_registry_are_read() {
    let entry = |key: &str, value: &str| sluice_registry::log::Entry {
        key: key.as_bytes().to_vec(),
        value: Some(value.as_bytes().to_vec()),
        timestamp_ms: 1,
    };
    let log = MemoryLog::of(vec![
        entry(r#"{"keytype":"CONFIG","subject":null,"magic":0}"#, r#"{"compatibilityLevel":"NONE"}"#),
        entry(
            r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":0}"#,
            r#"{"subject":"s","version":1,"id":21,"schema":"\"string\"","deleted":false}"#,
        ),
        entry(r#"{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}"#, r#"{"subject":"s","version":1}"#),
        entry(
            r#"{"keytype":"SCHEMA","subject":"s","version":2,"magic":1}"#,
            r#"{"subject":"s","version":2,"id":21,"md5":"AAAA","schema":"\"string\"","deleted":false}"#,
        ),
        entry(
            r#"{"keytype":"SCHEMA","subject":"p","version":1,"magic":1}"#,
            r#"{"subject":"p","version":1,"id":22,"schemaType":"PROTOBUF","references":[],"schema":"syntax = \"proto3\";\n","deleted":false}"#,
        ),
    ]);
    let registry = Registry::start_on(Options::default(), log);
    assert_eq!(registry.get("/config").ok()["compatibilityLevel"], "NONE");
    assert_eq!(registry.get("/subjects/s/versions?deleted=true&deletedAsNegative=true").ok(), json!([-1, 2]));
    assert_eq!(registry.get("/schemas/ids/22").ok()["schemaType"], "PROTOBUF");
    assert_eq!(registry.register("s", avro(&json!("string"))), 21);
    assert_eq!(registry.register("t", avro(&json!("int"))), 23);
}

// This registry writes one record for each subject; the original one for the context, or for all.
#[test]
fn clearing_a_context_clears_its_subjects() {
    let registry = Registry::start();
    for subject in ["a", ":.c:a", ":.c:b", ":.d:a"] {
        registry.register(subject, order(0));
        registry.register(subject, order(1));
        registry.delete(&format!("/subjects/{subject}/versions/1")).ok();
    }
    let clear = |subject: &str| format!(r#"{{"keytype":"CLEAR_SUBJECT","subject":"{subject}","magic":0}}"#);
    let after = |key: String, value: &str| {
        let mut entries = registry.log.entries();
        let value = Some(value.as_bytes().to_vec());
        entries.push(sluice_registry::log::Entry { key: key.into_bytes(), value, timestamp_ms: 0 });
        let registry = Registry::start_on(Options::default(), MemoryLog::of(entries));
        ["a", ":.c:a", ":.c:b", ":.d:a"].map(|subject| {
            let kept = registry.get(&format!("/subjects/{subject}/versions?deleted=true")).ok();
            kept.as_array().unwrap().len()
        })
    };
    assert_eq!(after(clear(":.c:"), r#"{"subject":":.c:"}"#), [2, 1, 1, 2]);
    assert_eq!(after(clear(":.c:b"), r#"{"subject":":.c:b"}"#), [2, 2, 1, 2]);
    assert_eq!(after(clear(":.__GLOBAL:"), r#"{"subject":":.__GLOBAL:"}"#), [1, 1, 1, 1]);
    assert_eq!(after(r#"{"keytype":"CLEAR_SUBJECT","magic":0}"#.to_owned(), "{}"), [1, 1, 1, 1]);
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let registry = Registry::start();
    let listen = registry.url().trim_start_matches("http://").parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options { listen, ..Options::default() };
    let error = runtime.block_on(Server::start(options, MemoryLog::new())).unwrap_err();
    assert!(error.to_string().contains("choose another port"), "{error}");
}
