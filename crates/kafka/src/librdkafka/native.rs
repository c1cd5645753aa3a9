//! The calls into librdkafka that the wrapper crate has no batch-shaped form of. All `unsafe` of sending is here.
//!
//! Payloads are **not copied**: librdkafka is given pointers into the batch's buffer (no `MSG_F_COPY`, no
//! `MSG_F_FREE`), and reads them until it delivers the report of the message. See [`NativeProducer::hand_over`].
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_void};
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::data::Topic;
use parking_lot::Mutex;
use rdkafka::bindings as sys;
use rdkafka::client::Client;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::types::{RDKafkaRespErr, RDKafkaType};

use super::context::Reports;
use super::failure::{hint, with_code, with_raw};
use super::flight::{Flight, Place};
use super::java_keys::Translated;
use super::login::{Login, Member};
use crate::{EncodedRecord, Error, Result};

/// Records that are handed over in one go, so that a thread of the async runtime is not held for long.
pub(super) const CHUNK: usize = 512;
/// librdkafka chooses the partition.
const UNASSIGNED: i32 = -1;

/// A producer as librdkafka has it.
pub(super) struct NativeProducer {
    /// Dropped before the client, which it has a pointer to.
    _login: Option<Member>,
    client: Client<Reports>,
    transactional: bool,
    queue: *mut sys::rd_kafka_queue_t,
    /// Handles of the topics that were sent to; looking one up by name for each record would cost more than sending.
    topics: Mutex<HashMap<Topic, TopicHandle>>,
}

#[derive(Clone, Copy)]
struct TopicHandle(*mut sys::rd_kafka_topic_t);

// SAFETY: librdkafka's objects (client, queue, topic) may be used from any thread at the same time ("The library is
// completely thread-safe", its introduction); both handles are freed once, in `Drop`, when nobody else has a
// reference.
unsafe impl Send for NativeProducer {}
// SAFETY: as above.
unsafe impl Sync for NativeProducer {}
// SAFETY: as above; a handle is not used after the producer, which owns it.
unsafe impl Send for TopicHandle {}

/// How far a batch was handed over.
pub(super) struct Progress {
    /// The first record that was neither taken nor refused.
    pub(super) next: usize,
    /// Records that were refused at once; they are noted as failures.
    pub(super) refused: usize,
    /// The queue is full: go on when there is room.
    pub(super) full: bool,
}

/// What became of one record.
enum Taken {
    Yes,
    Refused,
    /// The queue is full.
    Full,
}

/// What a poll served.
pub(super) enum Served {
    Nothing,
    /// Reports on records; their room in the queue is free.
    Deliveries,
    Other,
}

impl NativeProducer {
    pub(super) fn new(translated: &Translated, reports: Reports, login: Option<Arc<Login>>) -> Result<Self> {
        let config = translated.native()?;
        let native = config.create_native_config().map_err(|error| translated.not_created(&error))?;
        // SAFETY: the config is ours and alive.
        unsafe {
            sys::rd_kafka_conf_set_events(
                native.ptr(),
                sys::RD_KAFKA_EVENT_DR | sys::RD_KAFKA_EVENT_ERROR | sys::RD_KAFKA_EVENT_STATS,
            );
        }
        let client = Client::new(&config, native, RDKafkaType::RD_KAFKA_PRODUCER, reports.clone())
            .map_err(|error| translated.not_created(&error))?;
        // SAFETY: the member is the first field of what owns the client, and dropped before it; if what follows should
        // panic, it is dropped first as well, being declared later.
        let login = login.map(|login| unsafe { login.join(&client, reports) });
        // SAFETY: the client is alive; the queue that is returned is ours and freed in `Drop`, before the client.
        let queue = unsafe { sys::rd_kafka_queue_get_main(client.native_ptr()) };
        let transactional = translated.get("transactional.id").is_some();
        Ok(Self { _login: login, client, transactional, queue, topics: Mutex::new(HashMap::new()) })
    }

    fn topic(&self, topic: &Topic) -> Result<TopicHandle> {
        let mut topics = self.topics.lock();
        if let Some(handle) = topics.get(topic) {
            return Ok(*handle);
        }
        let operation = format!("sending to topic {topic}");
        let name = CString::new(&**topic).map_err(|_| Error::Fatal {
            operation: operation.clone(),
            reason: "a topic's name cannot hold a zero byte".to_owned(),
        })?;
        // SAFETY: the client is alive, the name is zero-terminated, no config is passed.
        let handle =
            unsafe { sys::rd_kafka_topic_new(self.client.native_ptr(), name.as_ptr(), ptr::null_mut()) };
        if handle.is_null() {
            // SAFETY: reads the error that the call above left for this thread.
            let code = unsafe { sys::rd_kafka_last_error() };
            return Err(with_raw(operation, code));
        }
        topics.insert(Topic::clone(topic), TopicHandle(handle));
        Ok(TopicHandle(handle))
    }

    /// Hands the next records of a flight over, in order, at most [`CHUNK`] of them.
    ///
    /// The pointers that librdkafka keeps stay valid: they point into `flight.batch.buffer`, which nobody changes
    /// (the flight is shared) and which lives until the flight is closed for each record (the [`super::flight::Flights`]
    /// hold it), and a record that was taken is closed only when its report has come and been released
    /// ([`Self::serve`]), after which librdkafka no longer reads it. If the client is destroyed first, its threads
    /// have ended before the flights are freed: the producer drops the native part before the flights.
    pub(super) fn hand_over(&self, number: u32, flight: &Arc<Flight>, from: usize) -> Progress {
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

    /// Waits at most this long for one event and serves it. For a report on records, `closed` is called for each
    /// run of records of one flight with the flight's number, the number of records, and the failures.
    pub(super) fn serve(&self, timeout: Duration, mut closed: impl FnMut(&[Report])) -> Served {
        let timeout = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue is alive; the event that is returned is ours and destroyed below.
        let event = unsafe { sys::rd_kafka_queue_poll(self.queue, timeout) };
        if event.is_null() {
            return Served::Nothing;
        }
        // SAFETY: `event` is alive until the destroy at the end, for this and all calls below.
        let kind = unsafe { sys::rd_kafka_event_type(event) };
        let mut reports = Vec::new();
        match kind {
            sys::RD_KAFKA_EVENT_DR => reports = deliveries(event),
            sys::RD_KAFKA_EVENT_ERROR => {
                // SAFETY: as above; the text is zero-terminated and copied here.
                let (code, text) = unsafe {
                    let text = CStr::from_ptr(sys::rd_kafka_event_error_string(event));
                    (sys::rd_kafka_event_error(event), text.to_string_lossy().into_owned())
                };
                self.client.context().error_reported(code.into(), &text);
            }
            sys::RD_KAFKA_EVENT_LOG => self.log(event),
            _ => {}
        }
        // SAFETY: it is ours and not used after this. Destroying a report frees its messages and their room.
        unsafe { sys::rd_kafka_event_destroy(event) };
        // Only now: while the event lives, its messages point into the flights.
        if !reports.is_empty() {
            closed(&reports);
        }
        match kind {
            sys::RD_KAFKA_EVENT_DR => Served::Deliveries,
            _ => Served::Other,
        }
    }

    fn log(&self, event: *mut sys::rd_kafka_event_t) {
        let (mut facility, mut line, mut level) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the caller's event is alive and of type LOG; both texts live as long as it, and are zero-terminated
        // when the call answers 0.
        unsafe {
            if sys::rd_kafka_event_log(event, &mut facility, &mut line, &mut level) == 0 {
                let level = match level {
                    ..=3 => RDKafkaLogLevel::Error,
                    4 => RDKafkaLogLevel::Warning,
                    5 | 6 => RDKafkaLogLevel::Info,
                    _ => RDKafkaLogLevel::Debug,
                };
                let text = |text| CStr::from_ptr(text).to_string_lossy();
                self.client.context().logged(level, &text(facility), &text(line));
            }
        }
    }

    /// Why the client can no longer be used, if so.
    pub(super) fn fatal_error(&self) -> Option<(Code, String)> {
        let mut text = [0 as std::ffi::c_char; 512];
        // SAFETY: the client is alive; the buffer's length is passed, and the text is zero-terminated within it.
        let code =
            unsafe { sys::rd_kafka_fatal_error(self.client.native_ptr(), text.as_mut_ptr(), text.len()) };
        if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        // SAFETY: as above.
        let text = unsafe { CStr::from_ptr(text.as_ptr()) };
        let code = Code::from(code);
        Some((code, format!("{code}: {}", text.to_string_lossy())))
    }

    pub(super) fn is_transactional(&self) -> bool {
        self.transactional
    }

    /// Blocks the thread until the id is ours.
    pub(super) fn init_transactions(&self, limit: Duration) -> Result<()> {
        let give_up = Instant::now() + limit;
        loop {
            // SAFETY: the client is alive; so for the three calls below.
            let error = unsafe { sys::rd_kafka_init_transactions(self.client.native_ptr(), millis(give_up)) };
            match Outcome::of("taking over the transactional.id", error) {
                Outcome::Again(_) if Instant::now() < give_up => std::thread::sleep(AGAIN),
                outcome => return outcome.finish(),
            }
        }
    }

    /// Begins a transaction; nothing is sent.
    pub(super) fn begin_transaction(&self) -> Result<()> {
        // SAFETY: as above.
        let error = unsafe { sys::rd_kafka_begin_transaction(self.client.native_ptr()) };
        Outcome::of("beginning a transaction", error).finish()
    }

    /// Blocks the thread until it is committed; reports must be served meanwhile.
    pub(super) fn commit_transaction(&self, limit: Duration) -> Result<()> {
        let give_up = Instant::now() + limit;
        loop {
            // SAFETY: as above.
            let error =
                unsafe { sys::rd_kafka_commit_transaction(self.client.native_ptr(), millis(give_up)) };
            match Outcome::of("committing a transaction", error) {
                // librdkafka goes on where it was.
                Outcome::Again(_) if Instant::now() < give_up => std::thread::sleep(AGAIN),
                outcome => return outcome.finish(),
            }
        }
    }

    /// Blocks the thread until it is aborted; reports must be served meanwhile.
    pub(super) fn abort_transaction(&self, limit: Duration) -> Result<()> {
        let give_up = Instant::now() + limit;
        loop {
            // SAFETY: as above.
            let error = unsafe { sys::rd_kafka_abort_transaction(self.client.native_ptr(), millis(give_up)) };
            match Outcome::of("aborting a transaction", error) {
                Outcome::Again(_) if Instant::now() < give_up => std::thread::sleep(AGAIN),
                outcome => return outcome.finish(),
            }
        }
    }

    /// Waits, blocking the thread, until everything is acknowledged or failed; reports must be served meanwhile.
    pub(super) fn flush(&self, timeout: Duration) -> Result<()> {
        let timeout_ms = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the client is alive.
        match unsafe { sys::rd_kafka_flush(self.client.native_ptr(), timeout_ms) } {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
            code => Err(with_code(format!("flushing within {timeout:?}"), Code::from(code))),
        }
    }

    /// Gives up on everything that is not acknowledged; the reports say so.
    pub(super) fn purge(&self) {
        let what = sys::RD_KAFKA_PURGE_F_QUEUE | sys::RD_KAFKA_PURGE_F_INFLIGHT;
        // SAFETY: the client is alive.
        unsafe { sys::rd_kafka_purge(self.client.native_ptr(), what) };
    }

    /// Records without a report that was served.
    pub(super) fn unreported(&self) -> usize {
        // SAFETY: the client is alive.
        usize::try_from(unsafe { sys::rd_kafka_outq_len(self.client.native_ptr()) }).unwrap_or(0)
    }

    #[cfg(test)]
    pub(super) fn raise_fatal_error(&self, reason: &str) {
        let reason = CString::new(reason).unwrap();
        let code = RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
        // SAFETY: the client is alive, the text is zero-terminated and copied.
        unsafe { sys::rd_kafka_test_fatal_error(self.client.native_ptr(), code, reason.as_ptr()) };
    }

    /// Ends a [`Self::serve`] that waits.
    pub(super) fn wake(&self) {
        // SAFETY: the queue is alive.
        unsafe { sys::rd_kafka_queue_yield(self.queue) };
    }
}

impl Drop for NativeProducer {
    fn drop(&mut self) {
        for (_, handle) in self.topics.get_mut().drain() {
            // SAFETY: it is ours, alive, and gone from the map.
            unsafe { sys::rd_kafka_topic_destroy(handle.0) };
        }
        // SAFETY: it is ours and not used after this; the client is dropped after it.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}

/// The pause before a call of a transaction is made again.
const AGAIN: Duration = Duration::from_millis(50);

fn millis(give_up: Instant) -> i32 {
    let left = give_up.saturating_duration_since(Instant::now());
    i32::try_from(left.as_millis()).unwrap_or(i32::MAX)
}

/// What a call of a transaction answered.
enum Outcome {
    Done,
    /// The same may be called again.
    Again(Error),
    Failed(Error),
}

impl Outcome {
    fn of(operation: &str, error: *mut sys::rd_kafka_error_t) -> Self {
        if error.is_null() {
            return Self::Done;
        }
        // SAFETY: the error is ours and alive until the destroy; its text is zero-terminated and copied.
        let (code, text, again, abort) = unsafe {
            let text = CStr::from_ptr(sys::rd_kafka_error_string(error)).to_string_lossy().into_owned();
            let code = Code::from(sys::rd_kafka_error_code(error));
            let again = sys::rd_kafka_error_is_retriable(error) != 0;
            let abort = sys::rd_kafka_error_txn_requires_abort(error) != 0;
            sys::rd_kafka_error_destroy(error);
            (code, text, again, abort)
        };
        let operation = operation.to_owned();
        let fenced = matches!(code, Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch);
        if fenced {
            let reason = format!("{text}; {}", hint(Code::Fenced).unwrap_or_default());
            return Self::Failed(Error::Fenced { operation, reason });
        }
        if again && !abort {
            return Self::Again(Error::Retriable { operation, reason: text });
        }
        if abort {
            return Self::Failed(Error::Retriable { operation, reason: text });
        }
        Self::Failed(match with_code(operation, code) {
            Error::Retriable { operation, .. } => Error::Retriable { operation, reason: text },
            Error::Unusable { operation, .. } => Error::Unusable { operation, reason: text },
            Error::Fatal { operation, .. } => {
                let reason = hint(code).map_or_else(|| text.clone(), |hint| format!("{text}; {hint}"));
                Error::Fatal { operation, reason }
            }
            other => other,
        })
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Done => Ok(()),
            Self::Again(error) | Self::Failed(error) => Err(error),
        }
    }
}

/// What a report says of records of one flight that follow each other.
pub(super) struct Report {
    pub(super) flight: u32,
    pub(super) records: usize,
    /// The records are of a batch of one.
    pub(super) alone: bool,
    /// The index in the batch, and why.
    pub(super) failures: Vec<(u32, Code)>,
}

fn deliveries(event: *mut sys::rd_kafka_event_t) -> Vec<Report> {
    // SAFETY: the caller's event is alive and of type DR.
    let count = unsafe { sys::rd_kafka_event_message_count(event) };
    let mut messages: Vec<*const sys::rd_kafka_message_t> = vec![ptr::null(); count];
    // SAFETY: `messages` has room for `count`; at most so many are written.
    let written = unsafe { sys::rd_kafka_event_message_array(event, messages.as_mut_ptr(), count) };
    let mut reports: Vec<Report> = Vec::new();
    for message in &messages[..written.min(count)] {
        // SAFETY: the event owns the message and is alive; the pointer was written by the call above.
        let (code, opaque) = unsafe { ((**message).err, (**message)._private) };
        let place = Place::from_opaque(opaque.addr());
        match reports.last_mut() {
            Some(report) if report.flight == place.flight => report.records += 1,
            _ => reports.push(Report {
                flight: place.flight,
                records: 1,
                alone: count == 1,
                failures: Vec::new(),
            }),
        }
        if code != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            let report = reports.last_mut().expect("one was pushed or was there");
            report.failures.push((place.index, Code::from(code)));
        }
    }
    reports
}

pub(super) fn sending(record: &EncodedRecord) -> String {
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
