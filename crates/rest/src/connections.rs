//! How many connections there are at once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::activity::Activity;

/// The open connections of all listeners. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Mutex<Open>>);

struct Open {
    max: usize,
    next: u64,
    /// How many found no place, or gave theirs away.
    limited: u64,
    all: HashMap<u64, Arc<Activity>>,
}

/// The place of a connection; it is free again when this is dropped.
pub(crate) struct Place {
    connections: Connections,
    number: u64,
}

impl Connections {
    pub(crate) fn new(max: usize) -> Self {
        Self(Arc::new(Mutex::new(Open { max, next: 0, limited: 0, all: HashMap::new() })))
    }

    /// A place for a new connection. When all are taken, the connection that has waited longest for a request, or with
    /// one that does not come to its end, gives its own away. `None` when all others are being answered.
    pub(crate) fn admit(&self, activity: &Arc<Activity>) -> Option<Place> {
        let mut open = self.0.lock();
        if open.all.len() >= open.max {
            open.limited += 1;
            let waiting = open.all.iter().filter_map(|(number, other)| Some((other.waits_since()?, *number)));
            let (_, longest) = waiting.min()?;
            if let Some(other) = open.all.remove(&longest) {
                other.replace();
            }
        }
        let number = open.next;
        open.next += 1;
        open.all.insert(number, activity.clone());
        Some(Place { connections: self.clone(), number })
    }

    /// How many have a place, and how many found none or gave theirs away so far.
    pub(crate) fn counts(&self) -> (usize, u64) {
        let open = self.0.lock();
        (open.all.len(), open.limited)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.0.lock().all.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use api::ManualClock;
    use futures::FutureExt;

    use super::*;
    use crate::Limits;
    use crate::activity::{Overdue, Phase};

    #[test]
    fn the_one_that_waits_longest_gives_its_place_away() {
        let (clock, limits) = (ManualClock::at(0), Limits::default());
        let connections = Connections::new(3);
        let of = |phase| {
            clock.advance(Duration::from_millis(1));
            let activity = Activity::new(clock.clone(), phase);
            (connections.admit(&activity), activity)
        };
        let answering = of(Phase::Answering);
        let (longest, later) = (of(Phase::Head), of(Phase::Idle));
        let new = of(Phase::Answering);
        assert!(new.0.is_some());
        assert_eq!(longest.1.overdue(&limits).now_or_never(), Some(Overdue::Replaced));
        for other in [&answering, &later, &new] {
            assert_eq!(other.1.overdue(&limits).now_or_never(), None);
        }
        drop(longest); // which had no place any more
        assert_eq!(connections.counts(), (3, 1));
        assert!(of(Phase::Answering).0.is_some());
    }

    #[test]
    fn nobody_who_is_being_answered_is_cut_off() {
        let clock = ManualClock::at(0);
        let connections = Connections::new(1);
        let first = Activity::new(clock.clone(), Phase::Answering);
        let place = connections.admit(&first);
        assert!(place.is_some());
        let second = Activity::new(clock.clone(), Phase::Idle);
        assert!(connections.admit(&second).is_none());
        assert_eq!(connections.counts(), (1, 1));
        drop(place);
        assert!(connections.admit(&second).is_some());
    }
}
