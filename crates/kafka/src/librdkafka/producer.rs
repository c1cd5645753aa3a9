//! Sending through librdkafka: a batch goes in as pointers, its acknowledgements are counted.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::BoxFuture;
use futures::FutureExt;
use rdkafka::error::RDKafkaErrorCode as Code;
use tokio::sync::Notify;

use super::context::Reports;
use super::failure::{in_batch, with_code};
use super::flight::{Flight, Flights};
use super::java_keys::Translated;
use super::native::{NativeProducer, Report, Served, sending};
use crate::{Delivery, EncodedBatch, Error, Failure, Producer, Receipt, Result};

/// A producer with a thread that serves its reports. Shared by tasks; the thread ends with the last of them.
pub(super) struct RdKafkaProducer {
    /// Taken by `Drop` only.
    core: Option<Arc<Core>>,
}

/// What the thread and the callers share. The native part is declared first and so dropped first: librdkafka's
/// threads have ended before the buffers in the flights go.
struct Core {
    native: NativeProducer,
    flights: Flights,
    /// Records left the queue.
    room: Notify,
    unusable: OnceLock<String>,
    stopping: AtomicBool,
}

/// How long the thread waits for reports when there are none; it is woken to stop.
const IDLE: Duration = Duration::from_secs(5);
/// How long a producer that nobody uses waits for the reports of what it gave up.
const LAST_REPORTS: Duration = Duration::from_secs(5);

impl fmt::Debug for RdKafkaProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RdKafkaProducer").field("unusable", &self.core().unusable).finish_non_exhaustive()
    }
}

impl RdKafkaProducer {
    pub(super) fn new(translated: &Translated) -> Result<Self> {
        let native = NativeProducer::new(&translated.native()?, Reports::default())?;
        let core = Arc::new(Core {
            native,
            flights: Flights::default(),
            room: Notify::new(),
            unusable: OnceLock::new(),
            stopping: AtomicBool::new(false),
        });
        let served = Arc::clone(&core);
        std::thread::Builder::new().name("kafka-reports".to_owned()).spawn(move || served.run()).map_err(
            |error| Error::Retriable {
                operation: "starting a producer".to_owned(),
                reason: error.to_string(),
            },
        )?;
        Ok(Self { core: Some(core) })
    }

    pub(super) fn is_usable(&self) -> bool {
        self.core().unusable.get().is_none()
    }

    fn core(&self) -> &Arc<Core> {
        self.core.as_ref().expect("it is taken by Drop only")
    }
}

impl Drop for RdKafkaProducer {
    fn drop(&mut self) {
        if let Some(core) = self.core.take() {
            core.stopping.store(true, Ordering::Release);
            core.native.wake();
            // The thread holds the last reference, so that closing connections blocks it and not us.
        }
    }
}

impl Core {
    fn run(&self) {
        while !self.stopping.load(Ordering::Acquire) {
            self.serve(IDLE);
        }
        self.native.purge();
        let give_up = std::time::Instant::now() + LAST_REPORTS;
        while self.native.unreported() > 0 && std::time::Instant::now() < give_up {
            self.serve(Duration::from_millis(100));
        }
    }

    fn serve(&self, timeout: Duration) {
        match self.native.serve(timeout, |reports| reports.iter().for_each(|report| self.settle(report))) {
            Served::Deliveries => self.room.notify_waiters(),
            Served::Other => {
                if self.unusable.get().is_none()
                    && let Some(reason) = self.native.fatal_error()
                {
                    tracing::error!(%reason, "a Kafka producer must be rebuilt");
                    let _ = self.unusable.set(reason); // set once, by this thread
                }
                self.room.notify_waiters();
            }
            Served::Nothing => {}
        }
    }

    fn settle(&self, report: &Report) {
        let flight =
            self.flights.find(report.flight).expect("a flight is open until all its records are closed");
        for (index, code) in &report.failures {
            let index = *index as usize;
            flight.fail(index, self.delivery_error(*code, report.alone, &flight, index));
        }
        self.flights.close(report.flight, &flight, report.records);
    }

    fn delivery_error(&self, code: Code, alone: bool, flight: &Flight, index: usize) -> Error {
        let operation = sending(&flight.batch.records[index]);
        match self.native.fatal_error() {
            Some(reason) => Error::Unusable { operation, reason },
            None if alone => with_code(operation, code),
            None => in_batch(operation, code),
        }
    }
}

/// A batch while it is being handed over. When that is given up, what was not taken has failed.
struct HandingOver<'a> {
    core: &'a Core,
    number: u32,
    flight: Arc<Flight>,
    next: usize,
}

impl HandingOver<'_> {
    fn total(&self) -> usize {
        self.flight.batch.records.len()
    }

    async fn run(&mut self) {
        while self.next < self.total() {
            let room = self.core.room.notified();
            let progress = self.core.native.hand_over(self.number, &self.flight, self.next);
            self.next = progress.next;
            self.core.flights.close(self.number, &self.flight, progress.refused);
            if progress.full {
                room.await;
            } else if self.next < self.total() {
                tokio::task::yield_now().await;
            }
        }
    }
}

impl Drop for HandingOver<'_> {
    fn drop(&mut self) {
        for index in self.next..self.total() {
            let operation = sending(&self.flight.batch.records[index]);
            self.flight
                .fail(index, Error::Retriable { operation, reason: "sending was given up".to_owned() });
        }
        self.core.flights.close(self.number, &self.flight, self.total() - self.next + 1);
    }
}

/// The fate of a batch whose producer went, and gave up waiting for reports.
fn abandoned(records: usize) -> Delivery {
    let error = Error::Unusable {
        operation: "sending".to_owned(),
        reason: "the producer was closed before the brokers answered".to_owned(),
    };
    Delivery { failures: (0..records).map(|index| Failure { index, error: error.clone() }).collect() }
}

impl Producer for RdKafkaProducer {
    fn send(&self, batch: EncodedBatch) -> BoxFuture<'_, Result<Receipt>> {
        Box::pin(async move {
            let core = self.core();
            if let Some(reason) = core.unusable.get() {
                return Err(Error::Unusable { operation: "sending".to_owned(), reason: reason.clone() });
            }
            if batch.is_empty() {
                return Ok(std::future::ready(Delivery::default()).boxed());
            }
            let (number, flight, receipt) = core.flights.open(batch);
            let records = flight.batch.records.len();
            HandingOver { core, number, flight, next: 0 }.run().await;
            Ok(receipt.map(move |delivery| delivery.unwrap_or_else(|_| abandoned(records))).boxed())
        })
    }

    fn flush(&self, timeout: Duration) -> BoxFuture<'_, Result<()>> {
        let core = Arc::clone(self.core());
        Box::pin(async move {
            let flushed = tokio::task::spawn_blocking(move || core.native.flush(timeout)).await;
            flushed.unwrap_or_else(|error| {
                Err(Error::Fatal { operation: "flushing".to_owned(), reason: error.to_string() })
            })
        })
    }
}
