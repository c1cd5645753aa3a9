//! The log over REST: levels, and the lines about a connector.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_worker::logging::{self, Format, Logs};

use crate::client::eventually;
use crate::worker::TestWorker;

const SECRET: &str = "canary-31415";

/// The log of this process: it says nothing until a connector is given a level.
pub fn logs() -> Logs {
    static LOGS: OnceLock<Logs> = OnceLock::new();
    LOGS.get_or_init(|| logging::init(Format::Text, "off").unwrap()).clone()
}

#[test]
fn loggers_are_shown_and_set() {
    let worker = TestWorker::start();
    let all = worker.send("GET", "/admin/loggers");
    assert_eq!((all.status, all.header("content-type")), (200, Some("application/json")));
    assert_eq!(all.json()["root"], json!({"level": "INFO", "last_modified": null}));
    assert_eq!(worker.send("GET", "/admin/loggers/root").body, r#"{"level":"INFO","last_modified":null}"#);
    let connect = "/admin/loggers/org.apache.kafka.connect";
    assert_eq!(worker.send("GET", connect).json()["level"], "INFO");

    let refused = |path: &str, body: &str| {
        let answer = worker.send_text("PUT", path, body);
        (answer.status, answer.message())
    };
    let missing = "Desired 'level' parameter was not specified in request.";
    assert_eq!(refused(connect, "{}"), (400, missing.to_owned()));
    assert_eq!(refused(connect, r#"{"level":null}"#), (400, missing.to_owned()));
    assert_eq!(refused(connect, r#"{"level":"FOO"}"#), (404, "invalid log level 'FOO'.".to_owned()));
    assert_eq!(refused(connect, "null").0, 400);
    let unknown = worker.send("GET", "/admin/loggers/com.nope");
    assert_eq!((unknown.status, unknown.message().as_str()), (404, "Logger com.nope not found."));

    let changed = worker.send_text("PUT", connect, r#"{"level":"debug"}"#);
    assert_eq!(changed.status, 200);
    let names: Vec<String> = serde_json::from_str(&changed.body).unwrap();
    assert!(names.contains(&"org.apache.kafka.connect".to_owned()) && names.is_sorted(), "{names:?}");
    assert!(!names.contains(&"root".to_owned()), "{names:?}");
    let logger = worker.send("GET", connect).json();
    assert!(logger["level"] == "DEBUG" && logger["last_modified"].is_i64(), "{logger}");
    assert_eq!(worker.send_text("PUT", connect, r#"{"level":"DEBUG"}"#).body, "[]", "it was so before");

    let cluster = worker.send_text("PUT", "/admin/loggers/com.nope?scope=cluster", r#"{"level":"TRACE"}"#);
    assert_eq!((cluster.status, cluster.body.as_str()), (204, ""));
    assert_eq!(worker.send("GET", "/admin/loggers/com.nope").json()["level"], "TRACE");
    let other = worker.send_text("PUT", "/admin/loggers/com.nope?scope=what", r#"{"level":"OFF"}"#);
    assert_eq!((other.status, other.body.as_str()), (200, r#"["com.nope"]"#));
    assert!(worker.send("GET", "/admin/loggers").json().get("com.nope").is_none(), "it is off");
}

#[test]
fn a_connector_may_have_a_level_of_its_own() {
    let worker = TestWorker::start();
    let path = "/sluice/v1/connectors/own-level/log-level";
    assert_eq!(worker.send("GET", path).status, 404);
    worker.create("own-level", json!({"connector.class": "FakeSource"}));
    assert_eq!(worker.send("GET", path).body, r#"{"level":null}"#);
    assert_eq!(worker.send_text("PUT", path, r#"{"level":"debug"}"#).body, r#"{"level":"DEBUG"}"#);
    assert_eq!(worker.send("GET", path).body, r#"{"level":"DEBUG"}"#);
    assert_eq!(worker.send_text("PUT", path, r#"{"level":"loud"}"#).status, 404);
    assert_eq!(worker.send_text("PUT", path, r#"{"level":null}"#).body, r#"{"level":null}"#);
}

/// A connector that fails once it is resumed, with lines from INFO on.
fn failing(worker: &TestWorker, name: &str) {
    let config = json!({"connector.class": "FakeSource", "task": "fail", "fake.password": SECRET});
    let request = json!({"name": name, "config": config, "initial_state": "STOPPED"});
    assert_eq!(worker.send_json("POST", "/connectors", &request).status, 201);
    let path = format!("/sluice/v1/connectors/{name}/log-level");
    assert_eq!(worker.send_text("PUT", &path, r#"{"level":"INFO"}"#).status, 200);
    assert_eq!(worker.send("PUT", &format!("/connectors/{name}/resume")).status, 202);
    worker.wait(name, &["RUNNING", "FAILED"]);
}

#[test]
fn invariant_5_the_last_lines_are_shown_without_secrets() {
    let worker = TestWorker::with_logs(&[], logs());
    failing(&worker, "kept-lines");
    let path = "/sluice/v1/connectors/kept-lines/logs";
    let (line, answer) = eventually("the line of the failure", || {
        let answer = worker.send("GET", path).json();
        let lines = answer["lines"].as_array().unwrap();
        let failure = lines.iter().find(|line| line["message"].to_string().contains("told to fail"));
        failure.cloned().map(|line| (line, answer.clone())).ok_or(answer.to_string())
    });
    assert_eq!((&line["level"], &line["task"]), (&"ERROR".into(), &0.into()), "{line}");
    assert_eq!(answer["dropped"], 0);
    assert!(!answer.to_string().contains(SECRET), "{answer}");
    let last = answer["lines"].as_array().unwrap().last().unwrap()["number"].as_u64().unwrap();
    let rest = worker.send("GET", &format!("{path}?after={last}")).json();
    let numbers: Vec<Option<u64>> =
        rest["lines"].as_array().unwrap().iter().map(|line| line["number"].as_u64()).collect();
    assert!(numbers.iter().all(|number| *number > Some(last)), "{numbers:?}");
    assert_eq!(worker.send("GET", &format!("{path}?after=x")).status, 400);
    assert_eq!(worker.send("GET", "/sluice/v1/connectors/nope/logs").status, 404);
}

#[test]
fn lines_are_followed_until_the_worker_stops() {
    let worker = TestWorker::with_logs(&[], logs());
    failing(&worker, "followed");
    let mut stream = TcpStream::connect(worker.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let request = "GET /sluice/v1/connectors/followed/logs?follow=true HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    let mut read_until = |stream: &mut TcpStream, wanted: &dyn Fn(&str) -> bool| {
        let mut buffer = [0; 4096];
        while !wanted(&text) {
            match stream.read(&mut buffer).unwrap() {
                0 => return (text.clone(), true),
                count => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
            }
        }
        (text.clone(), false)
    };
    let failures = |text: &str| text.matches("told to fail").count();
    let (head, _) = read_until(&mut stream, &|text| failures(text) >= 1);
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
    let event = head.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let line: Value = serde_json::from_str(event).unwrap();
    assert!(line["number"].is_u64() && head.contains("event: line") && head.contains("id: 1"), "{head}");

    // A line that is written now comes at once.
    assert_eq!(worker.send("POST", "/connectors/followed/tasks/0/restart").status, 204);
    read_until(&mut stream, &|text| failures(text) >= 2);
    worker.stop();
    let (all, ended) = read_until(&mut stream, &|_| false);
    assert!(ended && !all.contains(SECRET), "{all}");
}
