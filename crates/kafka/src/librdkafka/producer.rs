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
use super::failure::{hint, in_batch, with_code};
use super::flight::{Flight, Flights};
use super::java_keys::Translated;
use super::login::Login;
use super::native::{CHUNK, NativeProducer, Report, Served, sending};
use crate::{
    Delivery, EncodedBatch, Error, Failure, Producer, Receipt, Result, TransactionalProducer, Trouble,
};

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
    /// Why nothing more can be sent: a fatal error of the client, or the brokers do not let it in.
    unusable: OnceLock<Error>,
    reports: Reports,
    stopping: AtomicBool,
}

/// How long the thread waits for reports when there are none; it is woken to stop.
const IDLE: Duration = Duration::from_secs(5);
/// How often a producer that is of no more use looks for records that came too late.
const PURGE: Duration = Duration::from_millis(100);
/// How long a producer that nobody uses waits for the reports of what it gave up.
const LAST_REPORTS: Duration = Duration::from_secs(5);

impl fmt::Debug for RdKafkaProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RdKafkaProducer").field("unusable", &self.core().unusable).finish_non_exhaustive()
    }
}

impl RdKafkaProducer {
    pub(super) fn new(translated: &Translated, login: Option<Arc<Login>>) -> Result<Self> {
        let reports = Reports::default();
        let native = NativeProducer::new(translated, reports.clone(), login)?;
        let core = Arc::new(Core {
            native,
            flights: Flights::default(),
            room: Notify::new(),
            unusable: OnceLock::new(),
            reports,
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
            self.serve(if self.unusable.get().is_some() { PURGE } else { IDLE });
        }
        self.native.purge();
        let give_up = std::time::Instant::now() + LAST_REPORTS;
        while self.native.unreported() > 0 && std::time::Instant::now() < give_up {
            self.serve(Duration::from_millis(100));
        }
    }

    fn serve(&self, timeout: Duration) {
        let served =
            self.native.serve(timeout, |reports| reports.iter().for_each(|report| self.settle(report)));
        if let Served::Other = served
            && let Some(error) = self.verdict()
        {
            tracing::error!(%error, "a Kafka producer must be rebuilt");
        }
        if self.unusable.get().is_some() {
            // Nothing of the queue will be sent, not even what a sender put there a moment ago: its report must not
            // wait for a time-out.
            self.native.purge();
        }
        if !matches!(served, Served::Nothing) {
            self.room.notify_waiters();
        }
    }

    /// Why nothing more can be sent, found out by the thread.
    fn verdict(&self) -> Option<&Error> {
        if self.unusable.get().is_none() {
            let error = match self.native.fatal_error() {
                Some((code, reason)) => {
                    // By a transaction's rules a producer with an old epoch is one that was fenced.
                    let fenced = matches!(code, Code::Fenced | Code::ProducerFenced)
                        || (self.native.is_transactional() && code == Code::InvalidProducerEpoch);
                    let operation = "sending".to_owned();
                    match fenced {
                        true => Error::Fenced { operation, reason: fenced_reason(&reason) },
                        false => Error::Unusable { operation, reason },
                    }
                }
                None => self.reports.take_refusal()?,
            };
            let _ = self.unusable.set(error); // only this thread sets it
        }
        self.unusable.get()
    }

    fn settle(&self, report: &Report) {
        if report.failures.len() < report.records {
            self.reports.answered();
        }
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
        match self.verdict() {
            Some(error) => error.clone(),
            None if code == Code::InvalidProducerEpoch && self.native.is_transactional() => {
                Error::Fenced { operation, reason: fenced_reason(&code.to_string()) }
            }
            None if alone => self.reports.explained(with_code(operation, code)),
            None => self.reports.explained(in_batch(operation, code)),
        }
    }
}

fn fenced_reason(reason: &str) -> String {
    format!("{reason}; {}", hint(Code::Fenced).unwrap_or_default())
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
        let mut turn = self.next;
        while self.next < self.total() && self.core.unusable.get().is_none() {
            let room = self.core.room.notified();
            let progress = self.core.native.hand_over(self.number, &self.flight, self.next);
            self.next = progress.next;
            self.core.flights.close(self.number, &self.flight, progress.refused);
            if progress.full {
                room.await;
            } else if self.next - turn >= CHUNK {
                // Giving way costs more than handing a record over: not after each run of records, however short.
                tokio::task::yield_now().await;
                turn = self.next;
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

/// A call of a transaction, which blocks its thread.
impl RdKafkaProducer {
    fn transaction_call<'a>(
        &'a self,
        operation: &'static str,
        call: impl FnOnce(&NativeProducer) -> Result<()> + Send + 'static,
    ) -> BoxFuture<'a, Result<()>> {
        let core = Arc::clone(self.core());
        Box::pin(async move {
            let asked = Arc::clone(&core);
            let called = tokio::task::spawn_blocking(move || call(&asked.native)).await;
            let called = called.unwrap_or_else(|error| {
                Err(Error::Fatal { operation: operation.to_owned(), reason: error.to_string() })
            });
            called.map_err(|error| match (core.unusable.get(), core.reports.take_refusal()) {
                // The thread that serves reports may know better why.
                (Some(known @ Error::Fenced { .. }), _) => known.clone(),
                (_, Some(refusal)) => refusal,
                _ => core.reports.explained(error),
            })
        })
    }
}

impl TransactionalProducer for RdKafkaProducer {
    fn init(&self, limit: Duration) -> BoxFuture<'_, Result<()>> {
        self.transaction_call("taking over the transactional.id", move |native| {
            native.init_transactions(limit)
        })
    }

    fn begin(&self) -> BoxFuture<'_, Result<()>> {
        // Nothing is sent: no thread has to wait.
        Box::pin(std::future::ready(match self.core().unusable.get() {
            Some(error) => Err(error.clone()),
            None => self.core().native.begin_transaction(),
        }))
    }

    fn commit(&self, limit: Duration) -> BoxFuture<'_, Result<()>> {
        self.transaction_call("committing a transaction", move |native| native.commit_transaction(limit))
    }

    fn abort(&self, limit: Duration) -> BoxFuture<'_, Result<()>> {
        self.transaction_call("aborting a transaction", move |native| native.abort_transaction(limit))
    }
}

impl Producer for RdKafkaProducer {
    fn send(&self, batch: EncodedBatch) -> BoxFuture<'_, Result<Receipt>> {
        Box::pin(async move {
            let core = self.core();
            if let Some(error) = core.unusable.get() {
                return Err(error.clone());
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

    fn trouble(&self) -> Option<Trouble> {
        self.core().reports.trouble()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::librdkafka::RdKafkaClients;
    use crate::librdkafka::java_keys::{Role, translate};
    use crate::{ClientSettings, Clients, EncodedRecord};

    fn batch() -> EncodedBatch {
        let record = EncodedRecord {
            topic: "t".into(),
            partition: None,
            timestamp: None,
            key: None,
            value: None,
            headers: 0..0,
        };
        EncodedBatch { records: vec![record; 3], ..EncodedBatch::default() }
    }

    fn settings(address: &str) -> ClientSettings {
        let pairs = [("bootstrap.servers", address), ("enable.idempotence", "true")];
        ClientSettings(pairs.into_iter().collect())
    }

    #[tokio::test]
    async fn after_a_fatal_error_everything_fails_as_unusable_and_a_new_producer_takes_its_place() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = settings(&nobody.local_addr().unwrap().to_string());
        let translated = translate(Role::Producer, &settings).unwrap();
        let clients = RdKafkaClients::new();
        let get = || {
            let make = || RdKafkaProducer::new(&translated, None);
            clients.producers.get(translated.sharing_key(), RdKafkaProducer::is_usable, make).unwrap()
        };
        let producer = get();
        let receipt = producer.send(batch()).await.unwrap();
        producer.core().native.raise_fatal_error("a sequence was lost");
        let failures = receipt.await.failures;
        assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [0, 1, 2]);
        for failure in failures {
            let text = failure.error.to_string();
            assert!(
                matches!(failure.error, Error::Unusable { .. }) && text.contains("a sequence was lost"),
                "{text}"
            );
        }
        assert!(matches!(producer.send(batch()).await.err(), Some(Error::Unusable { .. })));
        assert!(!Arc::ptr_eq(&producer, &get()), "the pool makes a new one");
        assert!(clients.producer(&settings).is_ok());
    }

    #[tokio::test]
    async fn a_producer_that_is_not_let_in_fails_what_waits() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let translated =
            translate(Role::Producer, &settings(&nobody.local_addr().unwrap().to_string())).unwrap();
        let producer = RdKafkaProducer::new(&translated, None).unwrap();
        let receipt = producer.send(batch()).await.unwrap();
        producer.core().reports.error_reported(Code::Authentication, "wrong password for alice");
        producer.core().native.purge(); // any event makes the thread look
        let failures = receipt.await.failures;
        assert_eq!(failures.len(), 3);
        assert!(matches!(failures[0].error, Error::Fatal { .. }), "{:?}", failures[0].error);
        assert!(failures[0].error.to_string().contains("wrong password for alice"));
        assert!(matches!(producer.send(batch()).await.err(), Some(Error::Fatal { .. })));
        assert!(!producer.is_usable());
    }
}
