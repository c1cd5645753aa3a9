//! Where a run takes place: a folder, a broker, files that sources read, and topics that are looked at.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::data::TopicPartition;
use config::RawConfig;
use kafka::librdkafka::RdKafkaClients;
use kafka::{ClientSettings, Clients as _, LogReader};
use serde_json::{Value as Json, json};
use sluice_chaos::Tally;
use tempfile::TempDir;
use testkit::apache_kafka::{Broker, Setup, artifacts};

use super::program::{Program, path};

/// How many workers there are.
pub const WORKERS: usize = 3;
/// The sources; the topics have the same names.
pub const SOURCES: [&str; 4] = ["p", "q", "r", "s"];
/// The sink of all of them.
pub const SINK: &str = "z";
/// `session.timeout.ms`: the least that brokers allow.
pub const SESSION: Duration = Duration::from_secs(6);
/// `heartbeat.interval.ms`.
pub const HEARTBEAT: Duration = Duration::from_secs(2);

enum Kafka {
    Embedded(Program),
    Apache { _broker: Broker },
}

/// The place.
pub struct Site {
    folder: TempDir,
    kafka: Kafka,
    bootstrap: String,
    ports: [u16; WORKERS],
    sent: BTreeMap<String, u64>,
    runtime: tokio::runtime::Runtime,
    reader: Option<Box<dyn LogReader>>,
    tally: Tally,
}

impl Site {
    /// Starts a broker; Apache Kafka's, if so said.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(apache: bool, exactly_once: bool) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("sluice-chaos-").tempdir()?;
        let (kafka, bootstrap) = if apache {
            let broker = artifacts::jars().and_then(|jars| Setup::new().start(&jars));
            let broker = broker.map_err(anyhow::Error::msg)?;
            let bootstrap = broker.bootstrap("PLAINTEXT");
            (Kafka::Apache { _broker: broker }, bootstrap)
        } else {
            let mut command = Command::new(path("dev-broker")?);
            let (program, bootstrap) = Program::start_server(&mut command)?;
            (Kafka::Embedded(program), bootstrap)
        };
        let mut ports = [0; WORKERS];
        let held: Vec<TcpListener> =
            (0..WORKERS).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<std::io::Result<_>>()?;
        for (port, listener) in ports.iter_mut().zip(&held) {
            *port = listener.local_addr()?.port();
        }
        drop(held);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let site = Self {
            folder,
            kafka,
            bootstrap,
            ports,
            sent: SOURCES.into_iter().map(|name| (name.to_owned(), 0)).collect(),
            runtime,
            reader: None,
            tally: Tally::default(),
        };
        for index in 0..WORKERS {
            std::fs::write(site.properties(index), site.worker(index, exactly_once))?;
        }
        for source in SOURCES {
            std::fs::write(site.input(source), "")?;
        }
        Ok(site)
    }

    /// Where everything is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder for somebody to look at, and says where it is.
    pub fn keep(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// The embedded broker's process.
    pub fn broker(&self) -> Option<&Program> {
        match &self.kafka {
            Kafka::Embedded(program) => Some(program),
            Kafka::Apache { .. } => None,
        }
    }

    /// The port of a worker's REST.
    pub fn port(&self, index: usize) -> u16 {
        self.ports[index]
    }

    fn properties(&self, index: usize) -> PathBuf {
        self.folder().join(format!("w{index}.properties"))
    }

    /// The file that a source reads.
    pub fn input(&self, source: &str) -> PathBuf {
        self.folder().join(format!("{source}.txt"))
    }

    /// The file that the sink writes.
    pub fn output(&self) -> PathBuf {
        self.folder().join("out.txt")
    }

    fn worker(&self, index: usize, exactly_once: bool) -> String {
        let support = if exactly_once { "enabled" } else { "disabled" };
        format!(
            "bootstrap.servers={}\ngroup.id=workers\nclient.id=w{index}\nlisteners=http://127.0.0.1:{}\n\
             config.storage.topic=configs\nconfig.storage.replication.factor=1\n\
             offset.storage.topic=offsets\noffset.storage.replication.factor=1\noffset.storage.partitions=3\n\
             status.storage.topic=statuses\nstatus.storage.replication.factor=1\nstatus.storage.partitions=1\n\
             session.timeout.ms={}\nheartbeat.interval.ms={}\nrebalance.timeout.ms=10000\n\
             task.shutdown.graceful.timeout.ms=2000\noffset.flush.interval.ms=500\n\
             exactly.once.source.support={support}\nconsumer.session.timeout.ms=6000\n\
             consumer.heartbeat.interval.ms=2000\nconsumer.auto.offset.reset=earliest\n\
             key.converter=org.apache.kafka.connect.storage.StringConverter\n\
             value.converter=org.apache.kafka.connect.storage.StringConverter\n",
            self.bootstrap,
            self.ports[index],
            SESSION.as_millis(),
            HEARTBEAT.as_millis(),
        )
    }

    /// Starts a worker.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start_worker(&self, index: usize) -> anyhow::Result<Program> {
        let mut command = Command::new(path("sluice")?);
        command.arg("worker").arg(self.properties(index)).current_dir(self.folder());
        Program::start(&mut command, &self.folder().join(format!("w{index}.log")))
    }

    /// A connector's config.
    pub fn config(&self, connector: &str, stamp: u32) -> Json {
        let stamp = stamp.to_string();
        if connector == SINK {
            return json!({
                "connector.class": "FileStreamSink", "file": self.output(), "topics": SOURCES.join(","),
                "tasks.max": "2", "stamp": stamp,
            });
        }
        json!({
            "connector.class": "FileStreamSource", "file": self.input(connector), "topic": connector,
            "tasks.max": "1", "batch.size": "20", "stamp": stamp,
        })
    }

    /// Gives each source the next number of its sequence, up to this.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn send_next(&mut self, below: u64) -> anyhow::Result<()> {
        for source in SOURCES {
            let input = self.input(source);
            let next = self.sent.entry(source.to_owned()).or_default();
            if *next >= below {
                continue;
            }
            let mut file = std::fs::File::options().append(true).open(input)?;
            writeln!(file, "{}", Tally::text(source, *next))?;
            *next += 1;
        }
        Ok(())
    }

    /// How long each sequence is by now.
    pub fn lengths(&self) -> &BTreeMap<String, u64> {
        &self.sent
    }

    /// What is in the topics.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn arrived(&mut self) -> anyhow::Result<Tally> {
        let partitions: Vec<_> = SOURCES.map(|topic| TopicPartition::new(topic, 0)).into();
        let settings = |pairs: &[(&str, &str)]| {
            let mut raw: RawConfig = pairs.iter().copied().collect();
            raw.set("bootstrap.servers", self.bootstrap.as_str());
            ClientSettings(raw)
        };
        let clients = Arc::new(RdKafkaClients::new());
        let admin = clients.admin(&settings(&[])).context("an admin client")?;
        // Topics are there when something was written to them.
        let topics: Vec<String> = SOURCES.map(str::to_owned).into();
        let there = self.runtime.block_on(admin.partitions(&topics))?;
        if there.len() < topics.len() {
            return Ok(self.tally.clone());
        }
        if self.reader.is_none() {
            let read = settings(&[
                ("group.id", "observer"),
                ("auto.offset.reset", "earliest"),
                ("isolation.level", "read_committed"),
            ]);
            self.reader = Some(clients.log_reader(&read, &partitions)?);
        }
        let Some(reader) = &mut self.reader else { return Ok(self.tally.clone()) };
        let records = self.runtime.block_on(async {
            let ends = admin.end_offsets(&partitions).await?;
            reader.read_to(&ends).await
        })?;
        for record in records {
            let text = record.value.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            self.tally.add(&text).map_err(anyhow::Error::msg)?;
        }
        Ok(self.tally.clone())
    }

    /// What the sink wrote.
    ///
    /// # Errors
    /// A line is no number of a sequence.
    pub fn written(&self) -> anyhow::Result<Tally> {
        let mut tally = Tally::default();
        for line in std::fs::read_to_string(self.output()).unwrap_or_default().lines() {
            tally.add(line).map_err(anyhow::Error::msg)?;
        }
        Ok(tally)
    }
}
