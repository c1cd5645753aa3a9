//! A worker that is told twice to end, as some supervisors do, ends in order all the same: what it has sent it stores.

use serde_json::json;

use crate::stage::Stage;
use crate::topic;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_twice_to_end_stores_its_offsets() {
    // Nothing is stored before the end; the other worker has it stay for a moment.
    let stage = Stage::new(&[("offset.flush.interval.ms", "3600000")]).await;
    let path = stage.path("lines");
    std::fs::write(&path, (0..100).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let other = stage.worker("other");
    let worker = stage.worker("worker");
    let config = json!({
        "connector.class": "FileStreamSource", "file": path, "topic": "rows",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    });
    worker.create("rows", &config);
    worker.tasks("rows", &["RUNNING"]);
    topic::until(&stage.broker.bootstrap(), "rows", |texts| texts.iter().any(|text| text == "99")).await;
    // Whichever has the task.
    for mut ends in [worker, other] {
        ends.terminate();
        ends.terminate();
        ends.has_ended();
    }
    let again = stage.worker("again");
    again.tasks("rows", &["RUNNING"]);
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|file| {
            use std::io::Write as _;
            writeln!(&file, "100")
        })
        .unwrap();
    topic::until(&stage.broker.bootstrap(), "rows", |texts| texts.iter().any(|text| text == "100")).await;
    drop(again);
    let seen = topic::committed(&stage.broker.bootstrap(), "rows").await;
    assert_eq!(seen, (0..=100).map(|line| line.to_string()).collect::<Vec<_>>());
}
