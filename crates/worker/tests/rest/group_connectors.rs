//! Connectors of files in a group: the leader brings them, and whoever finds everything as it should be changes nothing.

use api::SystemClock;
use kafka::memory::{Cluster, WorkerGroups};
use serde_json::{Value, json};
use sluice_worker::{ConnectorFile, ConnectorSources, Options};

use crate::client::eventually;
use crate::worker::TestWorker;

struct Stage {
    cluster: Cluster,
    groups: WorkerGroups,
}

impl Stage {
    fn new() -> Self {
        Self { cluster: Cluster::new(), groups: WorkerGroups::new(SystemClock::new()) }
    }

    fn worker(&self, name: &str, connectors: &Value) -> TestWorker {
        let files = files(connectors);
        let more = |options: Options| options.connectors(files);
        TestWorker::in_group_as(name, &self.cluster, &self.groups, &[], more)
    }

    // How often a connector's config was written.
    fn writes(&self, connector: &str) -> usize {
        let key = format!("connector-{connector}");
        let records = self.cluster.records("configs");
        records.iter().filter(|record| record.key.as_deref() == Some(key.as_bytes())).count()
    }
}

fn files(connectors: &Value) -> Vec<ConnectorFile> {
    let json = Some(connectors.to_string());
    ConnectorSources { json, ..Default::default() }.read().unwrap()
}

fn fake(tasks: u32) -> Value {
    json!({"connector.class": "com.example.FakeSourceConnector", "tasks": tasks, "tasks.max": 9})
}

fn has_tasks(worker: &TestWorker, connector: &str, tasks: &str) {
    eventually(&format!("{connector} with {tasks} tasks"), || {
        let answer = worker.send("GET", &format!("/connectors/{connector}/config"));
        let is = answer.status == 200 && answer.json()["tasks"] == tasks;
        if is { Ok(()) } else { Err(answer.body) }
    });
}

// A deployment that replaces one worker after the other, with another file.
#[test]
fn the_last_leader_of_a_deployment_brings_the_new_files() {
    let stage = Stage::new();
    let old = json!({"x": fake(1)});
    let (a, b) = (stage.worker("a", &old), stage.worker("b", &old));
    has_tasks(&b, "x", "1");
    let new = json!({"x": fake(2), "y": fake(1)});
    let c = stage.worker("c", &new);
    b.stop();
    // The leader is asked by REST meanwhile: c has not changed anything.
    assert_eq!(c.send("PUT", "/connectors/x/pause").status, 202);
    has_tasks(&c, "x", "1");
    assert_eq!(stage.writes("x"), 1);
    a.stop();
    has_tasks(&c, "x", "2");
    has_tasks(&c, "y", "1");
    // Paused connectors make no tasks: as before, it goes on with the new ones.
    assert_eq!(c.send("PUT", "/connectors/x/resume").status, 202);
    c.wait("x", &["RUNNING", "RUNNING", "RUNNING"]);
}

#[test]
fn who_finds_everything_as_its_files_say_writes_nothing() {
    let stage = Stage::new();
    let connectors = json!({"x": fake(2)});
    let a = stage.worker("a", &connectors);
    a.wait("x", &["RUNNING", "RUNNING", "RUNNING"]);
    a.stop();
    let b = stage.worker("b", &json!({"x": fake(2), "y": fake(1)}));
    has_tasks(&b, "y", "1"); // one after the other: x was looked at
    assert_eq!(stage.writes("x"), 1);
    // What is in no file stays.
    b.stop();
    let c = stage.worker("c", &json!({"z": fake(1)}));
    c.wait("z", &["RUNNING", "RUNNING"]);
    assert_eq!(c.send("GET", "/connectors").json(), json!(["x", "y", "z"]));
}
