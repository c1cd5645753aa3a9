//! HTTP: content types, unknown paths, methods, bodies.

use serde_json::json;

use crate::server::{Registry, avro, order};

const V1: &str = "application/vnd.schemaregistry.v1+json";

#[test]
fn the_root_answers_an_empty_object() {
    let registry = Registry::start();
    let answer = registry.get("/");
    assert_eq!((answer.media.as_str(), answer.text.as_str()), (V1, "{}"));
}

#[test]
fn answers_are_of_the_vendor_type_unless_another_is_wanted() {
    let registry = Registry::start();
    let media = |accept: &str| registry.send("GET", "/subjects", &[("accept", accept)], b"").media;
    assert_eq!(registry.get("/subjects").media, V1);
    assert_eq!(media("*/*"), V1);
    assert_eq!(media("application/json"), "application/json");
    assert_eq!(media("application/vnd.schemaregistry+json"), "application/vnd.schemaregistry+json");
    assert_eq!(media("application/json, application/vnd.schemaregistry.v1+json"), V1);
    registry.send("GET", "/subjects", &[("accept", "text/html")], b"").refused(406);
}

#[test]
fn bodies_may_be_called_four_ways() {
    let registry = Registry::start();
    let body = order(0).to_string();
    let send = |media: &str| {
        registry.send("POST", "/subjects/s/versions", &[("content-type", media)], body.as_bytes())
    };
    for media in [V1, "application/vnd.schemaregistry+json", "application/json", "application/octet-stream"] {
        assert_eq!(send(media).ok()["id"], 1);
    }
    assert_eq!(send("application/json; charset=utf-8").ok()["id"], 1);
    send("text/plain").refused(415);
    assert_eq!(registry.send("POST", "/subjects/s/versions", &[], body.as_bytes()).ok()["id"], 1);
}

#[test]
fn errors_have_the_type_of_answers() {
    let registry = Registry::start();
    let answer = registry.get("/subjects/none/versions");
    assert_eq!(answer.media, V1);
    assert_eq!(answer.refused(40401), "Subject 'none' not found.");
}

#[test]
fn unknown_paths_are_plain_404() {
    let registry = Registry::start();
    // Clients of version 8 ask this first and go on when it is 404.
    for path in ["/associations/resources/-/orders", "/subject", "/subjects/s/versions/1/x", "/a/b/c/d/e/f"] {
        registry.get(path).refused(404);
    }
    registry.get("/schemas/ids/abc").refused(404);
}

#[test]
fn known_paths_refuse_other_methods() {
    let registry = Registry::start();
    for (method, path) in [
        ("PUT", "/subjects"),
        ("PATCH", "/subjects/s"),
        ("DELETE", "/schemas/ids/1"),
        ("DELETE", "/subjects"),
        ("POST", "/config"),
        ("POST", "/mode/s"),
        ("GET", "/compatibility/subjects/s/versions"),
    ] {
        registry.send(method, path, &[], b"").refused(405);
    }
}

#[test]
fn head_is_get_without_a_body() {
    let registry = Registry::start();
    let answer = registry.send("HEAD", "/subjects", &[], b"");
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
}

#[test]
fn a_slash_at_the_end_changes_nothing() {
    let registry = Registry::start();
    assert_eq!(registry.get("/subjects/").ok(), json!([]));
}

#[test]
fn unknown_members_and_headers_are_passed_over() {
    let registry = Registry::start();
    let mut body = order(0);
    body["unknown"] = json!({"a": 1});
    let headers = [("confluent-accept-unknown-properties", "true"), ("x-forward", "true")];
    let answer = registry.send("POST", "/subjects/s/versions", &headers, body.to_string().as_bytes());
    assert_eq!(answer.ok()["id"], 1);
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    let registry = Registry::start();
    let send = |body: &[u8]| registry.send("POST", "/subjects/s/versions", &[], body);
    send(b"").refused(422);
    send(b"{").refused(400);
    send(b"[]").refused(400);
    send(b"null").refused(400);
    send(b"\xff\xfe").refused(400);
    send(br#"{"schema": 1}"#).refused(422);
    send(br#"{"schema": "\"string\"", "version": "x"}"#).refused(422);
}

#[test]
fn a_subject_may_have_any_letters() {
    let registry = Registry::start();
    for (path, name) in [
        ("a%2Fb", "a/b"),
        ("a%3Ab", "a:b"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("%C3%BC", "ü"),
        ("a%25b", "a%b"),
        ("versions", "versions"),
        ("..", ".."),
    ] {
        if path != ".." {
            registry.register(path, order(0));
            let answer = registry.get(&format!("/subjects/{path}/versions/1")).ok();
            assert_eq!(answer["subject"], name);
            assert_eq!(registry.get(&format!("/subjects/{path}/versions")).ok(), json!([1]));
        }
    }
}

#[test]
fn subjects_that_are_not_allowed() {
    let registry = Registry::start();
    for subject in ["__GLOBAL", "__EMPTY", "a%0Ab", "%7F", ":.c:", ":.__GLOBAL:s", ":*:", ""] {
        registry.post(&format!("/subjects/{subject}/versions"), order(0)).refused(42208);
    }
    registry.get("/subjects/%FF/versions").refused(400);
    assert_eq!(registry.get("/subjects").ok(), json!([]));
}

#[test]
fn an_empty_name_is_not_taken_for_the_next_part() {
    let registry = Registry::start();
    registry.register("versions", order(0));
    registry.delete("/subjects//versions").refused(42208);
    assert_eq!(registry.get("/subjects/versions/versions").ok(), json!([1]));
}

#[test]
fn the_server_says_what_it_is() {
    let registry = Registry::start();
    assert!(registry.get("/v1/metadata/version").ok()["version"].is_string());
    assert!(registry.get("/v1/metadata/id").ok()["scope"]["clusters"].is_object());
    assert!(registry.get("/v1/metadata/deployment").ok()["attributes"].is_array());
}

#[test]
fn the_types_are_listed() {
    let mut types = Registry::start().get("/schemas/types").ok().as_array().unwrap().clone();
    types.sort_by_key(|name| name.as_str().map(str::to_owned));
    assert_eq!(types, ["AVRO", "JSON", "PROTOBUF"]);
}

#[test]
fn an_unknown_type_is_refused() {
    let registry = Registry::start();
    let mut body = avro(&json!("string"));
    body["schemaType"] = json!("THRIFT");
    registry.post("/subjects/s/versions", body).refused(42201);
}
