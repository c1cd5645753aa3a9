//! What the loop and the member's own task tell each other.
//!
//! An answer of the loop carries the number of the question that it polled last, so that an answer to an earlier
//! question, which other events have overtaken, is not taken for one to the present.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Assignment, GroupEvent, Subscription};
use crate::Error;

#[derive(Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
pub(super) struct State {
    /// With the number of the question, for those that are questions.
    events: VecDeque<(Option<u64>, GroupEvent)>,
    questions: u64,
    /// The question that the loop polled last.
    polled: u64,
    joined: Option<(u64, Subscription)>,
    assigned: Option<(u64, Vec<(String, Assignment)>)>,
    rejoin: Option<String>,
    leave: Option<String>,
    ended: Option<Error>,
    /// Whether the loop waits for an event, and when it last stopped waiting.
    polling: bool,
    polled_at: Duration,
}

impl Mailbox {
    /// Waits until there is something to take. Dropping the future is safe.
    async fn take<T>(&self, mut take: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the state is read, so that no change falls between the two.
            changed.as_mut().enable();
            if let Some(taken) = take(&mut self.state.lock()) {
                return taken;
            }
            changed.await;
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state.lock());
        self.changed.notify_waiters();
        result
    }

    // -- the member's side -------------------------------------------------------------------------------------

    /// Tells an event that wants no answer. A loss makes moot what was not polled yet.
    pub(super) fn tell(&self, event: GroupEvent) {
        self.change(|state| {
            if matches!(event, GroupEvent::Lost { .. }) {
                state.events.clear();
            }
            state.events.push_back((None, event));
        });
    }

    /// Tells an event that wants an answer; answers its number. A question that was not polled yet is withdrawn.
    pub(super) fn ask(&self, event: GroupEvent) -> u64 {
        self.change(|state| {
            state.questions += 1;
            state.events.retain(|(question, _)| question.is_none());
            state.events.push_back((Some(state.questions), event));
            state.questions
        })
    }

    /// Waits for the answer to a `Rebalance`.
    pub(super) async fn joined(&self, question: u64) -> Subscription {
        self.take(|state| match state.joined.take() {
            Some((answered, subscription)) if answered == question => Some(subscription),
            _ => None,
        })
        .await
    }

    /// Waits for the answer to a `Lead`.
    pub(super) async fn assigned(&self, question: u64) -> Vec<(String, Assignment)> {
        self.take(|state| match state.assigned.take() {
            Some((answered, assignments)) if answered == question => Some(assignments),
            _ => None,
        })
        .await
    }

    /// Waits until the loop wants to join again, and why.
    pub(super) async fn rejoin_wanted(&self) -> String {
        self.take(|state| state.rejoin.take()).await
    }

    /// Waits until the loop wants to leave, and why; it stays so until [`Self::left`].
    pub(super) async fn leave_wanted(&self) -> String {
        self.take(|state| state.leave.clone()).await
    }

    /// The member has left: the loop need not wait, and nothing that was told or asked before is of interest.
    pub(super) fn left(&self) {
        self.change(|state| {
            state.leave = None;
            state.events.clear();
        });
    }

    /// The member can never join.
    pub(super) fn end(&self, error: Error) {
        self.change(|state| {
            state.ended = Some(error);
            state.leave = None;
        });
    }

    /// For how long the loop has not looked for events; `None` while it does.
    pub(super) fn unpolled_for(&self, now: Duration) -> Option<Duration> {
        let state = self.state.lock();
        if state.polling { None } else { Some(now.saturating_sub(state.polled_at)) }
    }

    // -- the loop's side ---------------------------------------------------------------------------------------

    /// The next event.
    pub(super) async fn poll(&self) -> Result<GroupEvent, Error> {
        self.take(|state| {
            if let Some((question, event)) = state.events.pop_front() {
                state.polled = question.unwrap_or(state.polled);
                return Some(Ok(event));
            }
            state.ended.clone().map(Err)
        })
        .await
    }

    /// The loop begins or stops to wait for events.
    pub(super) fn polling(&self, polling: bool, now: Duration) {
        let mut state = self.state.lock();
        state.polling = polling;
        state.polled_at = now;
    }

    pub(super) fn join(&self, subscription: Subscription) {
        self.change(|state| {
            // What it wants to tell the others is in here.
            state.rejoin = None;
            state.joined = Some((state.polled, subscription));
        });
    }

    pub(super) fn assign(&self, assignments: Vec<(String, Assignment)>) {
        self.change(|state| state.assigned = Some((state.polled, assignments)));
    }

    pub(super) fn request_rejoin(&self, reason: &str) {
        self.change(|state| state.rejoin = Some(reason.to_owned()));
    }

    pub(super) fn request_leave(&self, reason: &str) {
        self.change(|state| {
            if state.ended.is_none() {
                state.leave = Some(reason.to_owned());
                state.rejoin = None;
            }
        });
    }

    /// Waits until a wish to leave is fulfilled.
    pub(super) async fn leaving_done(&self) {
        self.take(|state| state.leave.is_none().then_some(())).await;
    }
}
