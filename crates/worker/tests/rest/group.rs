//! Workers of a group: they share connectors and tasks out, take each other's work over, and each answers for all.

use std::collections::BTreeSet;

use api::SystemClock;
use kafka::memory::{Cluster, WorkerGroups};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{eventually, send};
use crate::worker::TestWorker;

struct Stage {
    cluster: Cluster,
    groups: WorkerGroups,
    /// Every task that lives, on whatever worker: a second instance fails.
    lives: TempDir,
}

impl Stage {
    fn new() -> Self {
        let lives = tempfile::tempdir().unwrap();
        Self { cluster: Cluster::new(), groups: WorkerGroups::new(SystemClock::new()), lives }
    }

    fn fake(&self, tasks: u32) -> Value {
        json!({
            "connector.class": "com.example.FakeSourceConnector",
            "tasks": tasks.to_string(),
            "tasks.max": "9",
            "lives": self.lives.path().display().to_string(),
        })
    }

    fn worker(&self, name: &str) -> TestWorker {
        TestWorker::in_group(name, &self.cluster, &self.groups)
    }
}

// Who has what, as a worker tells it, when everything runs.
fn owners(worker: &TestWorker, names: &[&str]) -> Result<Vec<String>, String> {
    let mut owners = Vec::new();
    for name in names {
        let answer = worker.send("GET", &format!("/connectors/{name}/status"));
        let status: Value = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
        let none = Vec::new();
        let tasks = status["tasks"].as_array().unwrap_or(&none);
        if tasks.len() != 2 {
            return Err(answer.body);
        }
        for part in std::iter::once(&status["connector"]).chain(tasks) {
            if part["state"] != "RUNNING" {
                return Err(answer.body.clone());
            }
            owners.push(part["worker_id"].as_str().unwrap_or_default().to_owned());
        }
    }
    Ok(owners)
}

const NAMES: [&str; 3] = ["x", "y", "z"];

fn shared_by(worker: &TestWorker, expected: &[&str]) -> Vec<String> {
    eventually(&format!("shared by {expected:?}"), || {
        let owners = owners(worker, &NAMES)?;
        let all: BTreeSet<&str> = owners.iter().map(String::as_str).collect();
        match all == expected.iter().copied().collect() {
            true => Ok(owners.clone()),
            false => Err(format!("{owners:?}")),
        }
    })
}

#[test]
fn work_is_shared_out_and_taken_over() {
    let stage = Stage::new();
    let a = stage.worker("a");
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &["a:8083"]);
    let b = stage.worker("b");
    let seen = shared_by(&a, &["a:8083", "b:8083"]);
    assert_eq!(shared_by(&b, &["a:8083", "b:8083"]), seen, "both tell the same");
    let of_b = seen.iter().filter(|owner| *owner == "b:8083").count();
    assert!((4..=5).contains(&of_b), "nine parts: {seen:?}");
    // One that stops leaves its work to the other at once.
    a.stop();
    shared_by(&b, &["b:8083"]);
    b.stop();
    // And the next one finds everything.
    let c = stage.worker("c");
    shared_by(&c, &["c:8083"]);
}

// Nobody hears of it, not even itself: it stops its work before others get it.
#[test]
fn a_worker_that_is_cut_off_stops_and_others_go_on() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &["a:8083", "b:8083"]);
    stage.groups.cut_off("b");
    shared_by(&a, &["a:8083"]);
    stage.groups.reconnect("b");
    shared_by(&a, &["a:8083", "b:8083"]);
    shared_by(&b, &["a:8083", "b:8083"]);
}

// The brokers that let a write wait may be those that do not hear from the worker any more.
#[test]
fn a_worker_that_is_cut_off_while_it_stores_stops_all_the_same() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &["a:8083", "b:8083"]);
    stage.cluster.hold_acks("configs", 0);
    let (address, records) = (b.address, stage.cluster.records("configs").len());
    let stores = std::thread::spawn(move || send(address, "PUT", "/connectors/x/pause", &[], b""));
    eventually("the write is under way", || match stage.cluster.records("configs").len() {
        now if now > records => Ok(()),
        now => Err(now.to_string()),
    });
    stage.groups.cut_off("b");
    eventually("a has the rest", || {
        let owners = owners(&a, &["y", "z"])?;
        if owners.iter().all(|owner| owner == "a:8083") { Ok(()) } else { Err(format!("{owners:?}")) }
    });
    stage.cluster.release_acks("configs", 0);
    assert_eq!(stores.join().unwrap().status, 202);
}

#[test]
fn each_worker_answers_and_acts_for_all() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&b, &["a:8083", "b:8083"]);
    assert_eq!(b.send("PUT", "/connectors/x/pause").status, 202);
    for worker in [&a, &b] {
        worker.wait("x", &["PAUSED", "PAUSED", "PAUSED"]);
    }
    assert_eq!(a.send("PUT", "/connectors/x/resume").status, 202);
    assert_eq!(a.send("PUT", "/connectors/y/stop").status, 204);
    b.wait("x", &["RUNNING", "RUNNING", "RUNNING"]);
    b.wait("y", &["STOPPED"]);
    assert_eq!(b.send("DELETE", "/connectors/y").status, 204);
    eventually("y is gone", || {
        let answer = a.send("GET", "/connectors/y");
        if answer.status == 404 { Ok(()) } else { Err(answer.body) }
    });
    let answer = b.send("GET", "/connectors/y/status");
    assert_eq!(answer.status, 404, "{}", answer.body);
}

#[test]
fn a_restart_reaches_what_others_run() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let journal = a.path("journal");
    let mut config = stage.fake(2);
    config["journal"] = json!(journal);
    for name in NAMES {
        a.create(name, config.clone());
    }
    shared_by(&b, &["a:8083", "b:8083"]);
    let starts = || std::fs::read_to_string(&journal).unwrap_or_default().lines().count();
    let before = starts();
    let answer = b.send("POST", "/connectors/x/restart?includeTasks=true");
    assert_eq!(answer.status, 202, "{}", answer.body);
    eventually("both tasks start anew, wherever they are", || {
        let now = starts();
        if now == before + 2 { Ok(()) } else { Err(format!("{before}, then {now}")) }
    });
    shared_by(&a, &["a:8083", "b:8083"]);
    // What one worker alone can do is refused by the other, which says who it is.
    let owners = owners(&a, &["x"]).unwrap();
    for (worker, name) in [(&a, "a:8083"), (&b, "b:8083")] {
        let answer = worker.send("POST", "/connectors/x/tasks/1/restart");
        match owners[2] == name {
            true => assert_eq!(answer.status, 204, "{}", answer.body),
            false => {
                assert_eq!(answer.status, 409, "{}", answer.body);
                assert!(answer.message().contains(&owners[2]), "{}", answer.body);
            }
        }
    }
}

#[test]
fn a_worker_that_may_not_join_ends_and_says_why() {
    let stage = Stage::new();
    stage.groups.refuse_next_join(30); // GROUP_AUTHORIZATION_FAILED
    let a = stage.worker("a");
    let why = a.failed();
    assert!(why.contains("workers"), "{why}");
}
