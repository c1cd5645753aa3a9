//! A worker in a process of its own: this program again, as `sluice worker --standalone`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};

use crate::Error;

/// How long a worker may take to answer. It takes milliseconds; a machine under load may need more.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long one answer may take while it starts.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// What the worker is given.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its folder: properties, offsets, log.
    pub folder: PathBuf,
    /// The broker.
    pub bootstrap: String,
    /// The port of its REST API.
    pub rest_port: u16,
    /// Variables that connector configs may refer to.
    pub environment: Vec<(String, String)>,
    /// A folder of secrets, absolute, for `${secretsmanager:NAME:KEY}` references.
    pub secrets: Option<PathBuf>,
}

/// A running worker. Dropping it kills the process.
#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
    /// Its standard input. It ends when this process does, however that ends, and the worker with it.
    _life_line: Option<ChildStdin>,
    url: String,
    log: PathBuf,
    client: reqwest::Client,
}

impl WorkerProcess {
    /// Starts a worker and waits until it is healthy.
    ///
    /// # Errors
    /// It cannot be started or ends at once: the last lines of its log are in the text.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let folder = &options.folder;
        let failed = |what: &str, error: std::io::Error| {
            Error::new(format!("cannot {what} in {}", folder.display())).caused_by(error)
        };
        std::fs::create_dir_all(folder).map_err(|error| failed("make the worker's folder", error))?;
        // Logs and offsets are for their owner only.
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(folder, owner_only)
            .map_err(|error| failed("close the worker's folder", error))?;
        let properties = folder.join("worker.properties");
        std::fs::write(&properties, properties_of(&options))
            .map_err(|error| failed("write worker.properties", error))?;
        let log = folder.join("worker.log");
        let output = std::fs::File::create(&log).map_err(|error| failed("write worker.log", error))?;
        let errors = output.try_clone().map_err(|error| failed("write worker.log", error))?;
        let program =
            std::env::var_os("SLUICE_PROGRAM").map_or_else(std::env::current_exe, |path| Ok(path.into()));
        let program =
            program.map_err(|error| Error::new("cannot find this program's file").caused_by(error))?;
        let mut child = Command::new(&program)
            .arg("worker")
            .arg("--until-stdin-ends")
            .arg("--standalone")
            .arg(&properties)
            .envs(options.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::new(format!("cannot start {}", program.display())).caused_by(error))?;
        let url = format!("http://127.0.0.1:{}", options.rest_port);
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build();
        let client = client.map_err(|error| Error::new("cannot make an HTTP client").caused_by(error))?;
        // Waiting for a child closes the input that it holds.
        let life_line = child.stdin.take();
        let mut worker = Self { child, _life_line: life_line, url, log, client };
        worker.wait_until_healthy().await?;
        Ok(worker)
    }

    async fn wait_until_healthy(&mut self) -> Result<(), Error> {
        let started = std::time::Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Error::new(format!("the worker ended ({status}):\n{}", self.log_tail())));
            }
            // Another program may have the port, and answer or not: our worker must say first that it listens.
            let listens = self.log_text().contains(&format!("REST listens on {}", self.url));
            if listens && self.is_healthy().await {
                return Ok(());
            }
            if started.elapsed() > START_LIMIT {
                let seconds = START_LIMIT.as_secs();
                return Err(Error::new(format!(
                    "the worker does not answer after {seconds} s:\n{}",
                    self.log_tail()
                )));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn is_healthy(&self) -> bool {
        let request = self.client.get(format!("{}/health", self.url)).timeout(ANSWER_LIMIT);
        request.send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// The URL of its REST API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its log file.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// A client for its REST API.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// The most memory that it has used so far, in bytes; known on Linux.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    }

    /// Waits until the process ends by itself.
    ///
    /// # Errors
    /// It ended; the text says how.
    pub async fn ended(&mut self) -> Error {
        match self.child.wait().await {
            Ok(status) => Error::new(format!("the worker ended ({status}):\n{}", self.log_tail())),
            Err(error) => Error::new("the worker is gone").caused_by(error),
        }
    }

    /// Asks it to stop and waits; kills it when it does not.
    ///
    /// # Errors
    /// It had to be killed.
    pub async fn stop(mut self) -> Result<(), Error> {
        if let Some(id) = self.child.id() {
            // The signal that service managers send. `kill` is everywhere; signals from Rust would need unsafe code.
            let _ = Command::new("kill").arg(id.to_string()).status().await;
        }
        match tokio::time::timeout(STOP_LIMIT, self.child.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => {
                let _ = self.child.kill().await;
                Err(Error::new(format!(
                    "the worker did not stop within {} s and was killed",
                    STOP_LIMIT.as_secs()
                )))
            }
        }
    }

    fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The last lines of its log, for error texts.
    pub fn log_tail(&self) -> String {
        let text = self.log_text();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}

fn properties_of(options: &Options) -> String {
    let text = |path: &Path| path.to_string_lossy().replace('\\', "\\\\");
    let mut properties = format!(
        "# Written by sluice for its embedded worker; sluice.* keys are its own, all others Kafka Connect's.\n\
         bootstrap.servers={}\n\
         listeners=http://127.0.0.1:{}\n\
         key.converter=org.apache.kafka.connect.json.JsonConverter\n\
         value.converter=org.apache.kafka.connect.json.JsonConverter\n\
         offset.storage.file.filename={}\n\
         offset.flush.interval.ms=1000\n\
         sluice.restart.max.attempts=10\n\
         sluice.restart.backoff.ms=1000\n\
         sluice.restart.backoff.max.ms=60000\n\
         config.providers=env{}\n\
         config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider\n\
         config.providers.env.param.allowlist.pattern=SLUICE_.*\n",
        options.bootstrap,
        options.rest_port,
        text(&options.folder.join("offsets.dat")),
        if options.secrets.is_some() { ",secretsmanager" } else { "" },
    );
    if let Some(folder) = &options.secrets {
        properties.push_str(&format!(
            "config.providers.secretsmanager.class=sluice.FolderConfigProvider\n\
             config.providers.secretsmanager.param.folder={}\n",
            text(folder)
        ));
    }
    properties
}
