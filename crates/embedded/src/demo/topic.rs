//! What is in the topic, read by a client of its own.

use std::sync::Arc;
use std::time::Duration;

use config::RawConfig;
use data::TopicPartition;
use kafka::librdkafka::RdKafkaClients;
use kafka::{Admin, ClientSettings, Clients, Polled, Subscription};

use super::TOPIC;
use super::fingerprint::Fingerprint;
use crate::Error;

/// A look at the topic from outside of the worker.
#[derive(Debug)]
pub(super) struct Topic {
    settings: RawConfig,
    clients: RdKafkaClients,
    admin: Arc<dyn Admin>,
}

impl Topic {
    pub(super) fn open(bootstrap: &str) -> Result<Self, Error> {
        let settings = RawConfig::new().with("bootstrap.servers", bootstrap);
        let clients = RdKafkaClients::new();
        let admin = clients.admin(&ClientSettings(settings.clone())).map_err(failed)?;
        Ok(Self { settings, clients, admin })
    }

    /// How many records the topic has; 0 while there is no topic.
    pub(super) async fn end(&self) -> Result<u64, Error> {
        let topics = self.admin.partitions(&[TOPIC.to_owned()]).await.map_err(failed)?;
        let count = topics.get(TOPIC).copied().unwrap_or(0);
        let partitions: Vec<_> = (0..count).map(|number| TopicPartition::new(TOPIC, number as i32)).collect();
        if partitions.is_empty() {
            return Ok(0);
        }
        let ends = self.admin.end_offsets(&partitions).await.map_err(failed)?;
        Ok(ends.values().map(|end| (*end).max(0) as u64).sum())
    }

    /// Reads the whole topic.
    pub(super) async fn fingerprint(&self) -> Result<Fingerprint, Error> {
        let end = self.end().await?;
        let settings =
            self.settings.clone().with("group.id", "sluice-demo-proof").with("auto.offset.reset", "earliest");
        let subscription = Subscription::Topics(vec![TOPIC.to_owned()]);
        let mut consumer = self.clients.consumer(&ClientSettings(settings), &subscription).map_err(failed)?;
        let mut fingerprint = Fingerprint::default();
        let mut idle = 0;
        while fingerprint.rows < end {
            match consumer.poll(Duration::from_millis(100)).await.map_err(failed)? {
                Polled::Records(batch) => {
                    idle = 0;
                    for record in batch.records {
                        let value = record.value.unwrap_or_default();
                        let added = fingerprint.add_json(&value);
                        added.map_err(|why| {
                            Error::new(format!("record {} of {TOPIC}: {why}", record.offset))
                        })?;
                    }
                }
                _ => idle += 1,
            }
            if idle > 600 {
                let rows = fingerprint.rows;
                return Err(Error::new(format!(
                    "the topic gave {rows} of {end} records and then nothing for a minute"
                )));
            }
        }
        consumer.close().await;
        Ok(fingerprint)
    }
}

fn failed(error: kafka::Error) -> Error {
    Error::new("cannot read the topic").caused_by(error)
}
