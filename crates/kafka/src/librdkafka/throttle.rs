//! Keeps a client that cannot connect from filling the log: librdkafka says the same at every attempt.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often the same text is logged.
const AGAIN: Duration = Duration::from_secs(10);
/// Texts remembered; more of them at a time are logged as if they were new.
const TEXTS_MAX: usize = 64;

/// Texts that were logged lately. Numbers in a text do not make it another one: they count milliseconds and attempts.
#[derive(Debug, Default)]
pub(super) struct Throttle(HashMap<String, Said>);

#[derive(Debug)]
struct Said {
    at: Instant,
    left_out: u64,
}

impl Throttle {
    /// Whether to log this text now; if so, how many like it were left out since the last time.
    pub(super) fn admit(&mut self, text: &str, now: Instant) -> Option<u64> {
        let key: String = text.chars().filter(|char| !char.is_ascii_digit()).collect();
        if let Some(said) = self.0.get_mut(&key) {
            if now.saturating_duration_since(said.at) < AGAIN {
                said.left_out += 1;
                return None;
            }
            said.at = now;
            return Some(std::mem::take(&mut said.left_out));
        }
        if self.0.len() >= TEXTS_MAX {
            self.0.clear();
        }
        self.0.insert(key, Said { at: now, left_out: 0 });
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_logged_once_in_ten_seconds_and_what_was_left_out_is_counted() {
        let mut throttle = Throttle::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(throttle.admit("refused (after 0ms)", at(0)), Some(0));
        assert_eq!(throttle.admit("refused (after 12ms)", at(20)), None);
        assert_eq!(throttle.admit("another", at(20)), Some(0));
        assert_eq!(throttle.admit("refused (after 1ms)", at(9_999)), None);
        assert_eq!(throttle.admit("refused (after 1ms)", at(10_000)), Some(2));
        assert_eq!(throttle.admit("refused (after 1ms)", at(20_000)), Some(0));
        for char in ('a'..='z').chain('A'..='Z').chain('α'..='ω') {
            throttle.admit(&char.to_string(), at(20_000));
        }
        assert!(throttle.0.len() <= TEXTS_MAX);
    }
}
