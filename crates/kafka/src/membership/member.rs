//! A member's own task: it finds the coordinator, joins, sends heartbeats, and tells the loop.
//!
//! Life and heartbeats are here; `joining` is a rebalance, `refusal` what error codes mean.

mod joining;
mod refusal;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use kafka_protocol::ResponseError as Code;

use super::coordinator::{Coordinator, Trouble};
use super::mailbox::Mailbox;
use super::{GroupEvent, LossCause, MemberSettings, Protocol};
use crate::Error;
use crate::connection::error_name;

/// So long leaving waits for the coordinator: a session ends by itself, and a worker that ends must not hang.
const LEAVING: Duration = Duration::from_secs(5);

/// Rebalances come in twos: what one takes from a worker the next gives to another, and nobody has it in between. A member
/// hears of a rebalance by its heartbeat, so after one the next is looked for this often,
const ALERT_INTERVAL: Duration = Duration::from_millis(50);
/// for so many of the usual intervals.
const ALERT_INTERVALS: u32 = 2;

pub(super) struct Member<C> {
    settings: MemberSettings,
    coordinator: Arc<C>,
    clock: Arc<dyn Clock>,
    mailbox: Arc<Mailbox>,
    /// Given out by the coordinator; empty when there is none.
    member_id: String,
    /// While the worker is a member.
    generation: Option<Generation>,
    /// Whether it ever was one: until then a refusal of the credentials is a mistake, later it may be a passing one.
    was_member: bool,
    /// Why the group is to be joined; `None` while nothing is to be done but heartbeats.
    wants: Option<String>,
    /// When the coordinator last showed that it counts the worker among its members.
    heard: Duration,
    /// When the next heartbeat is due.
    due: Duration,
    /// Until when heartbeats are frequent.
    alert_until: Duration,
    /// Since when the coordinator has not answered, and whether the loop was told.
    silence: Option<(Duration, bool)>,
    /// Why it was silent the last time.
    trouble: String,
}

#[derive(Clone, Copy)]
struct Generation {
    id: i32,
    protocol: Protocol,
}

/// Why a step ended early.
enum Break {
    /// Begin again: find the coordinator if need be, and join if that is wanted.
    Again,
    /// The loop wants to leave.
    Leave(String),
    /// The member can never join.
    Fatal(Error),
}

/// What heartbeats are sent beside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Nothing: a rebalance is news.
    Stable,
    /// The member is asked to join, or waits for an answer of the coordinator: it knows that there is a rebalance.
    Rebalance,
    /// As above, and its generation may have ended already without an answer having come: every answer is a sign of
    /// life.
    Answer,
}

impl<C: Coordinator> Member<C> {
    pub(super) fn new(
        settings: MemberSettings,
        coordinator: C,
        clock: Arc<dyn Clock>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let now = clock.elapsed();
        Self {
            settings,
            coordinator: Arc::new(coordinator),
            clock,
            mailbox,
            member_id: String::new(),
            generation: None,
            was_member: false,
            wants: Some("the worker joins the group".to_owned()),
            heard: now,
            due: now,
            alert_until: now,
            silence: Some((now, false)),
            trouble: "no broker has answered yet".to_owned(),
        }
    }

    /// Lives until it can never join.
    pub(super) async fn run(mut self) {
        loop {
            match self.step().await {
                Ok(()) | Err(Break::Again) => {}
                Err(Break::Leave(reason)) => {
                    self.leave(&reason).await;
                    self.wants = Some(self.outside().await);
                    self.silence = Some((self.clock.elapsed(), false));
                }
                Err(Break::Fatal(error)) => {
                    tracing::error!(group = self.settings.group_id, "{error}");
                    return self.mailbox.end(error);
                }
            }
        }
    }

    /// Waits outside of the group until the loop wants to come back, and why.
    async fn outside(&self) -> String {
        loop {
            self.mailbox.left();
            tokio::select! {
                reason = self.mailbox.rejoin_wanted() => return reason,
                _ = self.mailbox.leave_wanted() => {} // it has left already
            }
        }
    }

    async fn step(&mut self) -> Result<(), Break> {
        if self.silence.is_some() {
            self.find().await?;
        }
        match self.wants.clone() {
            Some(reason) => self.rebalance(reason).await,
            None => {
                let mailbox = Arc::clone(&self.mailbox);
                let reason = self.beating(Beside::Stable, mailbox.rejoin_wanted()).await?;
                self.wants = Some(reason);
                Ok(())
            }
        }
    }

    // -- the coordinator ---------------------------------------------------------------------------------------

    /// Looks for the coordinator until it is found. Tells the loop when that takes too long.
    async fn find(&mut self) -> Result<(), Break> {
        loop {
            let (since, told) = *self.silence.get_or_insert((self.clock.elapsed(), false));
            let silent = self.clock.elapsed().saturating_sub(since);
            let patience = self.settings.heartbeat_interval.saturating_sub(silent);
            let (coordinator, mailbox) = (Arc::clone(&self.coordinator), Arc::clone(&self.mailbox));
            let mut find = pin!(coordinator.find());
            let found = tokio::select! {
                found = &mut find => Some(found),
                reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                () = self.clock.sleep(patience), if !told => None,
            };
            let found = match found {
                Some(found) => found,
                None => {
                    self.unknown();
                    tokio::select! {
                        found = &mut find => found,
                        reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                    }
                }
            };
            match found {
                // It must also answer: until then it counts as silent.
                Ok(()) => {
                    self.due = self.clock.elapsed();
                    return Ok(());
                }
                Err(trouble) => {
                    let reason = self.not_fatal(trouble)?;
                    self.unanswered(&reason);
                    self.pause().await?;
                }
            }
        }
    }

    /// The coordinator did not answer, or is not the coordinator: it is looked for again.
    fn unanswered(&mut self, reason: &str) {
        self.coordinator.forget();
        let now = self.clock.elapsed();
        let first = self.trouble != reason;
        let (since, told) = *self.silence.get_or_insert((now, false));
        reason.clone_into(&mut self.trouble);
        let (group, silent_ms) = (&self.settings.group_id, (now - since).as_millis());
        match first {
            true => tracing::warn!(group, "{reason}"),
            false => tracing::debug!(group, silent_ms, "{reason}"), // a line for every try would fill the log
        }
        if !told && now - since >= self.settings.heartbeat_interval {
            self.unknown();
        }
    }

    /// The coordinator has been silent for too long: told once.
    fn unknown(&mut self) {
        if let Some((_, told)) = &mut self.silence {
            *told = true;
        }
        let interval_ms = self.settings.heartbeat_interval.as_millis();
        let reason = &self.trouble;
        self.lose(
            LossCause::CoordinatorUnknown,
            format!(
                "the coordinator of the group was not to be reached for heartbeat.interval.ms ({interval_ms} ms): {reason}"
            ),
        );
    }

    /// Waits before the next try.
    async fn pause(&self) -> Result<(), Break> {
        tokio::select! {
            () = self.clock.sleep(self.settings.retry_backoff) => Ok(()),
            reason = self.mailbox.leave_wanted() => Err(Break::Leave(reason)),
        }
    }

    // -- heartbeats --------------------------------------------------------------------------------------------

    /// Sends heartbeats, while there is a generation, until something else is done.
    async fn beating<T>(&mut self, beside: Beside, until: impl Future<Output = T>) -> Result<T, Break> {
        let mut until = pin!(until);
        let mailbox = Arc::clone(&self.mailbox);
        loop {
            let Some(generation) = self.generation else {
                return tokio::select! {
                    done = &mut until => Ok(done),
                    reason = mailbox.leave_wanted() => Err(Break::Leave(reason)),
                };
            };
            let now = self.clock.elapsed();
            if now.saturating_sub(self.heard) >= self.settings.session_timeout {
                return Err(self.session_is_over());
            }
            if self.due > now {
                let session = self.heard + self.settings.session_timeout;
                tokio::select! {
                    biased;
                    done = &mut until => return Ok(done),
                    reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                    () = self.clock.sleep(self.due.min(session) - now) => {}
                }
                continue;
            }
            if mailbox.unpolled_for(now).is_some_and(|silent| silent >= self.settings.rebalance_timeout) {
                return Err(self.loop_is_gone().await);
            }
            self.due = now + self.heartbeat_pause(now);
            let (coordinator, member_id) = (Arc::clone(&self.coordinator), self.member_id.clone());
            let answer = {
                let mut beat = pin!(coordinator.heartbeat(&member_id, generation.id));
                tokio::select! {
                    biased;
                    done = &mut until => return Ok(done),
                    answer = &mut beat => answer,
                    reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                    // A slow coordinator is waited for as long as it waits for us.
                    () = self.clock.sleep(self.heard + self.settings.session_timeout - now) => {
                        return Err(self.session_is_over());
                    }
                }
            };
            self.beat(beside, now, answer).await?;
        }
    }

    /// How long after a heartbeat of this moment the next one is due.
    fn heartbeat_pause(&self, now: Duration) -> Duration {
        match now < self.alert_until {
            true => ALERT_INTERVAL.min(self.settings.heartbeat_interval),
            false => self.settings.heartbeat_interval,
        }
    }

    /// A rebalance is complete; another one is likely to follow.
    fn be_alert(&mut self) {
        let now = self.clock.elapsed();
        self.alert_until = now + self.settings.heartbeat_interval * ALERT_INTERVALS;
        self.due = now + self.heartbeat_pause(now);
    }

    /// What a heartbeat that was sent at this moment says.
    async fn beat(
        &mut self,
        beside: Beside,
        sent: Duration,
        answer: Result<(), Trouble>,
    ) -> Result<(), Break> {
        let code = match answer {
            Ok(()) => None,
            Err(Trouble::Code { code, .. }) => Some(code),
            Err(trouble) => {
                let reason = self.not_fatal(trouble)?;
                self.silence.get_or_insert((sent, false));
                self.unanswered(&reason);
                return Err(Break::Again);
            }
        };
        match code {
            None => {}
            Some(Code::RebalanceInProgress) if beside == Beside::Stable => {
                self.wants = Some("the group rebalances".to_owned());
            }
            Some(Code::RebalanceInProgress) => {}
            Some(
                code @ (Code::NotCoordinator
                | Code::CoordinatorNotAvailable
                | Code::CoordinatorLoadInProgress),
            ) => {
                self.silence.get_or_insert((sent, false));
                self.unanswered(&format!("the coordinator answers a heartbeat with {}", said(code)));
                self.pause().await?;
                return Err(Break::Again);
            }
            // The next generation has begun, and the answer that says so is on its way. It is no reason to count on
            // the session any longer.
            Some(Code::IllegalGeneration) if beside == Beside::Answer => {
                self.silence = None;
                return Ok(());
            }
            Some(code @ (Code::UnknownMemberId | Code::IllegalGeneration | Code::FencedInstanceId)) => {
                return Err(self.not_a_member(code));
            }
            Some(code) => {
                let reason = self.not_fatal(Trouble::code(code))?;
                tracing::warn!(group = self.settings.group_id, "heartbeat: {reason}");
                return Ok(()); // the session ends if this goes on
            }
        }
        self.silence = None;
        self.heard = sent;
        match code {
            Some(_) if beside == Beside::Stable => Err(Break::Again),
            _ => Ok(()),
        }
    }

    fn session_is_over(&mut self) -> Break {
        let timeout_ms = self.settings.session_timeout.as_millis();
        self.lose(
            LossCause::SessionTimeout,
            format!(
                "no heartbeat was answered within session.timeout.ms ({timeout_ms} ms): the coordinator has given \
                 this worker up, or is about to"
            ),
        );
        self.coordinator.forget();
        self.silence = Some((self.clock.elapsed(), true));
        Break::Again
    }

    /// A loop that hangs cannot stop work when it must: the others get it, and this worker comes back when it can.
    async fn loop_is_gone(&mut self) -> Break {
        let timeout_ms = self.settings.rebalance_timeout.as_millis();
        let reason = format!(
            "the worker did not look for events of the group for rebalance.timeout.ms ({timeout_ms} ms), so it has \
             left it"
        );
        self.leave(&reason).await;
        self.lose(LossCause::PollTimeout, reason);
        Break::Again
    }

    /// The worker is no member any more.
    fn lose(&mut self, cause: LossCause, reason: String) {
        self.generation = None;
        self.wants = Some("the worker comes back to the group".to_owned());
        tracing::warn!(group = self.settings.group_id, member = self.member_id, ?cause, "{reason}");
        self.mailbox.tell(GroupEvent::Lost { cause, reason });
    }

    // -- leaving -----------------------------------------------------------------------------------------------

    async fn leave(&mut self, reason: &str) {
        if !self.member_id.is_empty() {
            let left = tokio::select! {
                left = self.coordinator.leave(&self.member_id, reason) => left,
                () = self.clock.sleep(LEAVING) => {
                    Err(Trouble::Unreachable(format!("no answer within {} s", LEAVING.as_secs())))
                }
            };
            let group = &self.settings.group_id;
            match left {
                Ok(()) => {
                    tracing::info!(group, member = self.member_id, "left the group of workers: {reason}")
                }
                Err(trouble) => {
                    let why = match trouble {
                        Trouble::Code { code, .. } => said(code),
                        Trouble::Unreachable(reason) | Trouble::Refused(reason) => reason,
                    };
                    tracing::warn!(
                        group,
                        member = self.member_id,
                        "the coordinator could not be told that this worker leaves; it will find out after \
                         session.timeout.ms: {why}"
                    );
                }
            }
        }
        self.coordinator.forget();
        self.member_id.clear();
        self.generation = None;
    }
}

fn said(code: Code) -> String {
    error_name(code.code())
}
