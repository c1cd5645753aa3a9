//! Broker, S3 server, schema registry and worker, together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dev_broker::Broker;
use kafka::librdkafka::RdKafkaClients;
use registry::log::{KafkaLog, KafkaLogOptions};
use tempfile::TempDir;

use crate::worker_process::{Options as WorkerOptions, WorkerProcess};
use crate::{Error, port};

/// The S3 server's key; it is no secret, since the server is on loopback.
pub const ACCESS_KEY: &str = "sluice";
/// The S3 server's secret key.
pub const SECRET_KEY: &str = "sluice-dev-only";
/// The bucket that is there.
pub const BUCKET: &str = "lake";

/// The variable with the schema registry's URL, for `${env:…}` references of connector configs.
pub const REGISTRY_VARIABLE: &str = "SLUICE_SCHEMA_REGISTRY_URL";

/// What to start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where data stays; none: memory and a temporary folder, gone at the end.
    pub data: Option<PathBuf>,
    /// Port of the broker; none is any that is free.
    pub kafka_port: Option<u16>,
    /// Port of the S3 server; none is any that is free.
    pub s3_port: Option<u16>,
    /// Port of the schema registry; none is any that is free.
    pub registry_port: Option<u16>,
    /// Port of the worker's REST API; none is any that is free.
    pub rest_port: Option<u16>,
    /// Environment variables for the worker, for `${env:…}` references. Only those named `SLUICE_*` can be referred to.
    pub environment: Vec<(String, String)>,
    /// A folder in the place of AWS Secrets Manager: `${secretsmanager:NAME:KEY}` is a secret in it.
    pub secrets: Option<PathBuf>,
}

/// The running parts. Dropping it stops them.
pub struct Stack {
    folder: Folder,
    broker: Broker,
    s3: dev_s3::Server,
    registry: registry::Server,
    worker: WorkerProcess,
}

/// A folder that stays, or one that goes with the stack.
#[derive(Debug)]
pub(crate) enum Folder {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Stack {
    /// Starts everything and waits until the worker answers.
    ///
    /// # Errors
    /// A port is taken, a folder cannot be written, the worker does not come up: one line each.
    pub async fn start(options: Options) -> Result<Self, Error> {
        Self::start_in(Folder::open(options.data.as_deref())?, options).await
    }

    pub(crate) async fn start_in(folder: Folder, options: Options) -> Result<Self, Error> {
        let root = folder.path().to_owned();
        let secrets = options.secrets.as_deref().map(folder_of_secrets).transpose()?;
        port::check(&[
            ("--kafka-port", options.kafka_port),
            ("--s3-port", options.s3_port),
            ("--registry-port", options.registry_port),
            ("--rest-port", options.rest_port),
        ])?;
        let broker = dev_broker::Options {
            listen: port::loopback(options.kafka_port.unwrap_or(0)),
            data_dir: options.data.is_some().then(|| root.join("kafka")),
            ..dev_broker::Options::default()
        };
        let broker =
            broker.start().await.map_err(|error| Error::new("the broker does not start").caused_by(error))?;
        let mut s3 = dev_s3::Options::new(root.join("s3")).bucket(BUCKET);
        s3.listen = port::loopback(options.s3_port.unwrap_or(0));
        s3.access_key = ACCESS_KEY.to_owned();
        s3.secret_key = SECRET_KEY.to_owned();
        let s3 =
            s3.start().await.map_err(|error| Error::new("the S3 server does not start").caused_by(error))?;
        let registry_port = port_or_free(options.registry_port)?;
        let mut environment = options.environment;
        environment.push((REGISTRY_VARIABLE.to_owned(), format!("http://127.0.0.1:{registry_port}")));
        let worker = WorkerProcess::start(WorkerOptions {
            folder: root.join("worker"),
            bootstrap: broker.bootstrap(),
            rest_port: port_or_free(options.rest_port)?,
            environment,
            secrets,
        });
        // Neither needs the other to start.
        let (registry, worker) = tokio::join!(start_registry(&broker, registry_port), worker);
        let (registry, worker) = (registry?, worker?);
        Ok(Self { folder, broker, s3, registry, worker })
    }

    /// The broker's address, for `bootstrap.servers`.
    pub fn bootstrap(&self) -> String {
        self.broker.bootstrap()
    }

    /// The S3 server's URL.
    pub fn s3_endpoint(&self) -> String {
        self.s3.endpoint()
    }

    /// The schema registry's URL, for `schema.registry.url`.
    pub fn registry_url(&self) -> &str {
        self.registry.url()
    }

    /// The worker.
    pub fn worker(&mut self) -> &mut WorkerProcess {
        &mut self.worker
    }

    /// A client for the worker's REST API.
    pub fn client(&self) -> &reqwest::Client {
        self.worker.client()
    }

    /// The worker's REST URL.
    pub fn rest_url(&self) -> &str {
        self.worker.url()
    }

    /// The worker's log file.
    pub fn worker_log(&self) -> &Path {
        self.worker.log()
    }

    /// Where the parts keep their files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops everything in order: worker, schema registry, S3 server, broker.
    ///
    /// # Errors
    /// The worker did not end well.
    pub async fn shutdown(self) -> Result<(), Error> {
        let stopped = self.worker.stop().await;
        self.registry.shutdown().await;
        self.s3.shutdown().await;
        self.broker.shutdown().await;
        stopped
    }
}

fn folder_of_secrets(folder: &Path) -> Result<PathBuf, Error> {
    let failed = || Error::new(format!("--secrets {}", folder.display()));
    let whole = std::fs::canonicalize(folder).map_err(|error| failed().caused_by(error))?;
    match whole.is_dir() {
        true => Ok(whole),
        false => Err(Error::new(format!(
            "--secrets {}: it is a file; name the folder that holds secrets",
            folder.display()
        ))),
    }
}

fn port_or_free(port: Option<u16>) -> Result<u16, Error> {
    port.map_or_else(port::free, Ok)
}

/// The registry keeps its schemas in the broker, so that they last as long as the topics that need them.
async fn start_registry(broker: &Broker, port: u16) -> Result<registry::Server, Error> {
    let failed = || Error::new("the schema registry does not start");
    let clients = Arc::new(RdKafkaClients::new());
    let log = KafkaLog::open(clients, KafkaLogOptions::new(&broker.bootstrap()));
    let log = log.await.map_err(|error| failed().caused_by(error))?;
    let options = registry::Options { listen: port::loopback(port), ..registry::Options::default() };
    registry::Server::start(options, log).await.map_err(|error| failed().caused_by(error))
}

impl Folder {
    /// This folder, made when it is missing; a new temporary one without a path.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else {
            let folder = tempfile::Builder::new().prefix("sluice-").tempdir();
            let folder =
                folder.map_err(|error| Error::new("cannot make a temporary folder").caused_by(error))?;
            return Ok(Folder::Temporary(folder));
        };
        std::fs::create_dir_all(path).map_err(|error| {
            Error::new(format!("cannot make the folder {}", path.display())).caused_by(error)
        })?;
        Ok(Folder::Kept(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())))
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Folder::Kept(path) => path,
            Folder::Temporary(folder) => folder.path(),
        }
    }
}
