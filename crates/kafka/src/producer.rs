//! The port for sending.

use std::fmt;
use std::time::Duration;

use api::BoxFuture;

use crate::{EncodedBatch, Error, Result, Trouble};

/// Sends batches. Order holds per partition: records of one `send` before those of the next (invariant 3).
pub trait Producer: Send + Sync + fmt::Debug {
    /// Hands a batch over, waiting while the client's queue is full. The receipt completes when every record has been
    /// acknowledged or has failed for good; receipts may complete in any order. Dropping this future before it is
    /// done may leave a part of the batch in the queue: only a cancelled task does so.
    ///
    /// # Errors
    /// Nothing of the batch was sent and the same batch may be sent again ([`Error::Retriable`]), or the client is of
    /// no more use.
    fn send(&self, batch: EncodedBatch) -> BoxFuture<'_, Result<Receipt>>;

    /// Waits until everything that was handed over is acknowledged or failed, at most this long.
    ///
    /// # Errors
    /// The time is over.
    fn flush(&self, timeout: Duration) -> BoxFuture<'_, Result<()>>;

    /// What keeps the brokers from answering, as far as the client knows; cheap.
    fn trouble(&self) -> Option<Trouble>;
}

/// Completes when a batch's fate is known.
pub type Receipt = BoxFuture<'static, Delivery>;

/// The fate of a batch: what is not named here was acknowledged by Kafka with the settings' `acks`.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// Records that failed for good, in order.
    pub failures: Vec<Failure>,
}

/// A record that was not delivered.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Its place in the batch.
    pub index: usize,
    /// Why.
    pub error: Error,
}
