//! One side of a comparison: a broker of Apache Kafka, a worker on it, and the folder in which that works.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value as Json;
use tempfile::TempDir;
use testkit::apache_kafka::artifacts::ConnectJars;
use testkit::apache_kafka::java::Java;
use testkit::apache_kafka::{Broker, ConnectWorker, Setup, free_port};

/// How long anything that must happen may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Which worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Apache Kafka Connect, standalone.
    Java,
    /// Ours, standalone.
    Ours,
}

enum Worker {
    Java(ConnectWorker),
    Ours { _process: Java, log: PathBuf },
}

/// A side, running.
pub struct Site {
    worker: Worker, // before the broker: it is stopped first
    url: String,
    agent: ureq::Agent,
    /// For `bootstrap.servers`.
    pub bootstrap: String,
    _broker: Broker,
    folder: TempDir,
}

// Both sides call themselves by one address, so that answers can be compared.
const PROPERTIES: &str = "key.converter=org.apache.kafka.connect.json.JsonConverter\n\
    value.converter=org.apache.kafka.connect.json.JsonConverter\n\
    offset.flush.interval.ms=500\n\
    rest.advertised.host.name=127.0.0.1\n\
    rest.advertised.port=8083\n";

impl Site {
    /// Starts a broker and a worker, and waits until the worker answers.
    ///
    /// # Errors
    /// One of them did not start, with its log.
    pub fn start(side: Side, jars: &ConnectJars) -> anyhow::Result<Self> {
        let broker = Setup::new().start(&jars.runtime).map_err(anyhow::Error::msg)?;
        let bootstrap = broker.bootstrap("PLAINTEXT");
        let folder = tempfile::Builder::new().prefix("sluice-interop-").tempdir()?;
        let properties = format!("bootstrap.servers={bootstrap}\n{PROPERTIES}");
        let (worker, url) = match side {
            Side::Java => {
                let worker = ConnectWorker::standalone(jars, folder.path(), &properties)
                    .map_err(anyhow::Error::msg)?;
                let url = worker.url();
                (Worker::Java(worker), url)
            }
            Side::Ours => start_ours(folder.path(), &properties)?,
        };
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let site = Self { worker, url, agent, bootstrap, _broker: broker, folder };
        let started = Instant::now();
        while !site.get("/health").is_ok_and(|answer| answer["status"] == 200) {
            site.must_be_quick(started, "the worker's health")?;
        }
        Ok(site)
    }

    /// A file in the folder that the worker works in.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `GET`: status and body.
    ///
    /// # Errors
    /// No answer, or one that is no JSON.
    pub fn get(&self, path: &str) -> anyhow::Result<Json> {
        answer(self.agent.get(format!("{}{path}", self.url)).call()?)
    }

    /// `POST` or `PUT` of a JSON body, or `DELETE`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn send(&self, method: &str, path: &str, body: &Json) -> anyhow::Result<Json> {
        let url = format!("{}{path}", self.url);
        let request = match method {
            "PUT" => self.agent.put(url),
            "DELETE" => return answer(self.agent.delete(url).call()?),
            _ => self.agent.post(url),
        };
        answer(request.header("content-type", "application/json").send(body.to_string())?)
    }

    /// Sleeps a moment; fails when this has been waited for too long.
    ///
    /// # Errors
    /// It has, with the worker's log.
    pub fn must_be_quick(&self, started: Instant, what: &str) -> anyhow::Result<()> {
        if started.elapsed() > PATIENCE {
            let log = match &self.worker {
                Worker::Java(worker) => worker.log(),
                Worker::Ours { log, .. } => std::fs::read_to_string(log).unwrap_or_default(),
            };
            let tail: Vec<_> = log.lines().rev().take(12).collect();
            bail!(
                "{what} did not come; the log's end:\n{}",
                tail.into_iter().rev().collect::<Vec<_>>().join("\n")
            );
        }
        std::thread::sleep(Duration::from_millis(20));
        Ok(())
    }
}

fn start_ours(folder: &Path, properties: &str) -> anyhow::Result<(Worker, String)> {
    let port = free_port().map_err(anyhow::Error::msg)?;
    let file = folder.join("worker.properties");
    let offsets = folder.join("offsets.dat");
    std::fs::write(
        &file,
        format!(
            "{properties}listeners=http://127.0.0.1:{port}\noffset.storage.file.filename={}\n",
            offsets.display()
        ),
    )?;
    let mut program = std::env::current_exe()?;
    program.set_file_name("sluice");
    let log = folder.join("worker.log");
    let mut command = Command::new(&program);
    command.args(["worker", "--standalone"]).arg(&file).current_dir(folder);
    let process = Java::start_logging(&mut command, &log).with_context(|| program.display().to_string())?;
    Ok((Worker::Ours { _process: process, log }, format!("http://127.0.0.1:{port}")))
}

fn answer(mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Result<Json> {
    let text = answer.body_mut().read_to_string()?;
    let body = match text.is_empty() {
        true => Json::Null,
        false => serde_json::from_str(&text).with_context(|| text.clone())?,
    };
    Ok(serde_json::json!({"status": answer.status().as_u16(), "body": body}))
}
