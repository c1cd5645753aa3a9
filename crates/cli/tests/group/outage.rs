//! No broker answers, or two workers have one name: what is said of connectors is true all the same.

use serde_json::{Value, json};

use crate::stage::{Stage, Worker, eventually};

fn create(stage: &Stage, worker: &Worker, name: &str) {
    let lines = stage.path(name);
    std::fs::write(&lines, "one\n").unwrap();
    let config = json!({
        "connector.class": "FileStreamSource", "file": lines, "topic": name,
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    });
    worker.create(name, &config);
}

// Each connector is said to be unwell, with a reason.
fn none_is_well(worker: &Worker, path: &str) {
    eventually(&format!("{path} of {} says that nothing is well", worker.id), || {
        let all = worker.get(path);
        let well = |one: &Value| one["health"] != "DEGRADED" || one["reasons"] == json!([]);
        match all.as_array().unwrap().iter().any(well) {
            true => Err(all.to_string()),
            false => Ok(()),
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn while_no_broker_answers_nothing_is_said_to_be_well() {
    let stage = Stage::new(&[]).await;
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in ["one", "two", "three", "four"] {
        create(&stage, &a, name);
    }
    for name in ["one", "two", "three", "four"] {
        a.tasks(name, &["RUNNING"]);
    }
    let Stage { broker, folder, .. } = stage;
    broker.shutdown().await;
    for worker in [&a, &b] {
        none_is_well(worker, "/sluice/v1/connectors");
        none_is_well(worker, "/sluice/v1/connectors?scope=worker");
    }
    drop((a, b, folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_workers_with_one_name_one_has_the_work() {
    let stage = Stage::new(&[
        ("rest.advertised.host.name", "127.0.0.1"),
        // Where neither listens: nothing that a follower would have to ask the leader for can work.
        ("rest.advertised.port", "1"),
    ])
    .await;
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let said = "two workers of the group say that they are reached at http://127.0.0.1:1/";
    eventually("the leader says so", || {
        let logs = [a.log(), b.log()];
        if logs.iter().any(|log| log.contains(said)) { Ok(()) } else { Err(logs.concat()) }
    });
    let leads = if a.log().contains(said) { &a } else { &b };
    for name in ["one", "two", "three"] {
        create(&stage, leads, name);
        leads.tasks(name, &["RUNNING"]);
    }
}
