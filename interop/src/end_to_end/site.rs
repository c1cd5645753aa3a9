//! One side of a comparison: a broker of Apache Kafka, a worker and a schema registry on it, and the folder in which
//! they work.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use testkit::apache_kafka::artifacts::ConnectJars;
use testkit::apache_kafka::java::Java;
use testkit::apache_kafka::{Broker, ConnectWorker, Setup, free_port};
use testkit::scenario::Peer;
use ureq::http::{Request, Response};

use crate::program::{self, Program};

/// How long anything that must happen may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait before looking again: each look costs Java's worker a client of its own.
const LOOK_AGAIN: Duration = Duration::from_millis(60);

/// Which worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Apache Kafka Connect's.
    Java,
    /// Ours.
    Ours,
}

enum Worker {
    Java(ConnectWorker),
    Ours { process: Java, log: PathBuf },
}

/// A side, running.
pub struct Site {
    worker: Option<Worker>, // before the broker: it is stopped first
    url: String,
    agent: ureq::Agent,
    jars: ConnectJars,
    registry: Program,
    /// For `bootstrap.servers`.
    pub bootstrap: String,
    /// Workers of a group write sources' records in transactions.
    pub exactly_once: bool,
    in_group: bool,
    _broker: Broker,
    folder: TempDir,
}

/// Both sides call themselves by one address, so that answers can be compared.
const ADDRESS: &str = "127.0.0.1:8083";
const PROPERTIES: &str = "key.converter=org.apache.kafka.connect.json.JsonConverter\n\
    value.converter=org.apache.kafka.connect.json.JsonConverter\n\
    offset.flush.interval.ms=400\n\
    rest.advertised.host.name=127.0.0.1\n\
    rest.advertised.port=8083\n";

const GROUP_PROPERTIES: &str = "group.id=interop\n\
    config.storage.topic=interop-configs\n\
    offset.storage.topic=interop-offsets\n\
    status.storage.topic=interop-status\n\
    config.storage.replication.factor=1\n\
    offset.storage.replication.factor=1\n\
    status.storage.replication.factor=1\n";

impl Site {
    /// Starts a broker, a registry and a worker, and waits until the worker answers.
    ///
    /// # Errors
    /// One of them did not start, with its log.
    pub fn start(side: Side, jars: &ConnectJars) -> anyhow::Result<Self> {
        let mut site = Self::without_worker(jars)?;
        site.work_with(side)?;
        Ok(site)
    }

    /// Starts a broker and a registry.
    ///
    /// # Errors
    /// One of them did not start, with its log.
    pub fn without_worker(jars: &ConnectJars) -> anyhow::Result<Self> {
        // The sinks' records are of years ago: half a minute after its start a broker would delete them.
        let broker = Setup::new().property("log.retention.ms", "-1");
        let broker = broker.start(&jars.runtime).map_err(anyhow::Error::msg)?;
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .proxy(None)
            // A connection that a server closes while the next request is on its way is no difference.
            .max_idle_connections(0)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        Ok(Self {
            worker: None,
            url: String::new(),
            agent,
            jars: jars.clone(),
            registry: Program::start("schema-registry", &["--listen", "127.0.0.1:0"])?,
            bootstrap: broker.bootstrap("PLAINTEXT"),
            exactly_once: false,
            in_group: false,
            _broker: broker,
            folder: tempfile::Builder::new().prefix("sluice-interop-").tempdir()?,
        })
    }

    /// Ends the worker, if there is one, and starts another in its place: in the same folder, with the same offsets.
    ///
    /// # Errors
    /// One did not end, or the other not start, with its log.
    pub fn work_with(&mut self, side: Side) -> anyhow::Result<()> {
        self.stop()?;
        self.in_group = false;
        let properties = format!("bootstrap.servers={}\n{PROPERTIES}", self.bootstrap);
        match side {
            Side::Java => {
                let worker = ConnectWorker::standalone(&self.jars, self.folder.path(), &properties)
                    .map_err(anyhow::Error::msg)?;
                self.url = worker.url();
                self.worker = Some(Worker::Java(worker));
            }
            // The offset file has the name that Java's worker has for it.
            Side::Ours => {
                let offsets = self.file("offsets.dat");
                let own = format!("offset.storage.file.filename={}\n", offsets.display());
                self.start_ours(&["worker", "--standalone"], &format!("{properties}{own}"))?;
            }
        }
        self.must_be_healthy()
    }

    /// As [`Self::work_with`], with a worker of a group: what it knows is in the broker.
    ///
    /// # Errors
    /// One did not end, or the other not start, with its log.
    pub fn work_in_group_with(&mut self, side: Side) -> anyhow::Result<()> {
        self.stop()?;
        self.in_group = true;
        let support = if self.exactly_once { "enabled" } else { "disabled" };
        let properties = format!(
            "bootstrap.servers={}\n{PROPERTIES}{GROUP_PROPERTIES}exactly.once.source.support={support}\n",
            self.bootstrap
        );
        match side {
            Side::Java => {
                let worker = ConnectWorker::distributed(&self.jars, self.folder.path(), &properties)
                    .map_err(anyhow::Error::msg)?;
                self.url = worker.url();
                self.worker = Some(Worker::Java(worker));
            }
            Side::Ours => self.start_ours(&["worker"], &properties)?,
        }
        self.must_be_healthy()
    }

    fn must_be_healthy(&self) -> anyhow::Result<()> {
        let started = Instant::now();
        while !self.get("/health").is_ok_and(|answer| answer["status"] == 200) {
            self.must_be_quick(started, "the worker's health")?;
        }
        Ok(())
    }

    /// Asks the worker to end, and waits until it has.
    ///
    /// # Errors
    /// It had to be killed.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        match self.worker.take() {
            Some(Worker::Java(worker)) => worker.stop().map_err(anyhow::Error::msg),
            Some(Worker::Ours { mut process, .. }) => process.stop().context("our worker"),
            None => Ok(()),
        }
    }

    fn start_ours(&mut self, arguments: &[&str], properties: &str) -> anyhow::Result<()> {
        let port = free_port().map_err(anyhow::Error::msg)?;
        let file = self.file("worker.properties");
        std::fs::write(&file, format!("{properties}listeners=http://127.0.0.1:{port}\n"))?;
        let program = program::path("sluice")?;
        let log = self.file("worker.log");
        let mut command = Command::new(&program);
        command.args(arguments).arg(&file).current_dir(self.folder.path());
        let process =
            Java::start_logging(&mut command, &log).with_context(|| program.display().to_string())?;
        self.worker = Some(Worker::Ours { process, log });
        self.url = format!("http://127.0.0.1:{port}");
        Ok(())
    }

    /// A file in the folder that the worker works in.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The schema registry's URL, for `schema.registry.url`.
    pub fn registry(&self) -> &str {
        &self.registry.address
    }

    /// `GET`.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn get(&self, path: &str) -> anyhow::Result<Json> {
        self.send("GET", path, &json!({}), "")
    }

    /// Sends a request with a JSON body.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_json(&self, method: &str, path: &str, body: &Json) -> anyhow::Result<Json> {
        self.send(method, path, &json!({"content-type": "application/json"}), &body.to_string())
    }

    /// Sends a request, and gives the answer: its status, the headers that mean something, and its body.
    ///
    /// # Errors
    /// There is no answer.
    pub fn send(&self, method: &str, path: &str, headers: &Json, body: &str) -> anyhow::Result<Json> {
        let asked = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers.as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let answer = match body.is_empty() {
            true => self.agent.run(request.body(())?),
            false => self.agent.run(request.body(body.to_owned())?),
        };
        self.answer(answer.with_context(|| asked.clone())?).context(asked)
    }

    fn answer(&self, mut answer: Response<ureq::Body>) -> anyhow::Result<Json> {
        let text = self.same_addresses(&answer.body_mut().read_to_string()?);
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.map_or(Json::Null, |value| self.same_addresses(value).into())
        };
        // What is no JSON is compared as text.
        let body: Json = serde_json::from_str(&text).unwrap_or_else(|_| text.as_str().into());
        Ok(json!({
            "status": answer.status().as_u16(), "content-type": header("content-type"),
            "location": header("location"), "allow": header("allow"),
            "body": body,
        }))
    }

    /// The worker, as scenarios talk to it.
    pub fn peer(&self, side: Side) -> Peer {
        let own = self.url.trim_start_matches("http://").to_owned();
        let called = [
            (own.clone(), ADDRESS.to_owned()),
            (self.bootstrap.clone(), "broker:9092".to_owned()),
            (self.folder.path().display().to_string(), "/folder".to_owned()),
        ];
        let folder = self.folder.path().to_owned();
        let (ours, distributed) = (side == Side::Ours, self.in_group);
        Peer { authority: own, folder, ours, distributed, called: called.into() }
    }

    /// A text in which this side's addresses and folder have the names that they have on the other side too.
    pub fn same_addresses(&self, text: &str) -> String {
        let own = self.url.trim_start_matches("http://");
        let folder = self.folder.path().display().to_string();
        text.replace(own, ADDRESS)
            .replace(self.registry(), "http://registry")
            .replace(&self.bootstrap, "broker:9092")
            .replace(&folder, "/folder")
    }

    /// What the registry answers to `GET`, or nothing.
    ///
    /// # Errors
    /// There is no answer.
    pub fn registered(&self, path: &str) -> anyhow::Result<Json> {
        let mut answer = self.agent.get(format!("{}{path}", self.registry())).call()?;
        let text = answer.body_mut().read_to_string()?;
        serde_json::from_str(&text).with_context(|| text)
    }

    /// What the worker has logged.
    pub fn log(&self) -> String {
        match &self.worker {
            Some(Worker::Java(worker)) => worker.log(),
            Some(Worker::Ours { log, .. }) => std::fs::read_to_string(log).unwrap_or_default(),
            None => String::new(),
        }
    }

    /// Sleeps a moment; fails when this has been waited for too long.
    ///
    /// # Errors
    /// It has, with the worker's log.
    pub fn must_be_quick(&self, started: Instant, what: &str) -> anyhow::Result<()> {
        if started.elapsed() > PATIENCE {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(12).collect();
            let tail: Vec<_> = tail.into_iter().rev().collect();
            bail!("{what} did not come; the log's end:\n{}", tail.join("\n"));
        }
        std::thread::sleep(LOOK_AGAIN);
        Ok(())
    }

    /// Waits until a task of a connector has one of these states, and gives the connector's status.
    ///
    /// # Errors
    /// It did not come.
    pub fn wait_for_task(&self, connector: &str, states: &[&str]) -> anyhow::Result<Json> {
        let started = Instant::now();
        loop {
            let status = self.get(&format!("/connectors/{connector}/status"))?;
            let state = status["body"]["tasks"][0]["state"].as_str().unwrap_or_default();
            if states.contains(&state) {
                return Ok(status);
            }
            self.must_be_quick(started, &format!("a state of {connector} among {states:?}"))?;
        }
    }

    /// Makes a connector.
    ///
    /// # Errors
    /// The worker refuses it.
    pub fn create(&self, name: &str, config: &Json) -> anyhow::Result<Json> {
        let answer = self.send_json("POST", "/connectors", &json!({"name": name, "config": config}))?;
        ensure!(answer["status"] == 201, "POST {name}: {answer}");
        Ok(answer)
    }
}
