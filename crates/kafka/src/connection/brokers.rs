//! Finding a broker that answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use rand::Rng as _;

use super::dial::Dialer;
use super::{CallError, Connection};
use crate::librdkafka::Login;
use crate::pool::Pool;
use crate::{ClientSettings, Result};

/// Where a broker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// The brokers of a cluster.
pub(crate) struct Brokers {
    dialer: Dialer,
    clock: Arc<dyn Clock>,
    /// Rounds in which no broker answered, since the last in which one did.
    failures: u32,
}

impl fmt::Debug for Brokers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brokers").field("bootstrap", &self.dialer.settings.bootstrap).finish_non_exhaustive()
    }
}

impl Brokers {
    /// Reads the settings; nobody is contacted.
    ///
    /// # Errors
    /// One is wrong or not supported.
    pub(crate) fn new(
        settings: &ClientSettings,
        logins: &Pool<Login>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        Ok(Self { dialer: Dialer::new(settings, logins, Arc::clone(&clock))?, clock, failures: 0 })
    }

    /// `request.timeout.ms`.
    pub(crate) fn request_timeout(&self) -> Duration {
        self.dialer.settings.request_timeout
    }

    /// A connection to whichever broker of `bootstrap.servers` answers first, in an order of chance. After a round in
    /// which none did, the next one waits for `reconnect.backoff.ms`, and longer each time. Dropping the future is safe.
    ///
    /// # Errors
    /// None answered, or one refused this client.
    pub(crate) async fn any(&mut self) -> std::result::Result<Connection, CallError> {
        self.clock.sleep(self.pause()).await;
        // Counted before, so that a round that is given up counts.
        self.failures = self.failures.saturating_add(1);
        let addresses = &self.dialer.settings.bootstrap;
        let first = rand::rng().random_range(0..addresses.len());
        let mut reasons = Vec::new();
        for address in addresses[first..].iter().chain(&addresses[..first]) {
            match self.dialer.dial(address).await {
                Ok(connection) => {
                    self.failures = 0;
                    return Ok(connection);
                }
                Err(CallError::Unreachable(reason)) => reasons.push(reason),
                Err(other) => return Err(other),
            }
        }
        Err(CallError::Unreachable(reasons.join("; ")))
    }

    /// A connection to this broker.
    ///
    /// # Errors
    /// It does not answer, or refuses this client.
    pub(crate) async fn dial(&self, address: &Address) -> std::result::Result<Connection, CallError> {
        self.dialer.dial(address).await
    }

    /// As Java's clients: twice as long each time, a fifth more or less by chance.
    fn pause(&self) -> Duration {
        if self.failures == 0 {
            return Duration::ZERO;
        }
        let settings = &self.dialer.settings;
        let doubled = settings.backoff.saturating_mul(1 << (self.failures - 1).min(16));
        doubled.min(settings.backoff_max.max(settings.backoff)).mul_f64(rand::rng().random_range(0.8..1.2))
    }
}
