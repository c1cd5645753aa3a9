//! A member's keys, as in a distributed worker's properties.

use std::time::Duration;

use super::ConnectProtocol;
use crate::{ClientSettings, Error, Result};

/// What a member is and how patient it is. The keys of connections (`bootstrap.servers`, `security.protocol`, `ssl.*`,
/// `sasl.*`, `request.timeout.ms`, back-offs) are read beside these.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberSettings {
    /// `group.id`.
    pub group_id: String,
    /// `client.id`: the member id begins with it. A worker gives `connect-<worker id>`; `connect` unless told.
    pub client_id: String,
    /// `connect.protocol`, `sessioned` unless told.
    pub protocol: ConnectProtocol,
    /// `session.timeout.ms`, 10 s unless told: so long the coordinator waits for a silent member.
    pub session_timeout: Duration,
    /// `heartbeat.interval.ms`, 3 s unless told.
    pub heartbeat_interval: Duration,
    /// `rebalance.timeout.ms`, 60 s unless told: so long a rebalance waits for a member.
    pub rebalance_timeout: Duration,
    /// `retry.backoff.ms`, 100 ms unless told and at least 10: the pause after a refusal that may pass.
    pub retry_backoff: Duration,
    /// `request.timeout.ms`, 40 s unless told.
    pub request_timeout: Duration,
}

impl MemberSettings {
    /// Reads them.
    ///
    /// # Errors
    /// `group.id` is missing, a value is wrong, or two of them contradict each other.
    pub fn read(settings: &ClientSettings) -> Result<Self> {
        let get = |key: &str| settings.0.get(key).map(str::trim).filter(|value| !value.is_empty());
        let wrong = |key: &str, reason: String| Error::Misconfigured { key: key.to_owned(), reason };
        let millis = |key: &str, default_ms: u64| -> Result<Duration> {
            let Some(value) = get(key) else { return Ok(Duration::from_millis(default_ms)) };
            // The protocol carries milliseconds as 32 bits.
            let ms = value.parse::<i32>().ok().and_then(|ms| u64::try_from(ms).ok());
            let ms = ms.ok_or_else(|| {
                wrong(key, format!("{value} is not a number of milliseconds from 0 to {}", i32::MAX))
            })?;
            Ok(Duration::from_millis(ms))
        };
        let group_id = get("group.id")
            .ok_or_else(|| wrong("group.id", "it is missing; it names the group of workers".to_owned()))?;
        let protocol = match get("connect.protocol") {
            None => ConnectProtocol::default(),
            Some(value) => ConnectProtocol::parse(value).ok_or_else(|| {
                wrong("connect.protocol", format!("{value} is none of eager, compatible and sessioned"))
            })?,
        };
        let read = Self {
            group_id: group_id.to_owned(),
            client_id: get("client.id").unwrap_or("connect").to_owned(),
            protocol,
            session_timeout: millis("session.timeout.ms", 10_000)?,
            heartbeat_interval: millis("heartbeat.interval.ms", 3_000)?,
            rebalance_timeout: millis("rebalance.timeout.ms", 60_000)?,
            // Without a pause, a coordinator that is away would keep a core busy.
            retry_backoff: millis("retry.backoff.ms", 100)?.max(Duration::from_millis(10)),
            request_timeout: millis("request.timeout.ms", 40_000)?,
        };
        if read.heartbeat_interval.is_zero() || read.heartbeat_interval >= read.session_timeout {
            let reason = format!(
                "it must be above 0 and below session.timeout.ms ({} ms), or no heartbeat comes in time; a third of \
                 it is usual",
                read.session_timeout.as_millis()
            );
            return Err(wrong("heartbeat.interval.ms", reason));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<MemberSettings> {
        let mut settings = ClientSettings(pairs.iter().copied().collect());
        settings.0.set("bootstrap.servers", "localhost:9092");
        MemberSettings::read(&settings)
    }

    #[test]
    fn defaults_are_a_distributed_workers() {
        let settings = read(&[("group.id", "connect-cluster")]).unwrap();
        assert_eq!(settings.protocol, ConnectProtocol::Sessioned);
        assert_eq!(settings.session_timeout, Duration::from_secs(10));
        assert_eq!(settings.heartbeat_interval, Duration::from_secs(3));
        assert_eq!(settings.rebalance_timeout, Duration::from_secs(60));
        assert_eq!(settings.request_timeout, Duration::from_secs(40));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |pairs: &[(&str, &str)], key: &str| {
            let error = read(pairs).unwrap_err();
            assert!(error.to_string().starts_with(&format!("client setting {key}:")), "{error}");
        };
        check(&[], "group.id");
        check(&[("group.id", " ")], "group.id");
        check(&[("group.id", "g"), ("connect.protocol", "lazy")], "connect.protocol");
        check(&[("group.id", "g"), ("session.timeout.ms", "ten")], "session.timeout.ms");
        check(&[("group.id", "g"), ("session.timeout.ms", "-1")], "session.timeout.ms");
        check(&[("group.id", "g"), ("rebalance.timeout.ms", "3000000000")], "rebalance.timeout.ms");
        check(&[("group.id", "g"), ("heartbeat.interval.ms", "10000")], "heartbeat.interval.ms");
        check(&[("group.id", "g"), ("heartbeat.interval.ms", "0")], "heartbeat.interval.ms");
    }
}
