//! What librdkafka reports: on records, and on itself.

use std::ffi::CStr;
use std::ptr;
use std::time::Duration;

use rdkafka::bindings as sys;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::types::RDKafkaRespErr;

use super::NativeProducer;
use crate::librdkafka::flight::Place;

/// What a poll served.
pub(in crate::librdkafka) enum Served {
    Nothing,
    /// Reports on records; their room in the queue is free.
    Deliveries,
    Other,
}

impl NativeProducer {
    /// Waits at most this long for one event and serves it. For a report on records, `closed` is called for each
    /// run of records of one flight with the flight's number, the number of records, and the failures.
    pub(in crate::librdkafka) fn serve(
        &self,
        timeout: Duration,
        mut closed: impl FnMut(&[Report]),
    ) -> Served {
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
}

/// What a report says of records of one flight that follow each other.
pub(in crate::librdkafka) struct Report {
    pub(in crate::librdkafka) flight: u32,
    pub(in crate::librdkafka) records: usize,
    /// The records are of a batch of one.
    pub(in crate::librdkafka) alone: bool,
    /// The index in the batch, and why.
    pub(in crate::librdkafka) failures: Vec<(u32, Code)>,
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
