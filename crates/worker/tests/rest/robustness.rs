//! Bodies, paths and plugins that are no good: an answer each time, and the worker goes on.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use crate::client::{eventually, send};
use crate::worker::TestWorker;

#[test]
fn bad_bodies_are_the_clients_mistake() {
    let worker = TestWorker::start();
    for (body, word) in [
        (r#"{"name":"#, "EOF"),
        (" []", "a JSON object"),
        ("nonsense", "a JSON object"),
        ("", "no body"),
        (r#"{"name":"a"}"#, "'config'"),
        (r#"{"name":"a","config":null}"#, "'config'"),
        (r#"{"name":"a","config":{},"foo":1}"#, "foo"),
        (r#"{"name":"a","config":{"x":{}}}"#, "'x'"),
        (r#"{"name":"a","config":{"x":[1]}}"#, "'x'"),
        (r#"{"name":"a","config":{},"initial_state":"FOO"}"#, "FOO"),
        (r#"{"name":1,"config":{}}"#, "integer"),
    ] {
        let answer = worker.send_text("POST", "/connectors", body);
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        assert!(answer.message().contains(word), "{body}: {}", answer.body);
    }
    let large = format!(r#"{{"name":"a","config":{{"k":"{}"}}}}"#, "x".repeat(2 << 20));
    assert_eq!(worker.send_text("POST", "/connectors", &large).status, 413);
    assert_eq!(worker.send("GET", "/connectors/%ff").status, 400);
    assert_eq!(worker.send("GET", "/connectors").body, "[]");
}

#[test]
fn garbage_never_takes_the_worker_down() {
    let worker = TestWorker::start();
    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let good = json!({"name": "c", "config": {"connector.class": "FakeSource", "tasks.max": 1, "x": null}})
        .to_string();
    let paths = [
        "/connectors",
        "/connectors/c/config",
        "/connectors/c/offsets",
        "/connector-plugins/FakeSource/config/validate",
    ];
    for _ in 0..400 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..random.random_range(1..6) {
            let at = random.random_range(0..bytes.len());
            match random.random_range(0..3) {
                0 => bytes[at] = random.random(),
                1 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, random.random()),
            }
        }
        let path = paths[random.random_range(0..paths.len())];
        let method = ["POST", "PUT", "PATCH", "DELETE", "GET"][random.random_range(0..5)];
        let headers = [("Content-Type", "application/json")];
        let answer = send(worker.address, method, path, &headers, &bytes);
        assert!(answer.status < 500, "{method} {path} {}: {}", String::from_utf8_lossy(&bytes), answer.body);
    }
    assert_eq!(worker.send("GET", "/connectors").status, 200);
}

#[test]
fn plugins_that_hang_or_panic_disturb_nobody() {
    let worker = TestWorker::with(&[("task.shutdown.graceful.timeout.ms", "100")]);
    worker.create("good", json!({"connector.class": "FakeSource", "tasks.max": 1}));
    worker.wait("good", &["RUNNING", "RUNNING"]);
    worker.create("object-hangs", json!({"connector.class": "FakeSource", "object": "hang"}));
    worker.create("object-panics", json!({"connector.class": "FakeSource", "object": "panic"}));
    worker.create("task-hangs", json!({"connector.class": "FakeSource", "task": "hang"}));
    worker.create("task-panics", json!({"connector.class": "FakeSource", "task": "panic"}));
    let status = worker.wait("object-panics", &["FAILED"]);
    assert!(status["connector"]["trace"].as_str().unwrap().contains("told to panic"), "{status}");
    let status = worker.wait("task-panics", &["RUNNING", "FAILED"]);
    assert!(status["tasks"][0]["trace"].as_str().unwrap().contains("told to panic"), "{status}");
    worker.wait("object-hangs", &["UNASSIGNED"]);

    let many = json!({"connector.class": "FakeSource", "tasks.max": 1, "tasks": 2});
    worker.create("too-many", many);
    let status = worker.wait("too-many", &["FAILED"]);
    let trace = status["connector"]["trace"].as_str().unwrap();
    assert!(trace.contains("has generated 2 tasks, which is greater than 1"), "{trace}");
    let change = json!({"tasks.max.enforce": "false"});
    assert_eq!(worker.send_json("PATCH", "/connectors/too-many/config", &change).status, 200);
    worker.wait("too-many", &["RUNNING", "RUNNING", "RUNNING"]);

    for name in ["object-hangs", "object-panics", "task-hangs", "task-panics", "too-many"] {
        assert_eq!(worker.send("DELETE", &format!("/connectors/{name}")).status, 204, "{name}");
    }
    worker.wait("good", &["RUNNING", "RUNNING"]);
    assert_eq!(worker.send("GET", "/connectors").body, r#"["good"]"#);
}

#[test]
fn what_passes_is_tried_again_and_shown() {
    let worker = TestWorker::start();
    worker.create("c", json!({"connector.class": "FakeSource", "object": "retry"}));
    let status = worker.wait("c", &["FAILED"]);
    assert!(status["connector"]["trace"].as_str().unwrap().contains("told to be tried again"), "{status}");
    let details = worker.send("GET", "/sluice/v1/connectors/c").json();
    assert_eq!(details["target_state"], "STARTED");
    assert!(details["connector"]["next_attempt_ms"].as_i64().unwrap() > 0, "{details}");
    assert!(details["connector"]["last_error"].as_str().unwrap().contains("told to be tried again"));

    worker.create("t", json!({"connector.class": "FakeSource", "task": "retry"}));
    let details = eventually("the task's trouble", || {
        let details = worker.send("GET", "/sluice/v1/connectors/t").json();
        if details["tasks"][0]["last_error"].is_string() { Ok(details) } else { Err(details.to_string()) }
    });
    assert!(details["tasks"][0]["last_error"].as_str().unwrap().contains("told to be tried again"));
    assert!(details["tasks"][0]["failing_since_ms"].as_i64().unwrap() > 0, "{details}");
    assert_eq!(details["tasks"][0]["records"]["read"], 0);
    assert_eq!(worker.send_json("PATCH", "/connectors/c/config", &json!({"object": "ok"})).status, 200);
    worker.wait("c", &["RUNNING", "RUNNING"]);
}

// Kafka Connect never does; it is asked for by a key.
#[test]
fn what_failed_is_started_anew_as_often_as_the_config_says() {
    let worker = TestWorker::start();
    let journal = worker.path("journal");
    let config = json!({
        "connector.class": "FakeSource", "task": "fail", "journal": journal,
        "sluice.restart.max.attempts": "2", "sluice.restart.backoff.ms": "20",
    });
    let answer = worker.send_json(
        "PUT",
        "/connector-plugins/FakeSource/config/validate",
        &json!({"connector.class": "FakeSource", "name": "x", "sluice.restart.max.attempts": "-2"}),
    );
    assert!(answer.body.contains("Value must be at least 0, or -1 for no limit"), "{}", answer.body);
    worker.create("again", config);
    worker.create("well", json!({"connector.class": "FakeSource"}));
    let details = eventually("it stays failed after two restarts", || {
        let details = worker.send("GET", "/sluice/v1/connectors/again").json();
        let starts = std::fs::read_to_string(&journal).unwrap_or_default().lines().count();
        let task = &details["tasks"][0];
        match task["state"] == "FAILED" && task["next_attempt_ms"].is_null() && starts == 3 {
            true => Ok(details),
            false => Err(format!("{starts}: {details}")),
        }
    });
    assert_eq!(details["health"], "FAILED");
    assert!(details["reasons"][0].as_str().unwrap().contains("task 0 FAILED: "), "{details}");
    let well = worker.send("GET", "/sluice/v1/connectors/well").json();
    assert_eq!((&well["health"], &well["reasons"]), (&json!("OK"), &json!([])));
    // A restart by hand begins to count anew.
    assert_eq!(worker.send("POST", "/connectors/again/tasks/0/restart").status, 204);
    eventually("it is started three times more", || {
        match std::fs::read_to_string(&journal).unwrap_or_default().lines().count() {
            6 => Ok(()),
            starts => Err(starts.to_string()),
        }
    });
    // The object, too; the worker may say it for all.
    let worker =
        TestWorker::with(&[("sluice.restart.max.attempts", "-1"), ("sluice.restart.backoff.ms", "10")]);
    worker.create("object", json!({"connector.class": "FakeSource", "object": "fail"}));
    eventually("it is going to be started anew", || {
        let details = worker.send("GET", "/sluice/v1/connectors/object").json();
        if details["connector"]["next_attempt_ms"].is_i64() { Ok(()) } else { Err(details.to_string()) }
    });
    assert_eq!(worker.send_json("PATCH", "/connectors/object/config", &json!({"object": "ok"})).status, 200);
    worker.wait("object", &["RUNNING", "RUNNING"]);
}

// Kafka Connect, standalone, answers some of them with 500 and some never.
#[test]
fn changes_at_once_are_done_one_after_another() {
    let worker = TestWorker::start();
    worker.create("shared", json!({"connector.class": "FakeSource"}));
    let address = worker.address;
    let puts: Vec<_> = (0..8)
        .map(|number| {
            let body = json!({"connector.class": "FakeSource", "copied": number.to_string()}).to_string();
            let headers = [("Content-Type", "application/json")];
            std::thread::spawn(move || {
                send(address, "PUT", "/connectors/shared/config", &headers, body.as_bytes())
            })
        })
        .collect();
    for put in puts {
        let answer = put.join().unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let config = worker.send("GET", "/connectors/shared/config").json();
    let last = config["copied"].as_str().unwrap().parse::<u32>().unwrap();
    assert!(last < 8 && config["name"] == "shared", "one of them counts, whole: {config}");
    worker.wait("shared", &["RUNNING", "RUNNING"]);
}

// What went on inside is for the log; who asks learns what is wrong.
#[test]
fn kip_587_errors_are_a_code_and_a_message_without_a_trace() {
    let worker = TestWorker::start();
    for object in ["fail", "panic"] {
        worker.create(object, json!({"connector.class": "FakeSource", "object": object}));
        worker.wait(object, &["FAILED"]);
    }
    let big = "x".repeat(2 << 20);
    for (method, path, body) in [
        ("POST", "/connectors/fail/restart", ""),
        ("POST", "/connectors/panic/restart", ""),
        ("POST", "/connectors", "{"),
        ("POST", "/connectors", &*big),
        ("GET", "/connectors/nope", ""),
        ("GET", "/nope", ""),
        ("PATCH", "/connectors", ""),
        ("PUT", "/connector-plugins/nope/config/validate", "{}"),
    ] {
        let answer = worker.send_text(method, path, body);
        assert!(answer.status >= 400, "{method} {path}");
        let json = answer.json();
        let members: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(members, ["error_code", "message"], "{method} {path}: {}", answer.body);
        for trace in [".rs:", "stack backtrace", "panicked at", "\tat ", "\\tat "] {
            assert!(!answer.body.contains(trace), "{method} {path}: {}", answer.body);
        }
    }
}
