//! Time, passed in: tests advance it instead of sleeping.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::BoxFuture;

/// Tells and awaits time.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Milliseconds since the epoch, UTC: for records and file names.
    fn now_ms(&self) -> i64;

    /// Time since an arbitrary start that never goes back: for intervals and time-outs.
    fn elapsed(&self) -> Duration;

    /// Completes when this much time has passed. Dropping it is safe.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock. [`Clock::sleep`] must be awaited on a tokio runtime with time enabled.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A clock that starts now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { start: std::time::Instant::now() })
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still until a test advances it.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Manual>>);

#[derive(Debug)]
struct Manual {
    start_ms: i64,
    elapsed: Duration,
    sleepers: Vec<(Duration, futures::channel::oneshot::Sender<()>)>,
}

impl ManualClock {
    /// A clock that shows this many milliseconds since the epoch.
    pub fn at(now_ms: i64) -> Arc<Self> {
        Arc::new(Self(Arc::new(Mutex::new(Manual {
            start_ms: now_ms,
            elapsed: Duration::ZERO,
            sleepers: Vec::new(),
        }))))
    }

    /// Moves time on and wakes whoever waited for it.
    pub fn advance(&self, by: Duration) {
        let mut manual = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        manual.elapsed += by;
        let now = manual.elapsed;
        for (_, sleeper) in manual.sleepers.extract_if(.., |(until, _)| *until <= now) {
            let _ = sleeper.send(()); // whoever stopped waiting needs no waking
        }
    }

    /// How many are waiting: lets a test advance only when the code has come to its wait.
    pub fn sleepers(&self) -> usize {
        let mut manual = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        manual.sleepers.retain(|(_, sleeper)| !sleeper.is_canceled());
        manual.sleepers.len()
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        let manual = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        manual.start_ms + manual.elapsed.as_millis() as i64
    }

    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut manual = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if duration.is_zero() {
            return Box::pin(std::future::ready(()));
        }
        let (sender, receiver) = futures::channel::oneshot::channel();
        let until = manual.elapsed + duration;
        manual.sleepers.push((until, sender));
        Box::pin(async move {
            let _ = receiver.await; // the clock is gone: nobody will advance it, so the wait is over
        })
    }
}
