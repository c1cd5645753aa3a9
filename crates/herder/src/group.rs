//! The worker's place in its group: what it owns, and when it may join again.
//!
//! It keeps the rule that at most one instance of a connector object or a task lives in the group: a worker joins only
//! when nothing lives on it that it does not own.

mod dealing;
mod strangers;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use kafka::membership::{
    Assigned, Assignment, AssignmentError, GroupEvent, LossCause, Membership, Protocol, Subscription, Task,
    Work,
};

use crate::assign::Memory;
use crate::view::GroupWorker;
use crate::{Leader, Name, Roster, SessionKeys};

/// The pause before the group shares its work out again because its members had not read the config topic to the same
/// place; it doubles.
const UNSYNCED_PAUSE: Duration = Duration::from_millis(100);

/// How often it doubles, and how many rounds in a row whoever leads waits for members that have not read enough.
const UNSYNCED_MAX: u32 = 6;

/// What the herder is given to be one of a group.
pub struct GroupMember {
    /// The place in the group.
    pub membership: Box<dyn Membership>,
    /// The URL of this worker's REST API, which others are told; it ends with `/`.
    pub url: String,
    /// The names of the config, the offsets and the status topic, as one text, for others to compare with theirs.
    pub topics: String,
    /// `scheduled.rebalance.max.delay.ms`.
    pub delay_max: Duration,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval: Duration,
    /// `session.timeout.ms`.
    pub session_timeout: Duration,
    /// What requests between the workers are signed with.
    pub keys: SessionKeys,
    /// The way to the group's leader.
    pub leader: Arc<dyn Leader>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Who leads the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead<'a> {
    /// This worker.
    This,
    /// The one whose REST API has this URL.
    Other(&'a str),
    /// A worker of another cluster, which has taken this group's id: how, and what to do.
    Foreign(&'a str),
    /// Nobody is known to.
    Unknown,
}

/// The place in the group, and what follows from it.
pub(crate) struct Group {
    member: GroupMember,
    /// Who is of the group, for whoever waits for another worker.
    roster: Roster,
    owned: Work,
    generation: i32,
    leader: Option<Leading>,
    /// As a leader: who has what since the last round, by the URL of its REST API.
    owners: Vec<(String, Work)>,
    memory: Memory,
    last_generation: Option<i32>,
    /// A rebalance waits for our answer.
    join_due: bool,
    /// Something was given back: as soon as it has stopped, others are to get it.
    rejoin_when_at_rest: bool,
    /// When all members join again, as [`Clock::elapsed`].
    rejoin_at: Option<Duration>,
    /// A worker of another cluster leads: this one has no part in the group.
    foreign: Option<String>,
    /// As a leader: workers of another cluster in this group.
    strangers: Option<String>,
    /// Workers of this group that say that they are reached at the same place.
    one_url: Option<String>,
    /// Events that came while something else was waited for.
    early: VecDeque<GroupEvent>,
    /// How often the group was joined.
    joins: u64,
    /// Why this worker is not one of the group now.
    outside: Option<String>,
    /// Rounds in a row of which this worker or the leader had not read the config topic as far as the other.
    unsynced: u32,
}

struct Leading {
    id: String,
    url: String,
    is_this: bool,
}

impl Group {
    pub(crate) fn new(member: GroupMember, roster: Roster) -> Self {
        Self {
            member,
            roster,
            owned: Work::default(),
            generation: 0,
            leader: None,
            owners: Vec::new(),
            memory: Memory::default(),
            last_generation: None,
            join_due: false,
            rejoin_when_at_rest: false,
            rejoin_at: None,
            foreign: None,
            strangers: None,
            one_url: None,
            early: VecDeque::new(),
            joins: 0,
            outside: None,
            unsynced: 0,
        }
    }

    /// What this worker owns.
    pub(crate) fn owned(&self) -> &Work {
        &self.owned
    }

    /// The REST URL of the worker that leads, if there is one.
    pub(crate) fn leader_url(&self) -> Option<&str> {
        self.leader.as_ref().map(|leader| leader.url.as_str())
    }

    /// How often the group was joined.
    pub(crate) fn joins(&self) -> u64 {
        self.joins
    }

    /// Why this worker is not one of the group now, if it was and has lost its place.
    pub(crate) fn outside(&self) -> Option<&str> {
        self.outside.as_deref()
    }

    /// Whether the place in the group was lost while something else was waited for: what came before that is moot.
    pub(crate) fn is_lost(&self) -> bool {
        self.early.iter().any(|event| matches!(event, GroupEvent::Lost { .. }))
    }

    /// The generation that this worker is a member of.
    pub(crate) fn generation(&self) -> i32 {
        self.generation
    }

    /// Who leads.
    pub(crate) fn lead_by(&self) -> Lead<'_> {
        if let Some(foreign) = &self.foreign {
            return Lead::Foreign(foreign);
        }
        match &self.leader {
            Some(Leading { is_this: true, .. }) => Lead::This,
            Some(Leading { url, .. }) if !url.is_empty() => Lead::Other(url),
            _ => Lead::Unknown,
        }
    }

    /// As a leader: the URL of the worker that has a connector object or a task.
    pub(crate) fn owner(&self, name: &Name, task: Option<u32>) -> Option<&str> {
        let has = |work: &Work| match task {
            None => work.connectors.contains(name),
            Some(task) => work.tasks.contains(&Task::new(name.clone(), task)),
        };
        self.owners.iter().find(|(_, work)| has(work)).map(|(url, _)| url.as_str())
    }

    /// As a leader: what nobody has since the last round.
    pub(crate) fn unowned(&self, configured: &Work) -> Work {
        self.owners.iter().fold(configured.clone(), |rest, (_, work)| rest.without(work))
    }

    /// As a leader: the members of the last round.
    pub(crate) fn workers(&self) -> Vec<GroupWorker> {
        let worker = |(url, work): &(String, Work)| GroupWorker {
            url: url.clone(),
            is_this: *url == self.member.url,
            connectors: work.connectors.len(),
            tasks: work.tasks.len(),
        };
        self.owners.iter().map(worker).collect()
    }

    /// As a leader: whether a worker of this id (`host:port`) was a member in the last round.
    pub(crate) fn has_worker(&self, worker_id: &str) -> bool {
        self.owners.iter().any(|(url, _)| worker_of(url) == worker_id)
    }

    /// Whether there are other members, as far as is known.
    pub(crate) fn has_others(&self) -> bool {
        match self.lead_by() {
            Lead::This => self.owners.len() > 1,
            Lead::Other(_) => true,
            Lead::Foreign(_) | Lead::Unknown => false,
        }
    }

    /// What requests between workers are signed with.
    pub(crate) fn keys(&self) -> &SessionKeys {
        &self.member.keys
    }

    /// The next event. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> kafka::Result<GroupEvent> {
        if let Some(event) = self.early.pop_front() {
            return Ok(event);
        }
        loop {
            let wait = self.rejoin_at.map(|at| at.saturating_sub(self.member.clock.elapsed()));
            let due = async {
                match wait {
                    Some(wait) => self.member.clock.sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = self.member.membership.poll() => return event,
                () = due => {
                    self.rejoin_at = None;
                    self.member.membership.request_rejoin(match self.unsynced {
                        0 => "lost work is handed out now",
                        _ => "the config topic was not read to the same place by all",
                    });
                }
            }
        }
    }

    /// Waits until the place in the group is lost; answers how. All events come by [`Self::next`] afterwards.
    pub(crate) async fn until_lost(&mut self) -> LossCause {
        loop {
            let Ok(event) = self.member.membership.poll().await else {
                return std::future::pending().await; // an error is answered again, and then taken in
            };
            let lost = if let GroupEvent::Lost { cause, .. } = event { Some(cause) } else { None };
            if lost.is_some() {
                self.early.clear(); // what was asked before is moot
            }
            self.early.push_back(event);
            if let Some(cause) = lost {
                return cause;
            }
        }
    }

    /// The group is about to be joined.
    pub(crate) fn rebalance(&mut self, protocol: Option<Protocol>) {
        self.join_due = true;
        self.rejoin_at = None;
        if protocol.is_none_or(|protocol| protocol == Protocol::Eager) {
            self.owned = Work::default();
        }
    }

    /// How long the coordinator waits, when the place in the group is lost like this, before others get its work. An outage
    /// is told after a heartbeat's interval, and the last good heartbeat may have been as long before it.
    pub(crate) fn session_left(&self, cause: LossCause) -> Duration {
        match cause {
            LossCause::CoordinatorUnknown => {
                self.member.session_timeout.saturating_sub(2 * self.member.heartbeat_interval)
            }
            LossCause::SessionTimeout
            | LossCause::UnknownMember
            | LossCause::IllegalGeneration
            | LossCause::PollTimeout => Duration::ZERO,
        }
    }

    /// Everything is to be stopped.
    pub(crate) fn lost(&mut self, why: String) {
        self.outside = Some(why);
        self.owned = Work::default();
        self.leader = None;
        self.owners.clear();
        self.memory = Memory::default();
        self.last_generation = None;
        self.rejoin_at = None;
        self.join_due = false;
        self.rejoin_when_at_rest = false;
        self.roster.take(self);
    }

    /// Takes the own part of a generation in, of which the config topic is read as far as the leader has read it.
    ///
    /// # Errors
    /// A Java worker leads, whose requests this worker does not take.
    pub(crate) fn assigned(&mut self, assigned: &Assigned, config_offset: i64) -> Result<(), String> {
        if !assigned.assignment.ours {
            return Err(format!(
                "the group is led by a worker of Kafka Connect in Java ({}), and this worker does not share work with \
                 those: stop all of them, then start this one; connectors and offsets are taken over",
                assigned.assignment.leader_url
            ));
        }
        let assignment = &assigned.assignment;
        self.outside = None;
        self.generation = assigned.generation;
        if let Some(topics) = assignment.topics.as_deref().filter(|topics| self.is_stranger(Some(topics))) {
            self.foreign = Some(self.about_foreign_leader(&assignment.leader_url, topics));
            self.leader = None;
            self.unsynced = 0;
            self.rejoin_when_at_rest |= !self.owned.is_empty();
            self.owned = Work::default();
            self.rejoin_at = None;
            self.roster.take(self);
            return Ok(());
        }
        self.foreign = None;
        if !assigned.is_leader() {
            self.strangers = None;
            self.one_url =
                (assignment.leader_url == self.member.url).then(|| self.about_one_url(&self.member.url));
        }
        self.leader = Some(Leading {
            id: assigned.leader_id.clone(),
            url: assignment.leader_url.clone(),
            is_this: assigned.is_leader(),
        });
        self.roster.take(self);
        if assigned.is_leader() {
            self.last_generation = Some(assigned.generation);
        }
        if assignment.error != AssignmentError::None || assignment.config_offset != config_offset {
            // What was read differs from what the leader has read: the next round has both up to date.
            let why = format!(
                "the config topic was read to {config_offset} here and to {} by the leader",
                assignment.config_offset
            );
            tracing::debug!("{why}");
            self.unsynced += 1;
            // At once; but when reading does not help, not one round after the other.
            let doublings = self.unsynced.saturating_sub(2).min(UNSYNCED_MAX);
            let pause =
                if self.unsynced == 1 { Duration::ZERO } else { UNSYNCED_PAUSE * 2_u32.pow(doublings) };
            self.rejoin_at = Some(self.member.clock.elapsed() + pause);
            if assignment.error != AssignmentError::None {
                return Ok(());
            }
        } else {
            self.unsynced = 0;
            self.rejoin_at = None;
        }
        self.owned = assigned.owned_after(&self.owned);
        self.rejoin_when_at_rest |= !assignment.revoked.is_empty();
        if !assignment.delay.is_zero() {
            let due = self.member.clock.elapsed() + assignment.delay;
            self.rejoin_at = Some(self.rejoin_at.map_or(due, |at| at.min(due)));
        }
        Ok(())
    }

    /// Whether something waits until nothing lives here that is not owned.
    pub(crate) fn waits_for_rest(&self) -> bool {
        self.join_due || self.rejoin_when_at_rest
    }

    /// Goes on with it, now that this is so.
    pub(crate) fn go_on(&mut self, config_offset: i64) {
        if std::mem::take(&mut self.rejoin_when_at_rest) {
            self.member.membership.request_rejoin("what was given back has stopped");
        }
        if std::mem::take(&mut self.join_due) {
            self.joins += 1;
            let leading = self.leader.as_ref();
            let (leader, leader_url) =
                leading.map(|leading| (leading.id.clone(), leading.url.clone())).unwrap_or_default();
            let allocation = Assignment {
                leader,
                leader_url,
                config_offset,
                assigned: self.owned.clone(),
                ours: true,
                ..Assignment::default()
            };
            self.member.membership.join(Subscription {
                url: self.member.url.clone(),
                config_offset,
                allocation: (!self.owned.is_empty()).then_some(allocation),
                ours: true,
                topics: Some(self.member.topics.clone()),
            });
        }
    }

    /// What is configured has changed.
    pub(crate) fn configured_changed(&mut self) {
        self.member.membership.request_rejoin("connectors or tasks have changed");
    }

    /// All join once more, as they are.
    pub(crate) fn rally(&mut self) {
        self.member.membership.request_rejoin("a worker is about to leave");
    }

    /// Leaves for good.
    pub(crate) async fn leave(&mut self) {
        self.member.membership.leave("the worker stops").await;
    }
}

// A worker's id is its URL without what is around it.
pub(crate) fn worker_of(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/')
}

#[cfg(test)]
mod tests;
