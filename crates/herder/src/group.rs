//! The worker's place in its group: what it owns, and when it may join again.
//!
//! It keeps the rule that at most one instance of a connector object or a task lives in the group: a worker joins only
//! when nothing lives on it that it does not own.

mod strangers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use kafka::membership::{
    self, Assigned, Assignment, AssignmentError, GroupEvent, LossCause, Member, Membership, Protocol,
    Subscription, Task, Work,
};

use crate::assign::{self, Memory, Round, Worker};
use crate::view::GroupWorker;
use crate::{Leader, Name, Roster, SessionKeys};

const ONE_URL: &str = "give each worker a host and port of its own by which the others reach it, with listeners, \
                       rest.advertised.host.name and rest.advertised.port";

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

    /// Decides who gets what; `configured` and `config_offset` are what the config topic says now. Tasks that changed wait
    /// for all members to have read it as far as `held`, and so to have stopped theirs of before.
    pub(crate) fn lead(
        &mut self,
        lead: &membership::Lead,
        configured: &Work,
        config_offset: i64,
        held: Option<i64>,
    ) {
        let (members, strangers): (Vec<_>, Vec<_>) =
            lead.members.iter().partition(|member| !self.is_stranger(member.subscription.topics.as_deref()));
        self.strangers = (!strangers.is_empty()).then(|| self.about_strangers(&strangers));
        let offsets = members.iter().map(|member| member.subscription.config_offset);
        let newest = offsets.clone().max().unwrap_or(config_offset);
        // One that cannot read must not keep the others waiting for good.
        let held = held.filter(|_| self.unsynced < UNSYNCED_MAX);
        let behind = held.is_some_and(|held| offsets.clone().any(|offset| offset < held));
        if newest > config_offset || behind {
            // Somebody has read further: nobody gets anything until all have.
            let mismatch = Assignment {
                error: AssignmentError::ConfigMismatch,
                leader: lead.member_id.clone(),
                leader_url: self.member.url.clone(),
                config_offset: newest.max(config_offset),
                ours: true,
                topics: Some(self.member.topics.clone()),
                ..Assignment::default()
            };
            let all = lead.members.iter().map(|member| (member.id.clone(), mismatch.clone())).collect();
            self.member.membership.assign(all);
            return;
        }
        let owned_by = |subscription: &Subscription| {
            let allocation = subscription.allocation.as_ref();
            allocation.map(|allocation| allocation.assigned.clone()).unwrap_or_default()
        };
        let (ours, others): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|member| member.subscription.ours);
        // The one that leads before others: requests that are for it must not reach another.
        let mut reached: BTreeMap<&str, &str> =
            BTreeMap::from([(self.member.url.as_str(), lead.member_id.as_str())]);
        for member in &ours {
            reached.entry(&member.subscription.url).or_insert(&member.id);
        }
        let is_reached =
            |member: &&Member| reached.get(member.subscription.url.as_str()) == Some(&member.id.as_str());
        let (ours, unreached): (Vec<_>, Vec<_>) = ours.into_iter().partition(is_reached);
        let members: Vec<Worker> = ours
            .iter()
            .map(|member| Worker { id: member.id.clone(), owned: owned_by(&member.subscription), ours: true })
            .collect();
        // Java's workers hand task configs in by requests that this worker does not take: they get nothing, and what they
        // have is given to others in the next round, when they have stopped it.
        let mut configured = configured.clone();
        let mut idle = Vec::new();
        // Those of another cluster have other connectors, maybe of the same names: they get nothing, too.
        for member in others.into_iter().chain(unreached).chain(strangers) {
            let owned = owned_by(&member.subscription);
            let url = &member.subscription.url;
            if self.is_stranger(member.subscription.topics.as_deref()) {
                // What is said of it is a problem of this worker.
            } else if member.subscription.ours {
                configured = configured.without(&owned);
                tracing::error!(
                    member = member.id,
                    "two workers of the group say that they are reached at {url}, and one of them gets no work: {ONE_URL}"
                );
            } else {
                configured = configured.without(&owned);
                tracing::warn!(
                    url,
                    "a worker of Kafka Connect in Java is in this group: it gets no work; stop it"
                );
            }
            let nothing = Assignment {
                leader: lead.member_id.clone(),
                leader_url: self.member.url.clone(),
                config_offset,
                revoked: owned,
                ours: true,
                topics: Some(self.member.topics.clone()),
                ..Assignment::default()
            };
            idle.push((member.id.clone(), nothing));
        }
        let round = Round {
            protocol: lead.protocol,
            generation: lead.generation,
            last_generation: self.last_generation,
            now: self.member.clock.elapsed(),
            configured: &configured,
            members: &members,
            goodbyes: &BTreeSet::new(),
            delay_max: self.member.delay_max,
            crash_delay: assign::crash_delay(self.member.heartbeat_interval),
        };
        let (plan, memory) = assign::assign(&self.memory, &round);
        self.memory = memory;
        let after = |member: &&Member| {
            let part = plan.members.get(&member.id).cloned().unwrap_or_default();
            let before = match lead.protocol {
                Protocol::Eager => Work::default(),
                Protocol::Compatible | Protocol::Sessioned => owned_by(&member.subscription),
            };
            (member.subscription.url.clone(), before.without(&part.revoked).with(&part.assigned))
        };
        self.owners = ours.iter().map(after).collect();
        let mut assignments = plan.assignments(&lead.member_id, &self.member.url, config_offset);
        for (_, assignment) in &mut assignments {
            assignment.topics = Some(self.member.topics.clone());
        }
        assignments.extend(idle);
        self.member.membership.assign(assignments);
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
        }
        if !assigned.is_leader() && assignment.leader_url == self.member.url {
            tracing::error!(
                "the worker that leads the group says that it is reached at {}, which is where this worker is reached, \
                 too: {ONE_URL}",
                self.member.url
            );
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
