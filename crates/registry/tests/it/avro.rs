//! Avro.

use serde_json::json;

use crate::server::{Registry, avro};

#[test]
fn the_canonical_text_keeps_what_the_author_wrote() {
    let registry = Registry::start();
    let schema = json!({"type": "record", "name": "A", "namespace": "n", "doc": "what", "aliases": ["B"], "fields": [
        {"name": "x", "type": ["null", "string"], "doc": "x", "default": null, "aliases": ["y"]}]});
    let answer = registry.post("/subjects/s/versions", avro(&schema)).ok();
    let text: serde_json::Value = serde_json::from_str(answer["schema"].as_str().unwrap()).unwrap();
    assert_eq!((&text["doc"], &text["fields"][0]["default"]), (&json!("what"), &json!(null)));
    assert_eq!(text["fields"][0]["aliases"], json!(["y"]));
}

#[test]
fn stored_schemas_are_read_less_strictly_than_new_ones() {
    // A name that is refused today, in a log from long ago.
    let key = br#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#;
    let text = r#"{\"type\":\"record\",\"name\":\"A-B\",\"fields\":[]}"#;
    let value = format!(r#"{{"subject":"s","version":1,"id":1,"schema":"{text}","deleted":false}}"#);
    let log = sluice_registry::log::MemoryLog::of(vec![sluice_registry::log::Entry {
        key: key.to_vec(),
        value: Some(value.into_bytes()),
        timestamp_ms: 5,
    }]);
    let registry = Registry::start_on(sluice_registry::Options::default(), log);
    assert_eq!(registry.get("/subjects/s/versions/1").ok()["ts"], 5);
    let same = json!({"type": "record", "name": "A-B", "fields": []});
    // What is there already is found, as it stands; under another subject it would be new.
    assert_eq!(registry.post("/subjects/s/versions", avro(&same)).ok()["id"], 1);
    registry.post("/subjects/other/versions", avro(&same)).refused(42201);
    let new = json!({"type": "record", "name": "AB", "aliases": ["A-B"], "fields": []});
    let answer = registry.post("/compatibility/subjects/s/versions?verbose=true", avro(&new));
    assert!([200, 422].contains(&answer.status), "{}", answer.text);
}
