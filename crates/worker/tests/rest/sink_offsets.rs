//! Offsets of sinks: what their consumer group has committed.

use api::data::{Offsets, TopicPartition};
use serde_json::{Value, json};

use crate::client::{Answer, eventually};
use crate::worker::TestWorker;

const SINK: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";
const PATH: &str = "/connectors/c/offsets";

fn at(topic: &str, partition: i32, offset: i64) -> String {
    format!(
        r#"{{"offsets":[{{"partition":{{"kafka_partition":{partition},"kafka_topic":"{topic}"}},"offset":{{"kafka_offset":{offset}}}}}]}}"#
    )
}

fn create(worker: &TestWorker, more: Value) {
    worker.cluster.append("lines", 0, None, Some(r#""one""#));
    worker.cluster.append("lines", 0, None, Some(r#""two""#));
    let mut config = json!({"connector.class": SINK, "topics": "lines", "file": worker.path("out.txt")});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    worker.create("c", config);
    worker.wait("c", &["RUNNING", "RUNNING"]);
}

fn stop(worker: &TestWorker) {
    assert_eq!(worker.send("PUT", "/connectors/c/stop").status, 204);
    worker.wait("c", &["STOPPED"]);
}

/// Sends a change until the tasks are gone.
fn change(worker: &TestWorker, method: &str, body: &str) -> Answer {
    eventually("the tasks are gone", || {
        let answer = worker.send_text(method, PATH, body);
        if answer.status == 409 { Err(answer.body) } else { Ok(answer) }
    })
}

#[test]
fn are_shown_altered_and_reset() {
    let worker = TestWorker::start();
    create(&worker, json!({}));
    eventually("the offset", || {
        let answer = worker.send("GET", PATH);
        if answer.body == at("lines", 0, 2) { Ok(()) } else { Err(answer.body) }
    });
    let refused = worker.send_text("PATCH", PATH, &at("lines", 0, 1));
    assert_eq!(refused.status, 400);
    assert!(refused.message().starts_with("Connectors must be in the STOPPED state"), "{}", refused.body);
    assert_eq!(worker.send("DELETE", PATH).status, 400);

    stop(&worker);
    let altered = change(&worker, "PATCH", &at("lines", 0, 1));
    assert_eq!(altered.status, 200, "{}", altered.body);
    assert_eq!(
        altered.body,
        r#"{"message":"The offsets for this connector have been altered successfully"}"#
    );
    assert_eq!(worker.send("GET", PATH).body, at("lines", 0, 1));
    assert_eq!(worker.send("PUT", "/connectors/c/resume").status, 202);
    eventually("the second line again", || {
        let text = std::fs::read_to_string(worker.path("out.txt")).unwrap_or_default();
        if text == "one\ntwo\ntwo\n" { Ok(()) } else { Err(text) }
    });

    stop(&worker);
    let quoted = r#"{"offsets":[{"partition":{"kafka_partition":"0","kafka_topic":"lines"},"offset":null}]}"#;
    assert_eq!(change(&worker, "PATCH", quoted).status, 200);
    assert_eq!(worker.send("GET", PATH).body, r#"{"offsets":[]}"#);
    assert_eq!(change(&worker, "PATCH", &at("lines", 0, 2)).status, 200);
    let reset = worker.send("DELETE", PATH);
    assert_eq!(reset.body, r#"{"message":"The offsets for this connector have been reset successfully"}"#);
    assert_eq!(worker.send("GET", PATH).body, r#"{"offsets":[]}"#);
    assert_eq!(worker.send("DELETE", PATH).status, 200, "nothing to reset is no error");
}

#[test]
fn are_those_of_the_group_that_the_config_names() {
    let worker = TestWorker::start();
    create(&worker, json!({"consumer.override.group.id": "mine"}));
    let place = TopicPartition::new("lines", 0);
    let theirs: Offsets = [(place.clone(), 1)].into();
    worker.cluster.set_committed("connect-c", &theirs);
    eventually("the offset of the group", || {
        let answer = worker.send("GET", PATH);
        if answer.body == at("lines", 0, 2) { Ok(()) } else { Err(answer.body) }
    });
    stop(&worker);
    assert_eq!(change(&worker, "DELETE", "").status, 200);
    assert!(worker.cluster.committed("mine").is_empty());
    assert_eq!(worker.cluster.committed("connect-c"), theirs);
}

#[test]
fn of_bad_requests_nothing_is_changed() {
    let worker = TestWorker::start();
    create(&worker, json!({}));
    stop(&worker);
    assert_eq!(change(&worker, "PATCH", &at("lines", 0, 1)).status, 200);
    let keys =
        "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'";
    for (offsets, expected) in [
        (r#"{"offset":null}"#, "The partition for a sink connector offset cannot be null or missing"),
        (r#"{"partition":{"kafka_topic":"lines"},"offset":null}"#, keys),
        (
            r#"{"partition":{"kafka_topic":"lines","kafka_partition":0},"offset":{"x":1}}"#,
            "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
        ),
        (
            r#"{"partition":{"kafka_topic":"lines","kafka_partition":0},"offset":{"kafka_offset":"x"}}"#,
            "Failed to parse the following Kafka offset value in the provided offsets: 'x'. Offset values for sink \
             connectors need to be integers.",
        ),
    ] {
        let answer = worker.send_text("PATCH", PATH, &format!(r#"{{"offsets":[{offsets}]}}"#));
        assert_eq!((answer.status, answer.message().as_str()), (400, expected), "{offsets}");
    }
    let unknown = worker.send_text("PATCH", PATH, &at("nope", 0, 1));
    assert_eq!(unknown.status, 500, "{}", unknown.body);
    assert!(
        unknown.message().starts_with("Failed to alter consumer group offsets for connector c: "),
        "{}",
        unknown.body
    );
    assert_eq!(worker.send("GET", PATH).body, at("lines", 0, 1));

    for (method, path) in [("GET", "/connectors/x/offsets"), ("DELETE", "/connectors/x/offsets")] {
        let answer = worker.send(method, path);
        assert_eq!((answer.status, answer.message().as_str()), (404, "Connector x not found"));
    }
    worker.cluster.fail_next_admin_calls(1);
    let answer = worker.send("GET", PATH);
    assert_eq!(answer.status, 500);
    let message = answer.message();
    assert!(
        message.starts_with("Failed to retrieve consumer group offsets for sink connector c: "),
        "{message}"
    );
}

#[test]
fn of_a_group_that_others_read_with_stay() {
    let worker = TestWorker::start();
    create(&worker, json!({}));
    stop(&worker);
    assert_eq!(change(&worker, "PATCH", &at("lines", 0, 1)).status, 200);
    let settings = kafka::ClientSettings([("group.id", "connect-c")].into_iter().collect());
    let subscription = kafka::Subscription::Topics(vec!["lines".to_owned()]);
    let mut zombie = worker.cluster.clients().consumer(&settings, &subscription).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(zombie.poll(std::time::Duration::ZERO)).unwrap(); // it joins
    for (method, body, verb) in [("PATCH", at("lines", 0, 2), "alter"), ("DELETE", String::new(), "reset")] {
        let answer = worker.send_text(method, PATH, &body);
        assert_eq!(answer.status, 500, "{}", answer.body);
        let expected = format!(
            "Failed to {verb} consumer group offsets for connector c either because its tasks haven't stopped completely"
        );
        assert!(answer.message().starts_with(&expected), "{}", answer.body);
    }
    drop(zombie);
    assert_eq!(worker.send("DELETE", PATH).status, 200);
}
