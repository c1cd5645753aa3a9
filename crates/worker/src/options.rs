//! What a worker is started with.

use std::io::Write;
use std::sync::Arc;

use ::config::RawConfig;
use api::{Clock, Registry, SystemClock};
use kafka::Clients;
use kafka::librdkafka::RdKafkaClients;
use kafka::membership::{KafkaMemberships, Memberships};
use parking_lot::Mutex;

use crate::ConnectorFile;
use crate::logging::Logs;
use crate::metric_lines::Output;

/// What a worker is started with.
pub struct Options {
    pub(crate) properties: RawConfig,
    pub(crate) source: String,
    pub(crate) connectors: Vec<ConnectorFile>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) clients: Arc<dyn Clients>,
    pub(crate) logs: Logs,
    pub(crate) metric_lines: Output,
    pub(crate) distributed: bool,
    pub(crate) memberships: Arc<dyn Memberships>,
    pub(crate) rest_clock: Arc<dyn Clock>,
}

impl Options {
    /// A standalone worker of these properties, with the built-in plugins and real Kafka clients.
    pub fn new(properties: RawConfig) -> Self {
        Self {
            properties,
            source: "worker config".to_owned(),
            connectors: Vec::new(),
            registry: Arc::new(plugins::registry()),
            clients: Arc::new(RdKafkaClients::new()),
            logs: Logs::default(),
            metric_lines: Arc::new(Mutex::new(std::io::stdout())),
            distributed: false,
            memberships: Arc::new(KafkaMemberships::new(SystemClock::new())),
            rest_clock: SystemClock::new(),
        }
    }

    /// A worker that keeps connectors, states and offsets in topics, as `connect-distributed`.
    pub fn distributed(mut self) -> Self {
        self.distributed = true;
        self
    }

    /// What error texts call the properties: the name of their file.
    pub fn named(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Connectors to be created at start.
    pub fn connectors(mut self, connectors: Vec<ConnectorFile>) -> Self {
        self.connectors = connectors;
        self
    }

    /// Other plugins.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Arc::new(registry);
        self
    }

    /// Other Kafka clients, such as those of a cluster in memory.
    pub fn clients(mut self, clients: Arc<dyn Clients>) -> Self {
        self.clients = clients;
        self
    }

    /// Other groups of workers, such as those in memory.
    pub fn memberships(mut self, memberships: Arc<dyn Memberships>) -> Self {
        self.memberships = memberships;
        self
    }

    /// Another clock for REST than the machine's: its time-outs, its rates, and when it looks for new certificates.
    pub fn rest_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.rest_clock = clock;
        self
    }

    /// Another place than the standard output for metrics that the worker's config wants to be written.
    pub fn metric_lines(mut self, output: impl Write + Send + 'static) -> Self {
        self.metric_lines = Arc::new(Mutex::new(output));
        self
    }

    /// The log: the answer of [`crate::logging::init`].
    pub fn logs(mut self, logs: Logs) -> Self {
        self.logs = logs;
        self
    }
}
