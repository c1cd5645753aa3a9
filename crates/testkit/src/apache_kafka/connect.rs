//! Apache Kafka's own Connect worker.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::artifacts::ConnectJars;
use super::java::Java;
use super::{LOG4J_PROPERTIES, free_port};

const START_LIMIT: Duration = Duration::from_secs(120);
const JAVA_OPTIONS: &[&str] = &["-Xmx512m", "-XX:+UseG1GC"];

/// A running worker of Apache Kafka. It stops when it is dropped.
#[derive(Debug)]
pub struct ConnectWorker {
    java: Java,
    port: u16,
    log: std::path::PathBuf,
}

impl ConnectWorker {
    /// Starts a standalone worker that works in `folder`, where connectors' relative file names are looked for.
    /// `properties` are lines of worker.properties without those of REST, plugins and the offset file.
    ///
    /// # Errors
    /// It did not start, with its log.
    pub fn standalone(jars: &ConnectJars, folder: &Path, properties: &str) -> Result<Self, String> {
        Self::standalone_with(JAVA_OPTIONS, jars, folder, properties)
    }

    /// As [`Self::standalone`], with options of Java: heap and garbage collector.
    ///
    /// # Errors
    /// It did not start, with its log.
    pub fn standalone_with(
        java_options: &[&str],
        jars: &ConnectJars,
        folder: &Path,
        properties: &str,
    ) -> Result<Self, String> {
        let offsets = folder.join("offsets.dat");
        let properties = format!("{properties}offset.storage.file.filename={}\n", offsets.display());
        let class = "org.apache.kafka.connect.cli.ConnectStandalone";
        Self::start(java_options, jars, folder, class, &properties)
    }

    /// Starts a distributed worker in `folder`, of the group and the internal topics that `properties` name.
    ///
    /// # Errors
    /// It did not start, with its log.
    pub fn distributed(jars: &ConnectJars, folder: &Path, properties: &str) -> Result<Self, String> {
        Self::distributed_with(JAVA_OPTIONS, jars, folder, properties)
    }

    /// As [`Self::distributed`], with options of Java.
    ///
    /// # Errors
    /// It did not start, with its log.
    pub fn distributed_with(
        java_options: &[&str],
        jars: &ConnectJars,
        folder: &Path,
        properties: &str,
    ) -> Result<Self, String> {
        let class = "org.apache.kafka.connect.cli.ConnectDistributed";
        Self::start(java_options, jars, folder, class, properties)
    }

    fn start(
        java_options: &[&str],
        jars: &ConnectJars,
        folder: &Path,
        class: &str,
        properties: &str,
    ) -> Result<Self, String> {
        let port = free_port()?;
        let file = folder.join("java-worker.properties");
        let log4j = folder.join("log4j2.properties");
        let log = folder.join("java-worker.log");
        let text = format!(
            "{properties}listeners=http://127.0.0.1:{port}\nplugin.path={}\nplugin.discovery=service_load\n",
            jars.plugins.display()
        );
        fs::write(&file, text)
            .and_then(|()| fs::write(&log4j, LOG4J_PROPERTIES))
            .map_err(|error| format!("the worker's files cannot be written: {error}"))?;
        let mut command = Command::new("java");
        command
            .args(java_options)
            .args(["-Djava.awt.headless=true", "-Duser.timezone=UTC"])
            .arg(format!("-Dlog4j2.configurationFile={}", log4j.display()))
            .arg("-cp")
            .arg(format!("{}/*", jars.runtime.display()))
            .arg(class)
            .arg(&file)
            .current_dir(folder);
        let java = Java::start_logging(&mut command, &log)
            .map_err(|error| format!("Java's worker cannot be run: {error}"))?;
        let mut worker = Self { java, port, log };
        worker.wait()?;
        Ok(worker)
    }

    // REST is bound before the herder answers: a caller asks `/health` for that.
    fn wait(&mut self) -> Result<(), String> {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.java.ended().map_err(|error| format!("Java's worker is lost: {error}"))?;
            if ended.is_some() || started.elapsed() > START_LIMIT {
                return Err(format!("Java's worker did not start: {}", self.log()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// The URL of its REST API.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.java.id()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it gracefully.
    ///
    /// # Errors
    /// It had to be killed.
    pub fn stop(mut self) -> Result<(), String> {
        self.java.stop().map_err(|error| format!("Java's worker: {error}"))
    }
}
