//! The right to write to the config topic as the leader of the group (KIP-618): a producer with the group's transactional
//! id. Who leads takes the id over, so that a worker that led before and does not know yet that it leads no more cannot
//! write.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kafka::{ClientSettings, Clients, EncodedBatch, Error, TransactionalProducer};

/// The longest that one step of a transaction may take; a write has a limit of its own, which is shorter.
const LIMIT: Duration = Duration::from_secs(60);

/// The right, held or not.
pub struct WritePrivilege {
    clients: Arc<dyn Clients>,
    settings: ClientSettings,
    held: Option<Arc<dyn TransactionalProducer>>,
}

impl fmt::Debug for WritePrivilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WritePrivilege").field("held", &self.held.is_some()).finish_non_exhaustive()
    }
}

impl WritePrivilege {
    /// Not held yet. The settings are those of a producer with a `transactional.id`: `connect-cluster-GROUP`.
    pub fn new(clients: Arc<dyn Clients>, settings: ClientSettings) -> Self {
        Self { clients, settings, held: None }
    }

    /// Whether it is held, as far as is known here.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Takes it from whoever has it.
    ///
    /// # Errors
    /// The brokers do not answer or do not permit it.
    pub(super) async fn claim(&mut self) -> kafka::Result<()> {
        self.held = None; // its producer is of no use any more
        let producer = self.clients.transactional_producer(&self.settings)?;
        producer.init(LIMIT).await?;
        self.held = Some(producer);
        Ok(())
    }

    /// Gives it up: this worker does not lead any more.
    pub(super) fn release(&mut self) {
        self.held = None;
    }

    /// Writes in one transaction. After an error it is not held any more: what became of the transaction is found out by
    /// who claims it next.
    ///
    /// # Errors
    /// It is not held; another worker has it by now ([`Error::Fenced`]); or the records are not known to be written.
    pub(super) async fn write(&mut self, batch: EncodedBatch) -> kafka::Result<()> {
        let Some(producer) = self.held.take() else {
            return Err(Error::Retriable {
                operation: "writing as the leader of the group".to_owned(),
                reason: "this worker has not taken the right to write over yet; send the request again"
                    .to_owned(),
            });
        };
        producer.begin().await?;
        let receipt = match producer.send(batch).await {
            Ok(receipt) => receipt,
            Err(error) => return Err(given_up(&*producer, error).await),
        };
        if let Err(error) = producer.commit(LIMIT).await {
            return Err(given_up(&*producer, error).await);
        }
        // They were committed: every record was acknowledged.
        drop(receipt);
        self.held = Some(producer);
        Ok(())
    }
}

// An open transaction would keep others from reading what follows it.
async fn given_up(producer: &dyn TransactionalProducer, error: Error) -> Error {
    if !matches!(error, Error::Fenced { .. })
        && let Err(also) = producer.abort(LIMIT).await
    {
        tracing::debug!("a transaction of the config topic could not be aborted: {also}");
    }
    error
}
