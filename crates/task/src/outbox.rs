//! Batches on their way to Kafka: waiting to be sent, being sent, sent and not yet acknowledged.
//!
//! One batch is sent at a time, in order (invariant 3). The call is held here, not in the loop's wait, because a send
//! must not be dropped half-way when something else happens.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use api::data::{Record, Topic};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kafka::{Delivery, EncodedBatch, Producer, Receipt};

use crate::back_off::BackOff;
use crate::in_flight::Ticket;
use crate::scope::{STALLED_AFTER, Scope};
use crate::source_loop::Trouble;

pub(crate) struct Outbox {
    scope: Scope,
    producer: Arc<dyn Producer>,
    queue: VecDeque<Outgoing>,
    call: Option<Call>,
    receipts: FuturesUnordered<BoxFuture<'static, (Flight, Delivery)>>,
    landed: Vec<(Flight, Delivery)>,
    /// Bytes queued and in flight.
    bytes: usize,
    back_off: BackOff,
    /// Since when Kafka has acknowledged nothing of what is here, as [`api::Clock::elapsed`]; when all is
    /// acknowledged, since then.
    quiet_since: Duration,
}

enum Call {
    Send(BoxFuture<'static, kafka::Result<Receipt>>),
    /// The same batch is sent again after this.
    Wait(BoxFuture<'static, ()>),
}

/// A batch that Kafka has not yet taken.
pub(crate) struct Outgoing {
    /// The records, kept until Kafka has taken them, since sending consumes the bytes.
    pub(crate) rows: Vec<Record>,
    /// Their bytes; `None` while they are being sent, and when they must be made again.
    pub(crate) encoded: Option<EncodedBatch>,
    pub(crate) flight: Flight,
    /// Nothing more comes of the poll that brought it.
    pub(crate) last_of_poll: bool,
}

/// What is remembered of a batch until it is acknowledged.
#[derive(Default)]
pub(crate) struct Flight {
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) records: usize,
    /// Bytes held, for the budget.
    pub(crate) weight: usize,
    /// Topics of it that were not told of yet.
    pub(crate) new_topics: Vec<Topic>,
    /// Whether the records are kept, because the log may have to show them.
    pub(crate) keeps_rows: bool,
    /// The records that were kept.
    pub(crate) rows: Vec<Record>,
}

impl Outbox {
    pub(crate) fn new(scope: &Scope, producer: Arc<dyn Producer>) -> Self {
        Self {
            back_off: scope.back_off("send"),
            quiet_since: scope.clock().elapsed(),
            scope: scope.clone(),
            producer,
            queue: VecDeque::new(),
            call: None,
            receipts: FuturesUnordered::new(),
            landed: Vec::new(),
            bytes: 0,
        }
    }

    pub(crate) fn push(&mut self, outgoing: Outgoing) {
        if !self.has_work() {
            self.quiet_since = self.scope.clock().elapsed();
        }
        self.bytes += outgoing.flight.weight;
        self.queue.push_back(outgoing);
    }

    /// Bytes queued and in flight.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether batches of a second poll wait behind one that is being sent: enough was read ahead.
    pub(crate) fn is_ahead(&self) -> bool {
        self.queue.iter().filter(|outgoing| outgoing.last_of_poll).count() > 1
    }

    /// Whether everything was taken by Kafka.
    pub(crate) fn all_sent(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether [`Self::event`] has something to wait for.
    pub(crate) fn has_work(&self) -> bool {
        !self.queue.is_empty() || !self.receipts.is_empty()
    }

    /// Batches that were acknowledged or failed since the last call.
    pub(crate) fn take_landed(&mut self) -> Vec<(Flight, Delivery)> {
        let landed = std::mem::take(&mut self.landed);
        self.bytes -= landed.iter().map(|(flight, _)| flight.weight).sum::<usize>();
        if !landed.is_empty() {
            self.quiet_since = self.scope.clock().elapsed();
        }
        landed
    }

    /// Tells when Kafka has acknowledged nothing for long; answers when to look again, `None` while there is nothing to
    /// wait for. It is called for each batch.
    pub(crate) fn watch(&self) -> Option<Duration> {
        if !self.has_work() {
            self.scope.tell_flowing();
            return None;
        }
        let quiet = self.scope.clock().elapsed().saturating_sub(self.quiet_since);
        if quiet < STALLED_AFTER {
            self.scope.tell_flowing();
            return Some(STALLED_AFTER - quiet);
        }
        // One that is sent again after an error was told of already.
        if !matches!(self.call, Some(Call::Wait(_))) {
            self.scope.tell_not_acknowledged(self.producer.as_ref(), self.quiet_since);
        }
        Some(STALLED_AFTER)
    }

    /// Takes in the acknowledgements that are there already.
    pub(crate) fn collect(&mut self) {
        while let Some(Some(landed)) = futures::FutureExt::now_or_never(self.receipts.next()) {
            self.landed.push(landed);
        }
    }

    /// The batch whose bytes must be made again before it can be sent again.
    pub(crate) fn lacks_bytes(&mut self) -> Option<&mut Outgoing> {
        let sending = matches!(self.call, Some(Call::Send(_)));
        self.queue.front_mut().filter(|outgoing| outgoing.encoded.is_none() && !sending)
    }

    /// Drops what Kafka has not taken: it will be read again.
    pub(crate) fn discard_unsent(&mut self) {
        self.call = None;
        self.bytes -= self.queue.drain(..).map(|outgoing| outgoing.flight.weight).sum::<usize>();
    }

    /// Goes on until one thing has happened: a batch was taken, or one was acknowledged. Dropping it loses nothing.
    pub(crate) async fn event(&mut self) -> Result<(), Trouble> {
        if self.call.is_none() {
            self.start_send()?;
        }
        let Self { call, receipts, landed, .. } = self;
        let called = tokio::select! {
            biased;
            Some(arrived) = receipts.next(), if !receipts.is_empty() => {
                landed.push(arrived);
                return Ok(());
            }
            called = finished(call), if call.is_some() => called,
            else => return std::future::pending().await,
        };
        self.call = None;
        match called {
            Called::Waited => Ok(()),
            Called::Sent(Ok(receipt)) => {
                self.taken(receipt);
                Ok(())
            }
            Called::Sent(Err(error)) => self.not_taken(error),
        }
    }

    fn start_send(&mut self) -> Result<(), Trouble> {
        let encoded = self.queue.front_mut().and_then(|outgoing| outgoing.encoded.take());
        let Some(encoded) = encoded else { return Ok(()) };
        if self.scope.is_cancelled() {
            return Err(Trouble::Interrupted);
        }
        let producer = self.producer.clone();
        self.call = Some(Call::Send(Box::pin(async move { producer.send(encoded).await })));
        Ok(())
    }

    fn taken(&mut self, receipt: Receipt) {
        let outgoing = self.queue.pop_front().expect("the batch in front is the one that was being sent");
        let mut flight = outgoing.flight;
        if flight.keeps_rows {
            flight.rows = outgoing.rows;
        }
        self.receipts.push(Box::pin(async move { (flight, receipt.await) }));
        self.back_off.reset();
        self.scope.counters.recovered();
    }

    fn not_taken(&mut self, error: kafka::Error) -> Result<(), Trouble> {
        let unusable = matches!(error, kafka::Error::Unusable { .. });
        let error = api::Error::from(error);
        if unusable {
            return Err(Trouble::Rewind(error));
        }
        if !error.is_retriable() {
            return Err(Trouble::Fail(error));
        }
        let wait = self.back_off.next();
        self.scope.tell_retrying(&error, wait);
        self.call = Some(Call::Wait(self.scope.clock().sleep(wait)));
        Ok(())
    }
}

enum Called {
    Sent(kafka::Result<Receipt>),
    Waited,
}

async fn finished(call: &mut Option<Call>) -> Called {
    match call {
        Some(Call::Send(send)) => Called::Sent(send.await),
        Some(Call::Wait(wait)) => {
            wait.await;
            Called::Waited
        }
        None => std::future::pending().await,
    }
}
