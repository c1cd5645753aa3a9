//! Schema Registry: subjects, versions, compatibility, settings.

use serde_json::{Value, json};

use crate::fake::{Fake, Home};

fn avro(fields: Value) -> Value {
    json!({"schema": json!({"type": "record", "name": "Order", "fields": fields}).to_string(), "schemaType": "AVRO"})
}

fn first() -> Value {
    avro(json!([{"name": "id", "type": "long"}]))
}

fn with_note(default: bool) -> Value {
    let mut note = json!({"name": "note", "type": "string"});
    if default {
        note["default"] = json!("");
    }
    avro(json!([{"name": "id", "type": "long"}, note]))
}

#[test]
fn a_schema_is_registered_once_and_has_versions() {
    let home = Home::new(Fake::start());
    let versions = "/subjects/orders-value/versions";
    let made = home.registry("POST", versions, first()).expect(200);
    assert_eq!(made["version"], 1);
    // White space makes no new schema, and another subject no new id.
    let spaced = json!({"schema": first()["schema"].as_str().unwrap().replace(':', " : ")});
    assert_eq!(home.registry("POST", versions, spaced).expect(200)["version"], 1);
    let other = home.registry("POST", "/subjects/copy-value/versions", first()).expect(200);
    assert_eq!(other["id"], made["id"]);
    let second = home.registry("POST", versions, with_note(true)).expect(200);
    assert_eq!(second["version"], 2);
    assert_eq!(home.registry("GET", versions, None).expect(200), json!([1, 2]));
    assert_eq!(home.registry("GET", "/subjects", None).expect(200), json!(["copy-value", "orders-value"]));
    let latest = home.registry("GET", &format!("{versions}/latest"), None).expect(200);
    assert_eq!((&latest["version"], &latest["id"]), (&json!(2), &second["id"]));
    assert_eq!(latest["schemaType"], Value::Null, "Avro is not named");
    let found = home.registry("POST", "/subjects/orders-value", first()).expect(200);
    assert_eq!((&found["version"], &found["id"]), (&json!(1), &made["id"]));
    home.registry("POST", "/subjects/orders-value", with_note(false)).refused(404, "40403");
    home.registry("POST", "/subjects/none", first()).refused(404, "40401");
    home.registry("GET", &format!("{versions}/9"), None).refused(404, "40402");
    home.registry("GET", &format!("{versions}/nine"), None).refused(422, "42202");
}

#[test]
fn schemas_are_found_by_id_and_by_prefix() {
    let home = Home::new(Fake::start());
    let made = home.registry("POST", "/subjects/a-value/versions", first()).expect(200);
    home.registry("POST", "/subjects/a-value/versions", with_note(true)).expect(200);
    home.registry("POST", "/subjects/b-value/versions", first()).expect(200);
    let id = made["id"].as_u64().unwrap();
    let by_id = home.registry("GET", &format!("/schemas/ids/{id}"), None).expect(200);
    assert_eq!(by_id["schema"], first()["schema"]);
    home.registry("GET", &format!("/schemas/ids/{id}/schema"), None).expect(200);
    assert_eq!(
        home.registry("GET", &format!("/schemas/ids/{id}/subjects"), None).expect(200),
        json!(["a-value", "b-value"])
    );
    home.registry("GET", &format!("/schemas/ids/{id}/versions"), None).expect(200);
    home.registry("GET", "/schemas/ids/1", None).refused(404, "40403");
    home.registry("GET", "/schemas/types", None).expect(200);
    let count = |query: &str| {
        home.registry("GET", &format!("/schemas{query}"), None).expect(200).as_array().unwrap().len()
    };
    assert_eq!(
        (count("?subjectPrefix=a-"), count("?subjectPrefix=a-&latestOnly=true"), count("")),
        (2, 1, 3)
    );
}

#[test]
fn what_does_not_fit_is_refused_and_told_before() {
    let home = Home::new(Fake::start());
    let versions = "/subjects/orders-value/versions";
    let check = |body: Value| {
        let answer =
            home.registry("POST", &format!("/compatibility{versions}?verbose=true"), body).expect(200);
        (answer["is_compatible"].as_bool().unwrap(), answer["messages"].to_string())
    };
    assert!(check(first()).0, "a first version always fits");
    home.registry("POST", versions, first()).expect(200);
    let (fits, why) = check(with_note(false));
    assert!(!fits && why.contains("note"), "{why}");
    home.registry("POST", versions, with_note(false)).refused(409, "40901");
    assert!(check(with_note(true)).0);
    home.registry("POST", &format!("/compatibility{versions}/1"), with_note(true)).expect(200);
    home.registry("POST", &format!("/compatibility{versions}/7"), first()).refused(404, "40402");
    home.registry("POST", "/compatibility/subjects/none/versions/1", first()).refused(404, "40402");
    let latest = home.registry("POST", "/compatibility/subjects/none/versions/latest", first()).expect(200);
    assert_eq!(latest["is_compatible"], true);
    // What is no schema is a reason where reasons are asked for, else an error.
    assert!(!check(json!({"schema": "{"})).0);
    home.registry("POST", &format!("/compatibility{versions}"), json!({"schema": "{"})).refused(422, "42201");
    // With NONE everything fits.
    home.registry("PUT", "/config/orders-value", json!({"compatibility": "NONE"})).expect(200);
    home.registry("POST", versions, with_note(false)).expect(200);
}

/// FORWARD asks the other way round, and TRANSITIVE looks at all versions.
#[test]
fn levels_look_in_their_own_direction() {
    let home = Home::new(Fake::start());
    let versions = "/subjects/orders-value/versions";
    let level =
        |name: &str| home.registry("PUT", "/config/orders-value", json!({"compatibility": name})).expect(200);
    let empty = || avro(json!([]));
    home.registry("POST", versions, first()).expect(200);
    level("FORWARD");
    home.registry("POST", versions, empty()).refused(409, "FORWARD");
    level("BACKWARD");
    home.registry("POST", versions, empty()).expect(200);
    let text = || avro(json!([{"name": "id", "type": "string", "default": ""}]));
    level("BACKWARD_TRANSITIVE");
    home.registry("POST", versions, text()).refused(409, "TYPE_MISMATCH");
    level("BACKWARD");
    home.registry("POST", versions, text()).expect(200);
}

#[test]
fn what_is_no_schema_is_refused() {
    let home = Home::new(Fake::start());
    for body in [
        json!({"schema": "{"}),
        json!({"schema": r#"{"type":"record","name":"A"}"#}),
        json!({"schema": ""}),
        json!({"schema": "{}", "schemaType": "XML"}),
        json!({"schema": "[", "schemaType": "JSON"}),
        json!({"schema": "syntax = \"proto3\";", "schemaType": "PROTOBUF"}),
        json!({"schema": "\"string\"", "references": [{"name": "a", "subject": "none", "version": 1}]}),
    ] {
        home.registry("POST", "/subjects/a-value/versions", body).refused(422, "42201");
    }
    home.registry(
        "POST",
        "/subjects/j-value/versions",
        json!({"schema": "{\"type\": \"object\"}", "schemaType": "JSON"}),
    )
    .expect(200);
    let proto = json!({"schema": "syntax = \"proto3\"; message A {}", "schemaType": "PROTOBUF"});
    home.registry("POST", "/subjects/p-value/versions", proto).expect(200);
    let shown = home.registry("GET", "/subjects/p-value/versions/latest", None).expect(200);
    assert_eq!(shown["schemaType"], "PROTOBUF");
    home.registry("GET", "/subjects/p-value/versions/1/schema", None).expect(200);
}

#[test]
fn deletes_are_soft_first_and_keep_numbers() {
    let home = Home::new(Fake::start());
    let versions = "/subjects/orders-value/versions";
    home.registry("POST", versions, first()).expect(200);
    home.registry("POST", versions, with_note(true)).expect(200);
    home.registry("DELETE", &format!("{versions}/1?permanent=true"), None).refused(404, "40407");
    assert_eq!(home.registry("DELETE", &format!("{versions}/1?permanent=false"), None).expect(200), json!(1));
    home.registry("DELETE", &format!("{versions}/1"), None).refused(404, "40406");
    assert_eq!(home.registry("GET", versions, None).expect(200), json!([2]));
    assert_eq!(home.registry("GET", &format!("{versions}?deleted=true"), None).expect(200), json!([1, 2]));
    home.registry("DELETE", &format!("{versions}/1?permanent=true"), None).expect(200);
    assert_eq!(home.registry("DELETE", &format!("{versions}/latest"), None).expect(200), json!(2));
    for query in ["", "?deleted=true"] {
        home.registry("GET", &format!("{versions}/latest{query}"), None).refused(404, "40402");
    }
    // The number of a soft-deleted version stays taken.
    assert_eq!(home.registry("POST", versions, first()).expect(200)["version"], 3);
    home.registry("DELETE", "/subjects/orders-value?permanent=true", None).refused(404, "40405");
    assert_eq!(home.registry("DELETE", "/subjects/orders-value", None).expect(200), json!([3]));
    home.registry("DELETE", "/subjects/orders-value", None).refused(404, "40404");
    assert_eq!(
        home.registry("DELETE", "/subjects/orders-value?permanent=true", None).expect(200),
        json!([2, 3])
    );
    home.registry("DELETE", "/subjects/orders-value", None).refused(404, "40401");
    assert_eq!(home.fake.counts()["schema"], Value::Null);
}

#[test]
fn a_referenced_schema_stays() {
    let home = Home::new(Fake::start());
    home.registry("POST", "/subjects/id/versions", avro(json!([]))).expect(200);
    let mut user = avro(json!([{"name": "id", "type": "Order"}]));
    user["references"] = json!([{"name": "Order", "subject": "id", "version": 1}]);
    let made = home.registry("POST", "/subjects/user/versions", user).expect(200);
    assert_eq!(
        home.registry("GET", "/subjects/id/versions/1/referencedby", None).expect(200),
        json!([made["id"]])
    );
    home.registry("DELETE", "/subjects/id/versions/1", None).refused(422, "42206");
    home.registry("DELETE", "/subjects/id", None).refused(422, "42206");
    home.registry("DELETE", "/subjects/user", None).expect(200);
    home.registry("DELETE", "/subjects/id", None).expect(200);
}

#[test]
fn a_subject_has_its_own_level_or_the_registrys() {
    let home = Home::new(Fake::start());
    assert_eq!(home.registry("GET", "/config", None).expect(200)["compatibilityLevel"], "BACKWARD");
    home.registry("GET", "/config/orders-value?defaultToGlobal=false", None).refused(404, "40408");
    let put = home
        .registry("PUT", "/config/orders-value", json!({"compatibility": "FULL", "normalize": true}))
        .expect(200);
    assert_eq!(put["compatibility"], "FULL");
    let shown = home.registry("GET", "/config/orders-value?defaultToGlobal=false", None).expect(200);
    assert_eq!((&shown["compatibilityLevel"], &shown["normalize"]), (&json!("FULL"), &json!(true)));
    home.registry("PUT", "/config/orders-value", json!({"compatibility": "SIDEWAYS"})).refused(422, "42203");
    // What is not sent stays, null clears, and the answer has all of it.
    let change = json!({"alias": "orders", "normalize": null});
    let put = home.registry("PUT", "/config/orders-value", change).expect(200);
    assert_eq!(put, json!({"compatibility": "FULL", "alias": "orders"}));
    home.registry("PUT", "/config", json!({"compatibility": "FORWARD"})).expect(200);
    assert_eq!(
        home.registry("GET", "/config/none?defaultToGlobal=true", None).expect(200)["compatibilityLevel"],
        "FORWARD"
    );
    home.registry("DELETE", "/config/orders-value", None).expect(200);
    home.registry("DELETE", "/config/orders-value", None).refused(404, "40401");
    home.registry("DELETE", "/config", None).expect(200);
}

#[test]
fn a_read_only_subject_takes_no_schema() {
    let home = Home::new(Fake::start());
    assert_eq!(home.registry("GET", "/mode", None).expect(200)["mode"], "READWRITE");
    home.registry("GET", "/mode/orders-value", None).refused(404, "40409");
    home.registry("PUT", "/mode/orders-value", json!({"mode": "OFF"})).refused(422, "42204");
    home.registry("PUT", "/mode/orders-value", json!({"mode": "READONLY"})).expect(200);
    assert_eq!(home.registry("GET", "/mode/orders-value", None).expect(200)["mode"], "READONLY");
    home.registry("POST", "/subjects/orders-value/versions", first()).refused(422, "42205");
    home.registry("DELETE", "/subjects/orders-value", None).refused(422, "42205");
    home.registry("DELETE", "/mode/orders-value", None).expect(200);
    home.registry("DELETE", "/mode/orders-value", None).refused(404, "40401");
    home.registry("POST", "/subjects/orders-value/versions", first()).expect(200);
    home.registry("PUT", "/mode", json!({"mode": "READONLY"})).expect(200);
    home.registry("POST", "/subjects/other/versions", first()).refused(422, "42205");
    home.registry("GET", "/contexts", None).expect(200);
}

/// Environments do not see each other's subjects, though all are at one address: the key tells.
#[test]
fn registries_are_apart() {
    let home = Home::new(Fake::start());
    home.registry("POST", "/subjects/orders-value/versions", first()).expect(200);
    let other = home.fake.environment("other");
    home.fake.cluster(&other, json!({"kind": "Basic"}));
    let list = home.fake.cloud("GET", &format!("/srcm/v3/clusters?environment={other}"), None).expect(200);
    let key = home.fake.key(&home.account, list["data"][0]["id"].as_str());
    assert_eq!(home.fake.ask(Some(&key), "GET", "/subjects", None).expect(200), json!([]));
}
