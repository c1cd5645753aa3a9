//! Transactions: calls that block their thread.

use std::ffi::CStr;
use std::time::{Duration, Instant};

use rdkafka::bindings as sys;
use rdkafka::error::RDKafkaErrorCode as Code;

use super::NativeProducer;
use crate::librdkafka::failure::{hint, with_code};
use crate::{Error, Result};

/// The pause before a call of a transaction is made again.
const AGAIN: Duration = Duration::from_millis(50);

impl NativeProducer {
    /// Blocks the thread until the id is ours.
    pub(in crate::librdkafka) fn init_transactions(&self, limit: Duration) -> Result<()> {
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
    pub(in crate::librdkafka) fn begin_transaction(&self) -> Result<()> {
        // SAFETY: as above.
        let error = unsafe { sys::rd_kafka_begin_transaction(self.client.native_ptr()) };
        Outcome::of("beginning a transaction", error).finish()
    }

    /// Blocks the thread until it is committed; reports must be served meanwhile.
    pub(in crate::librdkafka) fn commit_transaction(&self, limit: Duration) -> Result<()> {
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
    pub(in crate::librdkafka) fn abort_transaction(&self, limit: Duration) -> Result<()> {
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
}

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
