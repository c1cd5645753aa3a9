//! The processes of a bench: embedded broker, S3 server. Each is killed when it is dropped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::process;

/// The longest that a process may take to end in order.
const END_LIMIT: Duration = Duration::from_secs(60);

/// A process of the bench.
pub struct Part {
    child: Child,
}

impl Part {
    /// A process that has just been started.
    pub fn of(child: Child) -> Self {
        Self { child }
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has it end in order, and waits until it has.
    ///
    /// # Errors
    /// It does not, or the system does not say.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let kill = format!("kill -TERM {}", self.id());
        Command::new("sh").args(["-c", &kill]).status().context("cannot run sh")?;
        let asked = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if asked.elapsed() > END_LIMIT {
                bail!("a process of the bench did not end within {} s after SIGTERM", END_LIMIT.as_secs());
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        anyhow::ensure!(status.success(), "a process of the bench ended: {status}");
        Ok(())
    }

    /// Fails when it has ended.
    ///
    /// # Errors
    /// It has, or the system does not say.
    pub fn must_run(&mut self) -> anyhow::Result<()> {
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

/// A program of this workspace, without input.
///
/// # Errors
/// The system does not say where programs are built.
pub fn program(name: &str) -> anyhow::Result<Command> {
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

/// The embedded schema registry, in memory.
pub struct SchemaRegistry {
    _part: Part,
    /// Its URL.
    pub url: String,
}

impl SchemaRegistry {
    /// Starts an empty one.
    ///
    /// # Errors
    /// It does not start.
    pub fn start() -> anyhow::Result<Self> {
        let mut command = program("schema-registry")?;
        let (part, url) = start_server(command.args(["--listen", "127.0.0.1:0"]))?;
        Ok(Self { _part: part, url })
    }
}
