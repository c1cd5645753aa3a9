//! How often and for how long the group shared its work out anew: for metrics.

use std::time::Duration;

use kafka::membership::Protocol;
use metrics::{Labels, Meter, Snapshot, Window, list};

/// Rebalances as this worker saw them.
pub(crate) struct Rebalances {
    began: Option<Duration>,
    ended: Option<Duration>,
    protocol: Option<Protocol>,
    completed: Meter,
    /// In microseconds.
    lasted: Window,
}

impl Rebalances {
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            began: None,
            ended: None,
            protocol: None,
            completed: Meter::new(now),
            lasted: Window::new(now),
        }
    }

    /// This worker joins, or has to join again.
    pub(crate) fn begin(&mut self, now: Duration) {
        self.began.get_or_insert(now);
    }

    /// It has its part.
    pub(crate) fn complete(&mut self, now: Duration, protocol: Protocol) {
        let lasted = self.began.take().map_or(Duration::ZERO, |began| now.saturating_sub(began));
        self.lasted.record(now, u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX));
        self.completed.add(now, 1);
        (self.ended, self.protocol) = (Some(now), Some(protocol));
    }

    pub(crate) fn report(&self, now: Duration, into: &mut Snapshot) {
        let worker = Labels::worker();
        if let Some(protocol) = self.protocol {
            // The group protocol calls it `default`; Kafka's metric says what the worker's config does.
            let word = if protocol == Protocol::Eager { "eager" } else { protocol.name() };
            into.text(&list::CONNECT_PROTOCOL, &worker, word);
        }
        if let Some(ended) = self.ended {
            let since = now.saturating_sub(ended).as_millis() as f64;
            into.number(&list::SINCE_REBALANCE, &worker, since);
        }
        into.number(&list::REBALANCES, &worker, self.completed.total());
        into.number(&list::REBALANCING, &worker, if self.began.is_some() { 1.0 } else { 0.0 });
        into.number(&list::REBALANCE_MAX, &worker, self.lasted.max(now) / 1000.0);
        into.number(&list::REBALANCE_AVG, &worker, self.lasted.avg(now) / 1000.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebalance_lasts_from_its_first_word_to_the_part() {
        let at = Duration::from_secs;
        let mut rebalances = Rebalances::new(at(0));
        rebalances.begin(at(10));
        rebalances.begin(at(11));
        let told = |rebalances: &Rebalances, now| {
            let mut snapshot = Snapshot::default();
            rebalances.report(now, &mut snapshot);
            snapshot
        };
        let number = |snapshot: &Snapshot, metric| snapshot.number_of(metric, &Labels::worker());
        assert_eq!(number(&told(&rebalances, at(11)), &list::REBALANCING), Some(1.0));
        assert_eq!(number(&told(&rebalances, at(11)), &list::SINCE_REBALANCE), None, "there was none");
        rebalances.complete(at(12), Protocol::Sessioned);
        let after = told(&rebalances, at(15));
        assert_eq!(number(&after, &list::REBALANCING), Some(0.0));
        assert_eq!(number(&after, &list::REBALANCES), Some(1.0));
        assert_eq!(number(&after, &list::REBALANCE_MAX), Some(2000.0));
        assert_eq!(number(&after, &list::SINCE_REBALANCE), Some(3000.0));
    }
}
