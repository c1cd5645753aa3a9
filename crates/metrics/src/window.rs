//! Averages, greatest values and rates over the last minute, as Kafka's clients have them: two samples of 30 s each.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How long values go into one sample.
const SAMPLE: Duration = Duration::from_secs(30);

/// The values of the sample that goes on and of the one before: 30 to 60 s.
///
/// One writer, any number of readers. Nothing is locked or allocated; a reader that comes in the middle of a write may miss
/// that write.
#[derive(Debug)]
pub struct Window {
    began: Duration,
    samples: [Sample; 2],
}

#[derive(Debug, Default)]
struct Sample {
    /// Which 30 s it is of, counted from 1; 0 is none.
    slot: AtomicU64,
    count: AtomicU64,
    sum: AtomicU64,
    max: AtomicU64,
    min: AtomicU64,
}

/// What the samples hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Totals {
    count: u64,
    sum: u64,
    max: u64,
    min: u64,
}

impl Window {
    /// A window without values; times are of the same clock as those that follow.
    pub fn new(began: Duration) -> Self {
        Self { began, samples: Default::default() }
    }

    /// Takes a value in.
    pub fn record(&self, now: Duration, value: u64) {
        let slot = self.slot(now);
        let sample = &self.samples[(slot % 2) as usize];
        if sample.slot.load(Relaxed) != slot {
            sample.slot.store(0, Relaxed); // readers pass it over meanwhile
            sample.count.store(0, Relaxed);
            sample.sum.store(0, Relaxed);
            sample.max.store(0, Relaxed);
            sample.min.store(u64::MAX, Relaxed);
            sample.slot.store(slot, Relaxed);
        }
        sample.count.store(sample.count.load(Relaxed) + 1, Relaxed);
        sample.sum.store(sample.sum.load(Relaxed).saturating_add(value), Relaxed);
        sample.max.store(sample.max.load(Relaxed).max(value), Relaxed);
        sample.min.store(sample.min.load(Relaxed).min(value), Relaxed);
    }

    fn slot(&self, now: Duration) -> u64 {
        1 + now.saturating_sub(self.began).as_secs() / SAMPLE.as_secs()
    }

    fn totals(&self, now: Duration) -> Totals {
        let slot = self.slot(now);
        let mut totals = Totals { count: 0, sum: 0, max: 0, min: u64::MAX };
        for sample in &self.samples {
            let of = sample.slot.load(Relaxed);
            if of != 0 && (of == slot || of + 1 == slot) {
                totals.count += sample.count.load(Relaxed);
                totals.sum = totals.sum.saturating_add(sample.sum.load(Relaxed));
                totals.max = totals.max.max(sample.max.load(Relaxed));
                totals.min = totals.min.min(sample.min.load(Relaxed));
            }
        }
        totals
    }

    /// The average; not a number when there are no values, as in Kafka. So for the next two.
    pub fn avg(&self, now: Duration) -> f64 {
        let totals = self.totals(now);
        if totals.count == 0 { f64::NAN } else { totals.sum as f64 / totals.count as f64 }
    }

    /// The greatest value.
    pub fn max(&self, now: Duration) -> f64 {
        let totals = self.totals(now);
        if totals.count == 0 { f64::NAN } else { totals.max as f64 }
    }

    /// The least value.
    pub fn min(&self, now: Duration) -> f64 {
        let totals = self.totals(now);
        if totals.count == 0 { f64::NAN } else { totals.min as f64 }
    }

    /// The sum of all values.
    pub fn sum(&self, now: Duration) -> f64 {
        self.totals(now).sum as f64
    }

    /// How many values there are.
    pub fn count(&self, now: Duration) -> f64 {
        self.totals(now).count as f64
    }

    /// The sum of all values by the second. As in Kafka, the sample before counts as whole also when there was none yet,
    /// so that the first values make no peak.
    pub fn rate(&self, now: Duration) -> f64 {
        let since = now.saturating_sub(self.began).as_secs_f64();
        let seconds = SAMPLE.as_secs_f64();
        self.sum(now) / (seconds + since % seconds)
    }
}

/// A number that only grows, with its rate. One writer.
#[derive(Debug)]
pub struct Meter {
    total: AtomicU64,
    window: Window,
}

impl Meter {
    /// Nothing counted yet.
    pub fn new(began: Duration) -> Self {
        Self { total: AtomicU64::new(0), window: Window::new(began) }
    }

    /// Adds to it.
    pub fn add(&self, now: Duration, count: u64) {
        if count > 0 {
            self.total.store(self.total.load(Relaxed) + count, Relaxed);
            self.window.record(now, count);
        }
    }

    /// All of it.
    pub fn total(&self) -> f64 {
        self.total.load(Relaxed) as f64
    }

    /// What was added by the second in the last minute.
    pub fn rate(&self, now: Duration) -> f64 {
        self.window.rate(now)
    }

    /// What was added in the last minute.
    pub fn recent(&self, now: Duration) -> f64 {
        self.window.sum(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn values_are_seen_until_the_sample_after_theirs_ends() {
        let window = Window::new(at(100));
        assert!(window.avg(at(100)).is_nan() && window.max(at(100)).is_nan() && window.min(at(100)).is_nan());
        window.record(at(101), 4);
        window.record(at(129), 8);
        assert_eq!((window.avg(at(129)), window.max(at(129)), window.min(at(129))), (6.0, 8.0, 4.0));
        window.record(at(130), 1);
        assert_eq!((window.count(at(159)), window.sum(at(159)), window.max(at(159))), (3.0, 13.0, 8.0));
        // The first sample is gone.
        assert_eq!((window.count(at(160)), window.max(at(160)), window.min(at(160))), (1.0, 1.0, 1.0));
        assert_eq!(window.count(at(190)), 0.0);
        // A sample is used again after a silence.
        window.record(at(1000), 2);
        assert_eq!((window.count(at(1000)), window.sum(at(1000))), (1.0, 2.0));
    }

    #[test]
    fn a_rate_is_over_30_to_60_seconds() {
        let meter = Meter::new(at(0));
        meter.add(at(5), 70);
        assert_eq!(meter.rate(at(5)), 2.0, "70 in 35 s, of which 30 were before it began");
        meter.add(at(35), 35);
        assert_eq!(meter.rate(at(40)), 105.0 / 40.0);
        assert_eq!(meter.rate(at(60)), 35.0 / 30.0);
        assert_eq!(meter.rate(at(120)), 0.0);
        assert_eq!(meter.total(), 105.0);
        meter.add(at(121), 0);
        assert_eq!(meter.recent(at(121)), 0.0);
    }
}
