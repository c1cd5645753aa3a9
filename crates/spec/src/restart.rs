//! When what failed is started anew by itself, which Kafka Connect never does.

use std::time::Duration;

use api::config::{Config, RawConfig};

use crate::WorkerDefaults;
use crate::keys::ExtensionKeys;

/// The keys `sluice.restart.*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartPolicy {
    /// How often in a row; `None` is without limit.
    pub attempts: Option<u32>,
    /// The pause before the first start.
    pub backoff: Duration,
    /// The longest pause.
    pub backoff_max: Duration,
    /// After so long without a failure, failures are counted anew.
    pub reset: Duration,
}

impl Default for RestartPolicy {
    /// Never, as in Kafka Connect.
    fn default() -> Self {
        Self {
            attempts: Some(0),
            backoff: Duration::from_secs(10),
            backoff_max: Duration::from_secs(300),
            reset: Duration::from_secs(600),
        }
    }
}

impl RestartPolicy {
    /// Reads `sluice.restart.max.attempts`.
    pub fn attempts(number: i32) -> Option<u32> {
        u32::try_from(number).ok()
    }

    /// The policy of a connector, of its config as it was sent. What cannot be read, a reference for example, is as the
    /// worker says.
    pub fn of(raw: &RawConfig, defaults: &WorkerDefaults) -> Self {
        let worker = defaults.restart;
        let Ok(keys) = ExtensionKeys::parse(raw) else { return worker };
        Self {
            attempts: keys.restart_attempts.map_or(worker.attempts, Self::attempts),
            backoff: keys.restart_backoff.unwrap_or(worker.backoff),
            backoff_max: keys.restart_backoff_max.unwrap_or(worker.backoff_max),
            reset: keys.restart_reset.unwrap_or(worker.reset),
        }
    }

    /// The pause before a start when so many in a row came before it; `None` when it stays failed.
    pub fn pause(&self, before: u32) -> Option<Duration> {
        if self.attempts.is_some_and(|attempts| before >= attempts) {
            return None;
        }
        let doubled = self.backoff.saturating_mul(2_u32.saturating_pow(before));
        Some(doubled.min(self.backoff_max.max(self.backoff)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connectors_say_what_the_worker_does_not() {
        let never = WorkerDefaults::default();
        assert_eq!(RestartPolicy::of(&RawConfig::new(), &never).pause(0), None);
        let raw = RawConfig::new()
            .with("sluice.restart.max.attempts", "2")
            .with("sluice.restart.backoff.ms", "100");
        let policy = RestartPolicy::of(&raw, &never);
        assert_eq!(policy.pause(0), Some(Duration::from_millis(100)));
        assert_eq!(policy.pause(1), Some(Duration::from_millis(200)));
        assert_eq!(policy.pause(2), None);
        let always = WorkerDefaults { restart: RestartPolicy { attempts: None, ..policy }, ..never };
        let policy = RestartPolicy::of(&RawConfig::new(), &always);
        assert_eq!(policy.pause(60), Some(Duration::from_secs(300)));
        let off = RawConfig::new().with("sluice.restart.max.attempts", "0");
        assert_eq!(RestartPolicy::of(&off, &always).pause(0), None);
        let wrong = RawConfig::new().with("sluice.restart.max.attempts", "${env:A}");
        assert_eq!(RestartPolicy::of(&wrong, &always), policy);
    }
}
