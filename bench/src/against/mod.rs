//! Apache Kafka Connect and ours, in the same run on the same broker of Apache Kafka.
//!
//! The rules: both give the same answer, which is looked at first; both make the same promises, by the same lines of
//! worker.properties; Java runs warm, with 2 GB of heap and with as little as works, and its better figure counts;
//! what is measured is looked at from outside; runs alternate. See [`row`] for how figures are compared.

pub mod connectors;
pub mod group;
pub mod kafka;
pub mod plugins;
pub mod records;
pub mod row;
pub mod start;
pub mod stream;
pub mod work;

use std::path::PathBuf;

use anyhow::Context;
use testkit::apache_kafka::artifacts::{self, ConnectJars};

use crate::process;

/// The options of Apache Kafka's own start scripts, with their 2 GB of heap.
pub const USUAL_JAVA: &[&str] = &[
    "-server",
    "-Xms256m",
    "-Xmx2g",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];

/// The least that an idle worker of Java starts with and moves records: a small heap, the collector without threads.
pub const SMALL_JAVA: &[&str] = &["-server", "-Xms16m", "-Xmx64m", "-XX:+UseSerialGC"];

/// What the comparison needs of others.
pub struct Rival {
    /// Kafka Connect and the broker.
    pub jars: ConnectJars,
    /// Confluent's Avro converter.
    pub confluent: PathBuf,
    /// Where programs are built.
    pub target: PathBuf,
}

impl Rival {
    /// Fetches it into the target folder, once.
    ///
    /// # Errors
    /// Java, Maven or Python is not there, or the files cannot be had.
    pub fn fetch() -> anyhow::Result<Self> {
        let programs = process::target_folder()?;
        let target = programs.parent().context("programs are built in no target folder")?.to_owned();
        Ok(Self {
            jars: artifacts::connect_jars(&target).map_err(anyhow::Error::msg)?,
            confluent: artifacts::confluent_jars(&target).map_err(anyhow::Error::msg)?,
            target,
        })
    }
}
