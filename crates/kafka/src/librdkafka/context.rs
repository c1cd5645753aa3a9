//! What librdkafka tells without being asked: log lines and errors of connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::failure::{code_of, hint, with_code};
use super::outage::Outage;
use super::throttle::Throttle;
use crate::{Error, Trouble};

/// What TLS says when the one side has not the certificate that the other side wants. A broker's refusal comes as an
/// alert, in TLS 1.3 only after the handshake.
const WRONG_CERTIFICATES: [&str; 4] =
    ["certificate verify failed", "alert certificate required", "alert bad certificate", "alert unknown ca"];

/// Passes log lines on and remembers the error that explains why nothing works.
#[derive(Debug, Clone, Default)]
pub(super) struct Reports(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Events of a queue that were dealt with here: a poll that answers nothing may have served one.
    served: AtomicU64,
    /// Says what to do when the next call times out: a refused password, a certificate.
    cause: Mutex<Option<Error>>,
    /// The text of the last error: the wrapper's errors have the code only.
    last_text: Mutex<Option<String>>,
    /// Why there is no token to log in with, while there may be one later.
    login: Mutex<Option<String>>,
    /// Whether the brokers are away; looked at only when they may be.
    outage: Mutex<Outage>,
    may_be_away: AtomicBool,
    /// Why the last connection failed: that all brokers are down says no reason.
    connection: Mutex<Option<String>>,
    said: Mutex<Throttle>,
}

impl Reports {
    pub(super) fn served(&self) -> u64 {
        self.0.served.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self) {
        self.0.served.fetch_add(1, Ordering::Relaxed);
    }

    /// A refusal by the broker that was reported since the last call; trying again will not help.
    pub(super) fn take_refusal(&self) -> Option<Error> {
        self.0.cause.lock().take()
    }

    /// There is a token to log in with, or a refusal that says why not.
    pub(super) fn login_works(&self) {
        *self.0.login.lock() = None;
    }

    /// There is no token to log in with, and the next try may have one.
    pub(super) fn login_waits(&self, reason: &str) {
        *self.0.login.lock() = Some(reason.to_owned());
    }

    /// An error with what is behind it: nothing is answered in time while there is no token to log in with.
    pub(super) fn explained(&self, error: Error) -> Error {
        match (error, &*self.0.login.lock()) {
            (Error::Retriable { operation, reason }, Some(login)) => {
                Error::Retriable { operation, reason: format!("{reason}; {login}") }
            }
            (error, _) => error,
        }
    }

    /// Brokers answered. Asked for each batch, so it must cost nothing while all is well.
    pub(super) fn answered(&self) {
        if self.0.may_be_away.load(Ordering::Relaxed) && self.0.may_be_away.swap(false, Ordering::Relaxed) {
            self.0.outage.lock().over();
        }
    }

    /// What keeps the brokers from answering.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        if !self.0.may_be_away.load(Ordering::Relaxed) {
            return None;
        }
        self.0.outage.lock().trouble(Instant::now())
    }

    fn all_brokers_are_down(&self, text: &str) {
        let connection = self.0.connection.lock().clone();
        let reason = connection.map_or_else(|| text.to_owned(), |why| format!("{why}; {text}"));
        let hint = hint(RDKafkaErrorCode::AllBrokersDown).unwrap_or_default();
        self.0.outage.lock().failed(&format!("{reason}; {hint}"), Instant::now());
        self.0.may_be_away.store(true, Ordering::Relaxed);
    }

    /// The line with a word on lines like it that were left out; `None` when it is one of them.
    fn admitted(&self, line: &str) -> Option<String> {
        match self.0.said.lock().admit(line, Instant::now())? {
            0 => Some(line.to_owned()),
            left_out => Some(format!("{line} ({left_out} more like this were left out)")),
        }
    }

    /// The text of the error that was reported last.
    pub(super) fn take_text(&self) -> Option<String> {
        self.0.last_text.lock().take()
    }

    /// An error of a client as a whole.
    pub(super) fn error_reported(&self, code: RDKafkaErrorCode, reason: &str) {
        *self.0.last_text.lock() = Some(reason.to_owned());
        match code {
            RDKafkaErrorCode::AllBrokersDown => self.all_brokers_are_down(reason),
            RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::Resolve | RDKafkaErrorCode::SSL => {
                *self.0.connection.lock() = Some(reason.to_owned());
            }
            _ => {}
        }
        let code = match code {
            RDKafkaErrorCode::BrokerTransportFailure if is_wrong_certificate(reason) => RDKafkaErrorCode::SSL,
            code => code,
        };
        let refused = match code {
            RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed => true,
            RDKafkaErrorCode::SSL => is_wrong_certificate(reason),
            _ => false,
        };
        match code {
            RDKafkaErrorCode::PartitionEOF => {} // what a reader to the end waits for, no error
            // The token has expired, and the next one is awaited: no verdict on who we are.
            _ if refused && self.0.login.lock().is_some() => {
                if let Some(reason) = self.admitted(reason) {
                    tracing::warn!(target: "librdkafka", %code, "{reason}");
                }
            }
            _ if refused => {
                if let Some(reason) = self.admitted(reason) {
                    tracing::error!(target: "librdkafka", %code, "{reason}");
                }
                let operation = format!("connecting to Kafka ({reason})");
                *self.0.cause.lock() = Some(with_code(operation, code));
            }
            RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::SSL | RDKafkaErrorCode::Resolve => {
                if let Some(reason) = self.admitted(reason) {
                    tracing::warn!(target: "librdkafka", %code, "{reason}");
                }
            }
            _ => {
                if let Some(reason) = self.admitted(reason) {
                    tracing::info!(target: "librdkafka", %code, "{reason}");
                }
            }
        }
    }

    pub(super) fn logged(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        // Whoever asks librdkafka to debug wants every line.
        let line = match level {
            RDKafkaLogLevel::Debug => Some(line.to_owned()),
            _ => self.admitted(line),
        };
        let Some(line) = line else { return };
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => tracing::error!(target: "librdkafka", facility, "{line}"),
            RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", facility, "{line}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "librdkafka", facility, "{line}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", facility, "{line}"),
        }
    }
}

fn is_wrong_certificate(reason: &str) -> bool {
    WRONG_CERTIFICATES.iter().any(|text| reason.contains(text))
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.count();
        self.logged(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.count();
        if let Some(code) = code_of(&error) {
            self.error_reported(code, reason);
        }
    }

    fn stats_raw(&self, _statistics: &[u8]) {
        self.count();
    }
}
