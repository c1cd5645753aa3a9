//! A worker that stood still for longer than its session and goes on: others have its work by then, and nothing that it
//! still wants to write counts.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::stage::{Stage, Worker, eventually};
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
