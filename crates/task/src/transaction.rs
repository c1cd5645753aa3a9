//! The transactions of an exactly-once source: its records and where it stands are seen together, or not at all.
//!
//! One producer writes both. A transaction begins with the first record, ends where `transaction.boundary` says, and
//! is committed only when Kafka has acknowledged all of it (invariant 1). Whatever goes wrong, nothing is committed: the
//! task begins anew with a new producer, which finds out what became of the transaction and reads the offsets after
//! that. A producer that was fenced ends its task at once: another instance has its place.

use std::sync::Arc;
use std::time::Duration;

use api::{Boundary, Error, SourceOffsets};
use kafka::TransactionalProducer;
use spec::TransactionBoundary;

use crate::build;
use crate::scope::Scope;
use crate::source_flow::Flow;
use crate::source_loop::Trouble;
use crate::stats::add;

/// How long one try of taking the transactional id over may last.
const INIT_LIMIT: Duration = Duration::from_secs(15);
/// How long a commit may last. Brokers abort a transaction that is open for longer than `transaction.timeout.ms`.
const COMMIT_LIMIT: Duration = Duration::from_secs(60);
/// How long aborting may last: when it takes longer, the next producer with the id does it.
const ABORT_LIMIT: Duration = Duration::from_secs(5);

/// The producer of an exactly-once source, and where it is in its transaction.
pub(crate) struct Transaction {
    producer: Arc<dyn TransactionalProducer>,
    boundary: TransactionBoundary,
    /// The pause between two commits by time; for other boundaries, how often the connector is told all the same.
    interval: Duration,
    open: bool,
    /// What the boundary asks for after the poll that ended.
    due: Option<End>,
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Commit,
    /// The connector takes its records back; they are not read again.
    Abort,
}

/// Whether a source of this worker writes in transactions.
pub(crate) fn is_wanted(scope: &Scope) -> bool {
    scope.settings().exactly_once && scope.settings().worker_group.is_some()
}

impl Transaction {
    /// A producer that has the task's id, for as long as nobody takes it over.
    pub(crate) async fn start(scope: &mut Scope) -> Result<Self, Trouble> {
        let producer = build::transactional_producer(scope)?;
        let mut back_off = scope.back_off("transaction");
        loop {
            if scope.commands.is_stop() || scope.is_cancelled() {
                return Err(Trouble::Interrupted);
            }
            // Not dropped when the task is to stop: it could take the id away from the next instance later.
            match producer.init(INIT_LIMIT).await {
                Ok(()) => break,
                Err(error) => {
                    let error = Error::from(error);
                    if !error.is_retriable() {
                        return Err(error.into());
                    }
                    let wait = back_off.next();
                    scope.tell_retrying(&error, wait);
                    scope.pause(wait).await?;
                }
            }
        }
        scope.counters.recovered();
        let source = scope.spec.connector.source.as_ref();
        let boundary = source.map(|source| source.boundary).unwrap_or_default();
        let interval = match boundary {
            TransactionBoundary::Interval(Some(interval)) => interval,
            _ => scope.settings().offset_flush_interval,
        };
        Ok(Self { producer, boundary, interval, open: false, due: None })
    }

    /// The producer, for records.
    pub(crate) fn producer(&self) -> Arc<dyn TransactionalProducer> {
        self.producer.clone()
    }

    /// The time between commits by time.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// Takes note of a poll that ended with records or without.
    pub(crate) fn polled(&mut self, records: bool, said: Boundary) {
        let due = match (self.boundary, said) {
            (TransactionBoundary::Poll, _) => records.then_some(End::Commit),
            (TransactionBoundary::Interval(_), _) | (_, Boundary::Continue) => None,
            (TransactionBoundary::Connector, Boundary::Commit) => Some(End::Commit),
            (TransactionBoundary::Connector, Boundary::Abort) => Some(End::Abort),
        };
        self.due = due.or(self.due);
    }

    /// How the transaction is to end now, if it is: `timed` when the time between commits is over, `resting` when
    /// nothing is polled for now.
    pub(crate) fn take_due(&mut self, timed: bool, resting: bool) -> Option<End> {
        let by_time = match self.boundary {
            TransactionBoundary::Poll => timed,
            TransactionBoundary::Interval(_) => timed || resting && self.open,
            TransactionBoundary::Connector => false,
        };
        self.due.take().or(by_time.then_some(End::Commit))
    }

    /// How it ends when the task stops as it was told to; `None` when it is not over yet, and is read again.
    fn last(&mut self) -> Option<End> {
        match self.boundary {
            TransactionBoundary::Connector => self.due.take(),
            _ => Some(End::Commit),
        }
    }
}

/// What an error of the producer means for the task.
fn trouble(error: kafka::Error) -> Trouble {
    let again = matches!(error, kafka::Error::Retriable { .. } | kafka::Error::Unusable { .. });
    match again {
        true => Trouble::Rewind(error.into()),
        false => Trouble::Fail(error.into()),
    }
}

impl Flow {
    /// Begins a transaction before the first record of it is sent.
    pub(crate) async fn begin_transaction(&mut self) -> Result<(), Trouble> {
        let Some(transaction) = &mut self.transaction else { return Ok(()) };
        if !transaction.open && self.outbox.has_work() {
            transaction.producer.begin().await.map_err(trouble)?;
            transaction.open = true;
        }
        Ok(())
    }

    /// Ends the transaction. Answers the offsets that are durable with it, of which the connector is to be told.
    /// `stoppable` gives up waiting for Kafka when the task is to stop.
    pub(crate) async fn end_transaction(
        &mut self,
        end: End,
        stoppable: bool,
    ) -> Result<SourceOffsets, Trouble> {
        self.next_commit = self.scope.clock().elapsed() + self.interval();
        self.land_all(stoppable).await?;
        let Some(transaction) = &mut self.transaction else { return Ok(SourceOffsets::new()) };
        let producer = transaction.producer.clone();
        let open = std::mem::take(&mut transaction.open);
        // Invariant 1: everything before these offsets is acknowledged, and visible with them.
        let offsets = self.in_flight.take_committable();
        if self.scope.is_cancelled() {
            return Err(Trouble::Interrupted); // another instance may have begun
        }
        if end == End::Abort && open {
            producer.abort(COMMIT_LIMIT).await.map_err(trouble)?;
            add(&self.scope.counters.transactions_aborted, 1);
            self.scope.measures().transaction_ended(self.scope.clock().elapsed(), false);
        }
        let scope = self.scope.clone();
        let commits = open && end == End::Commit;
        if !commits && offsets.is_empty() {
            return Ok(offsets); // nothing to commit, and no transaction to say so
        }
        if !commits {
            producer.begin().await.map_err(trouble)?;
        }
        if !offsets.is_empty() {
            send_offsets(&scope, &*producer, &offsets).await?;
        }
        let began = scope.clock().elapsed();
        let committed = producer.commit(COMMIT_LIMIT).await;
        let now = scope.clock().elapsed();
        if let Err(error) = committed {
            scope.measures().commit_failed(now);
            return Err(trouble(error));
        }
        scope.measures().committed(now, now.saturating_sub(began));
        scope.measures().transaction_ended(now, true);
        add(&self.scope.counters.transactions, 1);
        add(&self.scope.counters.commits, 1);
        self.progressed = true;
        copy_offsets(&scope, &offsets).await;
        Ok(offsets)
    }

    fn interval(&self) -> Duration {
        let transaction = self.transaction.as_ref();
        transaction.map_or(self.scope.settings().offset_flush_interval, Transaction::interval)
    }

    /// Waits until Kafka has acknowledged all that is here.
    async fn land_all(&mut self, stoppable: bool) -> Result<(), Trouble> {
        let producer = self.transaction.as_ref().map(Transaction::producer);
        let clock = self.scope.clock().clone();
        let mut commands = self.scope.commands.clone();
        let mut flush = None;
        while self.outbox.has_work() {
            if flush.is_none() && self.outbox.all_sent() {
                // What is sent waits for more to come; nothing will.
                flush = producer.as_ref().map(|producer| producer.flush(COMMIT_LIMIT));
            }
            let look = self.outbox.watch();
            tokio::select! {
                biased;
                () = commands.stopped(), if stoppable => return Err(Trouble::Interrupted),
                event = self.outbox.event() => event?,
                _ = ended(&mut flush) => {}
                () = clock.sleep(look.unwrap_or_default()), if look.is_some() => {}
            }
            self.go_on()?;
        }
        self.go_on()
    }

    /// Ends the transaction of a task that ends: it commits what a task that stops as it was told has sent, and aborts
    /// all else. Answers the offsets of which the connector is to be told, or that another instance has its place.
    pub(crate) async fn last_transaction(
        &mut self,
        clean: bool,
        limit: Duration,
    ) -> Result<SourceOffsets, Trouble> {
        let Some(transaction) = &mut self.transaction else { return Ok(SourceOffsets::new()) };
        let scope = self.scope.clone();
        if let Some(end) = clean.then(|| transaction.last()).flatten() {
            if let Some(ended) = scope.at_most(limit, self.end_transaction(end, false)).await {
                return ended;
            }
            tracing::warn!(
                "the last transaction was not committed within {} ms; its records are read again",
                limit.as_millis()
            );
        } else if std::mem::take(&mut transaction.open) {
            let producer = transaction.producer.clone();
            self.outbox.discard_unsent();
            match scope.at_most(limit, producer.abort(ABORT_LIMIT.min(limit))).await {
                Some(Err(error @ kafka::Error::Fenced { .. })) => return Err(trouble(error)),
                Some(Err(error)) => {
                    tracing::warn!(
                        "the open transaction was not aborted; the next instance does it: {error}"
                    );
                }
                Some(Ok(())) => add(&self.scope.counters.transactions_aborted, 1),
                None => tracing::warn!("the open transaction was not aborted; the next instance does it"),
            }
        }
        Ok(SourceOffsets::new())
    }
}

async fn send_offsets(
    scope: &Scope,
    producer: &dyn TransactionalProducer,
    offsets: &SourceOffsets,
) -> Result<(), Trouble> {
    let batch = scope.environment.offsets.records(&scope.id.connector, offsets)?;
    let receipt = producer.send(batch).await.map_err(trouble)?;
    let (delivery, _) = futures::join!(receipt, producer.flush(COMMIT_LIMIT));
    match delivery.failures.into_iter().next() {
        None => Ok(()),
        Some(failure) => Err(trouble(failure.error)),
    }
}

// What cannot be copied is in the connector's own topic all the same, which counts.
async fn copy_offsets(scope: &Scope, offsets: &SourceOffsets) {
    let limit = scope.settings().offset_flush_timeout;
    let copied = scope.environment.offsets.committed(&scope.id.connector, offsets);
    if offsets.is_empty() {
        return;
    }
    let problem = match scope.at_most(limit, copied).await {
        Some(Ok(())) => return,
        Some(Err(error)) => scope.text_of(&error),
        None => format!("it took longer than {} ms", limit.as_millis()),
    };
    tracing::warn!("offsets were not copied to the worker's offsets topic; they are committed: {problem}");
}

async fn ended<'a, T: 'a>(work: &mut Option<api::BoxFuture<'a, T>>) -> T {
    let Some(running) = work else { return std::future::pending().await };
    let ended = running.await;
    // It is asked for once; the rest comes as acknowledgements.
    *work = Some(Box::pin(std::future::pending()));
    ended
}
