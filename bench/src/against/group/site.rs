//! Where a side is measured in one run, and its workers.

use std::path::PathBuf;
use std::time::Duration;

use crate::against::kafka::Kafka;
use crate::against::{Rival, USUAL_JAVA};
use crate::worker::{Mode, Worker};

use super::{SESSION, Side};

/// How many workers a group has.
pub const WORKERS: usize = 3;

pub struct Site<'a> {
    pub rival: &'a Rival,
    pub kafka: &'a Kafka,
    pub side: Side,
    /// The folder of this run.
    pub place: PathBuf,
    /// The side and the run, for names of groups and topics.
    pub name: String,
}

impl Site<'_> {
    /// Starts a worker in a folder of its own and waits until it is healthy; `delay` is
    /// `scheduled.rebalance.max.delay.ms`.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(&self, group: &str, folder: &str, delay: Duration) -> anyhow::Result<Worker> {
        let group = format!("{}-{group}", self.name);
        let mut properties = format!(
            "bootstrap.servers={}\ngroup.id={group}\nscheduled.rebalance.max.delay.ms={}\nsession.timeout.ms={}\n\
             key.converter=org.apache.kafka.connect.json.JsonConverter\n\
             value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n",
            self.kafka.address,
            delay.as_millis(),
            SESSION.as_millis()
        );
        for topic in ["config", "offset", "status"] {
            properties.push_str(&format!(
                "{topic}.storage.topic={group}-{topic}\n{topic}.storage.replication.factor=1\n"
            ));
        }
        let folder = self.place.join(folder);
        match self.side {
            Side::Ours => Worker::ours(Mode::InGroup, &folder, &properties),
            Side::Java => Worker::java(Mode::InGroup, USUAL_JAVA, &self.rival.jars, &folder, &properties),
        }
    }

    /// A new group. Its first worker leads, since it joined first.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn trio(&self, group: &str, delay: Duration) -> anyhow::Result<Vec<Worker>> {
        (0..WORKERS).map(|index| self.start(group, &format!("{group}-{index}"), delay)).collect()
    }
}
