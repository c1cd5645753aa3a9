//! How much of its time something was in which state.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// Time spent in each of `N` states, since the first was entered. One writer.
#[derive(Debug)]
pub struct Times<const N: usize> {
    began: Duration,
    /// The state, and in microseconds since when.
    state: AtomicUsize,
    since: AtomicU64,
    spent: [AtomicU64; N],
}

impl<const N: usize> Times<N> {
    /// In this state from now on. A state is a number below `N`.
    pub fn new(now: Duration, state: usize) -> Self {
        Self {
            began: now,
            state: AtomicUsize::new(state),
            since: AtomicU64::new(micros(now)),
            spent: [const { AtomicU64::new(0) }; N],
        }
    }

    /// Another state begins.
    pub fn enter(&self, now: Duration, state: usize) {
        if let Some(spent) = self.spent.get(self.state.load(Relaxed)) {
            let lasted = micros(now).saturating_sub(self.since.load(Relaxed));
            spent.store(spent.load(Relaxed) + lasted, Relaxed);
        }
        self.since.store(micros(now), Relaxed);
        self.state.store(state, Relaxed);
    }

    /// The share of the time since the beginning that was spent in a state.
    pub fn share(&self, now: Duration, state: usize) -> f64 {
        let all = micros(now.saturating_sub(self.began));
        let mut spent = self.spent.get(state).map_or(0, |spent| spent.load(Relaxed));
        if self.state.load(Relaxed) == state {
            spent += micros(now).saturating_sub(self.since.load(Relaxed));
        }
        if all == 0 { 0.0 } else { (spent as f64 / all as f64).min(1.0) }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_whole_time() {
        let at = Duration::from_secs;
        let times = Times::<3>::new(at(10), 0);
        assert_eq!(times.share(at(10), 0), 0.0);
        times.enter(at(11), 1);
        times.enter(at(13), 2);
        times.enter(at(14), 1);
        assert_eq!(times.share(at(20), 1), 0.8);
        assert_eq!(times.share(at(20), 0) + times.share(at(20), 2), 0.2);
    }
}
