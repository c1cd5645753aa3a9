//! A changed config reaches the running tasks, whatever part of it changed, and disturbs no other connector.

use serde_json::{Value, json};

use crate::client::eventually;
use crate::worker::TestWorker;

/// What is sent with a record, as far as these tests look at it.
fn sent(worker: &TestWorker, topic: &str) -> Vec<String> {
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or(b"null")).into_owned();
    let records = worker.cluster.records(topic);
    let line = |record: &kafka::memory::StoredRecord| {
        let headers: Vec<String> = record
            .headers
            .iter()
            .map(|header| format!("{}={}", header.key, text(header.value.as_deref())))
            .collect();
        [vec![text(record.value.as_deref())], headers].concat().join(" ")
    };
    records.iter().map(line).collect()
}

fn append(worker: &TestWorker, line: &str) {
    let path = worker.path("in.txt");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()).unwrap();
}

fn starts(worker: &TestWorker) -> usize {
    std::fs::read_to_string(worker.path("journal")).unwrap_or_default().lines().count()
}

#[test]
fn invariant_6_a_changed_pipeline_reaches_running_tasks_and_no_other_connector() {
    let worker = TestWorker::start();
    worker.create(
        "other",
        json!({"connector.class": "com.example.FakeSourceConnector", "journal": worker.path("journal")}),
    );
    worker.wait("other", &["RUNNING", "RUNNING"]);
    let mut config = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": worker.path("in.txt"),
        "topic": "lines",
        "errors.tolerance": "all",
    });
    append(&worker, "start");
    worker.create("lines", config.clone());
    let header = "org.apache.kafka.connect.transforms.InsertHeader";
    let tombstone = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone";
    let changes: [(&str, Value, &str); 7] = [
        (
            "a transform is added",
            json!({"transforms": "h", "transforms.h.type": header, "transforms.h.header": "h",
                   "transforms.h.value.literal": "one"}),
            "\"L\" h=one",
        ),
        ("a transform's key", json!({"transforms.h.value.literal": "two"}), "\"L\" h=two"),
        (
            "a predicate",
            json!({"predicates": "p", "predicates.p.type": tombstone, "transforms.h.predicate": "p"}),
            "\"L\"",
        ),
        ("a predicate turned around", json!({"transforms.h.negate": "true"}), "\"L\" h=two"),
        (
            "a converter",
            json!({"value.converter": "org.apache.kafka.connect.storage.StringConverter"}),
            "L h=two",
        ),
        (
            "a header converter",
            json!({"header.converter": "org.apache.kafka.connect.json.JsonConverter",
                   "header.converter.schemas.enable": "false"}),
            "L h=\"two\"",
        ),
        ("an override", json!({"producer.override.client.id": "mine"}), "L h=\"two\""),
    ];
    let mut expected = vec!["\"start\"".to_owned()];
    eventually("the first line", || {
        let found = sent(&worker, "lines");
        if found == expected { Ok(()) } else { Err(format!("{found:?}")) }
    });
    for (index, (what, change, form)) in changes.into_iter().enumerate() {
        let producers = worker.cluster.producers();
        config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = worker.send_json("PUT", "/connectors/lines/config", &config);
        assert_eq!(answer.status, 200, "{what}: {}", answer.body);
        // A task of the changed config has a producer of its own settings, or at least a new task asked for one.
        eventually(what, || {
            let made = worker.cluster.producers();
            if made > producers { Ok(()) } else { Err(format!("{made} producers")) }
        });
        worker.wait("lines", &["RUNNING", "RUNNING"]);
        append(&worker, &index.to_string());
        expected.push(form.replace('L', &index.to_string()));
        eventually(what, || {
            let found = sent(&worker, "lines");
            if found == expected { Ok(()) } else { Err(format!("found {found:?}, expected {expected:?}")) }
        });
    }
    assert_eq!(starts(&worker), 1, "the other connector's task was never started again");
    worker.stop();
}

#[test]
fn a_changed_error_policy_reaches_running_tasks() {
    let worker = TestWorker::start();
    let mut config = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": worker.path("in.txt"),
        "topic": "lines",
        "transforms": "c",
        "transforms.c.type": "org.apache.kafka.connect.transforms.Cast$Value",
        "transforms.c.spec": "int32",
    });
    append(&worker, "1\nx\n2");
    worker.create("lines", config.clone());
    worker.wait("lines", &["RUNNING", "FAILED"]);
    assert_eq!(sent(&worker, "lines"), ["1"]);
    let change = json!({"errors.tolerance": "all", "sluice.errors.source.topic": "bad"});
    config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    assert_eq!(worker.send_json("PUT", "/connectors/lines/config", &config).status, 200);
    eventually("the line after the bad one", || {
        let found = sent(&worker, "lines");
        if found == ["1", "2"] { Ok(()) } else { Err(format!("{found:?}")) }
    });
    let letters = worker.cluster.records("bad");
    let value = String::from_utf8_lossy(letters[0].value.as_deref().unwrap()).into_owned();
    assert_eq!(value, r#"{"schema":{"type":"string","optional":false},"payload":"x"}"#);
    worker.stop();
}
