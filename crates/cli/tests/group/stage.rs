//! A broker, and workers of a group on it.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::scenario::{self, Answer};

/// How long anything may take that is waited for; no test asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A broker that lets members be declared dead quickly, and a folder.
pub struct Stage {
    pub broker: dev_broker::Broker,
    pub folder: tempfile::TempDir,
    /// More lines of every worker's properties.
    pub more: String,
}

impl Stage {
    pub async fn new(more: &[(&str, &str)]) -> Self {
        let options =
            dev_broker::Options { session_timeout_min: Duration::from_millis(100), ..Default::default() };
        let broker = options.start().await.unwrap();
        let more = more.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        Self { broker, folder: tempfile::tempdir().unwrap(), more }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A worker of the group; its name is that of its files.
    pub fn worker(&self, name: &str) -> Worker {
        self.worker_of("workers", name)
    }

    /// A worker of another group on the same internal topics.
    pub fn worker_of(&self, group: &str, name: &str) -> Worker {
        let mut properties = properties(&self.broker.bootstrap(), group, name, &self.more);
        if self.more.contains("listeners=") {
            properties = properties.replace(LISTENERS, "");
        }
        Worker::start(self.folder.path(), name, &properties)
    }
}

const LISTENERS: &str = "listeners=http://127.0.0.1:0\n";

/// What a worker of a group is told; Java's worker takes it, too.
pub fn properties(bootstrap: &str, group: &str, name: &str, more: &str) -> String {
    format!(
        "bootstrap.servers={bootstrap}\n{LISTENERS}group.id={group}\nclient.id={name}\n\
         config.storage.topic=configs\noffset.storage.topic=offsets\nstatus.storage.topic=statuses\n\
         config.storage.replication.factor=1\noffset.storage.replication.factor=1\n\
         status.storage.replication.factor=1\noffset.storage.partitions=3\n\
         session.timeout.ms=1500\nheartbeat.interval.ms=200\nscheduled.rebalance.max.delay.ms=0\n\
         offset.flush.interval.ms=50\n\
         key.converter=org.apache.kafka.connect.json.JsonConverter\n\
         value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n{more}"
    )
}

/// A worker's process. Dropping it is kill -9.
pub struct Worker {
    process: Child,
    log: PathBuf,
    /// Where its own part of the log begins: another of the same name may have run before.
    log_begin: usize,
    /// `host:port` of its REST API, which is its id, too.
    pub id: String,
    /// `http` or `https`.
    pub scheme: String,
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Worker {
    /// Starts one in a folder; its name is that of its files.
    pub fn start(folder: &Path, name: &str, properties: &str) -> Self {
        let file = folder.join(format!("{name}.properties"));
        std::fs::write(&file, properties).unwrap();
        let log = folder.join(format!("{name}.log"));
        let log_begin = std::fs::read_to_string(&log).unwrap_or_default().len();
        let output = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_sluice"))
            .arg("worker")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut worker = Self { process, log, log_begin, id: String::new(), scheme: String::new() };
        (worker.scheme, worker.id) = eventually("REST listens", || {
            let log = worker.log();
            let found = log.lines().find_map(|line| line.split_once("REST listens on "));
            let ended = worker.process.try_wait().unwrap();
            assert!(ended.is_none(), "the worker {name} has ended:\n{log}");
            let url = found.and_then(|(_, rest)| rest.split_whitespace().next());
            let parts = url.and_then(|url| url.split_once("://"));
            parts.map(|(scheme, id)| (scheme.to_owned(), id.to_owned())).ok_or(log)
        });
        worker
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default().split_off(self.log_begin)
    }

    /// Sends a request and does not wait for the answer, which is read from the connection.
    pub fn begin(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.id).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             {headers}\r\n{body}",
            self.id,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    pub fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.try_send(method, path, body)
            .unwrap_or_else(|why| panic!("{method} {path}: {why}\n{}", self.log()))
    }

    pub fn try_send(&self, method: &str, path: &str, body: &Value) -> Result<Answer, String> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let headers = [("content-type".to_owned(), "application/json".to_owned())].into();
        scenario::request(
            &self.id,
            &scenario::Request { method: method.to_owned(), path: path.to_owned(), headers, body },
        )
    }

    pub fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Creates a connector; a group that shares its work out just now is asked again.
    pub fn create(&self, name: &str, config: &Value) {
        eventually(&format!("{name} is created"), || {
            let answer = self.send("POST", "/connectors", &json!({"name": name, "config": config}));
            match answer.status {
                201 => Ok(()),
                _ => Err(answer.body),
            }
        });
    }

    /// Waits until the connector's tasks are in these states, and answers which workers have them.
    pub fn tasks(&self, name: &str, states: &[&str]) -> Vec<String> {
        eventually(&format!("tasks of {name}: {states:?}"), || {
            let answer = self.send("GET", &format!("/connectors/{name}/status"), &Value::Null);
            let status: Value = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
            let tasks = status["tasks"].as_array().ok_or(answer.body.clone())?;
            let found: Vec<_> = tasks.iter().filter_map(|task| task["state"].as_str()).collect();
            let owner = |task: &Value| task["worker_id"].as_str().unwrap_or_default().to_owned();
            if found == states { Ok(tasks.iter().map(owner).collect()) } else { Err(answer.body) }
        })
    }

    /// It stands still as it is: a machine that hangs.
    pub fn pause(&self) {
        self.signal("-STOP");
        eventually("the process stands still", || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
            let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
            if state.starts_with('T') { Ok(()) } else { Err(stat.clone()) }
        });
    }

    /// It goes on, and does not know that time has passed.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    /// It is told to end, as by a supervisor.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Waits until its process has ended.
    pub fn has_ended(&mut self) {
        eventually("the process ends", || match self.process.try_wait().unwrap() {
            Some(_) => Ok(()),
            None => Err("it runs".to_owned()),
        });
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

/// The one of two workers that leads, when both are one group, and the other one.
pub fn leader_of(workers: [&Worker; 2]) -> (&Worker, &Worker) {
    let [a, b] = workers;
    let leader = eventually("one of two workers leads", || {
        let answer = a.try_send("GET", "/sluice/v1/workers", &Value::Null)?;
        let all: Vec<Value> = serde_json::from_str(&answer.body).map_err(|_| answer.body.clone())?;
        let leader = all.iter().find(|it| all.len() == 2 && it["leader"] == true);
        leader.map(|it| it["worker_id"].as_str().unwrap().to_owned()).ok_or(answer.body)
    });
    if a.id == leader { (a, b) } else { (b, a) }
}

/// Asks for something until it is so, with patience.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let begin = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(last) if begin.elapsed() > PATIENCE => panic!("{what}: {last}"),
            Err(_) => std::thread::sleep(Duration::from_millis(10)), // polls a condition, with a bound
        }
    }
}
