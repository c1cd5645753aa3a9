//! Sending to the cluster in memory in transactions.
//!
//! Records of a transaction are kept by the producer and written at once when it is committed: even who reads uncommitted
//! records sees none of an open one.

use std::fmt;
use std::time::Duration;

use api::BoxFuture;
use api::data::Topic;
use parking_lot::Mutex;

use super::producer::MemoryProducer;
use super::{Cluster, State, StoredRecord, retriable};
use crate::{ClientSettings, EncodedBatch, Error, Producer, Receipt, Result, TransactionalProducer, Trouble};

/// What goes wrong with a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionFault {
    /// The id cannot be taken over now.
    Init,
    /// The commit fails, and the transaction is aborted.
    Aborted,
    /// The commit is answered with an error although it happened.
    AnswerLost,
}

/// Who has the transactional ids, and what became of transactions.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    epochs: std::collections::BTreeMap<String, u64>,
    faults: std::collections::VecDeque<TransactionFault>,
    committed: u64,
    aborted: u64,
}

impl Transactions {
    pub(super) fn take_over(&mut self, id: &str) -> u64 {
        let epoch = self.epochs.entry(id.to_owned()).or_default();
        *epoch += 1;
        *epoch
    }

    fn take_fault(&mut self, wanted: &[TransactionFault]) -> Option<TransactionFault> {
        let is = self.faults.front().is_some_and(|fault| wanted.contains(fault));
        is.then(|| self.faults.pop_front()).flatten()
    }
}

impl Cluster {
    /// Takes a transactional id over, as another producer would.
    pub fn fence(&self, id: &str) {
        self.change(|state| state.transactions.take_over(id));
    }

    /// How often a transactional id was taken over, by producers and by admin clients.
    pub fn epoch(&self, id: &str) -> u64 {
        self.0.state.lock().transactions.epochs.get(id).copied().unwrap_or_default()
    }

    /// The next so many transactions go wrong like this; later calls queue behind earlier ones.
    pub fn fail_next_transactions(&self, count: usize, fault: TransactionFault) {
        self.change(|state| state.transactions.faults.extend(std::iter::repeat_n(fault, count)));
    }

    /// Transactions that were committed, and that were aborted.
    pub fn transactions(&self) -> (u64, u64) {
        let state = self.0.state.lock();
        (state.transactions.committed, state.transactions.aborted)
    }
}

/// A producer with a transactional id.
pub(super) struct MemoryTransactionalProducer {
    cluster: Cluster,
    producer: MemoryProducer,
    id: String,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    /// 0 is before the id is ours.
    epoch: u64,
    open: bool,
    records: Vec<(Topic, StoredRecord)>,
}

impl fmt::Debug for MemoryTransactionalProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTransactionalProducer").field("id", &self.id).finish_non_exhaustive()
    }
}

impl MemoryTransactionalProducer {
    pub(super) fn new(cluster: Cluster, settings: &ClientSettings) -> Result<Self> {
        let id = settings.0.get("transactional.id").ok_or_else(|| Error::Misconfigured {
            key: "transactional.id".to_owned(),
            reason: "it is missing".to_owned(),
        })?;
        let producer = MemoryProducer::new(cluster.clone());
        Ok(Self { id: id.to_owned(), cluster, producer, now: Mutex::default() })
    }

    fn check(&self, state: &State, now: &Now, operation: &str, open: bool) -> Result<()> {
        let operation = operation.to_owned();
        if state.transactions.epochs.get(&self.id).is_none_or(|epoch| *epoch != now.epoch) {
            return Err(Error::Fenced { operation, reason: "another producer has the id".to_owned() });
        }
        if now.open != open {
            let reason = if open { "no transaction is open" } else { "a transaction is open" };
            return Err(Error::Fatal { operation, reason: reason.to_owned() });
        }
        Ok(())
    }

    fn call(&self, call: impl FnOnce(&mut State, &mut Now) -> Result<()>) -> BoxFuture<'_, Result<()>> {
        let answer = self.cluster.change(|state| call(state, &mut self.now.lock()));
        Box::pin(std::future::ready(answer))
    }
}

impl Producer for MemoryTransactionalProducer {
    fn trouble(&self) -> Option<Trouble> {
        self.producer.trouble()
    }

    fn send(&self, batch: EncodedBatch) -> BoxFuture<'_, Result<Receipt>> {
        Box::pin(async move {
            self.producer.until_sends_go().await;
            self.cluster.change(|state| {
                let now = &mut *self.now.lock();
                self.check(state, now, "sending", true)?;
                self.producer.take(state, &batch, |_, topic, record| now.records.push((topic, record)))
            })
        })
    }

    fn flush(&self, timeout: Duration) -> BoxFuture<'_, Result<()>> {
        self.producer.flush(timeout)
    }
}

impl TransactionalProducer for MemoryTransactionalProducer {
    fn init(&self, _: Duration) -> BoxFuture<'_, Result<()>> {
        self.call(|state, now| {
            if state.transactions.take_fault(&[TransactionFault::Init]).is_some() {
                return Err(retriable("taking the id over", "the cluster was told to fail"));
            }
            now.epoch = state.transactions.take_over(&self.id);
            Ok(())
        })
    }

    fn begin(&self) -> BoxFuture<'_, Result<()>> {
        self.call(|state, now| {
            self.check(state, now, "beginning a transaction", false)?;
            now.open = true;
            Ok(())
        })
    }

    fn commit(&self, _: Duration) -> BoxFuture<'_, Result<()>> {
        self.call(|state, now| {
            let operation = "committing a transaction";
            self.check(state, now, operation, true)?;
            now.open = false;
            let records = std::mem::take(&mut now.records);
            let faults = [TransactionFault::Aborted, TransactionFault::AnswerLost];
            let fault = state.transactions.take_fault(&faults);
            if fault == Some(TransactionFault::Aborted) {
                state.transactions.aborted += 1;
                return Err(retriable(operation, "the cluster was told to fail"));
            }
            state.transactions.committed += 1;
            for (topic, record) in records {
                state.topics.entry(topic).or_default().push(record);
            }
            match fault {
                Some(_) => Err(retriable(operation, "the cluster was told to lose the answer")),
                None => Ok(()),
            }
        })
    }

    fn abort(&self, _: Duration) -> BoxFuture<'_, Result<()>> {
        self.call(|state, now| {
            let operation = "aborting a transaction";
            self.check(state, now, operation, now.open)?;
            if std::mem::take(&mut now.open) {
                now.records.clear();
                state.transactions.aborted += 1;
            }
            Ok(())
        })
    }
}
