//! What librdkafka tells without being asked: log lines and errors of connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::failure::{code_of, with_code};
use crate::Error;

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

    /// The text of the error that was reported last.
    pub(super) fn take_text(&self) -> Option<String> {
        self.0.last_text.lock().take()
    }

    /// An error of a client as a whole.
    pub(super) fn error_reported(&self, code: RDKafkaErrorCode, reason: &str) {
        *self.0.last_text.lock() = Some(reason.to_owned());
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
            // The token has expired, and the next one is awaited: no verdict on who we are.
            _ if refused && self.0.login.lock().is_some() => {
                tracing::warn!(target: "librdkafka", %code, "{reason}");
            }
            _ if refused => {
                tracing::error!(target: "librdkafka", %code, "{reason}");
                let operation = format!("connecting to Kafka ({reason})");
                *self.0.cause.lock() = Some(with_code(operation, code));
            }
            RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::SSL | RDKafkaErrorCode::Resolve => {
                tracing::warn!(target: "librdkafka", %code, "{reason}");
            }
            _ => tracing::info!(target: "librdkafka", %code, "{reason}"),
        }
    }

    pub(super) fn logged(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
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
