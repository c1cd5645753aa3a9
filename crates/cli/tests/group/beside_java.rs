//! A worker of Kafka Connect in Java that joins a group which ours leads: it gets no work and disturbs nothing.

use std::io::Write;

use serde_json::{Value, json};
use testkit::apache_kafka::{self, ConnectWorker, Setup};

use crate::stage::{Worker, eventually, properties};
use crate::topic;

// Java's `listeners` are its own; a broker of Apache Kafka takes no shorter session.
const MORE: &str = "session.timeout.ms=6000\nheartbeat.interval.ms=500\n";

fn append(path: &std::path::Path, line: &str) {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    writeln!(file.unwrap(), "{line}").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_java_worker_in_our_group_gets_no_work() {
    let Some((jars, broker_jars)) = apache_kafka::connect_for("a_java_worker_in_our_group_gets_no_work")
    else {
        return;
    };
    let broker = Setup::new().start(&broker_jars).unwrap();
    let bootstrap = broker.bootstrap("PLAINTEXT");
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("lines");
    append(&lines, "one");
    let ours = Worker::start(folder.path(), "ours", &properties(&bootstrap, "workers", "ours", MORE));
    for connector in ["x", "y"] {
        let config = json!({
            "connector.class": "FileStreamSource", "file": lines, "topic": connector,
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        });
        ours.create(connector, &config);
    }
    let all_ours = || {
        for connector in ["x", "y"] {
            assert_eq!(ours.tasks(connector, &["RUNNING"]), std::slice::from_ref(&ours.id));
            let status = ours.get(&format!("/connectors/{connector}/status"));
            assert_eq!(status["connector"]["worker_id"], ours.id, "{status}");
        }
    };
    all_ours();
    let place = folder.path().join("java");
    std::fs::create_dir(&place).unwrap();
    let of_java =
        properties(&bootstrap, "workers", "java", MORE).replace("listeners=http://127.0.0.1:0\n", "");
    let java = ConnectWorker::distributed(&jars, &place, &of_java).unwrap();
    eventually("the leader says that a Java worker is there", || {
        let log = ours.log();
        match log.contains("a worker of Kafka Connect in Java is in this group: it gets no work; stop it") {
            true => Ok(()),
            false => Err(java.log()),
        }
    });
    // It is one of the group and knows the connectors; they go on where they are.
    append(&lines, "two");
    for connector in ["x", "y"] {
        topic::until(&bootstrap, connector, |texts| texts.iter().any(|text| text == "two")).await;
    }
    all_ours();
    let workers = ours.get("/sluice/v1/workers");
    assert_eq!(workers.as_array().map(Vec::len), Some(1), "only who gets work: {workers}");
    // A change reaches ours while it is there.
    assert_eq!(ours.send("PUT", "/connectors/x/pause", &Value::Null).status, 202);
    ours.tasks("x", &["PAUSED"]);
    assert_eq!(ours.send("PUT", "/connectors/x/resume", &Value::Null).status, 202);
    java.stop().unwrap();
    append(&lines, "three");
    for connector in ["x", "y"] {
        let seen =
            topic::until(&bootstrap, connector, |texts| texts.iter().any(|text| text == "three")).await;
        assert_eq!(seen, ["one", "two", "three"], "each line of {connector} once");
    }
    all_ours();
}
