//! Clients that take too much, or too long.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use api::ManualClock;
use serde_json::json;

use crate::certificates::Authority;
use crate::client::eventually;
use crate::worker::TestWorker;

const HOUR: &str = "3600000";

/// A connection whose reads do not wait.
struct Slow(TcpStream);

impl Slow {
    fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).unwrap())
    }

    fn write(&mut self, text: &str) {
        self.0.set_nonblocking(false).unwrap();
        self.0.write_all(text.as_bytes()).unwrap();
    }

    /// What came; `None` when the other side has closed.
    fn read(&mut self) -> Option<String> {
        self.0.set_nonblocking(true).unwrap();
        let mut bytes = [0; 65536];
        match self.0.read(&mut bytes) {
            Ok(0) => None,
            Ok(count) => Some(String::from_utf8_lossy(&bytes[..count]).into_owned()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Some(String::new()),
            Err(_) => None,
        }
    }

    fn answered(&mut self, wanted: &str) -> String {
        let mut answer = String::new();
        eventually(wanted, || {
            let more = self.read();
            answer.push_str(more.as_deref().unwrap_or_default());
            match answer.contains(wanted) {
                true => Ok(answer.clone()),
                false => Err(format!("{answer} {}", if more.is_none() { "closed" } else { "" })),
            }
        })
    }

    /// Advances the clock until the other side closes.
    fn closed_in(&mut self, clock: &ManualClock, step: Duration) {
        eventually("the connection is closed", || {
            clock.advance(step);
            match self.read() {
                None => Ok(()),
                Some(text) => Err(format!("open: {text}")),
            }
        });
    }
}

// Each limit alone: the others are an hour.
fn worker_with(limit: (&str, &str), clock: &std::sync::Arc<ManualClock>) -> TestWorker {
    let all = ["idle", "header", "body", "answer"].map(|name| format!("sluice.rest.{name}.timeout.ms"));
    let mut keys: Vec<(&str, &str)> = all.iter().map(|key| (key.as_str(), HOUR)).collect();
    keys.push(limit);
    TestWorker::with_clock(&keys, clock.clone())
}

#[test]
fn heads_that_do_not_come_to_their_end_are_cut_off() {
    let clock = ManualClock::at(0);
    let worker = worker_with(("sluice.rest.header.timeout.ms", "1000"), &clock);
    let (mut loris, mut idle) = (Slow::connect(worker.address), Slow::connect(worker.address));
    loris.write("GET / HTTP/1.1\r\nhost: a\r\nx-a: ");
    loris.closed_in(&clock, Duration::from_millis(1000));
    assert_eq!(idle.read().as_deref(), Some(""), "it sent nothing, which is something else");
    idle.write("GET /connectors HTTP/1.1\r\nhost: a\r\n\r\n");
    idle.answered("[]");
}

#[test]
fn connections_without_requests_are_closed() {
    let clock = ManualClock::at(0);
    let worker = worker_with(("sluice.rest.idle.timeout.ms", "1000"), &clock);
    let mut idle = Slow::connect(worker.address);
    for _ in 0..3 {
        idle.write("GET /connectors HTTP/1.1\r\nhost: a\r\n\r\n");
        idle.answered("[]");
    }
    idle.closed_in(&clock, Duration::from_millis(1000));
}

#[test]
fn handshakes_that_do_not_come_to_their_end_are_cut_off() {
    let clock = ManualClock::at(0);
    let pair = Authority::new("a").sign("worker");
    let keys = [
        ("listeners", "https://127.0.0.1:0"),
        ("listeners.https.ssl.keystore.key", pair.key.as_str()),
        ("listeners.https.ssl.keystore.certificate.chain", pair.certificate.as_str()),
        ("sluice.rest.idle.timeout.ms", HOUR),
        ("sluice.rest.header.timeout.ms", HOUR),
        ("sluice.rest.handshake.timeout.ms", "1000"),
    ];
    let worker = TestWorker::with_clock(&keys, clock.clone());
    for begin in ["", "\u{16}\u{3}\u{1}"] {
        let mut silent = Slow::connect(worker.address);
        silent.write(begin);
        silent.closed_in(&clock, Duration::from_millis(1000));
    }
}

#[test]
fn bodies_that_do_not_come_to_their_end_are_answered_408() {
    let clock = ManualClock::at(0);
    let worker = worker_with(("sluice.rest.body.timeout.ms", "1000"), &clock);
    let mut slow = Slow::connect(worker.address);
    slow.write("PUT /connectors/a/config HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n");
    slow.write("content-length: 100\r\n\r\n{");
    let mut answer = String::new();
    eventually("408", || {
        clock.advance(Duration::from_millis(1000));
        answer.push_str(&slow.read().unwrap_or_default());
        if answer.contains("did not come") { Ok(()) } else { Err(answer.clone()) }
    });
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close"), "{answer}");
    let body = "{\"error_code\":408,\"message\":\"the request's body did not come within 1 s\"}";
    assert!(answer.ends_with(body), "{answer}");
    slow.closed_in(&clock, Duration::ZERO);
}

#[test]
fn heads_and_bodies_have_a_largest_size() {
    let worker = TestWorker::with(&[("sluice.rest.header.max.bytes", "2000")]);
    let get = |filler: usize| {
        let mut slow = Slow::connect(worker.address);
        slow.write(&format!("GET /connectors HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(filler)));
        slow.answered("\r\n\r\n")
    };
    assert!(get(1900).starts_with("HTTP/1.1 200 "));
    assert!(get(2000).starts_with("HTTP/1.1 431 "));
    // Without an end, too: this one sends more than is ever kept.
    let mut endless = Slow::connect(worker.address);
    endless.write("GET / HTTP/1.1\r\nx: ");
    endless.0.set_nonblocking(true).unwrap();
    eventually("431", || {
        let _ = endless.0.write(&[b'x'; 4096]);
        match endless.read().as_deref() {
            Some(answer) if answer.starts_with("HTTP/1.1 431 ") => Ok(()),
            None => Ok(()), // the answer was lost with what was still on its way
            other => Err(format!("{other:?}")),
        }
    });
    let mut chunked = Slow::connect(worker.address);
    chunked.write("PUT /connectors/a/config HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(65536));
    for _ in 0..17 {
        let _ = chunked.0.write_all(chunk.as_bytes());
    }
    let answer = chunked.answered("\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(worker.send("GET", "/connectors").status, 200);
}

#[test]
fn so_many_connections_there_are_at_once() {
    let worker = TestWorker::with(&[("sluice.rest.connections.max", "2")]);
    let ask = |slow: &mut Slow| {
        slow.write("GET /connectors HTTP/1.1\r\nhost: a\r\n\r\n");
        slow.answered("[]");
    };
    let (mut first, mut second) = (Slow::connect(worker.address), Slow::connect(worker.address));
    ask(&mut first);
    ask(&mut second);
    let mut third = Slow::connect(worker.address);
    ask(&mut third);
    eventually("the first is closed", || first.read().map_or(Ok(()), |text| Err(format!("open: {text}"))));
    ask(&mut second);
}

#[test]
fn so_many_requests_a_second_has_a_client() {
    let clock = ManualClock::at(0);
    let keys = [("sluice.rest.requests.per.second", "2"), ("sluice.rest.requests.exempt", "10.0.0.0/8")];
    let worker = TestWorker::with_clock(&keys, clock.clone());
    for _ in 0..2 {
        assert_eq!(worker.send("GET", "/connectors").status, 200);
    }
    let answer = worker.send("GET", "/connectors");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    assert!(answer.message().contains("sluice.rest.requests.per.second"), "{}", answer.body);
    clock.advance(Duration::from_millis(500));
    assert_eq!(worker.send("GET", "/connectors").status, 200);
    assert_eq!(worker.send("GET", "/connectors").status, 429);
    worker.stop();
    // Loopback is where proxies are, so it has no limit if nothing is said.
    let worker = TestWorker::with_clock(&keys[..1], clock);
    assert!((0..20).all(|_| worker.send("GET", "/connectors").status == 200));
}

#[test]
fn who_does_not_take_its_answers_is_cut_off() {
    let clock = ManualClock::at(0);
    let worker = worker_with(("sluice.rest.answer.timeout.ms", "1000"), &clock);
    let mut greedy = Slow::connect(worker.address);
    let request = "GET /connector-plugins/FileStreamSource/config HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100);
    greedy.0.set_nonblocking(true).unwrap();
    // It asks and asks, and takes nothing, until the worker takes no more of it and then cuts it off.
    eventually("it is cut off", || match greedy.0.write(request.as_bytes()) {
        Ok(_) => Err("it may still ask".to_owned()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            clock.advance(Duration::from_millis(500));
            Err("it waits".to_owned())
        }
        Err(_) => Ok(()),
    });
    assert_eq!(worker.send("GET", "/connectors").status, 200);
}

#[test]
fn who_follows_the_log_is_not_cut_off() {
    let clock = ManualClock::at(0);
    let keys = [("sluice.rest.connections.max", "2")];
    let worker = TestWorker::with_clock_and_logs(&keys, clock.clone(), crate::logs::logs());
    let config = json!({"connector.class": "FakeSource", "task": "fail"});
    worker.create("patient", config);
    worker.wait("patient", &["RUNNING", "FAILED"]);
    let level = "/sluice/v1/connectors/patient/log-level";
    assert_eq!(worker.send_text("PUT", level, r#"{"level":"INFO"}"#).status, 200);
    let mut follower = Slow::connect(worker.address);
    follower.write(
        "GET /sluice/v1/connectors/patient/logs?follow=true HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\n\r\n",
    );
    follower.answered("\r\n\r\n");
    for _ in 0..100 {
        clock.advance(Duration::from_secs(60));
        assert_eq!(worker.send("GET", "/connectors").status, 200, "the others have one place");
    }
    assert_eq!(worker.send("POST", "/connectors/patient/tasks/0/restart").status, 204);
    follower.answered("told to fail");
}
