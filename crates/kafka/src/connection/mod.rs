//! Connections to brokers of our own, for what librdkafka does not do: one request is sent, one answer comes back.
//!
//! - `settings`: where and how, from the same Java keys as librdkafka's clients; `tls`: whom we trust and what we show.
//! - `brokers`: finds a broker that answers; `dial`: TCP, TLS, the versions that a broker speaks, and the log-in
//!   (`sasl`, `scram`).
//! - `channel`: requests go out in order, answers come back in order.
//! - `shape`: an answer's counts are checked before it is decoded.
//!
//! It knows nothing of groups, topics or records.

mod brokers;
mod channel;
mod dial;
mod error;
mod sasl;
mod scram;
mod settings;
mod shape;
mod tls;

pub(crate) use brokers::{Address, Brokers};
pub(crate) use channel::Connection;
pub(crate) use error::CallError;

/// Kafka's name of an error code.
pub(crate) fn error_name(code: i16) -> String {
    match kafka_protocol::ResponseError::try_from_code(code) {
        Some(error) => format!("{error:?} (error {code})"),
        None => format!("error {code}"),
    }
}
