//! Opens what a worker keeps: connectors, states and offsets.

use std::sync::Arc;
use std::time::Duration;

use herder::distributed::{Announced, ConfigTopic, OffsetTopic, OffsetTopics, StatusTopic, WritePrivilege};
use herder::standalone::MemoryStore;
use herder::{NoStatuses, SourceOffsets, Statuses, Store};
use kafka::{Clients, CompactedLog, LogSettings};
use task::{OffsetStore, WorkerSettings};

use crate::config::{InternalTopics, Storage};
use crate::{Error, offset_file};

/// How often brokers that do not answer are asked again when the worker starts, and the pause between.
const TRIES: u32 = 12;
const PAUSE: Duration = Duration::from_secs(5);

/// What a worker keeps, opened.
pub(crate) struct Opened {
    pub(crate) store: Box<dyn Store>,
    pub(crate) statuses: Box<dyn Statuses>,
    pub(crate) task_offsets: Arc<dyn OffsetStore>,
    pub(crate) offsets: Arc<dyn SourceOffsets>,
    /// Standalone: the offset file is nobody else's as long as this lives.
    pub(crate) lock: Option<offset_file::Lock>,
}

/// Opens it.
///
/// # Errors
/// It cannot be read, or is not what it should be.
pub(crate) async fn open(
    storage: &Storage,
    clients: &Arc<dyn Clients>,
    settings: &Arc<WorkerSettings>,
    worker_id: &str,
    announced: Announced,
) -> Result<Opened, Error> {
    match storage {
        Storage::OffsetFile(path) => {
            let (offsets, lock) = offset_file::open_when_free(path).await.map_err(Error::Failed)?;
            Ok(Opened {
                store: Box::new(MemoryStore),
                statuses: Box::new(NoStatuses),
                task_offsets: Arc::new(offsets.clone()),
                offsets: Arc::new(offsets),
                lock: Some(lock),
            })
        }
        Storage::Topics(group) => {
            let InternalTopics { config, offsets, statuses, leader } = &group.topics;
            let servers = config.admin.0.get("bootstrap.servers").unwrap_or_default();
            tracing::info!("opening the internal topics of the group of workers at {servers}");
            let privilege = leader.clone().map(|leader| WritePrivilege::new(clients.clone(), leader));
            let own = (clients.clone(), settings.clone(), offsets.clone());
            let config = async {
                let log = opened(clients, config).await?;
                let topic = ConfigTopic::open(log, announced).await;
                let topic = topic.map_err(|error| Error::Failed(error.to_string()))?;
                Ok(match privilege {
                    Some(privilege) => topic.with_privilege(privilege),
                    None => topic,
                })
            };
            let offsets = async {
                let log = opened(clients, offsets).await?;
                OffsetTopic::open(log).await.map_err(failed)
            };
            let statuses = async {
                let log = opened(clients, statuses).await?;
                StatusTopic::open(log, worker_id.to_owned()).await.map_err(failed)
            };
            let (config, offsets, statuses) = tokio::try_join!(config, offsets, statuses)?;
            let (clients, settings, log) = own;
            let offsets = OffsetTopics::new(offsets, clients, settings, log);
            Ok(Opened {
                store: Box::new(config),
                statuses: Box::new(statuses),
                task_offsets: Arc::new(offsets.clone()),
                offsets: Arc::new(offsets),
                lock: None,
            })
        }
    }
}

fn failed(error: kafka::Error) -> Error {
    Error::Failed(error.to_string())
}

// A worker often starts together with its brokers.
async fn opened(clients: &Arc<dyn Clients>, settings: &LogSettings) -> Result<CompactedLog, Error> {
    let mut tries = 1;
    tracing::debug!(topic = settings.topic.name, "opening an internal topic");
    loop {
        match CompactedLog::open(clients, settings).await {
            Ok(log) => return Ok(log),
            Err(error @ kafka::Error::Retriable { .. }) if tries < TRIES => {
                tracing::warn!(key = settings.key, "{error}; tried again in {} s", PAUSE.as_secs());
                tokio::time::sleep(PAUSE).await;
                tries += 1;
            }
            Err(error) => return Err(Error::Failed(format!("{}: {error}", settings.key))),
        }
    }
}
