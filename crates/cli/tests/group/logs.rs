//! The log lines of a connector whose tasks run on two workers.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::TcpStream;
use std::time::Instant;

use serde_json::{Value, json};

use crate::stage::{Stage, Worker, eventually, leader_of};

const PATH: &str = "/sluice/v1/connectors/broken/logs";

/// A sink whose tasks fail, one on each worker, with a line there.
async fn broken(more: &[(&str, &str)]) -> (Stage, Worker, Worker) {
    let stage = Stage::new(more).await;
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    eventually("both are one group", || match a.get("/sluice/v1/workers").as_array().map_or(0, Vec::len) {
        2 => Ok(()),
        workers => Err(format!("{workers} workers")),
    });
    let config = json!({
        "connector.class": "FileStreamSink", "tasks.max": "2", "topics": "nothing",
        "file": stage.path("no/such/folder").display().to_string(),
    });
    a.create("broken", &config);
    let owners: BTreeSet<_> = a.tasks("broken", &["FAILED", "FAILED"]).into_iter().collect();
    assert_eq!(owners, BTreeSet::from([a.id.clone(), b.id.clone()]));
    (stage, a, b)
}

fn of(lines: &Value) -> Vec<(String, u64)> {
    let line =
        |line: &Value| (line["worker_id"].as_str().unwrap().to_owned(), line["number"].as_u64().unwrap());
    lines["lines"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_all_workers_are_one_log() {
    let (_stage, a, b) = broken(&[]).await;
    let both = BTreeSet::from([&a.id, &b.id]);
    let known = eventually("the lines of both tasks are known", || {
        let lines = a.get(PATH);
        let seen = of(&lines);
        let workers: BTreeSet<_> = seen.iter().map(|(worker, _)| worker).collect();
        if workers == both { Ok(lines.clone()) } else { Err(lines.to_string()) }
    });
    let seen = of(&known);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "none twice: {known}");
    let times: Vec<_> = known["lines"].as_array().unwrap().iter().map(|it| it["time_ms"].as_i64()).collect();
    assert!(times.is_sorted(), "{known}");
    assert_eq!(known["unanswered"], json!([]));
    assert_eq!(of(&b.get(PATH)), seen, "whoever is asked");
    for worker in [&a, &b] {
        let own = of(&worker.get(&format!("{PATH}?scope=worker")));
        assert!(!own.is_empty() && own.iter().all(|(id, _)| *id == worker.id), "{own:?}");
    }
    // Only what comes after is asked for, of each worker after its own last line.
    let after = format!("{PATH}?after={}", known["next"].as_str().unwrap());
    assert_eq!(of(&b.get(&after)), []);
    a.send("POST", "/connectors/broken/restart?includeTasks=true&onlyFailed=true", &Value::Null);
    eventually("there are new lines of both", || {
        let lines = b.get(&after);
        let more = of(&lines);
        assert!(more.iter().all(|line| !seen.contains(line)), "{lines}");
        let workers: BTreeSet<_> = more.iter().map(|(worker, _)| worker).collect();
        if workers == both { Ok(()) } else { Err(lines.to_string()) }
    });
    let wrong = a.send("GET", &format!("{PATH}?after=x"), &Value::Null);
    assert!(wrong.status == 400 && wrong.body.contains("is not the place of a line"), "{}", wrong.body);
}

/// Reads events until this is in them.
fn read_until(stream: &mut TcpStream, text: &mut String, wanted: impl Fn(&str) -> bool) {
    let mut bytes = [0; 4096];
    while !wanted(text) {
        let count = stream.read(&mut bytes).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(count > 0, "the answer has ended: {text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
}

fn follow(worker: &Worker, headers: &str) -> TcpStream {
    worker.begin("GET", &format!("{PATH}?follow=true"), headers, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_all_workers_are_followed_at_once() {
    let (_stage, a, b) = broken(&[]).await;
    let line_of = |worker: &Worker| format!("\"worker_id\":\"{}\"", worker.id);
    let (of_a, of_b) = (line_of(&a), line_of(&b));
    let mut stream = follow(&a, "");
    let mut text = String::new();
    read_until(&mut stream, &mut text, |text| text.contains(&of_a) && text.contains(&of_b));
    // What comes now comes from both, too.
    b.send("POST", "/connectors/broken/restart?includeTasks=true&onlyFailed=true", &Value::Null);
    let mut more = String::new();
    read_until(&mut stream, &mut more, |text| text.contains(&of_a) && text.contains(&of_b));
    // Who comes back at another worker goes on where it left.
    a.tasks("broken", &["FAILED", "FAILED"]);
    let known = eventually("no lines come any more", || {
        let (first, second) = (a.get(PATH), b.get(PATH));
        if of(&first) == of(&second) { Ok(second) } else { Err(second.to_string()) }
    });
    let id = format!("last-event-id: {}\r\n", known["next"].as_str().unwrap());
    let mut again = follow(&b, &id);
    a.send("POST", "/connectors/broken/restart?includeTasks=true&onlyFailed=true", &Value::Null);
    let mut after = String::new();
    read_until(&mut again, &mut after, |text| text.contains(&of_a) && text.contains(&of_b));
    for (worker, number) in of(&known) {
        let seen = format!("data: {{\"number\":{number},\"worker_id\":\"{worker}\"");
        assert!(!after.contains(&seen), "{seen} again: {after}");
    }
}

// A machine that hangs keeps nobody from reading what the others have, whichever of them leads.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_hangs_is_named() {
    let (_stage, a, b) = broken(&[("session.timeout.ms", "60000")]).await; // it is one of the group meanwhile
    let (leader, follower) = leader_of([&a, &b]);
    for (asked, hangs) in [(leader, follower), (follower, leader)] {
        let mut stream = follow(asked, "");
        hangs.pause();
        let begin = Instant::now();
        let lines = asked.get(PATH);
        println!("answered after {:?}", begin.elapsed());
        assert!(of(&lines).iter().any(|(worker, _)| *worker == asked.id), "{lines}");
        // The one limit is for all parts: the leader is not asked who there is, and then for its lines.
        let silent = json!([{"worker_id": hangs.id, "error": lines["unanswered"][0]["error"]}]);
        assert_eq!(lines["unanswered"], silent, "{lines}");
        assert!(silent[0]["error"].as_str().unwrap().contains("did not answer within 5 s"), "{lines}");
        let details = asked.get("/sluice/v1/connectors/broken");
        assert_eq!(details["unanswered"][0]["worker_id"], hangs.id, "{details}");
        let mut text = String::new();
        let line = format!("\"worker_id\":\"{}\",\"time_ms\"", asked.id);
        read_until(&mut stream, &mut text, |text| text.contains(&line));
        // Who follows is told, too.
        let silent = format!("event: unanswered\ndata: {{\"worker_id\":\"{}\"", hangs.id);
        let mut again = follow(asked, "");
        read_until(&mut again, &mut text, |text| text.contains(&silent));
        hangs.go_on();
        eventually("all answer again", || {
            let lines = asked.get(PATH);
            if lines["unanswered"] == json!([]) { Ok(()) } else { Err(lines.to_string()) }
        });
    }
}
