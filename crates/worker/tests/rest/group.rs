//! Workers of a group: they share connectors and tasks out, take each other's work over, and each answers for all.

use std::collections::BTreeSet;

use api::SystemClock;
use kafka::memory::{Cluster, WorkerGroups};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{eventually, send};
use crate::worker::TestWorker;

/// A Kafka cluster in memory, and the groups on it.
pub struct Stage {
    pub cluster: Cluster,
    pub groups: WorkerGroups,
    /// Every task that lives, on whatever worker: a second instance fails.
    lives: TempDir,
}

impl Stage {
    pub fn new() -> Self {
        let lives = tempfile::tempdir().unwrap();
        Self { cluster: Cluster::new(), groups: WorkerGroups::new(SystemClock::new()), lives }
    }

    pub fn fake(&self, tasks: u32) -> Value {
        json!({
            "connector.class": "com.example.FakeSourceConnector",
            "tasks": tasks.to_string(),
            "tasks.max": "9",
            "lives": self.lives.path().display().to_string(),
        })
    }

    pub fn worker(&self, name: &str) -> TestWorker {
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

pub const NAMES: [&str; 3] = ["x", "y", "z"];

/// Waits until everything runs and these workers have it; who has what.
pub fn shared_by(worker: &TestWorker, expected: &[&TestWorker]) -> Vec<String> {
    let expected: BTreeSet<String> = expected.iter().map(|worker| worker.id()).collect();
    eventually(&format!("shared by {expected:?}"), || {
        let owners = owners(worker, &NAMES)?;
        let all: BTreeSet<String> = owners.iter().cloned().collect();
        match all == expected {
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
    shared_by(&a, &[&a]);
    let b = stage.worker("b");
    let seen = shared_by(&a, &[&a, &b]);
    assert_eq!(shared_by(&b, &[&a, &b]), seen, "both tell the same");
    let of_b = seen.iter().filter(|owner| **owner == b.id()).count();
    assert!((4..=5).contains(&of_b), "nine parts: {seen:?}");
    // One that stops leaves its work to the other at once.
    a.stop();
    shared_by(&b, &[&b]);
    b.stop();
    // And the next one finds everything.
    let c = stage.worker("c");
    shared_by(&c, &[&c]);
}

// Members hear of a rebalance by their heartbeat, but at once of one that follows another: who stops lets one go before,
// in which everything stays where it is.
#[test]
fn a_worker_that_stops_has_the_others_ready_before() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
    let completed = || -> u64 {
        let metrics = b.send("GET", "/metrics").body;
        let line = "kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total ";
        let number = metrics.lines().find_map(|text| text.strip_prefix(line)).unwrap();
        number.parse::<f64>().unwrap() as u64
    };
    let before = completed();
    a.stop();
    shared_by(&b, &[&b]);
    assert!(completed() >= before + 2, "one before it stopped, one after it: {before}, {}", completed());
}

// Nobody hears of it, not even itself: it stops its work before others get it.
#[test]
fn a_worker_that_is_cut_off_stops_and_others_go_on() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
    stage.groups.cut_off("b");
    shared_by(&a, &[&a]);
    stage.groups.reconnect("b");
    shared_by(&a, &[&a, &b]);
    shared_by(&b, &[&a, &b]);
}

// The brokers that let a write wait may be those that do not hear from the worker any more.
#[test]
fn a_worker_that_is_cut_off_while_it_stores_stops_all_the_same() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
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
        if owners.iter().all(|owner| *owner == a.id()) { Ok(()) } else { Err(format!("{owners:?}")) }
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
    shared_by(&b, &[&a, &b]);
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
    shared_by(&b, &[&a, &b]);
    let starts = || std::fs::read_to_string(&journal).unwrap_or_default().lines().count();
    let before = starts();
    let answer = b.send("POST", "/connectors/x/restart?includeTasks=true");
    assert_eq!(answer.status, 202, "{}", answer.body);
    eventually("both tasks start anew, wherever they are", || {
        let now = starts();
        if now == before + 2 { Ok(()) } else { Err(format!("{before}, then {now}")) }
    });
    shared_by(&a, &[&a, &b]);
    // What one worker alone can do reaches it by way of any other.
    for (worker, path) in
        [(&a, "x/tasks/1/restart"), (&b, "y/tasks/0/restart"), (&a, "z/restart"), (&b, "z/restart")]
    {
        let before = starts();
        let answer = worker.send("POST", &format!("/connectors/{path}"));
        assert_eq!(answer.status, 204, "{}", answer.body);
        if path.contains("tasks") {
            eventually("the task starts anew, wherever it is", || {
                let now = starts();
                if now == before + 1 { Ok(()) } else { Err(format!("{before}, then {now}")) }
            });
        }
    }
    shared_by(&a, &[&a, &b]);
    for worker in [&a, &b] {
        let answer = worker.send("POST", "/connectors/x/tasks/7/restart");
        assert_eq!((answer.status, answer.message().as_str()), (404, "Unknown task: x-7"));
    }
}

// What changes connectors is done by the leader, whoever is asked, so that two cannot undo each other's writes.
#[test]
fn the_leader_does_what_others_are_asked_for() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let answers: Vec<_> = [&a, &b]
        .map(|worker| {
            let (address, config) = (worker.address, stage.fake(2));
            let body = json!({"name": "x", "config": config}).to_string();
            std::thread::spawn(move || {
                send(address, "POST", "/connectors", &[("Content-Type", "application/json")], body.as_bytes())
            })
        })
        .into_iter()
        .map(|sent| sent.join().unwrap())
        .collect();
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{answers:?}");
    let asked = if answers[0].status == 201 { &a } else { &b };
    let created = answers.iter().find(|answer| answer.status == 201).unwrap();
    let location = created.header("location").unwrap();
    assert_eq!(location, format!("http://{}/connectors/x", asked.id()), "of the worker that was asked");
    for worker in [&a, &b] {
        let (refused, changed) = (json!({"connector.class": "no"}), stage.fake(3));
        assert_eq!(worker.send_json("PUT", "/connectors/x/config", &refused).status, 400);
        let answer = worker.send_json("PUT", "/connectors/x/config", &changed);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let answer = worker.send_json("PATCH", "/connectors/x/config", &json!({"tasks": "2"}));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(worker.send("PUT", "/connectors/x/stop").status, 204);
        let offsets = worker.send("DELETE", "/connectors/x/offsets");
        assert_eq!(offsets.status, 200, "{}", offsets.body);
        assert_eq!(worker.send("PUT", "/connectors/x/resume").status, 202);
        worker.wait("x", &["RUNNING", "RUNNING", "RUNNING"]);
    }
    assert_eq!(a.send("DELETE", "/connectors/x").status, 204);
    assert_eq!(
        b.send_json("POST", "/connectors", &json!({"name": "x", "config": stage.fake(1)})).status,
        201
    );
}

// Only who can read the config topic can sign.
#[test]
fn task_configs_are_taken_from_workers_of_the_group_only() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
    let wrong =
        [("X-Connect-Request-Signature-Algorithm", "HmacSHA256"), ("X-Connect-Authorization", "aGVsbG8=")];
    let unknown =
        [("X-Connect-Request-Signature-Algorithm", "none"), ("X-Connect-Authorization", "aGVsbG8=")];
    let cases = [
        (&[][..], 400, "Internal request missing required signature"),
        (&unknown[..], 400, "This worker does not support the algorithm of the request's signature"),
        (&wrong[..], 403, "Internal request contained invalid signature."),
    ];
    for worker in [&a, &b] {
        for (headers, status, message) in cases {
            let answer = send(worker.address, "POST", "/connectors/x/tasks", headers, b"[]");
            assert_eq!((answer.status, answer.message().as_str()), (status, message));
        }
    }
    shared_by(&b, &[&a, &b]);
    let keys = stage.cluster.records("configs");
    let keys = keys.iter().filter(|record| record.key.as_deref() == Some(b"session-key"));
    assert_eq!(keys.count(), 1, "one leader makes one key");
}

#[test]
fn a_level_is_set_on_all_workers() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let answer = b.send_json("PUT", "/admin/loggers/some.logger?scope=cluster", &json!({"level": "debug"}));
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    for worker in [&a, &b] {
        eventually("the level is known", || {
            let answer = worker.send("GET", "/admin/loggers/some.logger");
            match answer.status == 200 && answer.json()["level"] == "DEBUG" {
                true => Ok(()),
                false => Err(answer.body),
            }
        });
    }
    let c = stage.worker("c");
    assert_eq!(c.send("GET", "/admin/loggers/some.logger").status, 404, "it was for workers of then");
}

// What waits for a worker that is gone does not run, whatever that worker told last.
#[test]
fn what_a_dead_worker_had_is_shown_unassigned() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
    let (before, dead) = (stage.cluster.records("statuses").len(), b.id());
    b.crash();
    shared_by(&a, &[&a]);
    let told: Vec<Value> = stage.cluster.records("statuses")[before..]
        .iter()
        .filter_map(|record| serde_json::from_slice(record.value.as_deref()?).ok())
        .collect();
    let lost = |status: &&Value| status["state"] == "UNASSIGNED" && status["worker_id"] == dead;
    assert!(told.iter().filter(lost).count() > 0, "what b had, told by a: {told:#?}");
}

#[test]
fn a_worker_that_may_not_join_ends_and_says_why() {
    let stage = Stage::new();
    stage.groups.refuse_next_join(30); // GROUP_AUTHORIZATION_FAILED
    let a = stage.worker("a");
    let why = a.failed();
    assert!(why.contains("workers"), "{why}");
}

// Whichever worker is asked, and by whatever the path may be taken for on the way.
#[test]
fn a_request_reaches_no_other_connector_than_it_names() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
    shared_by(&b, &[&a, &b]);
    for worker in [&a, &b] {
        for path in ["/connectors/q\\..\\x", "/connectors/q%5C..%5Cx", "/connectors/q%2F..%2Fx"] {
            let answer = worker.send("DELETE", path);
            assert_eq!(answer.status, 404, "{path}: {}", answer.body);
            assert_eq!(
                answer.message(),
                "Connector ".to_owned()
                    + &path["/connectors/".len()..].replace("%5C", "\\").replace("%2F", "/")
                    + " not found"
            );
        }
        for path in ["/connectors/q/../x", "/connectors/q/%2e%2e/x"] {
            assert_eq!(worker.send("DELETE", path).status, 404, "{path}");
        }
        for path in ["/connectors/..", "/connectors/.", "/connectors/%2E%2e"] {
            let answer = worker.send("DELETE", path);
            assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.body);
        }
        for name in [".", "..", " .. "] {
            let answer =
                worker.send_json("POST", "/connectors", &json!({"name": name, "config": stage.fake(1)}));
            assert_eq!(answer.status, 400, "{}", answer.body);
            assert!(answer.message().contains("choose another name"), "{}", answer.body);
        }
        let after = worker.send("GET", "/sluice/v1/connectors/x/logs?follow=true&after=a%0Ab%3D1");
        assert_eq!(after.status, 400, "{}", after.body);
    }
    assert_eq!(a.send("GET", "/connectors").json(), json!(["x", "y", "z"]));
    // Nor is a body read of who does not say that it is signed.
    let unsigned = a.send_text("POST", "/connectors/x/tasks", "not even JSON");
    assert_eq!(
        (unsigned.status, unsigned.message().as_str()),
        (400, "Internal request missing required signature")
    );
}
