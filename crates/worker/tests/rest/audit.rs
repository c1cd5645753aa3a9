//! Who changed what, written down.

use serde_json::{Value, json};

use crate::auth::{Users, send_as};
use crate::client::send;

const SECRET: &str = "canary-2718-geheim";

fn lines(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_change_and_each_denial_is_a_line() {
    let users = Users::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit").display().to_string();
    let worker = users.worker(&[("sluice.rest.audit.file", &file)]);
    let config = json!({"connector.class": "FakeSource", "fake.password": SECRET, "task": "ok"});
    let body = json!({"name": "x", "config": config}).to_string();
    let created = send_as(&worker, "admin", "POST", "/connectors", &body);
    assert_eq!(created.status, 201);
    // What is read is not written down, nor what is checked only.
    send_as(&worker, "viewer", "GET", "/connectors", "");
    send_as(&worker, "operator", "PUT", "/connector-plugins/FakeSource/config/validate", &config.to_string());
    let changed = json!({"connector.class": "FakeSource", "fake.password": "canary-geheim-2", "tasks": "1"});
    send_as(&worker, "admin", "PUT", "/connectors/x/config", &changed.to_string());
    send_as(&worker, "admin", "PATCH", "/connectors/x/config", "{\"tasks\": null, \"fake.url\": \"u\"}");
    send_as(&worker, "operator", "PUT", "/connectors/x/pause", "");
    send_as(&worker, "operator", "POST", "/connectors/nope/tasks/0/restart", "");
    send_as(&worker, "viewer", "DELETE", "/connectors/x", "");
    worker.send("GET", "/connectors/x");
    let header = [("Authorization", "Basic canary-geheim")];
    send(worker.address, "PUT", "/connectors/%22a%0Ab/stop", &header, b"");
    let shown: Vec<Value> = lines(&file)
        .iter()
        .map(|line| {
            let of = |names: &[&str]| names.iter().map(|name| line[*name].clone()).collect::<Vec<_>>();
            Value::Array(of(&["who", "role", "method", "path", "connector_name", "keys", "status", "result"]))
        })
        .collect();
    let expected = json!([
        [
            "admin",
            "admin",
            "POST",
            "/connectors",
            "x",
            ["connector.class", "fake.password", "task"],
            201,
            "done"
        ],
        [
            "admin",
            "admin",
            "PUT",
            "/connectors/x/config",
            "x",
            ["fake.password", "task", "tasks"],
            200,
            "done"
        ],
        ["admin", "admin", "PATCH", "/connectors/x/config", "x", ["fake.url", "tasks"], 200, "done"],
        ["operator", "operator", "PUT", "/connectors/x/pause", "x", [], 202, "done"],
        ["operator", "operator", "POST", "/connectors/nope/tasks/0/restart", "nope", [], 404, "refused"],
        ["viewer", "viewer", "DELETE", "/connectors/x", "x", [], 403, "denied"],
        [null, null, "GET", "/connectors/x", "x", [], 401, "denied"],
        [null, null, "PUT", "/connectors/%22a%0Ab/stop", "\"a\nb", [], 401, "denied"],
    ]);
    assert_eq!(Value::Array(shown), expected);
    let first = &lines(&file)[0];
    assert_eq!((&first["by"], &first["from"]), (&json!("basic"), &json!("127.0.0.1")));
    assert_eq!(created.header("x-request-id"), first["request_id"].as_str());
    assert!(first["time"].as_str().unwrap().ends_with('Z'));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("geheim"), "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // Rotated away, it begins anew.
    std::fs::rename(&file, format!("{file}.1")).unwrap();
    send_as(&worker, "admin", "DELETE", "/connectors/x", "");
    assert_eq!(lines(&file).len(), 1);
}

#[test]
fn a_worker_that_asks_nobody_writes_from_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit").display().to_string();
    let worker = crate::worker::TestWorker::with(&[("sluice.rest.audit.file", &file)]);
    worker.create("x", json!({"connector.class": "FakeSource"}));
    let line = lines(&file).remove(0);
    assert_eq!((&line["who"], &line["by"]), (&json!("anonymous"), &json!("none")));
    assert_eq!((&line["from"], &line["status"]), (&json!("127.0.0.1"), &json!(201)));
}
