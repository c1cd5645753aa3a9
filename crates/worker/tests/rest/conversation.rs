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
