//! What `/sluice/v1` tells of a connector whose parts other workers run: whichever worker is asked, it is the same.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::client::eventually;
use crate::group::{NAMES, Stage, shared_by};
use crate::worker::TestWorker;

fn get(worker: &TestWorker, path: &str) -> Value {
    let answer = worker.send("GET", path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

// Each task's worker, and whether it is known what it did.
fn counted(details: &Value) -> Vec<(String, bool)> {
    let tasks = details["tasks"].as_array().unwrap();
    let worker = |task: &Value| task["worker_id"].as_str().unwrap().to_owned();
    tasks.iter().map(|task| (worker(task), task["records"]["read"].is_u64())).collect()
}

#[test]
fn each_worker_knows_what_the_others_tasks_do() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
    shared_by(&b, &[&a, &b]);
    for worker in [&a, &b] {
        let all = get(worker, "/sluice/v1/connectors");
        let mut owners = Vec::new();
        for details in all.as_array().unwrap() {
            assert_eq!((&details["health"], &details["unanswered"]), (&json!("OK"), &json!([])), "{details}");
            let path = format!("/sluice/v1/connectors/{}", details["name"].as_str().unwrap());
            let one = get(worker, &path);
            assert_eq!(one["health"], "OK", "{one}");
            for counted in [counted(details), counted(&one)] {
                assert!(counted.iter().all(|(_, known)| *known), "{counted:?}");
                owners.extend(counted.into_iter().map(|(owner, _)| owner));
            }
        }
        assert!(owners.contains(&a.id()) && owners.contains(&b.id()), "{owners:?}");
        // A request between workers goes no further.
        for details in get(worker, "/sluice/v1/connectors?scope=worker").as_array().unwrap() {
            for (owner, known) in counted(details) {
                assert_eq!(known, owner == worker.id(), "{details}");
            }
        }
    }
}

#[test]
fn why_a_task_elsewhere_does_not_start_is_told() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let mut config = stage.fake(2);
    config["task"] = json!("retry");
    for name in NAMES {
        a.create(name, config.clone());
    }
    for worker in [&a, &b] {
        eventually("all reasons are known, of both workers", || {
            let all = get(worker, "/sluice/v1/connectors");
            let tasks: Vec<_> =
                all.as_array().unwrap().iter().flat_map(|it| it["tasks"].as_array().unwrap()).collect();
            let told = |task: &&&Value| {
                task["next_attempt_ms"].is_i64()
                    && task["last_error"].as_str().is_some_and(|why| why.contains("told to be tried again"))
            };
            let of = |id: String| tasks.iter().filter(|task| task["worker_id"] == id).filter(told).count();
            match of(a.id()) > 0 && of(b.id()) > 0 && of(a.id()) + of(b.id()) == 6 {
                true => Ok(()),
                false => Err(all.to_string()),
            }
        });
    }
}

#[test]
fn the_workers_of_a_group_are_told_by_each() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a, &b]);
    let told = get(&a, "/sluice/v1/workers");
    let workers = told.as_array().unwrap();
    assert_eq!(workers.len(), 2, "{told}");
    let sum = |key: &str| workers.iter().map(|it| it[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("connectors"), sum("tasks")), (3, 6), "{told}");
    assert_eq!(workers.iter().filter(|it| it["leader"] == true).count(), 1, "{told}");
    for worker in [&a, &b] {
        assert_eq!(get(worker, "/sluice/v1/workers"), told);
        let own = workers.iter().find(|it| it["worker_id"] == worker.id()).unwrap();
        assert_eq!(own["url"], format!("http://{}/", worker.id()));
        let alone = worker.send("GET", "/sluice/v1/workers?scope=worker");
        assert_eq!(alone.status, if own["leader"] == true { 200 } else { 409 }, "{}", alone.body);
    }
    let standalone = TestWorker::start();
    let told = get(&standalone, "/sluice/v1/workers");
    assert_eq!(told[0]["worker_id"], standalone.id(), "{told}");
}

// It is one of the group, and its REST API is reached by nobody: by a wrong address, or because it hangs.
#[test]
fn what_a_worker_does_not_answer_is_said() {
    let stage = Stage::new();
    let a = stage.worker("a");
    let hangs = TcpListener::bind("127.0.0.1:0").unwrap(); // takes connections and says nothing
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (port, why) in [(closed.port(), "refused"), (hangs.local_addr().unwrap().port(), "within 5 s")] {
        let keys = [("rest.advertised.host.name", "127.0.0.1"), ("rest.advertised.port", &*port.to_string())];
        let b = TestWorker::in_group_with(&format!("b-{port}"), &stage.cluster, &stage.groups, &keys);
        if why == "refused" {
            for name in NAMES {
                a.create(name, stage.fake(2));
            }
        }
        let unreached = format!("127.0.0.1:{port}");
        let mut of_b = Value::Null;
        eventually("b has a task of a connector whose rest is a's", || {
            for name in NAMES {
                let status = get(&a, &format!("/connectors/{name}/status"));
                let tasks = status["tasks"].as_array().unwrap();
                let running = tasks.len() == 2 && tasks.iter().all(|task| task["state"] == "RUNNING");
                if running && tasks.iter().any(|task| task["worker_id"] == unreached) {
                    of_b = json!(name);
                    return Ok(());
                }
            }
            Err("not yet".to_owned())
        });
        let path = format!("/sluice/v1/connectors/{}", of_b.as_str().unwrap());
        let details = get(&a, &path);
        let silent = &details["unanswered"][0];
        assert_eq!(silent["worker_id"], unreached, "{details}");
        assert!(silent["error"].as_str().unwrap().contains(why), "{details}");
        assert_eq!(details["health"], "DEGRADED", "{details}");
        let reason = details["reasons"][0].as_str().unwrap();
        assert!(reason.contains(&format!("is on {unreached} is not known")), "{details}");
        for (owner, known) in counted(&details) {
            assert_eq!(known, owner == a.id(), "{details}");
        }
        b.stop();
        shared_by(&a, &[&a]);
    }
}

#[test]
fn a_connectors_level_is_set_on_all_workers() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    a.create("x", stage.fake(2));
    let path = "/sluice/v1/connectors/x/log-level";
    eventually("b knows the connector", || match b.send("GET", path).status {
        200 => Ok(()),
        status => Err(status.to_string()),
    });
    let is = |level: Value| {
        for worker in [&a, &b] {
            eventually("the level is known", || match get(worker, path)["level"] == level {
                true => Ok(()),
                false => Err(worker.id()),
            });
        }
    };
    assert_eq!(b.send_json("PUT", path, &json!({"level": "debug"})).json(), json!({"level": "DEBUG"}));
    is(json!("DEBUG"));
    assert_eq!(a.send_json("PUT", path, &json!({"level": null})).status, 200);
    is(Value::Null);
    // Of one worker only.
    let one = format!("{path}?scope=worker");
    assert_eq!(a.send_json("PUT", &one, &json!({"level": "TRACE"})).status, 200);
    assert_eq!(get(&a, path)["level"], "TRACE");
    assert_eq!(get(&b, path)["level"], Value::Null);
    assert_eq!(b.send_json("PUT", path, &json!({"level": "loud"})).status, 404);
    // A worker that starts anew has it as the others, as long as the connector lives.
    assert_eq!(b.send_json("PUT", path, &json!({"level": "WARN"})).status, 200);
    let c = stage.worker("c");
    assert_eq!(get(&c, path)["level"], "WARN");
    assert_eq!(c.send("DELETE", "/connectors/x").status, 204);
    a.create("x", stage.fake(2));
    for worker in [&a, &b, &c] {
        eventually("the new one is known, and has none", || match worker.send("GET", path) {
            answer if answer.status == 200 && answer.json()["level"].is_null() => Ok(()),
            answer => Err(answer.body),
        });
    }
}

// Kafka Connect does not notice: its workers share their work out again and again, and none says why.
#[test]
fn a_worker_of_another_cluster_in_the_group_says_so_and_disturbs_nobody() {
    let stage = Stage::new();
    let a = stage.worker("a");
    for name in NAMES {
        a.create(name, stage.fake(2));
    }
    shared_by(&a, &[&a]);
    let topics = [("config.storage.topic", "b-configs"), ("offset.storage.topic", "b-offsets")];
    let b = TestWorker::in_group_with("b", &stage.cluster, &stage.groups, &topics);
    let path = "/connectors/x/restart?includeTasks=true&onlyFailed=true";
    let refused = eventually("b knows", || {
        let answer = b.send("POST", path);
        if answer.body.contains("led by a worker of another cluster") { Ok(answer) } else { Err(answer.body) }
    });
    assert_eq!(refused.status, 409, "{}", refused.body);
    for words in ["b-configs, b-offsets, statuses", "configs, offsets, statuses", &a.id(), "group.id"] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    let workers = get(&a, "/sluice/v1/workers");
    let told = workers[0]["problems"][0].as_str().unwrap_or_default();
    assert!(told.contains(&b.id()) && told.contains("b-configs") && told.contains("group.id"), "{workers}");
    assert_eq!(workers.as_array().unwrap().len(), 1, "only a is one of its cluster: {workers}");
    shared_by(&a, &[&a]);
    // Each is well again when it is alone.
    a.stop();
    eventually("b leads", || {
        let answer = b.send("GET", "/sluice/v1/workers");
        let workers = answer.json();
        match workers[0]["leader"] == true && workers[0]["problems"].is_null() {
            true => Ok(()),
            false => Err(answer.body),
        }
    });
    b.create("x", stage.fake(2));
}
