//! Who gets what: the leader's judgement over connectors and tasks, as a pure function.
//!
//! [`assign`] takes what the members own and what is configured, and answers what each gets and gives back. What the
//! leader must know of the round before is a value ([`Memory`]), and time is passed in.
//!
//! - `eager`: version 0 of the protocol deals everything anew.
//! - `incremental`: versions 1 and 2 move as little as they can, and nothing at once: what moves is revoked in one
//!   round and given away in the next, when its owner has stopped it. `lost` waits for workers that may come back;
//!   `balance` says what is too much and who has least.
//!
//! The algorithm is Kafka Connect's (KIP-415), so that a leader of either kind may follow the other, but for two things:
//! tasks of one connector are spread where that makes no difference else; and lost work waits for five minutes only
//! when it must (see [`Round::goodbyes`] and [`Round::crash_delay`]).

mod balance;
mod eager;
mod incremental;
mod lost;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use kafka::membership::{Assignment, AssignmentError, Protocol, Task, Work};

/// The work of a dead worker is to be with others when so much has passed after its session.
const AFTER_SESSION_MAX: Duration = Duration::from_secs(3);
/// What a rebalance itself may take of that.
const REBALANCE_TAKES: Duration = Duration::from_millis(500);

/// What is known at a rebalance.
#[derive(Debug, Clone)]
pub struct Round<'a> {
    /// The protocol that the coordinator chose.
    pub protocol: Protocol,
    /// The generation that begins.
    pub generation: i32,
    /// The last generation that the leader completed, that is, got its own assignment of; `None` before the first.
    pub last_generation: Option<i32>,
    /// Time since an arbitrary start that never goes back, the same for all rounds.
    pub now: Duration,
    /// Everything that is configured and should run: a connector object and its tasks.
    pub configured: &'a Work,
    /// All members.
    pub members: &'a [Worker],
    /// Ids of members that said, before they left, that they do: what they had is handed out at once.
    pub goodbyes: &'a BTreeSet<String>,
    /// `scheduled.rebalance.max.delay.ms`: so long lost work waits for its worker to come back. It holds while there is
    /// a Java worker among the members, for that one may lead next.
    pub delay_max: Duration,
    /// So long it waits when all members are ours: see [`crash_delay`].
    pub crash_delay: Duration,
}

/// A member of the group.
#[derive(Debug, Clone, PartialEq)]
pub struct Worker {
    /// Its member id.
    pub id: String,
    /// What it says that it owns, oldest first.
    pub owned: Work,
    /// Whether it is one of ours.
    pub ours: bool,
}

/// How long lost work may wait after a crash when all members are ours: no longer than 3 seconds after the session ended,
/// of which the others need up to a heartbeat interval to learn of it. With the default interval that leaves nothing.
pub fn crash_delay(heartbeat_interval: Duration) -> Duration {
    AFTER_SESSION_MAX.saturating_sub(heartbeat_interval + REBALANCE_TAKES)
}

/// What a leader remembers from one round to the next. A new leader begins with the default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// The generation of the round.
    generation: Option<i32>,
    /// Who had what after it; of lost work, who had it last.
    connectors: BTreeMap<Arc<str>, String>,
    tasks: BTreeMap<Task, String>,
    /// Since when lost work waits, and the members that came empty-handed meanwhile: one may be the worker that it
    /// waits for.
    waiting: Option<Waiting>,
    /// Rounds in a row that revoked for balance, and when the last of them was.
    revoking: Option<(u32, Duration)>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Waiting {
    since: Duration,
    candidates: BTreeSet<String>,
}

/// What a round decides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// By member id, for every member. With [`Protocol::Eager`], `assigned` is all that it has.
    pub members: BTreeMap<String, Part>,
    /// When all members join again; zero: they need not, but those that give something back, at once.
    pub delay: Duration,
}

/// What one member is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// What it gets.
    pub assigned: Work,
    /// What it gives back.
    pub revoked: Work,
}

impl Plan {
    /// The assignments to hand in, by member id.
    pub fn assignments(
        &self,
        leader: &str,
        leader_url: &str,
        config_offset: i64,
    ) -> Vec<(String, Assignment)> {
        let assignment = |part: &Part| Assignment {
            error: AssignmentError::None,
            leader: leader.to_owned(),
            leader_url: leader_url.to_owned(),
            config_offset,
            assigned: part.assigned.clone(),
            revoked: part.revoked.clone(),
            delay: self.delay,
            ours: true,
            topics: None, // said by whoever hands them in
        };
        self.members.iter().map(|(id, part)| (id.clone(), assignment(part))).collect()
    }
}

/// Decides, and answers what to remember.
pub fn assign(memory: &Memory, round: &Round<'_>) -> (Plan, Memory) {
    match round.protocol {
        Protocol::Eager => eager::assign(round),
        Protocol::Compatible | Protocol::Sessioned => incremental::assign(memory, round),
    }
}
