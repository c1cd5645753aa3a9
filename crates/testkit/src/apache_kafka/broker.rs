//! A broker of Apache Kafka.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::java::Java;
use super::{LOG4J_PROPERTIES, free_port};

const START_LIMIT: Duration = Duration::from_secs(120);

/// A broker that is to be started.
#[derive(Debug, Default, Clone)]
pub struct Setup {
    listeners: Vec<(String, String)>,
    properties: Vec<(String, String)>,
    java_options: Vec<String>,
    scram: Vec<String>,
}

impl Setup {
    /// A broker with a listener PLAINTEXT, which it also uses itself.
    pub fn new() -> Self {
        Self::default().listener("PLAINTEXT", "PLAINTEXT")
    }

    /// A listener of this name and security protocol, on a free port.
    pub fn listener(mut self, name: &str, protocol: &str) -> Self {
        self.listeners.push((name.to_owned(), protocol.to_owned()));
        self
    }

    /// A property of the broker.
    pub fn property(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push((key.into(), value.into()));
        self
    }

    /// An option of the broker's Java, `-Dkey=value` for example.
    pub fn java_option(mut self, option: impl Into<String>) -> Self {
        self.java_options.push(option.into());
        self
    }

    /// A user of SCRAM-SHA-256 and SCRAM-SHA-512.
    pub fn scram_user(mut self, name: &str, password: &str) -> Self {
        for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
            self.scram.push(format!("{mechanism}=[name={name},password={password}]"));
        }
        self
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Errors
    /// It did not start, with its log.
    pub fn start(&self, jars: &Path) -> Result<Broker, String> {
        // Between the look for free ports and the broker's bind another may take one: then others.
        let mut last = String::new();
        for _ in 0..3 {
            match self.try_start(jars) {
                Ok(broker) => return Ok(broker),
                Err(error) if error.contains("Address already in use") => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn try_start(&self, jars: &Path) -> Result<Broker, String> {
        let folder = tempfile::Builder::new()
            .prefix("sluice-kafka-")
            .tempdir()
            .map_err(|error| format!("no temporary folder: {error}"))?;
        let mut ports = BTreeMap::new();
        for (name, _) in &self.listeners {
            ports.insert(name.clone(), free_port()?);
        }
        let controller = free_port()?;
        let properties = folder.path().join("broker.properties");
        let log4j = folder.path().join("log4j2.properties");
        fs::write(&properties, self.properties(&ports, controller, folder.path()))
            .and_then(|()| fs::write(&log4j, LOG4J_PROPERTIES))
            .map_err(|error| format!("the broker's files cannot be written: {error}"))?;
        let java = |class: &str| {
            let mut java = Command::new("java");
            java.args(["-Xmx512m", "-Djava.awt.headless=true"])
                .args(&self.java_options)
                .arg(format!("-Dlog4j2.configurationFile={}", log4j.display()))
                .arg("-cp")
                .arg(format!("{}/*", jars.display()))
                .arg(class)
                .current_dir(folder.path())
                .stdin(Stdio::null());
            java
        };
        let mut format = java("kafka.tools.StorageTool");
        format.args(["format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c"]).arg(&properties);
        for user in &self.scram {
            format.args(["--add-scram", user]);
        }
        let formatted = format.output().map_err(|error| format!("java cannot be run: {error}"))?;
        if !formatted.status.success() {
            return Err(format!(
                "the broker's folder was not formatted: {}{}",
                String::from_utf8_lossy(&formatted.stdout),
                String::from_utf8_lossy(&formatted.stderr)
            ));
        }
        let log = folder.path().join("log");
        let process = Java::start_logging(java("kafka.Kafka").arg(&properties), &log)
            .map_err(|error| format!("the broker cannot be run: {error}"))?;
        let broker = Broker { process: Mutex::new(process), ports, log, _folder: folder };
        broker.wait()?;
        Ok(broker)
    }

    fn properties(&self, ports: &BTreeMap<String, u16>, controller: u16, folder: &Path) -> String {
        let each = |of: &dyn Fn(&str, u16) -> String| {
            let texts: Vec<_> = ports.iter().map(|(name, port)| of(name, *port)).collect();
            texts.join(",")
        };
        let protocols: Vec<_> =
            self.listeners.iter().map(|(name, protocol)| format!("{name}:{protocol}")).collect();
        let mut text = format!(
            "process.roles=broker,controller\n\
             node.id=1\n\
             controller.quorum.voters=1@127.0.0.1:{controller}\n\
             controller.listener.names=CONTROLLER\n\
             listeners={},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners={}\n\
             listener.security.protocol.map={},CONTROLLER:PLAINTEXT\n\
             inter.broker.listener.name=PLAINTEXT\n\
             log.dirs={}\n\
             offsets.topic.replication.factor=1\n\
             offsets.topic.num.partitions=1\n\
             transaction.state.log.replication.factor=1\n\
             transaction.state.log.min.isr=1\n\
             group.initial.rebalance.delay.ms=0\n",
            each(&|name, port| format!("{name}://127.0.0.1:{port}")),
            each(&|name, port| format!("{name}://localhost:{port}")),
            protocols.join(","),
            folder.join("data").display(),
        );
        for (key, value) in &self.properties {
            text.push_str(&format!("{key}={}\n", value.replace('\n', "\\n")));
        }
        text
    }
}

/// A running broker. It stops when it is dropped, and its folder goes with it.
#[derive(Debug)]
pub struct Broker {
    process: Mutex<Java>,
    ports: BTreeMap<String, u16>,
    log: PathBuf,
    _folder: TempDir,
}

impl Broker {
    /// `localhost:port` of a listener.
    ///
    /// # Panics
    /// There is no such listener.
    pub fn bootstrap(&self, listener: &str) -> String {
        format!("localhost:{}", self.ports[listener])
    }

    /// What the broker has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn wait(&self) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let open = |port: &u16| TcpStream::connect(("127.0.0.1", *port)).is_ok();
            if self.log().contains("Kafka Server started") && self.ports.values().all(open) {
                return Ok(());
            }
            let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = process.ended().map_err(|error| format!("the broker is lost: {error}"))?;
            if ended.is_some() || start.elapsed() > START_LIMIT {
                return Err(format!("the broker did not start: {}", self.log()));
            }
            drop(process);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
