//! The offsets of sources, kept in the offsets topic of Kafka Connect.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api::{BoxFuture, Error, OffsetChange};
use data::{Bytes, OffsetMap};
use json::offset;
use kafka::{CompactedLog, EncodedBatch, FetchedRecord, LogRecord, LogWriter};
use parking_lot::Mutex;
use task::OffsetStore;
use tokio::sync::{mpsc, oneshot};

use crate::SourceOffsets;

/// Requests that may wait for the reader.
const REQUESTS_MAX: usize = 256;
/// The pause after reading failed.
const PAUSE: Duration = Duration::from_secs(1);

/// The offsets of all sources of a group of workers. Cheap to clone.
#[derive(Clone)]
pub struct OffsetTopic {
    topic: Arc<str>,
    memory: Arc<Mutex<BTreeMap<Bytes, Bytes>>>,
    writer: LogWriter,
    reader: mpsc::Sender<ReadToEnd>,
}

/// Asks the reader to go to the end, and is told what became of it.
type ReadToEnd = oneshot::Sender<kafka::Result<()>>;

impl fmt::Debug for OffsetTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffsetTopic").field("offsets", &self.memory.lock().len()).finish_non_exhaustive()
    }
}

impl OffsetTopic {
    /// Reads the topic, and follows it from now on until nobody has this any more.
    ///
    /// A transaction that a killed worker left open is not waited for: the broker would end it after a minute at the
    /// earliest, the task that takes its place ends it at once. Who loads offsets reads on to the end.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn open(mut log: CompactedLog) -> kafka::Result<Self> {
        let memory = Arc::new(Mutex::new(BTreeMap::new()));
        take_in(&memory, log.read_decided().await?);
        let writer = log.writer().clone();
        let topic: Arc<str> = log.topic().into();
        let (reader, requests) = mpsc::channel(REQUESTS_MAX);
        tokio::spawn(follow(log, memory.clone(), requests));
        Ok(Self { topic, memory, writer, reader })
    }

    /// Everything that was stored before this call is in memory when it returns, by whomever it was stored.
    async fn catch_up(&self) -> api::Result<()> {
        let (told, read) = oneshot::channel();
        let gone = || Error::fatal("the reader of the offsets topic has ended");
        self.reader.send(told).await.map_err(|_| gone())?;
        read.await.map_err(|_| gone())?.map_err(Error::from)
    }

    /// Stores changes; no offset takes the partition's back.
    pub(super) async fn append<'a>(
        &self,
        connector: &str,
        changes: impl Iterator<Item = (Option<&'a OffsetMap>, Option<&'a OffsetMap>)>,
    ) -> api::Result<()> {
        self.writer.append(&log_records(connector, changes)).await?;
        Ok(())
    }
}

fn log_records<'a>(
    connector: &str,
    changes: impl Iterator<Item = (Option<&'a OffsetMap>, Option<&'a OffsetMap>)>,
) -> Vec<LogRecord> {
    changes.map(|(partition, offset)| (key(connector, partition), offset.map(value))).collect()
}

impl OffsetStore for OffsetTopic {
    fn load<'a>(
        &'a self,
        connector: &'a str,
        partitions: &'a [OffsetMap],
    ) -> BoxFuture<'a, api::Result<Vec<Option<OffsetMap>>>> {
        Box::pin(async move {
            self.catch_up().await?;
            let memory = self.memory.lock();
            let offset_of = |partition| match memory.get(&key(connector, Some(partition))) {
                Some(stored) => parse(connector, stored),
                None => Ok(None),
            };
            partitions.iter().map(offset_of).collect()
        })
    }

    fn store<'a>(
        &'a self,
        connector: &'a str,
        offsets: &'a api::SourceOffsets,
    ) -> BoxFuture<'a, api::Result<()>> {
        let changes = offsets.iter().map(|(partition, offset)| (partition.as_deref(), Some(offset)));
        Box::pin(self.append(connector, changes))
    }

    fn topic(&self) -> Option<&str> {
        Some(&self.topic)
    }

    fn records(&self, connector: &str, offsets: &api::SourceOffsets) -> api::Result<EncodedBatch> {
        let changes = offsets.iter().map(|(partition, offset)| (partition.as_deref(), Some(offset)));
        Ok(self.writer.batch(&log_records(connector, changes))?)
    }
}

impl SourceOffsets for OffsetTopic {
    fn list<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, api::Result<Vec<(OffsetMap, OffsetMap)>>> {
        Box::pin(async move {
            self.catch_up().await?;
            let memory = self.memory.lock();
            let mut found = Vec::new();
            for (key, stored) in memory.iter() {
                // What Kafka Connect did not write belongs to no connector; a null partition is never listed.
                let Ok((owner, Some(partition))) = offset::parse_key(key) else { continue };
                if *owner == *connector
                    && let Some(offset) = parse(connector, stored)?
                {
                    found.push((partition, offset));
                }
            }
            Ok(found)
        })
    }

    fn alter<'a>(
        &'a self,
        connector: &'a str,
        changes: &'a [OffsetChange],
    ) -> BoxFuture<'a, api::Result<()>> {
        let changes = changes.iter().map(|(partition, offset)| (partition.as_ref(), offset.as_ref()));
        Box::pin(self.append(connector, changes))
    }
}

async fn follow(
    mut log: CompactedLog,
    memory: Arc<Mutex<BTreeMap<Bytes, Bytes>>>,
    mut requests: mpsc::Receiver<ReadToEnd>,
) {
    loop {
        tokio::select! {
            request = requests.recv() => {
                let Some(first) = request else { return };
                // All that ask by now are served by one look at the end.
                let mut asked = vec![first];
                while let Ok(more) = requests.try_recv() {
                    asked.push(more);
                }
                let read = log.read_to_end().await.map(|records| take_in(&memory, records));
                for told in asked {
                    let _ = told.send(read.clone()); // who asked has gone
                }
            }
            records = log.next() => match records {
                Ok(records) => take_in(&memory, records),
                Err(error) => {
                    tracing::error!(topic = log.topic(), "reading the offsets topic failed: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

// Detached from the buffer that it came in, of which it would keep a megabyte.
fn take_in(memory: &Mutex<BTreeMap<Bytes, Bytes>>, records: Vec<FetchedRecord>) {
    let mut memory = memory.lock();
    for record in records {
        let Some(key) = record.key else { continue };
        match record.value {
            Some(value) => _ = memory.insert(Bytes::copy_from_slice(&key), Bytes::copy_from_slice(&value)),
            None => _ = memory.remove(&key),
        }
    }
}

pub(super) fn key(connector: &str, partition: Option<&OffsetMap>) -> Bytes {
    let mut bytes = Vec::new();
    offset::write_key(connector, partition, &mut bytes);
    Bytes::from(bytes)
}

fn value(map: &OffsetMap) -> Bytes {
    let mut bytes = Vec::new();
    offset::write_map(map, &mut bytes);
    Bytes::from(bytes)
}

fn parse(connector: &str, stored: &Bytes) -> api::Result<Option<OffsetMap>> {
    offset::parse_map(stored).map_err(|error| {
        Error::fatal("a stored offset cannot be read").with("connector", connector).caused_by(error)
    })
}
