//! What a connection is doing and since when, so that one that is slow on purpose can be told from one that works.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::Limits;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// TLS agrees on keys.
    Handshake,
    /// No byte of a next request has come.
    Idle,
    /// The head of a request comes.
    Head,
    /// A request is being answered, which may take any time.
    Answering,
}

/// Why a connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    Handshake,
    Idle,
    Head,
    Answer,
    /// Another one needed its place.
    Replaced,
}

impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Overdue::Handshake => "the TLS handshake took longer than sluice.rest.handshake.timeout.ms",
            Overdue::Idle => "no request came within sluice.rest.idle.timeout.ms",
            Overdue::Head => "the head of a request took longer than sluice.rest.header.timeout.ms",
            Overdue::Answer => "the client took nothing of its answer for sluice.rest.answer.timeout.ms",
            Overdue::Replaced => "it waited longest when sluice.rest.connections.max was reached",
        })
    }
}

/// What one connection is doing.
pub(crate) struct Activity {
    clock: Arc<dyn Clock>,
    now: Mutex<Now>,
    changed: Notify,
}

struct Now {
    phase: Phase,
    since: Duration,
    /// Since when bytes of an answer wait for the client.
    unread_since: Option<Duration>,
    replaced: bool,
}

impl Activity {
    pub(crate) fn new(clock: Arc<dyn Clock>, phase: Phase) -> Arc<Self> {
        let now = Now { phase, since: clock.elapsed(), unread_since: None, replaced: false };
        Arc::new(Self { clock, now: Mutex::new(now), changed: Notify::new() })
    }

    /// Something else begins.
    pub(crate) fn enter(&self, phase: Phase) {
        let mut now = self.now.lock();
        (now.phase, now.since) = (phase, self.clock.elapsed());
        drop(now);
        self.changed.notify_one();
    }

    /// Bytes came from the client.
    pub(crate) fn received(&self) {
        if self.now.lock().phase == Phase::Idle {
            self.enter(Phase::Head);
        }
    }

    /// The client took bytes, or has taken all.
    pub(crate) fn taken(&self) {
        self.now.lock().unread_since = None; // whoever waits for it to last too long, looks again then
    }

    /// Bytes wait for the client to take some.
    pub(crate) fn not_taken(&self) {
        let mut now = self.now.lock();
        if now.unread_since.is_none() {
            now.unread_since = Some(self.clock.elapsed());
            drop(now);
            self.changed.notify_one();
        }
    }

    /// Since when no request has been under way; `None` when one is.
    pub(crate) fn waits_since(&self) -> Option<Duration> {
        let now = self.now.lock();
        (now.phase != Phase::Answering).then_some(now.since)
    }

    /// Has the connection closed: another one needs its place.
    pub(crate) fn replace(&self) {
        self.now.lock().replaced = true;
        self.changed.notify_one();
    }

    /// Completes when the connection is to be closed.
    pub(crate) async fn overdue(&self, limits: &Limits) -> Overdue {
        loop {
            let (until, why) = match self.deadline(limits) {
                Ok(None) => {
                    self.changed.notified().await;
                    continue;
                }
                Ok(Some(deadline)) => deadline,
                Err(why) => return why,
            };
            let elapsed = self.clock.elapsed();
            if until <= elapsed {
                return why;
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = self.clock.sleep(until - elapsed) => {}
            }
        }
    }

    fn deadline(&self, limits: &Limits) -> Result<Option<(Duration, Overdue)>, Overdue> {
        let now = self.now.lock();
        if now.replaced {
            return Err(Overdue::Replaced);
        }
        let phase = match now.phase {
            Phase::Handshake => Some((limits.handshake, Overdue::Handshake)),
            Phase::Idle => Some((limits.idle, Overdue::Idle)),
            Phase::Head => Some((limits.head, Overdue::Head)),
            Phase::Answering => None,
        };
        let phase = phase.map(|(limit, why)| (now.since + limit, why));
        let unread = now.unread_since.map(|since| (since + limits.answer, Overdue::Answer));
        Ok([phase, unread].into_iter().flatten().min_by_key(|(until, _)| *until))
    }
}

#[cfg(test)]
mod tests {
    use api::ManualClock;
    use futures::FutureExt;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn check(begin: impl Fn(&Activity), limit: Duration, expected: Option<Overdue>) {
        let (clock, limits) = (ManualClock::at(0), Limits::default());
        let activity = Activity::new(clock.clone(), Phase::Idle);
        begin(&activity);
        clock.advance(limit - Duration::from_millis(1));
        assert_eq!(activity.overdue(&limits).now_or_never(), None, "{expected:?}: too early");
        clock.advance(Duration::from_millis(1));
        assert_eq!(activity.overdue(&limits).now_or_never(), expected);
    }

    #[test]
    fn each_phase_has_its_limit() {
        let limits = Limits::default();
        check(|_| {}, limits.idle, Some(Overdue::Idle));
        check(|activity| activity.enter(Phase::Handshake), limits.handshake, Some(Overdue::Handshake));
        check(Activity::received, limits.head, Some(Overdue::Head));
        check(|activity| activity.enter(Phase::Answering), 100 * limits.idle, None);
    }

    #[test]
    fn who_takes_nothing_of_an_answer_is_overdue_and_who_takes_a_little_is_not() {
        let (clock, limits) = (ManualClock::at(0), Limits::default());
        let activity = Activity::new(clock.clone(), Phase::Idle);
        activity.enter(Phase::Answering);
        for _ in 0..100 {
            activity.not_taken();
            clock.advance(limits.answer - SECOND);
            assert_eq!(activity.overdue(&limits).now_or_never(), None);
            activity.taken();
        }
        activity.not_taken();
        clock.advance(SECOND);
        activity.not_taken(); // does not begin anew
        clock.advance(limits.answer - SECOND);
        assert_eq!(activity.overdue(&limits).now_or_never(), Some(Overdue::Answer));
    }

    #[tokio::test]
    async fn a_wait_ends_when_the_place_is_needed() {
        let (clock, limits) = (ManualClock::at(0), Limits::default());
        let activity = Activity::new(clock, Phase::Idle);
        let mut overdue = Box::pin(activity.overdue(&limits));
        assert_eq!(overdue.as_mut().now_or_never(), None);
        activity.replace();
        assert_eq!(overdue.await, Overdue::Replaced);
    }
}
