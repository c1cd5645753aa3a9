//! Workers with `exactly.once.source.support=enabled`: what they store, where offsets are, and who is fenced.

use std::io::Write;

use api::SystemClock;
use kafka::memory::{Cluster, WorkerGroups};
use serde_json::{Value, json};

use crate::client::eventually;
use crate::worker::TestWorker;

const ENABLED: [(&str, &str); 1] = [("exactly.once.source.support", "enabled")];

struct Stage {
    cluster: Cluster,
    groups: WorkerGroups,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { cluster: Cluster::new(), groups: WorkerGroups::new(SystemClock::new()), folder }
    }

    fn worker(&self, name: &str) -> TestWorker {
        TestWorker::in_group_with(name, &self.cluster, &self.groups, &ENABLED)
    }

    fn file(&self) -> String {
        self.folder.path().join("lines").display().to_string()
    }

    fn add(&self, lines: &str) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(self.file());
        file.unwrap().write_all(lines.as_bytes()).unwrap();
    }

    fn source(&self) -> Value {
        json!({
            "connector.class": "FileStreamSource", "file": self.file(), "topic": "out",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        })
    }

    fn lines(&self) -> Vec<String> {
        self.texts("out").into_iter().map(|(_, value)| value).collect()
    }

    fn texts(&self, topic: &str) -> Vec<(String, String)> {
        let text = |bytes: Option<api::data::Bytes>| {
            bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).unwrap_or_default()
        };
        self.cluster.records(topic).into_iter().map(|it| (text(it.key), text(it.value))).collect()
    }

    fn until(&self, lines: &[&str]) {
        eventually(&format!("{lines:?}"), || match self.lines() {
            seen if seen == lines => Ok(()),
            seen => Err(format!("{seen:?}")),
        });
    }

    // The numbers of tasks that were let begin.
    fn counts(&self, name: &str) -> Vec<String> {
        let key = format!("tasks-fencing-{name}");
        self.texts("configs").into_iter().filter(|(it, _)| *it == key).map(|(_, value)| value).collect()
    }
}

#[test]
fn records_and_offsets_are_committed_together_and_tasks_are_counted() {
    let stage = Stage::new();
    stage.add("one\ntwo\n");
    let a = stage.worker("a");
    a.create("lines", stage.source());
    a.wait("lines", &["RUNNING", "RUNNING"]);
    stage.until(&["one", "two"]);
    let key = format!(r#"["lines",{{"filename":"{}"}}]"#, stage.file());
    assert_eq!(stage.texts("offsets"), [(key, r#"{"position":8}"#.to_owned())], "in Java's form");
    assert_eq!(stage.counts("lines"), [r#"{"task-count":1}"#]);
    assert_eq!(stage.cluster.epoch("workers-lines-0"), 1);
    let (before, aborted) = stage.cluster.transactions();
    assert_eq!(aborted, 0);

    // A restart takes the id over and goes on at the next line; nobody else has to be fenced for it.
    assert_eq!(a.send("POST", "/connectors/lines/tasks/0/restart").status, 204);
    stage.add("three\n");
    stage.until(&["one", "two", "three"]);
    assert_eq!(stage.cluster.transactions(), (before + 1, 0), "a line and its offset");
    assert_eq!(stage.cluster.epoch("workers-lines-0"), 2);
    assert_eq!(stage.counts("lines").len(), 1);

    // A connector that is stopped has its task fenced before its offsets are changed.
    assert_eq!(a.send("PUT", "/connectors/lines/stop").status, 204);
    a.wait("lines", &["STOPPED"]);
    assert_eq!(a.send("DELETE", "/connectors/lines/offsets").status, 200);
    assert_eq!(stage.cluster.epoch("workers-lines-0"), 3);
    assert_eq!(stage.counts("lines"), [r#"{"task-count":1}"#, r#"{"task-count":0}"#]);
    assert_eq!(a.send("PUT", "/connectors/lines/resume").status, 202);
    stage.until(&["one", "two", "three", "one", "two", "three"]);
    assert_eq!(stage.counts("lines").last().unwrap(), r#"{"task-count":1}"#);
    a.stop();
}

// KIP-618: who leads takes the right to write to the config topic, and who led before cannot write any more.
#[test]
fn a_leader_that_another_has_fenced_writes_nothing_until_it_is_sure_to_lead() {
    const ID: &str = "connect-cluster-workers";
    for (support, fences) in [("disabled", false), ("preparing", true), ("enabled", true)] {
        let stage = Stage::new();
        let keys = [("exactly.once.source.support", support)];
        let a = TestWorker::in_group_with("a", &stage.cluster, &stage.groups, &keys);
        a.create("lines", stage.source());
        a.wait("lines", &["RUNNING", "RUNNING"]);
        assert_eq!(stage.cluster.epoch(ID), u64::from(fences), "{support}");
        let stored = || stage.cluster.records("configs").len();
        let put = |file: &str| {
            let mut config = stage.source();
            config["file"] = json!(file);
            a.send_json("PUT", "/connectors/lines/config", &config)
        };
        if !fences {
            assert_eq!(stage.cluster.transactions(), (0, 0));
            continue;
        }
        // Else it could be the key's write that finds out what comes now.
        eventually("the session key is stored", || {
            let keys: Vec<_> = stage.texts("configs").into_iter().map(|(key, _)| key).collect();
            if keys.iter().any(|key| key == "session-key") { Ok(()) } else { Err(format!("{keys:?}")) }
        });
        // Another worker believes that it leads.
        stage.cluster.fence(ID);
        let before = stored();
        let refused = put("/nothing");
        assert_eq!(refused.status, 500, "{}", refused.body);
        assert!(refused.message().contains("another producer has the id"), "{}", refused.body);
        assert_eq!(stored(), before, "nothing was written");
        // What any worker may write, is written.
        assert_eq!(a.send("PUT", "/connectors/lines/pause").status, 202);
        assert_eq!(stored(), before + 1);
        // It leads indeed, and takes the right back.
        eventually("it may write again", || match put("/nothing") {
            answer if answer.status == 200 => Ok(()),
            answer => Err(answer.body),
        });
        assert_eq!(stage.cluster.epoch(ID), 3, "{support}: once by the other, once back");
        // The next leader takes it over, too.
        let b = TestWorker::in_group_with("b", &stage.cluster, &stage.groups, &keys);
        eventually("b knows the connector", || match b.send("GET", "/connectors/lines").status {
            200 => Ok(()),
            status => Err(status.to_string()),
        });
        assert_eq!(stage.cluster.epoch(ID), 3, "a leads still");
        a.stop();
        eventually("b leads", || {
            let answer = b.send_json("PUT", "/connectors/lines/config", &stage.source());
            if answer.status == 200 { Ok(()) } else { Err(answer.body) }
        });
        assert_eq!(stage.cluster.epoch(ID), 4, "{support}");
        b.stop();
    }
}

#[test]
fn a_task_that_was_fenced_fails_and_says_why() {
    let stage = Stage::new();
    stage.add("one\n");
    let a = stage.worker("a");
    a.create("lines", stage.source());
    stage.until(&["one"]);
    stage.cluster.fence("workers-lines-0");
    stage.add("two\n");
    let status = a.wait("lines", &["RUNNING", "FAILED"]);
    let trace = status["tasks"][0]["trace"].as_str().unwrap();
    assert!(trace.contains("ProducerFencedException"), "{trace}");
    assert_eq!(stage.lines(), ["one"]);
    assert_eq!(a.send("POST", "/connectors/lines/tasks/0/restart").status, 204);
    stage.until(&["one", "two"]);
    a.stop();
}

#[test]
fn a_connector_may_have_an_offsets_topic_of_its_own() {
    let stage = Stage::new();
    stage.add("one\n");
    let a = stage.worker("a");
    let mut config = stage.source();
    config["offsets.storage.topic"] = json!("own");
    a.create("lines", config.clone());
    stage.until(&["one"]);
    let of = |topic: &str| stage.texts(topic).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    assert_eq!(of("own"), [r#"{"position":4}"#]);
    eventually("the worker's topic has a copy", || match of("offsets") {
        copies if copies == [r#"{"position":4}"#] => Ok(()),
        copies => Err(format!("{copies:?}")),
    });
    assert_eq!(stage.cluster.topic_configs("own").get("cleanup.policy").map(String::as_str), Some("compact"));

    assert_eq!(a.send("PUT", "/connectors/lines/stop").status, 204);
    a.wait("lines", &["STOPPED"]);
    let stored = a.send("GET", "/connectors/lines/offsets").json();
    assert_eq!(stored["offsets"][0]["offset"], json!({"position": 4}), "{stored}");
    assert_eq!(a.send("DELETE", "/connectors/lines/offsets").status, 200);
    let stored = a.send("GET", "/connectors/lines/offsets").json();
    assert_eq!(stored["offsets"], json!([]), "the copy does not come to light again");
    assert_eq!((of("own").last().unwrap().as_str(), of("offsets").last().unwrap().as_str()), ("", ""));

    let patch = json!({"offsets": [{"partition": {"filename": stage.file()}, "offset": {"position": 4}}]});
    assert_eq!(a.send_json("PATCH", "/connectors/lines/offsets", &patch).status, 200);
    stage.add("two\n");
    assert_eq!(a.send("PUT", "/connectors/lines/resume").status, 202);
    stage.until(&["one", "two"]);
    a.stop();
}

// The leader fences for all: none of the tasks of one set is fenced for another of the same set.
#[test]
fn workers_of_a_group_have_the_leader_fence() {
    let stage = Stage::new();
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let lives = stage.folder.path().join("lives");
    std::fs::create_dir(&lives).unwrap();
    let config = |tasks: u32| {
        json!({
            "connector.class": "com.example.FakeSourceConnector",
            "tasks": tasks.to_string(), "tasks.max": "9", "lives": lives.display().to_string(),
        })
    };
    b.create("many", config(4));
    a.wait("many", &["RUNNING"; 5]);
    let epochs = || [0, 1, 2, 3].map(|task| stage.cluster.epoch(&format!("workers-many-{task}")));
    assert_eq!(epochs(), [1; 4], "nobody was there before");
    assert_eq!(stage.counts("many"), [r#"{"task-count":4}"#], "one round for all workers");
    assert_eq!(a.send_json("PUT", "/connectors/many/config", &config(2)).status, 200);
    eventually("two tasks, fenced once and begun once", || match (epochs(), stage.counts("many").len()) {
        ([3, 3, 2, 2], 2) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    a.wait("many", &["RUNNING"; 3]);
    // A request that no worker of the group has signed.
    assert_eq!(a.send("PUT", "/connectors/many/fence").status, 400);
    b.stop();
    a.stop();
}

#[test]
fn what_worker_or_connector_cannot_give_is_refused() {
    let stage = Stage::new();
    let a = stage.worker("a");
    let errors = |key: &str, value: &str, config: Value| {
        let mut config = config;
        config[key] = json!(value);
        config["name"] = json!("x");
        let class = config["connector.class"].as_str().unwrap().to_owned();
        let answer = a.send_json("PUT", &format!("/connector-plugins/{class}/config/validate"), &config);
        let found = answer.json();
        let keys = found["configs"].as_array().unwrap();
        let key = keys.iter().find(|it| it["value"]["name"] == key).unwrap();
        key["value"]["errors"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(errors("exactly.once.support", "required", stage.source()), none);
    let mut standard_input = stage.source();
    standard_input.as_object_mut().unwrap().remove("file");
    let refused: Vec<String> = errors("exactly.once.support", "required", standard_input);
    assert!(refused[0].contains("does not support exactly-once"), "{refused:?}");
    let refused: Vec<String> = errors("transaction.boundary", "connector", stage.source());
    assert!(refused[0].contains("does not support connector-defined transaction boundaries"), "{refused:?}");
    a.stop();
}
