//! What the runtime lends to a connector.

use std::fmt;
use std::sync::Arc;

use data::OffsetMap;

use crate::{BoxFuture, Clock, Error, Result};

/// Runs side work of a connector or task. The work is named in logs and **ends with its owner**: it is dropped when
/// the task has stopped, so nothing leaks.
pub trait Spawner: Send + Sync + fmt::Debug {
    /// Runs a future beside the task.
    fn spawn(&self, name: &'static str, work: BoxFuture<'static, ()>);

    /// Runs blocking work (a driver without async, a big sort) on a thread of its own. It must end by itself soon
    /// after its channel closes, because a thread cannot be dropped.
    fn spawn_blocking(&self, name: &'static str, work: Box<dyn FnOnce() + Send>);
}

/// Reads the offsets that were stored for a source connector.
pub trait OffsetReader: Send + Sync + fmt::Debug {
    /// The stored offset of each partition, in order; `None` where there is none. A partition is found by its
    /// serialized form, so the order of its entries matters.
    fn offsets<'a>(&'a self, partitions: &'a [OffsetMap]) -> BoxFuture<'a, Result<Vec<Option<OffsetMap>>>>;
}

/// What a connector may tell the herder at any time.
pub trait ConnectorEvents: Send + Sync + fmt::Debug {
    /// Asks to be asked for task configs again: tables appeared, partitions were added.
    fn request_task_reconfiguration(&self);

    /// Fails the connector.
    fn raise_error(&self, error: Error);
}

/// Lent to a connector object.
#[derive(Debug, Clone)]
pub struct ConnectorContext {
    /// The connector's name.
    pub name: Arc<str>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Side work.
    pub spawner: Arc<dyn Spawner>,
    /// The way to the herder.
    pub events: Arc<dyn ConnectorEvents>,
    /// Stored offsets; of no use to sinks.
    pub offsets: Arc<dyn OffsetReader>,
}
