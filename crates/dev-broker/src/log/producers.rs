//! What a partition remembers of each idempotent producer: the last batches (to recognise a
//! repeated one), the epoch (to refuse a fenced one), and transactions that are open or aborted.

use std::collections::{BTreeMap, HashMap, VecDeque};

use kafka_protocol::ResponseError;

use super::batch::{Header, Marker, sequence_after};

/// How many batches per producer can be recognised as repeated; clients keep at most five in flight.
const REMEMBERED: usize = 5;

/// A batch that was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Sequence number of its first record.
    pub first_sequence: i32,
    /// Sequence number of its last record.
    pub last_sequence: i32,
    /// Offset that its first record got.
    pub base_offset: i64,
    /// The largest time stamp in it.
    pub timestamp: i64,
}

/// One producer in one partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Producer {
    /// The newest epoch that wrote here.
    pub epoch: i16,
    /// The last batches, oldest first.
    pub seen: VecDeque<Seen>,
    /// First offset of the open transaction.
    pub txn_first_offset: Option<i64>,
    /// Broker time of the last append, for expiry.
    pub last_append_ms: i64,
}

/// An aborted transaction: readers of committed data skip this producer's records from
/// `first_offset` until its marker at `last_offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aborted {
    /// Whose.
    pub producer_id: i64,
    /// Offset of its first record.
    pub first_offset: i64,
    /// Offset of the abort marker.
    pub last_offset: i64,
}

/// What to do with a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New: append it.
    Append,
    /// Sent before: answer with the offset that it got then.
    Repeated(Seen),
}

/// All producers of a partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Producers {
    /// By producer id.
    pub by_id: HashMap<i64, Producer>,
    /// Aborted transactions by the offset of their marker.
    pub aborted: BTreeMap<i64, Aborted>,
}

impl Producers {
    /// Checks epoch and sequence of a client's batch.
    pub fn check(&self, batch: &Header) -> Result<Verdict, ResponseError> {
        if !batch.has_producer() {
            return Ok(Verdict::Append);
        }
        // Nothing known (new, expired, or its records are gone): any sequence may start, as in Kafka.
        let Some(known) = self.by_id.get(&batch.producer_id) else { return Ok(Verdict::Append) };
        if batch.producer_epoch < known.epoch {
            return Err(ResponseError::InvalidProducerEpoch);
        }
        if batch.producer_epoch > known.epoch {
            return match batch.base_sequence {
                0 => Ok(Verdict::Append),
                _ => Err(ResponseError::OutOfOrderSequenceNumber),
            };
        }
        let last = batch.last_sequence();
        let same = |s: &&Seen| s.first_sequence == batch.base_sequence && s.last_sequence == last;
        if let Some(seen) = known.seen.iter().find(same) {
            return Ok(Verdict::Repeated(*seen));
        }
        if !batch.is_transactional() && known.txn_first_offset.is_some() {
            return Err(ResponseError::InvalidTxnState);
        }
        match known.seen.back() {
            Some(seen) if batch.base_sequence != sequence_after(seen.last_sequence, 1) => {
                Err(ResponseError::OutOfOrderSequenceNumber)
            }
            _ => Ok(Verdict::Append),
        }
    }

    /// Notes an appended data batch; the header has its final offset.
    pub fn appended(&mut self, batch: &Header, now_ms: i64) {
        if !batch.has_producer() {
            return;
        }
        let producer = self.by_id.entry(batch.producer_id).or_default();
        if producer.epoch != batch.producer_epoch {
            producer.seen.clear();
            producer.epoch = batch.producer_epoch;
        }
        if producer.seen.len() == REMEMBERED {
            producer.seen.pop_front();
        }
        producer.seen.push_back(Seen {
            first_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            base_offset: batch.base_offset,
            timestamp: batch.max_timestamp,
        });
        producer.last_append_ms = now_ms;
        if batch.is_transactional() && producer.txn_first_offset.is_none() {
            producer.txn_first_offset = Some(batch.base_offset);
        }
    }

    /// Notes an appended marker.
    pub fn ended(&mut self, batch: &Header, marker: Option<Marker>, now_ms: i64) {
        let producer = self.by_id.entry(batch.producer_id).or_default();
        if producer.epoch < batch.producer_epoch {
            producer.seen.clear();
            producer.epoch = batch.producer_epoch;
        }
        producer.last_append_ms = now_ms;
        if let Some(first_offset) = producer.txn_first_offset.take()
            && marker == Some(Marker::Abort)
        {
            let last_offset = batch.base_offset;
            self.aborted
                .insert(last_offset, Aborted { producer_id: batch.producer_id, first_offset, last_offset });
        }
    }

    /// Offset of the first record whose transaction is still open.
    #[must_use]
    pub fn first_unstable(&self) -> Option<i64> {
        self.by_id.values().filter_map(|p| p.txn_first_offset).min()
    }

    /// Aborted transactions with records in `[from, to)`.
    #[must_use]
    pub fn aborted_between(&self, from: i64, to: i64) -> Vec<Aborted> {
        self.aborted.range(from..).map(|(_, a)| *a).filter(|a| a.first_offset < to).collect()
    }

    /// Forgets what lies before the start of the log, and producers not heard of since `expired_ms`.
    pub fn forget(&mut self, start_offset: i64, expired_ms: i64) {
        self.aborted.retain(|last, _| *last >= start_offset);
        self.by_id.retain(|_, p| p.txn_first_offset.is_some() || p.last_append_ms >= expired_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(epoch: i16, sequence: i32, count: i32, offset: i64) -> Header {
        Header {
            base_offset: offset,
            length: 49,
            magic: 2,
            crc: 0,
            attributes: 0,
            last_offset_delta: count - 1,
            base_timestamp: 0,
            max_timestamp: 0,
            producer_id: 1,
            producer_epoch: epoch,
            base_sequence: sequence,
            count,
        }
    }

    #[test]
    fn sequences_epochs_and_repeats() {
        let mut p = Producers::default();
        for (i, sequence) in [0, 10, 20, 30, 40, 50].into_iter().enumerate() {
            let b = batch(0, sequence, 10, 100 + 10 * i as i64);
            assert_eq!(p.check(&b), Ok(Verdict::Append));
            p.appended(&b, 0);
        }
        // The last five are recognised, wherever they come; the sixth is not.
        for (sequence, offset) in [(10, 110), (50, 150)] {
            let Ok(Verdict::Repeated(seen)) = p.check(&batch(0, sequence, 10, 0)) else { panic!("repeated") };
            assert_eq!(seen.base_offset, offset);
        }
        let refused = Err(ResponseError::OutOfOrderSequenceNumber);
        assert_eq!(p.check(&batch(0, 0, 10, 0)), refused);
        assert_eq!(p.check(&batch(0, 61, 1, 0)), refused);
        assert_eq!(p.check(&batch(0, 50, 9, 0)), refused, "same start, other length");
        assert_eq!(p.check(&batch(1, 60, 1, 0)), refused, "a new epoch starts at 0");
        let next = batch(1, 0, 1, 160);
        assert_eq!(p.check(&next), Ok(Verdict::Append));
        p.appended(&next, 0);
        assert_eq!(p.check(&batch(0, 60, 1, 0)), Err(ResponseError::InvalidProducerEpoch));
    }

    #[test]
    fn the_first_open_transaction_bounds_what_is_stable() {
        let mut p = Producers::default();
        let txn = |id, offset| Header {
            attributes: 0x10,
            producer_id: id,
            base_sequence: 0,
            ..batch(0, 0, 1, offset)
        };
        p.appended(&txn(1, 5), 0);
        p.appended(&txn(2, 6), 0);
        assert_eq!(p.first_unstable(), Some(5));
        p.ended(&txn(1, 7), Some(Marker::Abort), 0);
        assert_eq!(p.first_unstable(), Some(6));
        p.ended(&txn(2, 8), Some(Marker::Commit), 0);
        assert_eq!(p.first_unstable(), None);
        let aborted = Aborted { producer_id: 1, first_offset: 5, last_offset: 7 };
        assert_eq!(p.aborted_between(0, 6), vec![aborted]);
        assert_eq!(p.aborted_between(7, 100), vec![aborted]);
        assert_eq!(p.aborted_between(8, 100), vec![]);
        assert_eq!(p.aborted_between(0, 5), vec![]);
    }
}
