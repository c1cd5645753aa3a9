//! How long to wait before the same is tried again.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);

/// Kafka's `retry.backoff.ms` and `retry.backoff.max.ms`, for what has little time.
const SHORT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// Doubles from half a second to a minute, with jitter: between half of it and all of it, so that the tasks of a worker
/// do not knock at the same moment.
#[derive(Debug)]
pub(crate) struct BackOff {
    first: Duration,
    longest: Duration,
    attempts: u32,
    random: StdRng,
}

impl BackOff {
    /// The seed decides the jitter, so that a test can repeat it.
    pub(crate) fn new(seed: u64) -> Self {
        Self { first: FIRST, longest: LONGEST, attempts: 0, random: StdRng::seed_from_u64(seed) }
    }

    /// From a tenth of a second to one.
    pub(crate) fn short(self) -> Self {
        let (first, longest) = SHORT;
        Self { first, longest, ..self }
    }

    /// The wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        let full = self.first.saturating_mul(1 << self.attempts.min(16)).min(self.longest);
        self.attempts += 1;
        full.mul_f64(self.random.random_range(0.5..=1.0))
    }

    /// It worked: the next failure is a first one.
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_start_again() {
        let mut back_off = BackOff::new(1);
        let waits: Vec<_> = (0..20).map(|_| back_off.next()).collect();
        assert!(waits[0] >= FIRST / 2 && waits[0] <= FIRST);
        assert!(waits[19] >= LONGEST / 2 && waits[19] <= LONGEST);
        back_off.reset();
        assert!(back_off.next() <= FIRST);
    }

    #[test]
    fn a_short_one_is_soon_back() {
        let mut back_off = BackOff::new(1).short();
        assert!(back_off.next() <= SHORT.0);
        assert!((0..20).all(|_| back_off.next() <= SHORT.1));
    }

    #[test]
    fn a_seed_repeats_the_jitter() {
        let waits = |seed| {
            let mut back_off = BackOff::new(seed);
            (0..5).map(|_| back_off.next()).collect::<Vec<_>>()
        };
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
    }
}
