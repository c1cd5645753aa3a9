//! Handing records over to librdkafka.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use rdkafka::bindings as sys;
use rdkafka::types::RDKafkaRespErr;

use super::{NativeProducer, TopicHandle};
use crate::librdkafka::failure::with_raw;
use crate::librdkafka::flight::{Flight, Place};
use crate::{EncodedRecord, Error};

/// Records that are handed over in one go, so that a thread of the async runtime is not held for long.
pub(in crate::librdkafka) const CHUNK: usize = 512;
/// librdkafka chooses the partition.
const UNASSIGNED: i32 = -1;

/// How far a batch was handed over.
pub(in crate::librdkafka) struct Progress {
    /// The first record that was neither taken nor refused.
    pub(in crate::librdkafka) next: usize,
    /// Records that were refused at once; they are noted as failures.
    pub(in crate::librdkafka) refused: usize,
    /// The queue is full: go on when there is room.
    pub(in crate::librdkafka) full: bool,
}

/// What became of one record.
enum Taken {
    Yes,
    Refused,
    /// The queue is full.
    Full,
}

impl NativeProducer {
    /// Hands the next records of a flight over, in order, at most [`CHUNK`] of them.
    ///
    /// The pointers that librdkafka keeps stay valid: they point into `flight.batch.buffer`, which nobody changes
    /// (the flight is shared) and which lives until the flight is closed for each record (the [`super::flight::Flights`]
    /// hold it), and a record that was taken is closed only when its report has come and been released
    /// ([`Self::serve`]), after which librdkafka no longer reads it. If the client is destroyed first, its threads
    /// have ended before the flights are freed: the producer drops the native part before the flights.
    pub(in crate::librdkafka) fn hand_over(
        &self,
        number: u32,
        flight: &Arc<Flight>,
        from: usize,
    ) -> Progress {
        let records = &flight.batch.records;
        let first = &records[from];
        let topic = match self.topic(&first.topic) {
            Ok(topic) => topic,
            Err(error) => {
                flight.fail(from, error);
                return Progress { next: from + 1, refused: 1, full: false };
            }
        };
        let plain = is_plain(first);
        let alike = |record: &EncodedRecord| {
            is_plain(record) == plain
                && (Arc::ptr_eq(&record.topic, &first.topic) || record.topic == first.topic)
        };
        let run = records[from..].iter().take(CHUNK).take_while(|record| alike(record)).count();
        match plain {
            true => self.hand_over_run(number, flight, from, run, topic),
            false => self.hand_over_each(number, flight, from, run, topic),
        }
    }

    /// Records of one topic that have a partition, a timestamp or headers of their own.
    fn hand_over_each(
        &self,
        number: u32,
        flight: &Flight,
        from: usize,
        run: usize,
        topic: TopicHandle,
    ) -> Progress {
        let mut refused = 0;
        for index in from..from + run {
            match self.hand_over_one(number, flight, index, topic) {
                Taken::Yes => {}
                Taken::Refused => refused += 1,
                Taken::Full => return Progress { next: index, refused, full: true },
            }
        }
        Progress { next: from + run, refused, full: false }
    }

    /// Records of one topic that need neither partition, timestamp nor headers: one call for all.
    fn hand_over_run(
        &self,
        number: u32,
        flight: &Flight,
        from: usize,
        run: usize,
        topic: TopicHandle,
    ) -> Progress {
        let records = &flight.batch.records[from..from + run];
        let mut messages: Vec<sys::rd_kafka_message_t> = Vec::with_capacity(run);
        for (index, record) in records.iter().enumerate() {
            let (payload, len) = part(flight, record.value.as_ref());
            let (key, key_len) = part(flight, record.key.as_ref());
            let place = Place { flight: number, index: (from + index) as u32 };
            messages.push(sys::rd_kafka_message_t {
                err: RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR,
                rkt: ptr::null_mut(),
                partition: UNASSIGNED,
                payload,
                len,
                key,
                key_len,
                offset: 0,
                _private: ptr::without_provenance_mut(place.to_opaque()),
            });
        }
        // SAFETY: the topic handle belongs to this live client; `messages` has `run` initialized elements (at most
        // CHUNK, so it fits an int) and outlives the call; payloads outlive the messages (see `hand_over`), keys are
        // copied by the call.
        let taken = unsafe {
            sys::rd_kafka_produce_batch(topic.0, UNASSIGNED, 0, messages.as_mut_ptr(), messages.len() as i32)
        };
        if taken as usize == run {
            return Progress { next: from + run, refused: 0, full: false };
        }
        let mut refused = 0;
        for (index, message) in messages.iter().enumerate() {
            match message.err {
                RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => {}
                // Once the queue is full the call refuses all that follow, so order is kept.
                RDKafkaRespErr::RD_KAFKA_RESP_ERR__QUEUE_FULL => {
                    return Progress { next: from + index, refused, full: true };
                }
                code => {
                    self.refuse(flight, from + index, code);
                    refused += 1;
                }
            }
        }
        Progress { next: from + run, refused, full: false }
    }

    /// A record with a partition, a timestamp or headers of its own. One that is refused is noted as a failure.
    fn hand_over_one(&self, number: u32, flight: &Flight, index: usize, topic: TopicHandle) -> Taken {
        let record = &flight.batch.records[index];
        if record.timestamp.is_some_and(i64::is_negative) || record.partition.is_some_and(i32::is_negative) {
            let reason = "a timestamp and a partition must not be negative".to_owned();
            flight.fail(index, Error::BadRecord { operation: sending(record), reason });
            return Taken::Refused;
        }
        let (payload, len) = part(flight, record.value.as_ref());
        let (key, key_len) = part(flight, record.key.as_ref());
        let headers = headers(flight, record);
        let place = Place { flight: number, index: index as u32 };
        // librdkafka takes 0 for "now", so the first millisecond of 1970 becomes the second.
        let timestamp = record.timestamp.map_or(0, |timestamp| timestamp.max(1));
        // SAFETY: each tag is followed by the arguments that librdkafka's documentation names for it, and the list
        // ends with VTYPE_END; the topic handle belongs to this live client; payload as in `hand_over`, the key is
        // copied; `headers` is null or a list that the call takes over when it succeeds.
        let code = unsafe {
            use sys::rd_kafka_vtype_t::*;
            sys::rd_kafka_producev(
                self.client.native_ptr(),
                RD_KAFKA_VTYPE_RKT,
                topic.0,
                RD_KAFKA_VTYPE_PARTITION,
                record.partition.unwrap_or(UNASSIGNED),
                RD_KAFKA_VTYPE_MSGFLAGS,
                0_i32,
                RD_KAFKA_VTYPE_VALUE,
                payload,
                len,
                RD_KAFKA_VTYPE_KEY,
                key,
                key_len,
                RD_KAFKA_VTYPE_OPAQUE,
                ptr::without_provenance_mut::<c_void>(place.to_opaque()),
                RD_KAFKA_VTYPE_TIMESTAMP,
                timestamp,
                RD_KAFKA_VTYPE_HEADERS,
                headers,
                RD_KAFKA_VTYPE_END,
            )
        };
        if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Taken::Yes;
        }
        if !headers.is_null() {
            // SAFETY: the call failed, so the list is still ours, and it is not used after this.
            unsafe { sys::rd_kafka_headers_destroy(headers) };
        }
        if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__QUEUE_FULL {
            return Taken::Full;
        }
        self.refuse(flight, index, code);
        Taken::Refused
    }

    fn refuse(&self, flight: &Flight, index: usize, code: RDKafkaRespErr) {
        flight.fail(index, with_raw(sending(&flight.batch.records[index]), code));
    }
}

pub(in crate::librdkafka) fn sending(record: &EncodedRecord) -> String {
    match record.partition {
        Some(partition) => format!("sending to topic {} partition {partition}", record.topic),
        None => format!("sending to topic {}", record.topic),
    }
}

/// Whether a record needs nothing but topic, key and value.
fn is_plain(record: &EncodedRecord) -> bool {
    record.partition.is_none() && record.timestamp.is_none() && record.headers.is_empty()
}

/// Pointer and length of a part; null for null. An empty part is not null: its pointer is not.
fn part(flight: &Flight, range: Option<&std::ops::Range<u32>>) -> (*mut c_void, usize) {
    match range {
        None => (ptr::null_mut(), 0),
        Some(range) => {
            let bytes = flight.batch.slice(range);
            (bytes.as_ptr().cast_mut().cast(), bytes.len())
        }
    }
}

/// librdkafka's list of a record's headers, which copies them; null when there are none.
fn headers(flight: &Flight, record: &EncodedRecord) -> *mut sys::rd_kafka_headers_t {
    let headers = &flight.batch.headers[record.headers.start as usize..record.headers.end as usize];
    if headers.is_empty() {
        return ptr::null_mut();
    }
    // SAFETY: the list is ours until `rd_kafka_producev` takes it; names and values are read with their lengths and
    // copied during the call.
    unsafe {
        let list = sys::rd_kafka_headers_new(headers.len());
        for header in headers {
            let (name, name_len) = part(flight, Some(&header.key));
            let (value, value_len) = part(flight, header.value.as_ref());
            sys::rd_kafka_header_add(list, name.cast(), name_len as isize, value, value_len as isize);
        }
        list
    }
}
