//! Time, passed in: time-outs, retention and time stamps of the broker all come from a [`Clock`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// A future that ends when the clock has reached a moment.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where the broker's time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Wall time in milliseconds since 1970, as Kafka writes it into records.
    fn now_ms(&self) -> i64;
    /// Time since an arbitrary start that never goes back; deadlines are kept in it.
    fn monotonic(&self) -> Duration;
    /// Ends when [`monotonic`](Clock::monotonic) has reached `deadline`.
    fn sleep_until(&self, deadline: Duration) -> Sleep<'_>;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep_until(&self, deadline: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(deadline.saturating_sub(self.monotonic())))
    }
}

/// The machine's clock plus what a test has added: it runs by itself, and jumps when told to.
///
/// Running by itself keeps real clients (which have clocks of their own) working; jumping lets a
/// test see a session expire or a record age by a week without waiting for it.
#[derive(Debug, Default)]
pub struct ManualClock {
    system: SystemClock,
    added: Mutex<Duration>,
    jumped: Notify,
}

impl ManualClock {
    /// A clock that has not been advanced yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Moves time forward and wakes whoever waits for it.
    pub fn advance(&self, by: Duration) {
        *self.added.lock() += by;
        self.jumped.notify_waiters();
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        let added = i64::try_from(self.added.lock().as_millis()).unwrap_or(i64::MAX);
        self.system.now_ms().saturating_add(added)
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic() + *self.added.lock()
    }

    fn sleep_until(&self, deadline: Duration) -> Sleep<'_> {
        Box::pin(async move {
            loop {
                let jumped = self.jumped.notified();
                tokio::pin!(jumped);
                // Registered before the time is read, so that no jump falls between the two.
                jumped.as_mut().enable();
                let left = deadline.saturating_sub(self.monotonic());
                if left.is_zero() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(left) => {}
                    () = jumped => {}
                }
            }
        })
    }
}
