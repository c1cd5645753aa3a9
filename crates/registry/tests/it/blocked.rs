//! A log that does not answer: what needs no log goes on.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use sluice_registry::Options;
use sluice_registry::log::{Entry, Error, Log, MemoryLog};
use tokio::runtime::Builder;

use crate::server::{Registry, order};

/// Threads for requests: fewer than the clients below.
const THREADS_MAX: usize = 40;
const CLIENTS: usize = 100;

/// Says when it is asked to append, and waits until it may.
struct Blocked {
    log: MemoryLog,
    asked: Sender<()>,
    may: Receiver<()>,
}

impl Log for Blocked {
    fn append(&mut self, records: &[Entry]) -> Result<(), Error> {
        self.asked.send(()).ok();
        self.may.recv().ok();
        self.log.append(records)
    }

    fn replay(&mut self) -> Result<Vec<Entry>, Error> {
        self.log.replay()
    }
}

// Sends a registration and does not wait for the answer.
fn send(registry: &Registry, number: usize) -> TcpStream {
    let address = registry.url().trim_start_matches("http://");
    let body = order(number % 3).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /subjects/s{number}/versions HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    stream
}

#[test]
fn reads_do_not_wait_for_writes() {
    let runtime = Builder::new_multi_thread().max_blocking_threads(THREADS_MAX).enable_all().build().unwrap();
    let (asked, was_asked) = channel();
    let (let_go, may) = channel::<()>();
    let log = Blocked { log: MemoryLog::new(), asked, may };
    let registry = Registry::start_on_log(runtime, Options::default(), log);
    let waiting: Vec<_> = (0..CLIENTS).map(|number| send(&registry, number)).collect();
    was_asked.recv().unwrap();
    // Some give up, and make room for others of their kind only.
    for stream in &waiting[1..CLIENTS / 2] {
        stream.shutdown(Shutdown::Both).unwrap();
    }
    for number in 0..200 {
        assert_eq!(registry.get("/subjects").ok(), serde_json::json!([]), "{number}");
        registry.post("/subjects/s", order(0)).refused(40401);
    }
    drop(let_go);
    // Who waited is served.
    let mut last = waiting.into_iter().next_back().unwrap();
    let mut answer = [0; 12];
    last.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}
