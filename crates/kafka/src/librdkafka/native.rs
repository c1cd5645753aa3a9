//! The calls into librdkafka that the wrapper crate has no batch-shaped form of. All `unsafe` of sending is here.
//!
//! Payloads are **not copied**: librdkafka is given pointers into the batch's buffer (no `MSG_F_COPY`, no
//! `MSG_F_FREE`), and reads them until it delivers the report of the message. See [`NativeProducer::hand_over`].
#![allow(unsafe_code)]

mod handing_over;
mod reports;
mod transactions;

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use api::data::Topic;
use parking_lot::Mutex;
use rdkafka::bindings as sys;
use rdkafka::client::Client;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::types::{RDKafkaRespErr, RDKafkaType};

use super::context::Reports;
use super::failure::{with_code, with_raw};
use super::java_keys::Translated;
use super::login::{Login, Member};
use crate::{Error, Result};

pub(super) use handing_over::{CHUNK, sending};
pub(super) use reports::{Report, Served};

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
