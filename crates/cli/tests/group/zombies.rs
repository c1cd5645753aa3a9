//! A worker that stood still for longer than its session and goes on: others have its work by then, and nothing that it
//! still wants to write counts.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::stage::{Stage, Worker, eventually, leader_of};
use crate::topic;

/// Appends numbered lines to a file until it is told to end, so that a transaction is open at any moment.
struct Lines {
    over: Arc<AtomicBool>,
    written: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<u64>,
}

impl Lines {
    fn begin(path: std::path::PathBuf) -> Self {
        let (over, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (until, count) = (over.clone(), written.clone());
        let thread = std::thread::spawn(move || {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            while !until.load(Ordering::Relaxed) {
                writeln!(file, "{}", count.fetch_add(1, Ordering::Relaxed)).unwrap();
                std::thread::sleep(Duration::from_millis(2)); // the pace of who writes, not a wait
            }
            count.load(Ordering::Relaxed)
        });
        Self { over, written, thread }
    }

    fn so_far(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn other<'a>(workers: [&'a Worker; 2], id: &str) -> (&'a Worker, &'a Worker) {
    let [a, b] = workers;
    if a.id == id { (a, b) } else { (b, a) }
}

async fn reaches(stage: &Stage, line: u64) {
    let line = line.to_string();
    topic::until(&stage.broker.bootstrap(), "out", |texts| texts.contains(&line)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_zombie_writes_is_fenced() {
    let stage = Stage::new(&[("exactly.once.source.support", "enabled")]).await;
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let lines = Lines::begin(stage.path("lines"));
    let config = json!({
        "connector.class": "FileStreamSource", "file": stage.path("lines"), "topic": "out",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        "transaction.boundary": "interval", "transaction.boundary.interval.ms": "500",
    });
    a.create("lines", &config);
    let owners = a.tasks("lines", &["RUNNING"]);
    reaches(&stage, lines.so_far()).await;
    let (zombie, heir) = other([&a, &b], &owners[0]);
    zombie.pause();
    eventually("the other worker has the task", || {
        let owners = heir.tasks("lines", &["RUNNING"]);
        if owners == [heir.id.clone()] { Ok(()) } else { Err(format!("{owners:?}")) }
    });
    reaches(&stage, lines.so_far()).await;
    zombie.go_on();
    reaches(&stage, lines.so_far() + 100).await;
    eventually("the zombie is one of the group again", || {
        let workers = heir.get("/sluice/v1/workers");
        if workers.as_array().map_or(0, Vec::len) == 2 { Ok(()) } else { Err(workers.to_string()) }
    });
    let log = zombie.log();
    assert!(log.contains("fenced") || log.contains("Fenced"), "nothing kept the zombie from writing:\n{log}");
    let all = lines.end();
    reaches(&stage, all - 1).await;
    drop((a, b));
    let seen = topic::committed(&stage.broker.bootstrap(), "out").await;
    let expected: Vec<_> = (0..all).map(|line| line.to_string()).collect();
    let first = seen.iter().zip(&expected).position(|(seen, expected)| seen != expected);
    assert!(seen == expected, "{} lines, {} seen, the first other one is {first:?}", all, seen.len());
}

// With `preparing`, too: it does not matter whether sources write in transactions already.
#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_that_led_does_not_undo_what_the_new_leader_does() {
    for support in ["preparing", "enabled"] {
        let stage = Stage::new(&[("exactly.once.source.support", support)]).await;
        let (a, b) = (stage.worker("a"), stage.worker("b"));
        let (zombie, heir) = leader_of([&a, &b]);
        let config =
            |file: &str| json!({"connector.class": "FileStreamSource", "file": file, "topic": "out"});
        heir.create("x", &config("/nothing/1"));
        heir.tasks("x", &["RUNNING"]);
        zombie.pause();
        eventually("the other one leads alone, and takes requests", || {
            let answer = heir.try_send("PUT", "/connectors/x/config", &config("/nothing/2"))?;
            if answer.status == 200 { Ok(()) } else { Err(answer.body) }
        });
        heir.tasks("x", &["RUNNING"]);
        // These wait for it when it goes on, while it may still believe that it leads.
        let mut waiting: Vec<_> = ["/zombie/1", "/zombie/2", "/zombie/3", "/zombie/4"]
            .map(|file| {
                let headers = "connection: close\r\n";
                zombie.begin("PUT", "/connectors/x/config", headers, &config(file).to_string())
            })
            .into();
        zombie.go_on();
        let mut accepted = BTreeSet::from(["/nothing/2"]);
        for (stream, file) in waiting.iter_mut().zip(["/zombie/1", "/zombie/2", "/zombie/3", "/zombie/4"]) {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            println!("{support}: {file}: {}", answer.lines().next().unwrap_or_default());
            if answer.starts_with("HTTP/1.1 200") {
                accepted.insert(file);
            } else if answer.starts_with("HTTP/1.1 500") {
                assert!(
                    answer.to_lowercase().contains("fenced") || answer.contains("another producer"),
                    "{answer}"
                );
            }
        }
        // It is one of the group again, and does not lead; all workers and tasks have what one leader accepted.
        let (leads, follows) = leader_of([&a, &b]);
        assert_eq!((&leads.id, &follows.id), (&heir.id, &zombie.id));
        let mut files = BTreeSet::new();
        for worker in [&a, &b] {
            let file = eventually("the task is made of the connector's config", || {
                let config = worker.get("/connectors/x/config");
                let tasks = worker.get("/connectors/x/tasks");
                let file = config["file"].as_str().unwrap_or_default().to_owned();
                let same = tasks[0]["config"]["file"] == config["file"] && accepted.contains(&*file);
                if same { Ok(file) } else { Err(format!("{config} {tasks}")) }
            });
            files.insert(file);
        }
        assert_eq!(files.len(), 1, "{files:?}");
        // Whoever is asked: who leads now can write.
        for (worker, file) in [(zombie, "/nothing/4"), (heir, "/nothing/5")] {
            eventually("each takes requests", || {
                let answer = worker.try_send("PUT", "/connectors/x/config", &config(file))?;
                if answer.status == 200 { Ok(()) } else { Err(answer.body) }
            });
        }
        heir.tasks("x", &["RUNNING"]);
    }
}

// Its connections stay open as if it worked: who has sent a request on to it must not wait for it as long as it hangs.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_leader_that_has_left_the_group() {
    let stage = Stage::new(&[("session.timeout.ms", "5000")]).await;
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let (hangs, heir) = leader_of([&a, &b]);
    let config = |file: &str| json!({"connector.class": "FileStreamSource", "file": file, "topic": "out"});
    heir.create("x", &config("/nothing/1"));
    heir.tasks("x", &["RUNNING"]);
    hangs.pause();
    let answer = heir.send("PUT", "/connectors/x/config", &config("/nothing/2"));
    assert_eq!(answer.status, 504, "{}", answer.body);
    assert!(answer.body.contains(&hangs.id), "{}", answer.body);
    assert!(answer.body.contains("has left the group and did not answer"), "{}", answer.body);
    eventually("it does it itself", || {
        let answer = heir.try_send("PUT", "/connectors/x/config", &config("/nothing/3"))?;
        if answer.status == 200 { Ok(()) } else { Err(answer.body) }
    });
    assert_eq!(heir.tasks("x", &["RUNNING"]), std::slice::from_ref(&heir.id));
    hangs.go_on();
}
