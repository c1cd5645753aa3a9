//! Where the offsets of each source are: in the worker's topic, or in one of its own.
//!
//! A connector with a topic of its own (`offsets.storage.topic`) has its offsets there, and a copy of each in the
//! worker's, where they stay when the key is taken out. What its own topic says counts.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use api::{BoxFuture, OffsetChange};
use data::OffsetMap;
use kafka::{ClientSettings, Clients, CompactedLog, EncodedBatch, LogSettings};
use spec::ConnectorSpec;
use task::{OffsetStore, WorkerSettings};

use super::OffsetTopic;
use super::offset_topic::key;
use crate::SourceOffsets;

/// The offsets of all sources of a group of workers. Cheap to clone.
#[derive(Clone)]
pub struct OffsetTopics {
    worker: OffsetTopic,
    clients: Arc<dyn Clients>,
    settings: Arc<WorkerSettings>,
    /// The worker's topic; others are made as it is.
    log: Arc<LogSettings>,
}

impl fmt::Debug for OffsetTopics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffsetTopics").field("worker", &self.worker).finish_non_exhaustive()
    }
}

impl OffsetTopics {
    /// The worker's topic, which was opened with `log`, and those of connectors, opened when they are needed with clients
    /// of these settings.
    pub fn new(
        worker: OffsetTopic,
        clients: Arc<dyn Clients>,
        settings: Arc<WorkerSettings>,
        log: LogSettings,
    ) -> Self {
        Self { worker, clients, settings, log: Arc::new(log) }
    }

    /// The connector's own store; `None` when it is the worker's.
    async fn open(&self, connector: &ConnectorSpec) -> api::Result<Option<Layered>> {
        let named = connector.source.as_ref().and_then(|source| source.offsets_topic.as_deref());
        if named.is_none() && !self.settings.exactly_once {
            return Ok(None);
        }
        let worker_topic = self.log.topic.name.as_str();
        let producer = task::offsets_producer(connector, &self.settings);
        let name = named.unwrap_or(worker_topic);
        if name == worker_topic && same_cluster(&producer, &self.log.consumer) {
            return Ok(None);
        }
        let mut topic = self.log.topic.clone();
        topic.name = name.to_owned();
        let settings = LogSettings {
            topic,
            create: true,
            key: "offsets.storage.topic",
            one_partition: false,
            consumer: task::offsets_consumer(connector, &self.settings),
            producer,
            admin: task::source_admin(connector, &self.settings),
        };
        let log = CompactedLog::open(&self.clients, &settings).await?;
        Ok(Some(Layered { own: OffsetTopic::open(log).await?, worker: self.worker.clone() }))
    }
}

/// Whether both name the same brokers, in whatever order.
fn same_cluster(one: &ClientSettings, other: &ClientSettings) -> bool {
    let servers = |settings: &ClientSettings| {
        let text = settings.0.get("bootstrap.servers").unwrap_or_default();
        let mut servers: Vec<_> = text.split(',').map(|server| server.trim().to_owned()).collect();
        servers.sort();
        servers.dedup();
        servers
    };
    servers(one) == servers(other)
}

impl OffsetStore for OffsetTopics {
    fn load<'a>(
        &'a self,
        connector: &'a str,
        partitions: &'a [OffsetMap],
    ) -> BoxFuture<'a, api::Result<Vec<Option<OffsetMap>>>> {
        self.worker.load(connector, partitions)
    }

    fn store<'a>(
        &'a self,
        connector: &'a str,
        offsets: &'a api::SourceOffsets,
    ) -> BoxFuture<'a, api::Result<()>> {
        self.worker.store(connector, offsets)
    }

    fn of_connector<'a>(
        &'a self,
        connector: &'a ConnectorSpec,
    ) -> BoxFuture<'a, api::Result<Option<Arc<dyn OffsetStore>>>> {
        Box::pin(async move {
            let own = self.open(connector).await?;
            Ok(own.map(|own| Arc::new(own) as Arc<dyn OffsetStore>))
        })
    }

    fn topic(&self) -> Option<&str> {
        self.worker.topic()
    }

    fn records(&self, connector: &str, offsets: &api::SourceOffsets) -> api::Result<EncodedBatch> {
        self.worker.records(connector, offsets)
    }
}

impl SourceOffsets for OffsetTopics {
    fn of_connector<'a>(
        &'a self,
        connector: &'a ConnectorSpec,
    ) -> BoxFuture<'a, api::Result<Option<Arc<dyn SourceOffsets>>>> {
        Box::pin(async move {
            let own = self.open(connector).await?;
            Ok(own.map(|own| Arc::new(own) as Arc<dyn SourceOffsets>))
        })
    }

    fn list<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, api::Result<Vec<(OffsetMap, OffsetMap)>>> {
        self.worker.list(connector)
    }

    fn alter<'a>(
        &'a self,
        connector: &'a str,
        changes: &'a [OffsetChange],
    ) -> BoxFuture<'a, api::Result<()>> {
        self.worker.alter(connector, changes)
    }
}

/// A connector's own topic over the worker's.
#[derive(Debug)]
struct Layered {
    own: OffsetTopic,
    worker: OffsetTopic,
}

impl Layered {
    // The own topic counts; a copy that fails is made good by the next one.
    async fn copy<'a>(
        &self,
        connector: &str,
        changes: impl Iterator<Item = (Option<&'a OffsetMap>, Option<&'a OffsetMap>)>,
    ) {
        if let Err(error) = self.worker.append(connector, changes).await {
            tracing::warn!(connector, "offsets were not copied to the worker's offsets topic: {error}");
        }
    }
}

impl OffsetStore for Layered {
    fn load<'a>(
        &'a self,
        connector: &'a str,
        partitions: &'a [OffsetMap],
    ) -> BoxFuture<'a, api::Result<Vec<Option<OffsetMap>>>> {
        Box::pin(async move {
            let under = self.worker.load(connector, partitions).await?;
            let over = self.own.load(connector, partitions).await?;
            Ok(over.into_iter().zip(under).map(|(over, under)| over.or(under)).collect())
        })
    }

    fn store<'a>(
        &'a self,
        connector: &'a str,
        offsets: &'a api::SourceOffsets,
    ) -> BoxFuture<'a, api::Result<()>> {
        Box::pin(async move {
            self.own.store(connector, offsets).await?;
            self.copy(
                connector,
                offsets.iter().map(|(partition, offset)| (partition.as_deref(), Some(offset))),
            )
            .await;
            Ok(())
        })
    }

    fn topic(&self) -> Option<&str> {
        self.own.topic()
    }

    fn records(&self, connector: &str, offsets: &api::SourceOffsets) -> api::Result<EncodedBatch> {
        self.own.records(connector, offsets)
    }

    fn committed<'a>(
        &'a self,
        connector: &'a str,
        offsets: &'a api::SourceOffsets,
    ) -> BoxFuture<'a, api::Result<()>> {
        self.worker.store(connector, offsets)
    }
}

impl SourceOffsets for Layered {
    fn list<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, api::Result<Vec<(OffsetMap, OffsetMap)>>> {
        Box::pin(async move {
            let mut listed = self.own.list(connector).await?;
            let known: HashSet<_> =
                listed.iter().map(|(partition, _)| key(connector, Some(partition))).collect();
            let under = self.worker.list(connector).await?;
            listed.extend(
                under.into_iter().filter(|(partition, _)| !known.contains(&key(connector, Some(partition)))),
            );
            Ok(listed)
        })
    }

    // An offset that is taken back must not come to light again from below: the worker's goes first, and must go.
    fn alter<'a>(
        &'a self,
        connector: &'a str,
        changes: &'a [OffsetChange],
    ) -> BoxFuture<'a, api::Result<()>> {
        Box::pin(async move {
            let pairs = || changes.iter().map(|(partition, offset)| (partition.as_ref(), offset.as_ref()));
            let (gone, set) = (|it: &(_, Option<_>)| it.1.is_none(), |it: &(_, Option<_>)| it.1.is_some());
            self.worker.append(connector, pairs().filter(gone)).await?;
            self.own.append(connector, pairs()).await?;
            self.copy(connector, pairs().filter(set)).await;
            Ok(())
        })
    }
}
