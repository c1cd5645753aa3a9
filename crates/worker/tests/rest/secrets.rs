//! Invariant 5: whatever is asked, no secret is in an answer.

use serde_json::json;

use crate::client::eventually;
use crate::worker::TestWorker;

const CANARY: &str = "canary-4711-geheim";

#[test]
fn invariant_5_cve_2019_12399_kafka_15377_kafka_5117_no_answer_has_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets.properties");
    std::fs::write(&file, format!("password={CANARY}\nurl=jdbc:x?password={CANARY}\n")).unwrap();
    let worker = TestWorker::with(&[
        ("config.providers", "file"),
        ("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider"),
        ("config.providers.file.param.allowed.paths", folder.path().to_str().unwrap()),
    ]);
    let file = file.display();
    let config = |object: &str, task: &str| {
        json!({
            "connector.class": "FakeSource", "tasks.max": 1, "object": object, "task": task,
            "fake.password": format!("${{file:{file}:password}}"),
            "fake.url": format!("x${{file:{file}:url}}y"),
        })
    };
    let mut answers = Vec::new();
    for (name, object, task) in [
        ("ok", "ok", "ok"),
        ("object-fails", "fail", "ok"),
        ("task-fails", "ok", "fail"),
        ("retries", "retry", "ok"),
        ("task-retries", "ok", "retry"),
    ] {
        answers.push(worker.create(name, config(object, task)));
    }
    worker.wait("ok", &["RUNNING", "RUNNING"]);
    worker.wait("object-fails", &["FAILED"]);
    let status = worker.wait("task-fails", &["RUNNING", "FAILED"]);
    let trace = status["tasks"][0]["trace"].as_str().unwrap();
    assert!(
        trace.contains("told to fail, with ${file:"),
        "the secret was resolved, and shown as its reference: {trace}"
    );
    eventually("the task's trouble", || {
        let details = worker.send("GET", "/sluice/v1/connectors/task-retries").json();
        if details["tasks"][0]["last_error"].is_string() { Ok(()) } else { Err(details.to_string()) }
    });

    let mut paths =
        vec!["/connectors?expand=status&expand=info".to_owned(), "/sluice/v1/connectors".to_owned()];
    for name in ["ok", "object-fails", "task-fails", "retries", "task-retries"] {
        for end in ["", "/config", "/status", "/tasks", "/tasks/0/status", "/topics", "/offsets"] {
            paths.push(format!("/connectors/{name}{end}"));
        }
        paths.push(format!("/sluice/v1/connectors/{name}"));
    }
    answers.extend(paths.iter().map(|path| worker.send("GET", path)));
    let validate = "/connector-plugins/FakeSource/config/validate";
    answers.push(worker.send_json("PUT", validate, &config("ok", "ok")));
    let mut bad = config("ok", "ok");
    bad["tasks"] = format!("${{file:{file}:password}}").into();
    answers.push(worker.send_json("PUT", validate, &bad));
    answers.push(worker.send_json("PUT", "/connectors/ok/config", &bad));
    // Names of transforms, predicates and groups become names of keys.
    for list in ["transforms", "predicates", "topic.creation.groups"] {
        let mut named = config("ok", "ok");
        named[list] = format!("${{file:{file}:password}}").into();
        let before = answers.len();
        answers.push(worker.send_json("PUT", validate, &named));
        answers.push(worker.send_json("PUT", "/connectors/ok/config", &named));
        answers.push(worker.send_json("POST", "/connectors", &json!({"name": list, "config": named})));
        let statuses: Vec<u16> = answers[before..].iter().map(|answer| answer.status).collect();
        if list != "topic.creation.groups" {
            assert_eq!(statuses, [200, 400, 400], "a transform without a type");
            let why = "what the reference stands for is not valid";
            assert!(answers[before + 1].message().contains(why), "{}", answers[before + 1].body);
        }
    }
    answers.push(worker.send("POST", "/connectors/object-fails/restart"));
    answers.push(worker.send("POST", "/connectors/task-fails/restart?includeTasks=true"));
    assert!(
        answers.iter().any(|answer| answer.status == 400)
            && answers.iter().any(|answer| answer.status == 500)
    );
    for answer in answers {
        assert!(!answer.body.contains("geheim"), "{}", answer.body);
    }
    let tasks = worker.send("GET", "/connectors/ok/tasks").json();
    assert_eq!(tasks[0]["config"]["copied"], format!("x${{file:{file}:url}}y"), "a copy under another key");
}

#[test]
fn invariant_5_the_value_of_a_password_key_is_in_no_error() {
    let worker = TestWorker::with(&[]);
    let config = |what: &str| {
        json!({
            "connector.class": "FakeSource", "tasks.max": 1, "task": what,
            "fake.password": CANARY, "fake.url": "http://user:canary-4712-geheim@host/",
        })
    };
    worker.create("task-fails", config("fail"));
    worker.create("task-retries", config("retry"));
    let status = worker.wait("task-fails", &["RUNNING", "FAILED"]);
    let trace = status["tasks"][0]["trace"].as_str().unwrap();
    assert!(trace.contains("told to fail, with [hidden] at http://user:[hidden]@host/"), "{trace}");
    let error = eventually("the task's trouble", || {
        let details = worker.send("GET", "/sluice/v1/connectors/task-retries").json();
        details["tasks"][0]["last_error"].as_str().map(str::to_owned).ok_or(details.to_string())
    });
    assert!(error.contains("[hidden]") && !error.contains("geheim"), "{error}");
}

#[test]
fn a_secret_that_changes_starts_those_again_who_use_it() {
    let secrets = tempfile::tempdir().unwrap();
    let write = |value: &str| {
        let text = json!({"password": value}).to_string();
        std::fs::write(secrets.path().join("db.json"), text).unwrap();
    };
    write("canary-before");
    let folder = secrets.path().display().to_string();
    let worker = TestWorker::with(&[
        ("config.providers", "secretsmanager"),
        ("config.providers.secretsmanager.class", "sluice.FolderConfigProvider"),
        ("config.providers.secretsmanager.param.folder", &folder),
    ]);
    let starts = |name: &str| {
        let journal = std::fs::read_to_string(worker.path(name)).unwrap_or_default();
        journal.lines().count()
    };
    for (name, reference) in [
        ("rotates", "${secretsmanager:db:password?ttl=1}"),
        ("reads-once", "${secretsmanager:db:password}"),
        ("keeps", "${secretsmanager:db:password?ttl=1}"),
    ] {
        let reload = if name == "keeps" { "none" } else { "restart" };
        let config = json!({
            "connector.class": "FakeSource",
            "fake.password": reference,
            "journal": worker.path(name),
            "config.action.reload": reload,
        });
        worker.create(name, config);
        worker.wait(name, &["RUNNING", "RUNNING"]);
    }
    write("canary-after");
    eventually("the task starts again", || match starts("rotates") {
        2 => Ok(()),
        other => Err(other.to_string()),
    });
    worker.wait("rotates", &["RUNNING", "RUNNING"]);
    assert_eq!((starts("reads-once"), starts("keeps")), (1, 1));
    let shown = worker.send("GET", "/connectors/rotates/tasks").body;
    assert!(shown.contains("${secretsmanager:db:password?ttl=1}") && !shown.contains("canary"), "{shown}");
}

#[test]
fn only_secrets_of_what_runs_are_taken_out_of_the_log() {
    let logs = sluice_worker::logging::Logs::default();
    let secrets = logs.secrets().clone();
    let worker = TestWorker::with_logs(&[], logs);
    let config = json!({"connector.class": "FakeSource", "fake.password": "mallory-17"});
    let checked = worker.send_json("PUT", "/connector-plugins/FakeSource/config/validate", &config);
    assert_eq!(checked.status, 200, "{}", checked.body);
    let mut wrong = config.clone();
    (wrong["name"], wrong["tasks.max"]) = (json!("x"), json!("many"));
    let refused = worker.send_json("POST", "/connectors", &json!({"name": "x", "config": wrong}));
    assert_eq!(refused.status, 400);
    for owner in [None, Some("x"), Some("other")] {
        assert_eq!(secrets.scrub(owner, "by mallory-17"), "by mallory-17", "{owner:?}");
    }
    worker.create("x", config);
    worker.wait("x", &["RUNNING", "RUNNING"]);
    assert_eq!(secrets.scrub(Some("x"), "by mallory-17"), "by [hidden]");
    assert_eq!(secrets.scrub(Some("other"), "by mallory-17"), "by mallory-17");
}

#[test]
fn a_config_full_of_secrets_is_checked() {
    let worker = TestWorker::start();
    let mut config = json!({"connector.class": "FakeSource", "tasks.max": "many"});
    let path = "/connector-plugins/FakeSource/config/validate";
    let expected = worker.send_json("PUT", path, &config).body;
    for number in 0..36_000 {
        config[format!("p{number}.password")] = format!("{number:06}").into();
    }
    let begin = std::time::Instant::now();
    let answer = worker.send_json("PUT", path, &config);
    println!("checked in {:?}", begin.elapsed());
    assert_eq!(answer.body, expected, "nobody declares them");
}
