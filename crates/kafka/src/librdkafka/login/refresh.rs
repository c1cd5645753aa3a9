//! When to ask for the next token, by Java's rules for `sasl.login.refresh.*`.

use std::time::Duration;

/// `sasl.login.refresh.*`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RefreshWindow {
    /// The part of a token's life after which it is renewed.
    pub(super) factor: f64,
    /// At most this part is added to it, by chance.
    pub(super) jitter: f64,
    /// A token is not renewed sooner.
    pub(super) period_min: Duration,
    /// A token is renewed at least so long before it expires.
    pub(super) buffer: Duration,
}

impl RefreshWindow {
    /// How long to wait after a token came that lives so long. `chance` is between 0 and 1.
    ///
    /// A token that is too short-lived for `period_min` and `buffer` is renewed by `factor` and `jitter` alone.
    pub(super) fn pause(&self, lifetime: Duration, chance: f64) -> Duration {
        let part = (self.factor + self.jitter * chance).min(1.0);
        let proposed = lifetime.mul_f64(part);
        if self.period_min + self.buffer > lifetime {
            return proposed;
        }
        proposed.min(lifetime - self.buffer).max(self.period_min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lifetime_s: u64, chance: f64, expected_s: u64) {
        let java = RefreshWindow {
            factor: 0.8,
            jitter: 0.05,
            period_min: Duration::from_secs(60),
            buffer: Duration::from_secs(300),
        };
        let pause = java.pause(Duration::from_secs(lifetime_s), chance);
        assert_eq!(pause.as_secs(), expected_s, "of {lifetime_s} s at {chance}");
    }

    #[test]
    fn renewal_is_where_java_has_it() {
        check(3600, 0.0, 2880);
        check(3600, 1.0, 3060);
        check(1000, 0.0, 700); // 800 would be within the last 300 seconds
        check(360, 0.0, 60);
        check(300, 0.0, 240); // too short for both buffers
        check(2, 0.0, 1);
    }

    #[test]
    fn a_token_is_never_kept_beyond_its_life() {
        let window =
            RefreshWindow { factor: 1.0, jitter: 0.25, period_min: Duration::ZERO, buffer: Duration::ZERO };
        assert_eq!(window.pause(Duration::from_secs(10), 1.0), Duration::from_secs(10));
    }
}
