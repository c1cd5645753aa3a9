//! POST /subjects/{subject}/versions.

use serde_json::json;

use crate::server::{Registry, avro, order};

#[test]
fn the_answer_has_everything_that_identifies_it() {
    let registry = Registry::start();
    let schema = json!({"type": "string"});
    let answer = registry.post("/subjects/s/versions", avro(&schema)).ok();
    // md5 of "string" with its quotation marks
    assert_eq!(
        answer,
        json!({"id": 1, "version": 1, "guid": answer["guid"], "schemaType": "AVRO", "schema": "\"string\""})
    );
    let guid = answer["guid"].as_str().unwrap();
    assert_eq!(guid.len(), 36);
    assert_eq!(registry.get(&format!("/schemas/guids/{guid}")).ok()["schema"], "\"string\"");
}

#[test]
fn ids_and_versions_begin_at_1() {
    let registry = Registry::start();
    for number in 0..3 {
        let answer = registry.post("/subjects/s/versions", order(number)).ok();
        assert_eq!((&answer["id"], &answer["version"]), (&json!(number + 1), &json!(number + 1)));
    }
}

#[test]
fn the_same_again_changes_nothing() {
    let registry = Registry::start();
    let first = registry.post("/subjects/s/versions", order(0)).ok();
    registry.register("s", order(1));
    let before = registry.log.entries().len();
    assert_eq!(registry.post("/subjects/s/versions", order(0)).ok(), first);
    assert_eq!(registry.log.entries().len(), before);
}

#[test]
fn the_same_content_has_one_id_in_all_subjects() {
    let registry = Registry::start();
    registry.register("a", order(0));
    registry.register("b", order(1));
    let answer = registry.post("/subjects/b/versions", order(0)).ok();
    assert_eq!((&answer["id"], &answer["version"]), (&json!(1), &json!(2)));
}

#[test]
fn the_text_becomes_canonical() {
    let registry = Registry::start();
    let text = "{ \"name\" : \"A\",\n \"type\":\"record\", \"fields\":[{\"type\":{\"type\":\"long\"},\"name\":\"x\"}] }";
    let answer = registry.post("/subjects/s/versions", json!({"schema": text})).ok();
    let canonical = r#"{"type":"record","name":"A","fields":[{"name":"x","type":"long"}]}"#;
    assert_eq!(answer["schema"], canonical);
    assert_eq!(registry.register("s", json!({"schema": canonical})), 1);
    assert_eq!(registry.get("/schemas/ids/1").ok()["schema"], canonical);
}

#[test]
fn documentation_and_defaults_make_another_schema() {
    let registry = Registry::start();
    let with = |field: serde_json::Value| avro(&json!({"type": "record", "name": "A", "fields": [field]}));
    registry.register("s", with(json!({"name": "x", "type": "long"})));
    assert_eq!(registry.register("s", with(json!({"name": "x", "type": "long", "doc": "x"}))), 2);
    assert_eq!(registry.register("s", with(json!({"name": "x", "type": "long", "default": 1}))), 3);
}

#[test]
fn order_of_properties_makes_no_other_schema() {
    let registry = Registry::start();
    registry.register("s", avro(&json!({"type": "string", "b": 1, "a": 2})));
    assert_eq!(registry.register("s", avro(&json!({"type": "string", "a": 2, "b": 1}))), 1);
}

#[test]
fn a_deleted_schema_comes_back_under_its_id_with_the_next_version() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.register("s", order(1));
    registry.delete("/subjects/s/versions/1").ok();
    let answer = registry.post("/subjects/s/versions", order(0)).ok();
    assert_eq!((&answer["id"], &answer["version"]), (&json!(1), &json!(3)));
    // The old version has had its day.
    assert_eq!(registry.get("/subjects/s/versions?deleted=true").ok(), json!([2, 3]));
}

#[test]
fn a_deleted_version_that_is_referred_to_stays() {
    let registry = Registry::start();
    registry.register("part", avro(&json!({"type": "fixed", "name": "Part", "size": 4})));
    let mut user = avro(&json!({"type": "array", "items": "Part"}));
    user["references"] = json!([{"name": "Part", "subject": "part", "version": 1}]);
    registry.register("user", user);
    registry.delete("/subjects/user").ok();
    registry.delete("/subjects/part").ok();
    registry.register("part", avro(&json!({"type": "fixed", "name": "Part", "size": 4})));
    assert_eq!(registry.get("/subjects/part/versions?deleted=true").ok(), json!([1, 2]));
}

#[test]
fn version_numbers_are_not_used_again_while_deleted_ones_are_there() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.delete("/subjects/s").ok();
    assert_eq!(registry.post("/subjects/s/versions", order(1)).ok()["version"], 2);
    registry.delete("/subjects/s").ok();
    registry.delete("/subjects/s?permanent=true").ok();
    assert_eq!(registry.post("/subjects/s/versions", order(1)).ok()["version"], 1);
}

#[test]
fn a_version_may_be_asked_for() {
    let registry = Registry::start();
    let with = |number, version| {
        let mut body = order(number);
        body["version"] = json!(version);
        registry.post("/subjects/s/versions", body)
    };
    assert_eq!(with(0, 1).ok()["version"], 1);
    with(1, 5).refused(42201);
    assert_eq!(with(1, 2).ok()["version"], 2);
    assert_eq!(with(2, 0).ok()["version"], 3);
    // What is there is found, whatever comes next.
    assert_eq!(with(1, 2).ok()["version"], 2);
}

#[test]
fn version_minus_1_is_kept_in_the_metadata() {
    let registry = Registry::start();
    let mut body = order(0);
    body["version"] = json!(-1);
    let answer = registry.post("/subjects/s/versions", body).ok();
    assert_eq!(answer["metadata"]["properties"]["confluent:version"], "1");
    // Without it, the same schema is found all the same.
    assert_eq!(registry.post("/subjects/s/versions", order(0)).ok()["version"], 1);
}

#[test]
fn an_id_is_for_import_only() {
    let registry = Registry::start();
    let mut body = order(0);
    body["id"] = json!(7);
    assert_eq!(registry.post("/subjects/s/versions", body).refused(42205), "Subject s is not in import mode");
}

#[test]
fn an_empty_schema_takes_the_latest_one() {
    let registry = Registry::start();
    registry.post("/subjects/s/versions", json!({"schema": ""})).refused(42201);
    registry.register("s", order(0));
    let body = json!({"schema": "", "metadata": {"properties": {"owner": "team"}}});
    let answer = registry.post("/subjects/s/versions", body).ok();
    assert_eq!((&answer["version"], &answer["id"]), (&json!(2), &json!(2)));
    assert_eq!(answer["schema"], registry.get("/schemas/ids/1").ok()["schema"]);
}

#[test]
fn what_is_no_schema_is_refused_and_said_why() {
    let registry = Registry::start();
    for text in
        ["{", "\"strin\"", "{\"type\":\"record\"}", "{\"type\":\"fixed\",\"name\":\"a b\",\"size\":1}", "[]["]
    {
        let message = registry.post("/subjects/s/versions", json!({"schema": text})).refused(42201);
        assert!(message.starts_with(&format!("Invalid schema {text} with refs [] of type AVRO, details: ")));
    }
    assert_eq!(registry.get("/subjects").ok(), json!([]));
    assert!(registry.log.entries().is_empty());
}

#[test]
fn a_default_that_does_not_fit_is_refused() {
    let registry = Registry::start();
    let field = json!({"name": "x", "type": "long", "default": "no"});
    let schema = avro(&json!({"type": "record", "name": "A", "fields": [field]}));
    registry.post("/subjects/s/versions", schema).refused(42201);
}

#[test]
fn normalized_schemas_are_one_however_they_were_written() {
    let registry = Registry::start();
    let first = avro(&json!({"type": "string", "b": 1, "a": 2}));
    let answer = registry.post("/subjects/s/versions?normalize=true", first).ok();
    assert_eq!(answer["schema"], r#"{"type":"string","a":2,"b":1}"#);
}

#[test]
fn a_config_can_say_normalize() {
    let registry = Registry::start();
    registry.put("/config/s", json!({"normalize": true})).ok();
    let answer = registry.post("/subjects/s/versions", avro(&json!({"type": "string", "b": 1, "a": 2}))).ok();
    assert_eq!(answer["schema"], r#"{"type":"string","a":2,"b":1}"#);
}

#[test]
fn force_skips_the_check() {
    let registry = Registry::start();
    registry.register("s", avro(&json!("string")));
    registry.post("/subjects/s/versions", avro(&json!("int"))).refused(40901);
    registry.post("/subjects/s/versions?force=true", avro(&json!("int"))).ok();
}

#[test]
fn a_log_that_fails_is_told_and_what_it_took_is_found_out() {
    let registry = Registry::start();
    registry.register("a", order(0));
    registry.log.fail_next_append(0);
    registry.post("/subjects/b/versions", order(1)).refused(50001);
    registry.get("/subjects/b/versions").refused(40401);
    // This one did reach the log, although the client was told otherwise.
    registry.log.fail_next_append(1);
    registry.post("/subjects/c/versions", order(2)).refused(50001);
    registry.register("d", order(3));
    assert_eq!(registry.get("/subjects").ok(), json!(["a", "c", "d"]));
    assert_eq!(registry.register("e", order(2)), 2);
}

#[test]
fn an_older_version_is_the_same_again_whatever_later_ones_have() {
    let registry = Registry::start();
    registry.register("s", order(0));
    let mut body = order(1);
    body["metadata"] = json!({"properties": {"owner": "team"}});
    registry.register("s", body);
    let before = registry.log.entries().len();
    assert_eq!(registry.post("/subjects/s/versions", order(0)).ok()["version"], 1);
    assert_eq!(registry.log.entries().len(), before);
}

#[test]
fn what_is_there_needs_no_writing() {
    let registry = Registry::start();
    registry.register("s", order(0));
    registry.put("/mode/s", json!({"mode": "READONLY"})).ok();
    assert_eq!(registry.register("s", order(0)), 1);
    registry.post("/subjects/s/versions", order(1)).refused(42205);
}

#[test]
fn the_latest_version_is_the_same_again_when_its_number_is_asked_for() {
    let registry = Registry::start();
    let mut body = order(0);
    body["version"] = json!(-1);
    assert_eq!(registry.post("/subjects/s/versions", body.clone()).ok()["version"], 1);
    assert_eq!(registry.post("/subjects/s/versions", body).ok()["version"], 1);
}
