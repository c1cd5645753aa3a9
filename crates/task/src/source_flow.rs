//! The part of a source task that goes on while its connector polls: what becomes of sent batches, and the storing of
//! offsets.

use std::sync::Arc;
use std::time::Duration;

use api::{BoxFuture, Error, ErrorKind, SourceOffsets};
use kafka::{Delivery, EncodedBatch, Producer};

use crate::in_flight::InFlight;
use crate::outbox::{Flight, Outbox};
use crate::scope::Scope;
use crate::source_batch::SourcePipeline;
use crate::source_loop::Trouble;
use crate::stats::add;
use crate::tolerance::{Failed, Stage, Subject};
use crate::transaction::Transaction;

const PRODUCE_CLASS: &str = "org.apache.kafka.connect.runtime.WorkerSourceTask";

/// Everything of a source task but its connector.
pub(crate) struct Flow {
    pub(crate) scope: Scope,
    pub(crate) pipeline: SourcePipeline,
    pub(crate) in_flight: InFlight,
    pub(crate) outbox: Outbox,
    /// When offsets are stored again, as [`api::Clock::elapsed`].
    pub(crate) next_commit: Duration,
    /// Something was acknowledged since the start.
    pub(crate) progressed: bool,
    /// For exactly-once sources.
    pub(crate) transaction: Option<Transaction>,
    /// When the store that is under way, or the last one, began.
    store_began: Duration,
}

/// Offsets on their way to the store. It ends within a limit.
pub(crate) type Store = BoxFuture<'static, (SourceOffsets, api::Result<()>)>;

/// Waits for a store, if there is one, and takes it away when it has ended. Dropping the wait loses nothing.
pub(crate) async fn ended(storing: &mut Option<Store>) -> (SourceOffsets, api::Result<()>) {
    let Some(store) = storing else { return std::future::pending().await };
    let outcome = store.await;
    *storing = None;
    outcome
}

impl Flow {
    pub(crate) fn new(
        scope: &Scope,
        pipeline: SourcePipeline,
        producer: Arc<dyn Producer>,
        transaction: Option<Transaction>,
    ) -> Self {
        let flush_interval = scope.settings().offset_flush_interval;
        let interval = transaction.as_ref().map_or(flush_interval, Transaction::interval);
        let now = scope.clock().elapsed();
        scope.measures().begin_anew(now);
        Self {
            transaction,
            pipeline,
            in_flight: InFlight::default(),
            outbox: Outbox::new(scope, producer),
            next_commit: now + interval,
            progressed: false,
            store_began: now,
            scope: scope.clone(),
        }
    }

    /// Does what an event of the outbox made possible.
    pub(crate) fn go_on(&mut self) -> Result<(), Trouble> {
        self.settle_landed()?;
        self.encode_again()
    }

    /// What became of the batches that came back.
    pub(crate) fn settle_landed(&mut self) -> Result<(), Trouble> {
        let mut trouble = Ok(());
        for (flight, delivery) in self.outbox.take_landed() {
            // One that is lost does not keep the others from counting.
            if let Err(error) = self.settle(flight, delivery) {
                trouble = Err(error);
            }
        }
        trouble
    }

    fn settle(&mut self, flight: Flight, delivery: Delivery) -> Result<(), Trouble> {
        let failures = delivery.failures.len();
        for failure in delivery.failures {
            let lost =
                matches!(failure.error, kafka::Error::Retriable { .. } | kafka::Error::Unusable { .. });
            let error = Error::from(failure.error);
            match error.kind() {
                // Not the record's fault: leaving it out, even with errors.tolerance=all, would lose good records.
                _ if lost => return Err(Trouble::Rewind(error)),
                // Not in a transaction, which it would spoil.
                ErrorKind::BadRecord if self.transaction.is_none() => {
                    let failed = Failed { stage: Stage::KafkaProduce, class: PRODUCE_CLASS.into(), error };
                    let record = flight.rows.get(failure.index);
                    self.pipeline.tolerance.settle(failed, Subject::Source(record, None))?;
                    self.pipeline.tolerance.count_tolerated();
                }
                _ => return Err(Trouble::Fail(error)),
            }
        }
        // Invariant 1: acknowledged by Kafka, or left out on purpose and reported.
        flight.tickets.into_iter().for_each(|ticket| self.in_flight.acknowledge(ticket));
        flight.new_topics.iter().for_each(|topic| self.scope.tell_topic_used(topic));
        add(&self.scope.counters.records_out, flight.records - failures);
        let now = self.scope.clock().elapsed();
        self.scope.measures().written(now, flight.records - failures);
        self.scope.measures().settled(now, flight.records);
        self.progressed = true;
        Ok(())
    }

    /// Makes the bytes again of a batch that Kafka did not take.
    pub(crate) fn encode_again(&mut self) -> Result<(), Trouble> {
        let Some(outgoing) = self.outbox.lacks_bytes() else { return Ok(()) };
        let mut encoded = EncodedBatch::default();
        for record in &outgoing.rows {
            // It could be encoded before, so this is no bad record.
            self.pipeline.encoder.encode(record, &mut encoded).map_err(|failed| failed.error)?;
        }
        outgoing.encoded = Some(encoded);
        Ok(())
    }

    /// Begins to store what Kafka acknowledged; `None` when the task was given up.
    pub(crate) fn start_store(&mut self) -> Option<Store> {
        self.start_store_within(self.scope.settings().offset_flush_timeout)
    }

    /// As [`Self::start_store`]; it ends within this limit.
    pub(crate) fn start_store_within(&mut self, limit: Duration) -> Option<Store> {
        self.store_began = self.scope.clock().elapsed();
        self.next_commit = self.store_began + self.scope.settings().offset_flush_interval;
        if self.scope.is_cancelled() {
            return None; // another instance may own the offsets by now
        }
        let offsets = self.in_flight.take_committable();
        let scope = self.scope.clone();
        Some(Box::pin(async move {
            if offsets.is_empty() {
                return (offsets, Ok(())); // the connector hears of the interval all the same
            }
            let store = scope.environment.offsets.store(&scope.id.connector, &offsets);
            let stored = scope.at_most(limit, store).await.unwrap_or_else(|| {
                let error = Error::retry(format!("offsets were not stored within {} ms", limit.as_millis()));
                Err(error.hint("see whether Kafka answers, or raise offset.flush.timeout.ms"))
            });
            (offsets, stored)
        }))
    }

    /// Counts a store that ended; answers the offsets of which the connector is to be told. Those that could not be
    /// stored are kept for the next time.
    pub(crate) fn after_store(
        &mut self,
        (offsets, stored): (SourceOffsets, api::Result<()>),
    ) -> Option<SourceOffsets> {
        let now = self.scope.clock().elapsed();
        let Err(error) = stored else {
            add(&self.scope.counters.commits, 1);
            self.scope.measures().committed(now, now.saturating_sub(self.store_began));
            return Some(offsets);
        };
        tracing::error!(
            "offsets could not be stored; they are kept for the next commit: {}",
            self.scope.text_of(&error)
        );
        self.scope.counters.error(&error);
        add(&self.scope.counters.commit_failures, 1);
        self.scope.measures().commit_failed(now);
        self.in_flight.put_back(offsets);
        None
    }
}
