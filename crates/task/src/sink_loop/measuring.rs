//! How far behind a sink is, for metrics.

use std::time::Duration;

use super::SinkLoop;

/// How often it is looked. The client knows the ends of partitions from what it fetched: nobody is asked.
const INTERVAL: Duration = Duration::from_secs(1);

impl SinkLoop {
    /// Takes down the partitions and how far each is behind, when it is time.
    pub(super) fn measure(&mut self, now: Duration) {
        if now < self.next_measure {
            return;
        }
        self.next_measure = now + INTERVAL;
        let measures = self.scope.measures();
        measures.set_partitions(self.assignment.len());
        measures.set_lag(self.assignment.lag(|partition| self.consumer.end(partition)));
    }
}
