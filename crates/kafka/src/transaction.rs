//! The port for sending in transactions.

use std::time::Duration;

use api::BoxFuture;

use crate::{Producer, Result};

/// A producer whose records are seen together, or not at all, by who reads `isolation.level=read_committed`. Only one
/// producer of a `transactional.id` can write: that which called [`Self::init`] last.
///
/// After an error of any call but [`Self::init`], only [`Self::abort`] may be called; a new producer with the same id
/// finds out what became of the transaction.
pub trait TransactionalProducer: Producer {
    /// Takes the id over: the producer that had it before can write no more ([`crate::Error::Fenced`]), and its open
    /// transaction is aborted when this returns. To be called once, before everything else; it may be called again after
    /// [`crate::Error::Retriable`].
    ///
    /// # Errors
    /// The coordinator does not answer within this time, or refuses the id.
    fn init(&self, limit: Duration) -> BoxFuture<'_, Result<()>>;

    /// Begins a transaction; brokers hear of it with the first record.
    ///
    /// # Errors
    /// One is open, or the producer is of no more use.
    fn begin(&self) -> BoxFuture<'_, Result<()>>;

    /// Makes what was sent since [`Self::begin`] visible, once all of it is acknowledged.
    ///
    /// # Errors
    /// It is not known to be committed.
    fn commit(&self, limit: Duration) -> BoxFuture<'_, Result<()>>;

    /// Drops what was sent since [`Self::begin`].
    ///
    /// # Errors
    /// It is not known to be aborted; the coordinator does it when the transaction times out, or when the id is taken over.
    fn abort(&self, limit: Duration) -> BoxFuture<'_, Result<()>>;
}
