//! A worker, ours or Apache Kafka's, and what is asked of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use testkit::apache_kafka::ConnectWorker;
use testkit::apache_kafka::artifacts::ConnectJars;

use super::meter;
use super::parts::{Part, program};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(600);
/// The longest that a worker may take to be healthy.
const START_LIMIT: Duration = Duration::from_secs(120);
/// The longest that an answer of its REST API may take: Java's worker itself gives up after 90 s.
const ANSWER_LIMIT: Duration = Duration::from_secs(100);

/// How a worker works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Alone, with its offsets in a file of its folder.
    Standalone,
    /// As one of the group that its properties name.
    InGroup,
}

enum Process {
    Ours { part: Part, log: PathBuf },
    Java(ConnectWorker),
}

/// A worker, alone or of a group. It is killed when it is dropped.
pub struct Worker {
    process: Process,
    url: String,
    agent: ureq::Agent,
    /// From its start until its REST API first said that it is healthy.
    pub start: Duration,
}

impl Worker {
    /// Starts ours in an empty folder, with JSON converters without schemas, and waits until it is healthy.
    ///
    /// # Errors
    /// It does not start, with its log.
    pub fn start(folder: &Path, broker: &str) -> anyhow::Result<Self> {
        let properties = format!(
            "bootstrap.servers={broker}\n\
             key.converter=org.apache.kafka.connect.json.JsonConverter\n\
             value.converter=org.apache.kafka.connect.json.JsonConverter\n\
             value.converter.schemas.enable=false\noffset.flush.interval.ms=1000\n"
        );
        Self::ours(Mode::Standalone, folder, &properties)
    }

    /// Starts ours in an empty folder and waits until it is healthy. `properties` are lines of worker.properties
    /// without those of REST and the offset file.
    ///
    /// # Errors
    /// It does not start, with its log.
    pub fn ours(mode: Mode, folder: &Path, properties: &str) -> anyhow::Result<Self> {
        match mode {
            Mode::InGroup => Self::program(folder, &[], properties),
            Mode::Standalone => {
                let offsets = folder.join("offsets.dat");
                let properties = format!("{properties}offset.storage.file.filename={}\n", offsets.display());
                Self::program(folder, &["--standalone"], &properties)
            }
        }
    }

    fn program(folder: &Path, arguments: &[&str], properties: &str) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let file = folder.join("worker.properties");
        std::fs::write(&file, format!("{properties}listeners=http://127.0.0.1:{port}\n"))?;
        let log = folder.join("worker.log");
        let output = std::fs::File::create(&log)?;
        let mut command: Command = program("sluice")?;
        command.arg("worker").args(arguments).arg(&file).stdout(output.try_clone()?).stderr(output);
        let started = Instant::now();
        let part = Part::of(command.spawn().context("cannot start the worker")?);
        Self::healthy(Process::Ours { part, log }, format!("http://127.0.0.1:{port}"), started)
    }

    /// The name under which it is known in its group.
    pub fn name(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// It does not end so.
    pub fn stop(self) -> anyhow::Result<()> {
        match self.process {
            Process::Ours { part, .. } => part.stop(),
            Process::Java(worker) => worker.stop().map_err(anyhow::Error::msg),
        }
    }

    /// Ends it with SIGKILL.
    pub fn kill(self) {
        drop(self);
    }

    /// Starts Apache Kafka's with these options of Java in an empty folder; `properties` as for [`Self::ours`].
    ///
    /// # Errors
    /// It does not start, with its log.
    pub fn java(
        mode: Mode,
        options: &[&str],
        jars: &ConnectJars,
        folder: &Path,
        properties: &str,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let started = Instant::now();
        let worker = match mode {
            Mode::Standalone => ConnectWorker::standalone_with(options, jars, folder, properties),
            Mode::InGroup => ConnectWorker::distributed_with(options, jars, folder, properties),
        };
        let worker = worker.map_err(anyhow::Error::msg)?;
        let url = worker.url();
        Self::healthy(Process::Java(worker), url, started)
    }

    fn healthy(process: Process, url: String, started: Instant) -> anyhow::Result<Self> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let config = config.timeout_global(Some(ANSWER_LIMIT));
        let mut worker = Self { process, url, agent: config.build().into(), start: Duration::ZERO };
        loop {
            let answer = worker.agent.get(format!("{}/health", worker.url)).call();
            if answer.is_ok_and(|answer| answer.status() == 200) {
                worker.start = started.elapsed();
                return Ok(worker);
            }
            worker.must_run()?;
            if started.elapsed() > START_LIMIT {
                bail!(
                    "{} is not healthy after {} s; its log:\n{}",
                    worker.url,
                    START_LIMIT.as_secs(),
                    worker.log()
                );
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn log(&self) -> String {
        match &self.process {
            Process::Ours { log, .. } => std::fs::read_to_string(log).unwrap_or_default(),
            Process::Java(worker) => worker.log(),
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        match &self.process {
            Process::Ours { part, .. } => part.id(),
            Process::Java(worker) => worker.id(),
        }
    }

    /// CPU time that it has used so far.
    ///
    /// # Errors
    /// It has ended.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        meter::cpu(self.id())
    }

    /// Its memory in megabytes: a line of `/proc/PID/status` or of `/proc/PID/smaps_rollup`.
    ///
    /// # Errors
    /// It has ended.
    pub fn megabytes(&self, line: &str) -> anyhow::Result<f64> {
        Ok(meter::memory(self.id(), line)? as f64 / f64::from(1 << 20))
    }

    fn must_run(&mut self) -> anyhow::Result<()> {
        let ended = match &mut self.process {
            Process::Ours { part, .. } => part.must_run(),
            Process::Java(_) => Ok(()), // its REST API does not answer when it has ended
        };
        ended.with_context(|| format!("the worker's log:\n{}", self.log()))
    }

    /// Creates a connector.
    ///
    /// # Errors
    /// The worker refuses it.
    pub fn create(&self, body: &serde_json::Value) -> anyhow::Result<()> {
        let request =
            self.agent.post(format!("{}/connectors", self.url)).header("content-type", "application/json");
        let mut answer = request.send(body.to_string())?;
        if answer.status() != 201 {
            bail!("POST /connectors: {} {}", answer.status(), answer.body_mut().read_to_string()?);
        }
        Ok(())
    }

    /// Deletes a connector.
    ///
    /// # Errors
    /// The worker refuses to.
    pub fn delete(&self, connector: &str) -> anyhow::Result<()> {
        let mut answer = self.agent.delete(format!("{}/connectors/{connector}", self.url)).call()?;
        if answer.status() != 204 {
            bail!("DELETE of {connector}: {} {}", answer.status(), answer.body_mut().read_to_string()?);
        }
        Ok(())
    }

    /// The text of a `GET`.
    ///
    /// # Errors
    /// There is no answer.
    pub fn get(&self, path: &str) -> anyhow::Result<String> {
        Ok(self.agent.get(format!("{}{path}", self.url)).call()?.body_mut().read_to_string()?)
    }

    /// Who reads the worker's metrics, on connections of its own.
    pub fn scraper(&self) -> Scraper {
        let config = ureq::Agent::config_builder().proxy(None);
        Scraper { url: format!("{}/metrics", self.url), agent: config.build().into() }
    }

    /// Fails when a task of the connector has.
    ///
    /// # Errors
    /// It has, with its status.
    pub fn check(&mut self, connector: &str) -> anyhow::Result<()> {
        self.must_run()?;
        let status = self.get(&format!("/connectors/{connector}/status"))?;
        if status.contains("FAILED") {
            bail!("{connector} failed: {status}");
        }
        Ok(())
    }

    /// Waits until `done` says so, checking now and then that the connector runs.
    ///
    /// # Errors
    /// It has failed, or it takes too long.
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

/// Reads a worker's metrics, as Prometheus does.
pub struct Scraper {
    url: String,
    agent: ureq::Agent,
}

impl Scraper {
    /// Reads them once.
    ///
    /// # Errors
    /// The worker does not answer 200, or not to the end.
    pub fn scrape(&self) -> anyhow::Result<()> {
        self.agent.get(&self.url).call()?.body_mut().read_to_vec()?;
        Ok(())
    }
}
