//! The processes of a bench: broker, S3 server, worker. Each is killed when it is dropped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::process;

const PATIENCE: Duration = Duration::from_secs(600);

/// A process of the bench.
pub struct Part {
    child: Child,
}

impl Part {
    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn must_run(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("a process of the bench ended: {status}"),
            None => Ok(()),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(process::target_folder()?.join(name));
    command.stdin(Stdio::null());
    Ok(command)
}

// Starts a program that prints its address once it is ready.
fn start_server(command: &mut Command) -> anyhow::Result<(Part, String)> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{command:?}"))?;
    let mut address = String::new();
    BufReader::new(child.stdout.take().context("no output")?).read_line(&mut address)?;
    Ok((Part { child }, address.trim().to_owned()))
}

/// A broker that keeps its data in a folder.
pub struct Broker {
    _part: Part,
    /// For `bootstrap.servers`.
    pub address: String,
    consumer: BaseConsumer,
}

impl Broker {
    /// Starts a broker with these topics.
    pub fn start(folder: &Path, topics: &[&str]) -> anyhow::Result<Self> {
        let mut command = program("dev-broker")?;
        command.arg("--data").arg(folder);
        for topic in topics {
            command.args(["--topic", topic]);
        }
        let (part, address) = start_server(&mut command)?;
        let consumer = ClientConfig::new()
            .set("bootstrap.servers", &address)
            .set("group.id", "bench")
            .set("enable.auto.commit", "false")
            .create()?;
        Ok(Self { _part: part, address, consumer })
    }

    /// Records of partition 0 of a topic; 0 while there is no topic.
    pub fn end(&self, topic: &str) -> u64 {
        let watermarks = self.consumer.fetch_watermarks(topic, 0, Duration::from_secs(10));
        watermarks.map_or(0, |(_, high)| high.max(0) as u64)
    }
}

/// An S3 server with the bucket `lake`.
pub struct S3 {
    _part: Part,
    /// Its URL.
    pub endpoint: String,
    root: PathBuf,
}

impl S3 {
    /// Starts a server on an empty folder.
    pub fn start(root: &Path) -> anyhow::Result<Self> {
        let mut command = program("dev-s3")?;
        command.arg("--root").arg(root).args([
            "--bucket",
            "lake",
            "--access-key",
            "bench",
            "--secret-key",
            "bench-secret",
        ]);
        let (part, endpoint) = start_server(&mut command)?;
        Ok(Self { _part: part, endpoint, root: root.to_owned() })
    }

    /// Files of the bucket, by the server's folder: looking costs the worker nothing.
    pub fn objects(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.root.join("lake"), &mut found);
        found
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), found),
            Ok(_) if !entry.file_name().to_string_lossy().starts_with('.') => found.push(entry.path()),
            _ => {}
        }
    }
}

/// A worker, standalone.
pub struct Worker {
    part: Part,
    url: String,
    agent: ureq::Agent,
    log: PathBuf,
    /// From its start to the first answer of its REST API.
    pub start: Duration,
}

impl Worker {
    /// Starts a worker in an empty folder and waits until it is healthy.
    pub fn start(folder: &Path, broker: &str) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let properties = folder.join("worker.properties");
        std::fs::write(
            &properties,
            format!(
                "bootstrap.servers={broker}\nlisteners=http://127.0.0.1:{port}\n\
                 key.converter=org.apache.kafka.connect.json.JsonConverter\n\
                 value.converter=org.apache.kafka.connect.json.JsonConverter\n\
                 value.converter.schemas.enable=false\n\
                 offset.storage.file.filename={}\noffset.flush.interval.ms=1000\n",
                folder.join("offsets.dat").display()
            ),
        )?;
        let log = folder.join("worker.log");
        let output = std::fs::File::create(&log)?;
        let started = Instant::now();
        let mut command = program("sluice")?;
        command.args(["worker", "--standalone"]).arg(&properties).stdout(output.try_clone()?).stderr(output);
        let part = Part { child: command.spawn().context("cannot start the worker")? };
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let url = format!("http://127.0.0.1:{port}");
        let mut worker = Self { part, url, agent, log, start: Duration::ZERO };
        loop {
            if worker.agent.get(format!("{}/", worker.url)).call().is_ok_and(|answer| answer.status() == 200)
            {
                worker.start = started.elapsed();
                return Ok(worker);
            }
            worker.must_run()?;
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.part.id()
    }

    fn must_run(&mut self) -> anyhow::Result<()> {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        self.part.must_run().with_context(|| format!("the worker's log:\n{log}"))
    }

    /// Creates a connector.
    pub fn create(&self, body: &serde_json::Value) -> anyhow::Result<()> {
        let request =
            self.agent.post(format!("{}/connectors", self.url)).header("content-type", "application/json");
        let mut answer = request.send(body.to_string())?;
        if answer.status() != 201 {
            bail!("POST /connectors: {} {}", answer.status(), answer.body_mut().read_to_string()?);
        }
        Ok(())
    }

    /// Fails when a task of the connector has.
    pub fn check(&mut self, connector: &str) -> anyhow::Result<()> {
        self.must_run()?;
        let mut answer = self.agent.get(format!("{}/connectors/{connector}/status", self.url)).call()?;
        let status = answer.body_mut().read_to_string()?;
        if status.contains("FAILED") {
            bail!("{connector} failed: {status}");
        }
        Ok(())
    }

    /// Waits until `done` says so, checking now and then that the connector runs.
    pub fn wait(
        &mut self,
        connector: &str,
        mut done: impl FnMut() -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut checked = Instant::now();
        while !done()? {
            if checked.elapsed() > Duration::from_millis(500) {
                self.check(connector)?;
                checked = Instant::now();
            }
            if started.elapsed() > PATIENCE {
                bail!("{connector} is not done after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }
}
