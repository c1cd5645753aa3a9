//! Whether the brokers are away: librdkafka only reports each attempt that failed, and not that all is well again.

use std::time::{Duration, Instant};

use crate::Trouble;

/// Attempts must fail for this long: one that fails while others work, or an idle connection that a broker closed, is
/// no outage.
const LASTING: Duration = Duration::from_secs(2);
/// Without another failed attempt in this time the outage is over. The longest time between attempts is
/// `reconnect.backoff.max.ms` and half of it.
const OVER: Duration = Duration::from_secs(20);

/// Attempts that failed, one after the other.
#[derive(Debug, Default)]
pub(super) struct Outage(Option<Failing>);

#[derive(Debug)]
struct Failing {
    first: Instant,
    last: Instant,
    reason: String,
}

impl Outage {
    /// An attempt failed.
    pub(super) fn failed(&mut self, reason: &str, now: Instant) {
        match &mut self.0 {
            Some(failing) if now.saturating_duration_since(failing.last) < OVER => {
                failing.last = now;
                reason.clone_into(&mut failing.reason);
            }
            failing => {
                let reason = reason.to_owned();
                *failing = Some(Failing { first: now, last: now, reason });
            }
        }
    }

    /// Brokers answered.
    pub(super) fn over(&mut self) {
        self.0 = None;
    }

    /// What is wrong now, if it lasts.
    pub(super) fn trouble(&self, now: Instant) -> Option<Trouble> {
        let failing = self.0.as_ref()?;
        let lasts = failing.last.saturating_duration_since(failing.first) >= LASTING;
        let over = now.saturating_duration_since(failing.last) >= OVER;
        let trouble = || Trouble {
            reason: failing.reason.clone(),
            lasts: now.saturating_duration_since(failing.first),
        };
        (lasts && !over).then(trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_lasts_and_ends_by_itself_or_by_an_answer() {
        let mut outage = Outage::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let reason = |outage: &Outage, ms| outage.trouble(at(ms)).map(|trouble| trouble.reason);
        outage.failed("first", at(0));
        assert_eq!(reason(&outage, 10_000), None, "one attempt is none");
        outage.failed("second", at(2_000));
        let lasts = outage.trouble(at(5_000)).map(|trouble| trouble.lasts);
        assert_eq!(
            (reason(&outage, 5_000).as_deref(), lasts),
            (Some("second"), Some(Duration::from_secs(5)))
        );
        assert_eq!(reason(&outage, 21_999).as_deref(), Some("second"));
        assert_eq!(reason(&outage, 22_000), None);
        outage.failed("a new one", at(30_000));
        assert_eq!(reason(&outage, 30_000), None);
        outage.failed("a new one", at(33_000));
        assert!(reason(&outage, 33_000).is_some());
        outage.over();
        assert_eq!(reason(&outage, 33_000), None);
    }
}
