//! What is shown of secrets that stand in configs, and to whom.

use serde_json::{Value, json};

use crate::auth::{Users, send_as};

const SECRET: &str = "canary-1618-geheim";

fn config() -> Value {
    json!({
        "connector.class": "FakeSource",
        "tasks.max": "1",
        "fake.password": SECRET,
        "fake.url": format!("http://user:{SECRET}@host/x"),
        "other.api.key": SECRET,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "db.password": "${secretsmanager:db:password}",
    })
}

#[test]
fn invariant_5_who_may_not_change_a_secret_does_not_see_it() {
    let users = Users::new();
    let worker = users.worker(&[]);
    let body = json!({"name": "x", "config": config()}).to_string();
    assert_eq!(send_as(&worker, "admin", "POST", "/connectors", &body).status, 201);
    worker_waits(&worker);
    for role in ["viewer", "operator"] {
        for path in [
            "/connectors/x",
            "/connectors/x/config",
            "/connectors/x/tasks",
            "/connectors?expand=info&expand=status",
        ] {
            let answer = send_as(&worker, role, "GET", path, "");
            assert!(answer.status == 200 && answer.body.contains("********"), "{path}: {}", answer.body);
            assert!(!answer.body.contains("geheim"), "{path}: {}", answer.body);
        }
        let shown = send_as(&worker, role, "GET", "/connectors/x/config", "").json();
        assert_eq!(shown["db.password"], "${secretsmanager:db:password}", "a reference is no secret");
        assert_eq!(shown["fake.url"], "http://user:********@host/x");
        assert_eq!(shown["other.api.key"], "********");
        assert_eq!(shown["key.converter"], config()["key.converter"]);
    }
    // Who may change it sees what a Java worker shows: tools compare it with what they have.
    let shown = send_as(&worker, "admin", "GET", "/connectors/x/config", "").json();
    assert_eq!(shown["fake.password"], SECRET);
    assert_eq!(shown["fake.url"], config()["fake.url"]);
}

fn worker_waits(worker: &crate::worker::TestWorker) {
    crate::client::eventually("it runs", || {
        let answer = send_as(worker, "viewer", "GET", "/connectors/x/status", "");
        let status = answer.json();
        if status["tasks"][0]["state"] == "RUNNING" { Ok(()) } else { Err(answer.body) }
    });
}

#[test]
fn a_mask_that_comes_back_keeps_the_secret() {
    let users = Users::new();
    let worker = users.worker(&[]);
    let admin =
        |method: &str, path: &str, body: Value| send_as(&worker, "admin", method, path, &body.to_string());
    assert_eq!(admin("PUT", "/connectors/x/config", config()).status, 201);
    let mut seen = send_as(&worker, "viewer", "GET", "/connectors/x/config", "").json();
    seen["tasks.max"] = json!("2");
    let answer = admin("PUT", "/connectors/x/config", seen);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let patched =
        admin("PATCH", "/connectors/x/config", json!({"fake.password": "********", "topic": "********"}));
    assert_eq!(patched.status, 200, "{}", patched.body);
    let stored = send_as(&worker, "admin", "GET", "/connectors/x/config", "").json();
    let mut expected = config();
    expected["name"] = json!("x");
    expected["tasks.max"] = json!("2");
    expected["topic"] = json!("********");
    assert_eq!(stored, expected, "what is no secret may look like a mask");
    for (method, path, body) in [
        ("PATCH", "/connectors/x/config", json!({"new.password": "********"})),
        (
            "PUT",
            "/connectors/y/config",
            json!({"connector.class": "FakeSource", "fake.password": "********"}),
        ),
        (
            "POST",
            "/connectors",
            json!({"name": "y", "config": {"connector.class": "FakeSource", "fake.password": "********"}}),
        ),
    ] {
        let answer = admin(method, path, body);
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.message().contains(".password"), "{}", answer.body);
    }
}
