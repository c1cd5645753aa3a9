//! Stand-ins for what the runtime lends to connectors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use api::data::OffsetMap;
use api::{
    BoxFuture, Clock, ConnectorContext, ConnectorEvents, Error, OffsetReader, Result, SinkContext,
    SinkRequests, SourceContext, SourceOffsets, Spawner, SystemClock,
};
use tokio::task::JoinSet;

/// Everything a connector under test is lent, kept so that the test can look at it.
#[derive(Debug, Clone)]
pub struct Lent {
    /// Stored offsets.
    pub offsets: Arc<StoredOffsets>,
    /// What the connector told the herder.
    pub events: Arc<Events>,
    /// What the sink asked of its consumer.
    pub requests: SinkRequests,
    /// Time.
    pub clock: Arc<dyn Clock>,
    spawner: Arc<Tasks>,
}

impl Default for Lent {
    fn default() -> Self {
        Self::with_clock(SystemClock::new())
    }
}

impl Lent {
    /// Nothing stored yet; this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self {
            offsets: Arc::default(),
            events: Arc::default(),
            requests: SinkRequests::default(),
            clock,
            spawner: Arc::default(),
        }
    }

    /// For a connector object.
    pub fn connector(&self) -> ConnectorContext {
        ConnectorContext {
            name: "conformance".into(),
            clock: self.clock.clone(),
            spawner: self.spawner.clone(),
            events: self.events.clone(),
            offsets: self.offsets.clone(),
        }
    }

    /// For a source task.
    pub fn source(&self) -> SourceContext {
        SourceContext {
            connector: "conformance".into(),
            task: 0,
            clock: self.clock.clone(),
            spawner: self.spawner.clone(),
            offsets: self.offsets.clone(),
        }
    }

    /// For a sink task.
    pub fn sink(&self) -> SinkContext {
        SinkContext {
            connector: "conformance".into(),
            task: 0,
            clock: self.clock.clone(),
            spawner: self.spawner.clone(),
            requests: self.requests.clone(),
            reports_rejections: true,
        }
    }
}

/// Offsets in memory, found by partition, entry order included, as the real stores do.
#[derive(Debug, Default)]
pub struct StoredOffsets(Mutex<Vec<(OffsetMap, OffsetMap)>>);

impl StoredOffsets {
    /// Stores offsets, replacing those of the same partitions.
    pub fn store(&self, offsets: &SourceOffsets) {
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (partition, offset) in offsets {
            let Some(partition) = partition else { continue };
            match stored.iter_mut().find(|(known, _)| known == partition.as_ref()) {
                Some(entry) => entry.1 = offset.clone(),
                None => stored.push((partition.as_ref().clone(), offset.clone())),
            }
        }
    }

    /// All that is stored.
    pub fn all(&self) -> Vec<(OffsetMap, OffsetMap)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl OffsetReader for StoredOffsets {
    fn offsets<'a>(&'a self, partitions: &'a [OffsetMap]) -> BoxFuture<'a, Result<Vec<Option<OffsetMap>>>> {
        let stored = self.all();
        let find = |partition: &OffsetMap| {
            stored.iter().find(|(known, _)| known == partition).map(|(_, offset)| offset.clone())
        };
        Box::pin(std::future::ready(Ok(partitions.iter().map(find).collect())))
    }
}

/// What a connector told the herder.
#[derive(Debug, Default)]
pub struct Events {
    reconfigurations: AtomicUsize,
    errors: Mutex<Vec<String>>,
}

impl Events {
    /// How often task configs were asked to be asked for again.
    pub fn reconfigurations(&self) -> usize {
        self.reconfigurations.load(Ordering::SeqCst)
    }

    /// Errors that were raised.
    pub fn errors(&self) -> Vec<String> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ConnectorEvents for Events {
    fn request_task_reconfiguration(&self) {
        self.reconfigurations.fetch_add(1, Ordering::SeqCst);
    }
    fn raise_error(&self, error: Error) {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
    }
}

// Side work ends when the last context is dropped.
#[derive(Debug, Default)]
struct Tasks(Mutex<JoinSet<()>>);

impl Spawner for Tasks {
    fn spawn(&self, _name: &'static str, work: BoxFuture<'static, ()>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).spawn(work);
    }
    fn spawn_blocking(&self, _name: &'static str, work: Box<dyn FnOnce() + Send>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).spawn_blocking(work);
    }
}
