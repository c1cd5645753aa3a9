//! How long connector objects and tasks may take to stop.

use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use parking_lot::Mutex;

/// What is always left, so that something that goes on can be cancelled in order; and what cancelling it may take.
const LEAST: Duration = Duration::from_millis(100);

/// `task.shutdown.graceful.timeout.ms`, and less when others may soon run the same. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    graceful: Duration,
    clock: Arc<dyn Clock>,
    /// When it ends, as [`Clock::elapsed`].
    end: Arc<Mutex<Option<Duration>>>,
}

impl Patience {
    /// So long, until something else is said.
    pub(crate) fn new(graceful: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { graceful, clock, end: Arc::default() }
    }

    /// The place in the group is lost: its coordinator waits for so long before it gives all work to others. What is
    /// cancelled must be gone by then.
    ///
    /// Said twice of one loss, the earlier end counts.
    pub(crate) fn ends_in(&self, left: Duration) {
        let end = self.clock.elapsed() + left.saturating_sub(LEAST);
        let mut known = self.end.lock();
        *known = Some(known.map_or(end, |known| known.min(end)));
    }

    /// Nobody else can have the work.
    pub(crate) fn lasts(&self) {
        *self.end.lock() = None;
    }

    /// What is left of it for something that is to stop now.
    pub(crate) fn left(&self) -> Duration {
        let left = self.end.lock().map(|end| end.saturating_sub(self.clock.elapsed()).max(LEAST));
        left.map_or(self.graceful, |left| left.min(self.graceful))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_short_when_others_may_soon_run_the_same() {
        let clock = api::ManualClock::at(0);
        let (second, patience) =
            (Duration::from_secs(1), Patience::new(Duration::from_secs(5), clock.clone()));
        assert_eq!(patience.left(), 5 * second);
        patience.ends_in(4 * second);
        assert_eq!(patience.clone().left(), 4 * second - LEAST, "gone before others begin");
        clock.advance(3 * second);
        assert_eq!(patience.left(), second - LEAST);
        clock.advance(3 * second);
        assert_eq!(patience.left(), LEAST, "enough to be cancelled");
        patience.ends_in(60 * second);
        assert_eq!(patience.left(), LEAST, "it is the same loss, told again");
        patience.lasts();
        patience.ends_in(60 * second);
        assert_eq!(patience.left(), 5 * second, "never more than was set");
        patience.lasts();
        assert_eq!(patience.left(), 5 * second);
    }
}
