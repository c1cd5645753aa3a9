//! What Kafka Connect 4.3.1 was seen to answer, row by row.

use serde_json::{Value, json};

use crate::client::{eventually, send};
use crate::worker::TestWorker;

const SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";

fn file_source(worker: &TestWorker, topic: &str) -> Value {
    json!({"connector.class": SOURCE, "tasks.max": 1, "file": worker.path("in.txt"), "topic": topic})
}

#[test]
fn a_connector_from_creation_to_deletion() {
    let worker = TestWorker::start();
    std::fs::write(worker.path("in.txt"), "line one\nline two\n").unwrap();

    let created = worker.create("fs-src", file_source(&worker, "lines"));
    let location = format!("http://{}/connectors/fs-src", worker.address);
    assert_eq!(created.header("location"), Some(location.as_str()));
    assert_eq!(created.header("content-type"), Some("application/json"));
    let file = worker.path("in.txt");
    let expected = format!(
        r#"{{"name":"fs-src","config":{{"connector.class":"{SOURCE}","tasks.max":"1","file":"{file}","topic":"lines","name":"fs-src"}},"tasks":[],"type":"source"}}"#
    );
    assert_eq!(created.body, expected);

    worker.wait("fs-src", &["RUNNING", "RUNNING"]);
    let values = eventually("two records", || {
        let records = worker.cluster.records("lines");
        let values: Vec<String> = records
            .iter()
            .filter_map(|record| record.value.as_deref())
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect();
        if values.len() == 2 { Ok(values) } else { Err(format!("{values:?}")) }
    });
    assert_eq!(values, ["\"line one\"", "\"line two\""]);

    assert_eq!(worker.send("DELETE", "/connectors/fs-src").status, 204);
    assert_eq!(worker.send("GET", "/connectors/fs-src").status, 404);
    worker.stop();
}

/// One row: method, path, body, status, and the message or the whole body.
type Row<'a> = (&'a str, &'a str, &'a str, u16, &'a str);

fn check_rows(worker: &TestWorker, rows: &[Row]) {
    for (method, path, body, status, expected) in rows {
        let answer = match body.is_empty() {
            true => worker.send(method, path),
            false => worker.send_text(method, path, body),
        };
        let row = format!("{method} {path} {body}");
        assert_eq!(answer.status, *status, "{row}: {}", answer.body);
        match expected.starts_with(['{', '[']) || *status < 300 {
            true => assert_eq!(answer.body, *expected, "{row}"),
            false => assert_eq!(answer.message(), *expected, "{row}"),
        }
        let content_type = (*status != 204 && !answer.body.is_empty()).then_some("application/json");
        assert_eq!(answer.header("content-type"), content_type, "{row}");
    }
}

#[test]
fn what_is_not_there_is_answered_in_kafkas_words() {
    let worker = TestWorker::start();
    worker.create("known", file_source(&worker, "lines"));
    worker.wait("known", &["RUNNING", "RUNNING"]);
    check_rows(
        &worker,
        &[
            ("GET", "/connectors/nope", "", 404, "Connector nope not found"),
            ("GET", "/connectors/nope/config", "", 404, "Connector nope not found"),
            ("GET", "/connectors/nope/tasks", "", 404, "Connector nope not found"),
            ("GET", "/connectors/nope/status", "", 404, "No status found for connector nope"),
            ("PUT", "/connectors/nope/pause", "", 404, "Unknown connector nope"),
            ("PUT", "/connectors/nope/resume", "", 404, "Unknown connector nope"),
            ("PUT", "/connectors/nope/stop", "", 404, "Unknown connector nope"),
            ("POST", "/connectors/nope/restart", "", 404, "Unknown connector: nope"),
            ("POST", "/connectors/nope/restart?includeTasks=true", "", 404, "Unknown connector: nope"),
            ("PATCH", "/connectors/nope/config", "{}", 404, "Connector nope not found"),
            ("DELETE", "/connectors/nope", "", 404, "Connector nope not found"),
            ("GET", "/connectors/nope/offsets", "", 404, "Connector nope not found"),
            ("GET", "/connectors/known/tasks/9/status", "", 404, "No status found for task known-9"),
            ("POST", "/connectors/known/tasks/9/restart", "", 404, "Unknown task: known-9"),
            ("GET", "/connectors/known/tasks/x/status", "", 404, "HTTP 404 Not Found"),
            ("GET", "/connector-plugins/Nope/config", "", 404, "Unknown plugin Nope."),
            ("GET", "/connectors/nope/topics", "", 200, r#"{"nope":{"topics":[]}}"#),
        ],
    );
    for (method, path, status, message) in [
        ("GET", "/no/such/path", 404, "HTTP 404 Not Found"),
        ("GET", "/connectors/known/tasks-config", 404, "HTTP 404 Not Found"),
        ("PUT", "/connectors", 405, "HTTP 405 Method Not Allowed"),
        ("GET", "/connectors/known/pause", 405, "HTTP 405 Method Not Allowed"),
    ] {
        let answer = worker.send(method, path);
        assert_eq!((answer.status, answer.message().as_str()), (status, message), "{method} {path}");
        assert_eq!(answer.header("content-type"), None, "{method} {path}");
        assert_eq!(answer.header("allow"), None, "{method} {path}");
    }
}

#[test]
fn what_cannot_be_accepted_is_refused_in_kafkas_words() {
    let worker = TestWorker::start();
    worker.create("known", file_source(&worker, "lines"));
    let endpoint = "You can also find the above list of errors at the endpoint \
                    `/connector-plugins/{connectorType}/config/validate`";
    let frame = |errors: &[&str]| {
        format!(
            "Connector configuration is invalid and contains the following {} error(s):\n{}\n{endpoint}",
            errors.len(),
            errors.join("\n")
        )
    };
    let create = |name: &str, config: Value| json!({"name": name, "config": config}).to_string();
    let refuse = |body: &str, status: u16, message: &str| {
        let answer = worker.send_text("POST", "/connectors", body);
        assert_eq!((answer.status, answer.message().as_str()), (status, message), "{body}");
    };
    refuse(&create("known", file_source(&worker, "lines")), 409, "Connector known already exists");
    let empty_name = frame(&["Invalid value  for configuration name: String may not be empty"]);
    refuse(&json!({"config": file_source(&worker, "t")}).to_string(), 400, &empty_name);
    let control = frame(&[
        "Invalid value a\u{1}b for configuration name: String may not contain control sequences but had the \
         following ASCII chars: 1",
    ]);
    refuse(&create("a\u{1}b", file_source(&worker, "t")), 400, &control);
    let bad = frame(&[
        "Invalid value x for configuration tasks.max: Not a number of type INT",
        "Invalid value null for configuration tasks.max: Value must be non-null",
        "Missing required configuration \"topic\" which has no default value.",
    ]);
    let config = json!({"connector.class": "FileStreamSource", "tasks.max": "x", "file": "in.txt"});
    refuse(&create("bad", config), 400, &bad);
    let missing = "Connector config {topic=x, name=bad} contains no connector type";
    refuse(&create("bad", json!({"topic": "x"})), 400, missing);
    let answer = worker.send_text(
        "POST",
        "/connectors",
        &create("bad", json!({"connector.class": "com.example.Nope"})),
    );
    assert_eq!(answer.status, 400);
    let message = answer.message();
    let begin = "Failed to find any class that implements Connector and which name matches com.example.Nope, \
                 available connectors are: PluginDesc{";
    assert!(message.starts_with(begin) && message.contains(SOURCE), "{message}");

    let mut other = file_source(&worker, "t");
    other["name"] = "other".into();
    let mismatch = "Connector name configuration (other) doesn't match connector name in the URL (known)";
    let answer = worker.send_json("PUT", "/connectors/known/config", &other);
    assert_eq!((answer.status, answer.message().as_str()), (400, mismatch));

    let names: Value = worker.send("GET", "/connectors").json();
    assert_eq!(names, json!(["known"]), "nothing that was refused is there");
}

#[test]
fn configs_are_put_and_patched() {
    let worker = TestWorker::start();
    let answer = worker.send_json("PUT", "/connectors/c/config", &file_source(&worker, "one"));
    assert_eq!(answer.status, 201);
    assert!(answer.header("location").is_some_and(|location| location.ends_with("/connectors/c")));
    worker.wait("c", &["RUNNING", "RUNNING"]);

    let answer = worker.send_json("PUT", "/connectors/c/config", &file_source(&worker, "two"));
    assert_eq!((answer.status, answer.header("location")), (200, None));
    assert_eq!(answer.json()["tasks"], json!([{"connector": "c", "task": 0}]));
    assert_eq!(answer.json()["config"]["topic"], "two");
    worker.wait("c", &["RUNNING", "RUNNING"]);

    let patch = json!({"topic": "three", "batch.size": 10, "file": worker.path("other.txt")});
    let answer = worker.send_json("PATCH", "/connectors/c/config", &patch);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = worker.send_json("PATCH", "/connectors/c/config", &json!({"batch.size": null}));
    let config = &answer.json()["config"];
    assert_eq!((config["topic"].as_str(), config.get("batch.size")), (Some("three"), None));
    assert_eq!(config["name"], "c");
    let answer = worker.send_json("PATCH", "/connectors/c/config", &json!({"topic": null}));
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(worker.send("GET", "/connectors/c/config").json()["topic"], "three");

    eventually("the task has the new config", || {
        let tasks = worker.send("GET", "/connectors/c/tasks").json();
        let task = &tasks[0];
        let class = task["config"]["task.class"] == "org.apache.kafka.connect.file.FileStreamSourceTask";
        match task["config"]["topic"] == "three" && class {
            true => Ok(()),
            false => Err(tasks.to_string()),
        }
    });
    worker.wait("c", &["RUNNING", "RUNNING"]);
}

#[test]
fn pause_stop_and_resume() {
    let worker = TestWorker::start();
    worker.create("c", file_source(&worker, "lines"));
    worker.wait("c", &["RUNNING", "RUNNING"]);
    for _ in 0..2 {
        let answer = worker.send("PUT", "/connectors/c/pause");
        assert_eq!((answer.status, answer.header("content-length")), (202, Some("0")));
    }
    worker.wait("c", &["PAUSED", "PAUSED"]);
    assert_eq!(worker.send("PUT", "/connectors/c/resume").status, 202);
    worker.wait("c", &["RUNNING", "RUNNING"]);
    for _ in 0..2 {
        let answer = worker.send("PUT", "/connectors/c/stop");
        assert_eq!((answer.status, answer.header("content-length")), (204, None));
    }
    worker.wait("c", &["STOPPED"]);
    assert_eq!(worker.send("GET", "/connectors/c/tasks").body, "[]");
    assert_eq!(worker.send("PUT", "/connectors/c/resume").status, 202);
    let status = worker.wait("c", &["RUNNING", "RUNNING"]);
    let id = worker.address.to_string();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        r#"{{"name":"c","connector":{{"state":"RUNNING","worker_id":"{id}","version":"{version}"}},"tasks":[{{"id":0,"state":"RUNNING","worker_id":"{id}","version":"{version}"}}],"type":"source"}}"#
    );
    assert_eq!(status, serde_json::from_str::<Value>(&expected).unwrap());
    assert_eq!(worker.send("GET", "/connectors/c/status").body, expected);

    let stopped = json!({"name": "s", "config": file_source(&worker, "x"), "initial_state": "stopped"});
    assert_eq!(worker.send_json("POST", "/connectors", &stopped).status, 201);
    worker.wait("s", &["STOPPED"]);
    let paused = json!({"name": "p", "config": file_source(&worker, "x"), "initial_state": "PAUSED"});
    assert_eq!(worker.send_json("POST", "/connectors", &paused).status, 201);
    worker.wait("p", &["PAUSED"]);
    assert_eq!(worker.send("DELETE", "/connectors/s").status, 204);
}

#[test]
fn what_failed_is_restarted_on_request_and_nothing_else_is() {
    let worker = TestWorker::start();
    worker.create("ok", json!({"connector.class": "FakeSource", "tasks.max": 2}));
    worker.wait("ok", &["RUNNING", "RUNNING", "RUNNING"]);
    worker.create("bad", json!({"connector.class": "FakeSource", "tasks.max": 2, "task": "fail"}));
    let status = worker.wait("bad", &["RUNNING", "FAILED", "FAILED"]);
    let trace = status["tasks"][0]["trace"].as_str().unwrap();
    assert!(trace.starts_with("org.apache.kafka.connect.errors.ConnectException: told to fail"), "{trace}");

    let answer = worker.send("POST", "/connectors/bad/restart?includeTasks=true&onlyFailed=true");
    assert_eq!(answer.status, 202);
    let body = answer.json();
    assert_eq!(body["connector"]["state"], "RUNNING");
    assert_eq!(body["tasks"][1]["state"], "RESTARTING");
    assert!(body["tasks"][1]["trace"].is_string(), "the old trace is still there");
    worker.wait("bad", &["RUNNING", "FAILED", "FAILED"]);

    assert_eq!(worker.send_json("PATCH", "/connectors/bad/config", &json!({"task": "ok"})).status, 200);
    worker.wait("bad", &["RUNNING", "RUNNING", "RUNNING"]);
    assert_eq!(worker.send("POST", "/connectors/bad/tasks/1/restart").status, 204);
    assert_eq!(worker.send("POST", "/connectors/bad/restart").status, 204);
    worker.wait("bad", &["RUNNING", "RUNNING", "RUNNING"]);

    worker.create("object", json!({"connector.class": "FakeSource", "object": "fail"}));
    worker.wait("object", &["FAILED"]);
    let answer = worker.send("POST", "/connectors/object/restart");
    assert_eq!(answer.status, 500);
    assert!(answer.message().contains("told to fail"), "{}", answer.body);
    assert_eq!(worker.send("PUT", "/connectors/object/stop").status, 204);
    worker.wait("object", &["STOPPED"]);
    worker.wait("ok", &["RUNNING", "RUNNING", "RUNNING"]);
}

#[test]
fn lists_plugins_and_the_worker_itself() {
    let worker = TestWorker::start();
    let health = eventually("healthy", || {
        let answer = worker.send("GET", "/health");
        if answer.status == 200 { Ok(answer.body) } else { Err(answer.body) }
    });
    let healthy =
        r#"{"status":"healthy","message":"Worker has completed startup and is ready to handle requests."}"#;
    assert_eq!(health, healthy);
    let about = eventually("the cluster's id", || {
        let about = worker.send("GET", "/").json();
        if about["kafka_cluster_id"].is_string() { Ok(about) } else { Err(about.to_string()) }
    });
    assert_eq!(about["kafka_cluster_id"], "memory");
    assert!(about["version"].as_str().unwrap().starts_with("4.3.1"));
    assert!(about["commit"].is_string());

    assert_eq!(worker.send("GET", "/connectors").body, "[]");
    worker.create("b", file_source(&worker, "t"));
    worker.create("a", file_source(&worker, "t"));
    assert_eq!(worker.send("GET", "/connectors/").body, r#"["a","b"]"#);
    assert_eq!(worker.send("GET", "/connectors?expand=foo").body, r#"{"a":{},"b":{}}"#);
    worker.wait("a", &["RUNNING", "RUNNING"]);
    let both = worker.send("GET", "/connectors?expand=status&expand=info").json();
    assert_eq!(both["a"]["status"], worker.send("GET", "/connectors/a/status").json());
    assert_eq!(both["a"]["info"], worker.send("GET", "/connectors/a").json());

    let plugins = worker.send("GET", "/connector-plugins").json();
    let found: Vec<(&str, &str)> = plugins
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| (plugin["class"].as_str().unwrap(), plugin["type"].as_str().unwrap()))
        .collect();
    assert!(found.contains(&(SOURCE, "source")) && found.is_sorted_by_key(|(_, kind)| *kind), "{found:?}");
    assert!(found.iter().all(|(_, kind)| ["source", "sink"].contains(kind)));
    let all = worker.send("GET", "/connector-plugins?connectorsOnly=false").json();
    assert!(all.as_array().unwrap().iter().any(|plugin| plugin["type"] == "converter"));

    let keys = worker.send("GET", "/connector-plugins/FileStreamSource/config").json();
    let names: Vec<&str> = keys.as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert!(names.starts_with(&["file", "topic", "batch.size"]) && names.contains(&"tasks.max"), "{names:?}");
}

#[test]
fn validation_shows_every_key_and_problem() {
    let worker = TestWorker::start();
    let path = "/connector-plugins/FileStreamSource/config/validate";
    let config = json!({"connector.class": "FileStreamSource", "tasks.max": "0", "name": ""});
    let answer = worker.send_json("PUT", path, &config);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let infos = answer.json();
    assert_eq!((&infos["name"], &infos["error_count"]), (&"FileStreamSource".into(), &3.into()));
    let of = |name: &str| {
        let configs = infos["configs"].as_array().unwrap();
        configs.iter().find(|info| info["definition"]["name"] == name).unwrap().to_string()
    };
    assert!(of("tasks.max").ends_with(
        r#""group":"Common","order_in_group":4,"width":"SHORT","display_name":"Tasks max","dependents":[]},"value":{"name":"tasks.max","value":"0","recommended_values":[],"errors":["Invalid value 0 for configuration tasks.max: Value must be at least 1"],"visible":true}}"#
    ), "{}", of("tasks.max"));
    assert!(
        of("topic").contains(r#""type":"STRING","required":true,"default_value":null"#),
        "{}",
        of("topic")
    );

    let refused = "Included connector type FileStreamSink does not match request type FileStreamSource";
    let answer = worker.send_json("PUT", path, &json!({"connector.class": "FileStreamSink"}));
    assert_eq!((answer.status, answer.message().as_str()), (400, refused));
    let answer = worker.send_json("PUT", path, &json!({"file": "x"}));
    let missing = "Connector config {file=x} contains no connector type";
    assert_eq!((answer.status, answer.message().as_str()), (400, missing));
}

#[test]
fn topics_are_remembered_until_they_are_reset() {
    let worker = TestWorker::start();
    std::fs::write(worker.path("in.txt"), "line\n").unwrap();
    worker.create("c", file_source(&worker, "lines"));
    eventually("the topic", || {
        let body = worker.send("GET", "/connectors/c/topics").body;
        if body == r#"{"c":{"topics":["lines"]}}"# { Ok(()) } else { Err(body) }
    });
    let answer = worker.send("PUT", "/connectors/c/topics/reset");
    assert_eq!((answer.status, answer.header("content-length")), (202, Some("0")));
    assert_eq!(worker.send("GET", "/connectors/c/topics").body, r#"{"c":{"topics":[]}}"#);
    worker.stop();

    let worker = TestWorker::with(&[("topic.tracking.enable", "false")]);
    assert_eq!(worker.send("GET", "/connectors/c/topics").status, 403);
    assert_eq!(worker.send("PUT", "/connectors/c/topics/reset").status, 403);
}

#[test]
fn offsets_are_shown_altered_and_reset() {
    let worker = TestWorker::start();
    std::fs::write(worker.path("in.txt"), "line one\nline two\n").unwrap();
    worker.create("c", file_source(&worker, "lines"));
    let path = "/connectors/c/offsets";
    let file = worker.path("in.txt");
    let at = |position: u64| {
        format!(
            r#"{{"offsets":[{{"partition":{{"filename":"{file}"}},"offset":{{"position":{position}}}}}]}}"#
        )
    };
    eventually("the offset", || {
        let body = worker.send("GET", path).body;
        if body == at(18) { Ok(()) } else { Err(body) }
    });
    let not_stopped = "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for \
                       the specified connector by issuing a 'PUT' request to the '/connectors/c/stop' endpoint";
    for (method, body) in [("PATCH", at(9)), ("DELETE", String::new())] {
        let answer = worker.send_text(method, path, &body);
        assert_eq!((answer.status, answer.message().as_str()), (400, not_stopped), "{method}");
    }
    assert_eq!(worker.send("PUT", "/connectors/c/stop").status, 204);
    worker.wait("c", &["STOPPED"]);
    for body in [r#"{"offsets":[]}"#, "{}"] {
        let answer = worker.send_text("PATCH", path, body);
        let message = "Partitions / offsets need to be provided for an alter offsets request";
        assert_eq!((answer.status, answer.message().as_str()), (400, message), "{body}");
    }
    let unknown = r#"{"offsets":[{"partition":{"x":1},"offset":{"position":1}}]}"#;
    let refused = eventually("the task is gone", || {
        let answer = worker.send_text("PATCH", path, unknown);
        if answer.status == 409 { Err(answer.body) } else { Ok(answer) }
    });
    assert_eq!(refused.status, 400, "{}", refused.body);
    let refused = worker.send_text("PATCH", path, r#"{"offsets":[{"partition":{"x":[]},"offset":null}]}"#);
    assert_eq!(refused.status, 400, "{}", refused.body);

    let altered = worker.send_text("PATCH", path, &at(9));
    assert_eq!(altered.status, 200, "{}", altered.body);
    assert!(altered.json()["message"].as_str().unwrap().contains("altered"), "{}", altered.body);
    assert_eq!(worker.send("GET", path).body, at(9));
    assert_eq!(worker.send("PUT", "/connectors/c/resume").status, 202);
    eventually("the second line again", || match worker.cluster.records("lines").len() {
        3 => Ok(()),
        other => Err(other.to_string()),
    });
    assert_eq!(worker.send("PUT", "/connectors/c/stop").status, 204);
    eventually("reset", || {
        let answer = worker.send("DELETE", path);
        if answer.status == 200 { Ok(()) } else { Err(answer.body) }
    });
    assert_eq!(worker.send("GET", path).body, r#"{"offsets":[]}"#);
}

#[test]
fn methods_types_and_slashes() {
    let worker = TestWorker::start();
    let options = worker.send("OPTIONS", "/connectors");
    assert_eq!((options.status, options.header("content-type")), (200, Some("text/plain")));
    assert_eq!(options.header("allow"), Some("HEAD,POST,GET,OPTIONS"));
    assert_eq!(options.body, "HEAD, POST, GET, OPTIONS");
    let head = worker.send("HEAD", "/connectors");
    assert_eq!((head.status, head.header("content-length"), head.body.as_str()), (200, Some("2"), ""));

    let body = json!({"name": "c", "config": file_source(&worker, "t")}).to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let headers = [("Content-Type", content_type)];
        let answer = send(worker.address, "POST", "/connectors", &headers, body.as_bytes());
        assert_eq!((answer.status, answer.message().as_str()), (415, "HTTP 415 Unsupported Media Type"));
        assert_eq!(answer.header("content-type"), None);
    }
    for accept in ["text/html", "application/xml"] {
        let answer = send(worker.address, "GET", "/connectors", &[("Accept", accept)], b"");
        assert_eq!((answer.status, answer.message().as_str()), (406, "HTTP 406 Not Acceptable"));
        assert_eq!(answer.header("content-type"), None);
    }
    let headers = [("Content-Type", "application/json; charset=UTF-8"), ("Accept", "text/html, */*;q=0.1")];
    assert_eq!(send(worker.address, "POST", "/connectors", &headers, body.as_bytes()).status, 201);

    let answer = worker.create("  a b/c ", file_source(&worker, "t"));
    assert_eq!(answer.json()["name"], "a b/c");
    assert!(answer.header("location").is_some_and(|location| location.ends_with("/connectors/a%20b%2Fc")));
    assert_eq!(worker.send("GET", "/connectors/a%20b%2Fc").json()["name"], "a b/c");
    assert_eq!(worker.send("DELETE", "/connectors/a%20b%2Fc").status, 204);
}
