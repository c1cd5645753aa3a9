//! Batches of which not every record is acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::channel::oneshot;
use parking_lot::Mutex;

use crate::{Delivery, EncodedBatch, Error, Failure};

/// A batch in flight. It holds the batch's bytes, which librdkafka reads until it reports on each record.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) batch: EncodedBatch,
    /// Records without a fate, and one more while the batch is being handed over.
    open: AtomicUsize,
    failures: Mutex<Vec<Failure>>,
    answer: Mutex<Option<oneshot::Sender<Delivery>>>,
}

/// All batches in flight by their number. A number travels with each record as its opaque and comes back in the
/// report; a plain number, so that nothing is allocated or counted for each record.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<Slots>);

#[derive(Debug, Default)]
struct Slots {
    flights: Vec<Option<Arc<Flight>>>,
    free: Vec<u32>,
}

/// Which record of which flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) flight: u32,
    pub(super) index: u32,
}

const _: () = assert!(usize::BITS == 64, "a place is two halves of a 64-bit opaque");

impl Place {
    pub(super) fn to_opaque(self) -> usize {
        (self.flight as usize) << 32 | self.index as usize
    }

    pub(super) fn from_opaque(opaque: usize) -> Self {
        Self { flight: (opaque >> 32) as u32, index: opaque as u32 }
    }
}

impl Flights {
    /// Registers a batch; it stays until each of its records, and one more, was closed.
    pub(super) fn open(&self, batch: EncodedBatch) -> (u32, Arc<Flight>, oneshot::Receiver<Delivery>) {
        let (sender, receiver) = oneshot::channel();
        let flight = Arc::new(Flight {
            open: AtomicUsize::new(batch.records.len() + 1),
            batch,
            failures: Mutex::new(Vec::new()),
            answer: Mutex::new(Some(sender)),
        });
        let mut slots = self.0.lock();
        let number = slots.free.pop().unwrap_or_else(|| {
            slots.flights.push(None);
            slots.flights.len() as u32 - 1
        });
        slots.flights[number as usize] = Some(Arc::clone(&flight));
        (number, flight, receiver)
    }

    /// The flight of this number, while it is open.
    pub(super) fn find(&self, number: u32) -> Option<Arc<Flight>> {
        self.0.lock().flights.get(number as usize)?.clone()
    }

    /// So many records of a flight have their fate. With the last one the flight is over and its receipt completes.
    pub(super) fn close(&self, number: u32, flight: &Flight, records: usize) {
        if records == 0 || flight.open.fetch_sub(records, Ordering::AcqRel) != records {
            return;
        }
        let mut slots = self.0.lock();
        slots.flights[number as usize] = None;
        slots.free.push(number);
        drop(slots);
        let mut failures = std::mem::take(&mut *flight.failures.lock());
        failures.sort_by_key(|failure| failure.index);
        if let Some(answer) = flight.answer.lock().take() {
            let _ = answer.send(Delivery { failures }); // a receipt that nobody waits for
        }
    }
}

impl Flight {
    /// Notes why a record failed; it must be closed as well.
    pub(super) fn fail(&self, index: usize, error: Error) {
        self.failures.lock().push(Failure { index, error });
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::EncodedRecord;

    fn batch(records: usize) -> EncodedBatch {
        let record = EncodedRecord {
            topic: "t".into(),
            partition: None,
            timestamp: None,
            key: None,
            value: None,
            headers: 0..0,
        };
        EncodedBatch { records: vec![record; records], ..EncodedBatch::default() }
    }

    #[test]
    fn opaques_carry_both_numbers() {
        for place in [
            Place { flight: 0, index: 0 },
            Place { flight: u32::MAX, index: 7 },
            Place { flight: 1, index: u32::MAX },
        ] {
            assert_eq!(Place::from_opaque(place.to_opaque()), place);
        }
    }

    #[test]
    fn a_receipt_completes_with_the_last_record_and_the_number_is_used_again() {
        let flights = Flights::default();
        let (number, flight, mut receipt) = flights.open(batch(3));
        let (other, _, _) = flights.open(batch(1));
        assert_ne!(number, other);
        flight.fail(2, Error::Fatal { operation: "x".into(), reason: "y".into() });
        flight.fail(0, Error::Fatal { operation: "x".into(), reason: "y".into() });
        flights.close(number, &flight, 3);
        assert!((&mut receipt).now_or_never().is_none(), "it is still being handed over");
        flights.close(number, &flight, 1);
        let delivery = receipt.now_or_never().unwrap().unwrap();
        assert_eq!(delivery.failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [0, 2]);
        assert!(flights.find(number).is_none());
        assert_eq!(flights.open(batch(1)).0, number);
    }
}
