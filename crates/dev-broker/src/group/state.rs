//! A group and its states, as in Kafka's classic protocol.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use kafka_protocol::ResponseError;
use tokio::sync::oneshot;

use super::offsets::Offsets;

/// Where a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No members; offsets may be kept.
    Empty,
    /// Waits for every member to join again.
    PreparingRebalance,
    /// Waits for the leader's assignment.
    CompletingRebalance,
    /// Everyone has an assignment.
    Stable,
}

impl Phase {
    /// Kafka's name of the state.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// What a member gets for joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The generation that begins.
    pub generation: i32,
    /// The protocol that was chosen.
    pub protocol: String,
    /// Member id of the leader.
    pub leader: String,
    /// The member's own id.
    pub member_id: String,
    /// A leader that came back under its static id finds the assignment as it left it.
    pub skip_assignment: bool,
    /// All members with static id and metadata; only for the leader.
    pub members: Vec<(String, Option<String>, Bytes)>,
}

/// Refused: the code, and the member id that the client should use from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub code: ResponseError,
    /// The member id for the answer.
    pub member_id: String,
}

/// Where the answer to a join goes.
pub type JoinReply = oneshot::Sender<Result<Joined, Refused>>;
/// Where the answer to a sync goes: the assignment.
pub type SyncReply = oneshot::Sender<Result<Bytes, ResponseError>>;

/// A member of a group.
#[derive(Debug)]
pub struct Member {
    /// Static id, if it has one.
    pub instance_id: Option<String>,
    /// As the client calls itself.
    pub client_id: String,
    /// Where it connects from.
    pub host: String,
    /// How long it may be silent.
    pub session: Duration,
    /// How long a rebalance waits for it.
    pub rebalance: Duration,
    /// Protocols that it supports, best first, with the metadata for each.
    pub protocols: Vec<(String, Bytes)>,
    /// What the leader gave it.
    pub assignment: Bytes,
    /// When it counts as gone.
    pub expires: Duration,
    /// Its unanswered join.
    pub joining: Option<JoinReply>,
    /// Its unanswered sync.
    pub syncing: Option<SyncReply>,
}

impl Member {
    /// The metadata for a protocol.
    #[must_use]
    pub fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, m)| m.clone()).unwrap_or_default()
    }
}

/// A group.
#[derive(Debug)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its state.
    pub phase: Phase,
    /// Counts rebalances.
    pub generation: i32,
    /// `consumer`, `connect` or whatever its members say; empty until the first one came.
    pub protocol_type: String,
    /// The chosen protocol.
    pub protocol: Option<String>,
    /// Member id of the leader.
    pub leader: Option<String>,
    /// Members by id, in order of arrival.
    pub members: IndexMap<String, Member>,
    /// Static members: instance id to member id.
    pub instances: HashMap<String, String>,
    /// Ids that were given out for the first join and are not used yet, with their expiry.
    pub promised: HashMap<String, Duration>,
    /// When a rebalance stops waiting for members, or for their syncs.
    pub deadline: Option<Duration>,
    /// A rebalance does not complete before this.
    pub not_before: Duration,
    /// Committed offsets.
    pub offsets: Offsets,
    /// It was deleted while someone held it; look it up again.
    pub dead: bool,
}

impl Group {
    /// A group without members.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            phase: Phase::Empty,
            generation: 0,
            protocol_type: String::new(),
            protocol: None,
            leader: None,
            members: IndexMap::new(),
            instances: HashMap::new(),
            promised: HashMap::new(),
            deadline: None,
            not_before: Duration::ZERO,
            offsets: Offsets::default(),
            dead: false,
        }
    }

    /// Begins a rebalance: everyone must join again.
    pub fn prepare_rebalance(&mut self, now: Duration) {
        for member in self.members.values_mut() {
            if let Some(reply) = member.syncing.take() {
                let _ = reply.send(Err(ResponseError::RebalanceInProgress));
            }
        }
        self.phase = Phase::PreparingRebalance;
        let longest = self.members.values().map(|m| m.rebalance).max().unwrap_or_default();
        self.deadline = Some(now + longest);
    }

    /// Completes the rebalance if nobody is missing.
    pub fn complete_if_ready(&mut self, now: Duration) {
        if self.phase != Phase::PreparingRebalance || now < self.not_before {
            return;
        }
        let missing = self.members.values().any(|m| m.joining.is_none());
        if !missing && self.promised.is_empty() {
            self.complete_rebalance(now);
        }
    }

    /// Goes on with those who joined; those who did not are out, unless they are static and may
    /// still come back within their session.
    fn complete_rebalance(&mut self, now: Duration) {
        let late: Vec<String> = self
            .members
            .iter()
            .filter(|(_, m)| m.joining.is_none() && m.instance_id.is_none())
            .map(|(id, _)| id.clone())
            .collect();
        for id in late {
            self.forget(&id);
        }
        self.generation = self.generation.checked_add(1).unwrap_or(1);
        if self.members.is_empty() {
            self.phase = Phase::Empty;
            self.protocol = None;
            self.leader = None;
            self.deadline = None;
            return;
        }
        let present = |id: &String| self.members.get(id).is_some_and(|m| m.joining.is_some());
        if !self.leader.as_ref().is_some_and(present) {
            let first = self.members.iter().find(|(_, m)| m.joining.is_some());
            let Some((id, _)) = first else {
                // Only static members that are away: wait for them again.
                self.prepare_rebalance(now);
                return;
            };
            self.leader = Some(id.clone());
        }
        let protocol = self.choose_protocol();
        self.phase = Phase::CompletingRebalance;
        self.deadline = self.members.values().map(|m| m.rebalance).max().map(|longest| now + longest);
        self.protocol = Some(protocol);
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            let answer = self.joined(&id, false);
            let Some(member) = self.members.get_mut(&id) else { continue };
            member.assignment = Bytes::new();
            member.expires = now + member.session;
            if let Some(reply) = member.joining.take() {
                let _ = reply.send(Ok(answer));
            }
        }
    }

    /// Every member votes for its first protocol that all support; most votes win.
    fn choose_protocol(&self) -> String {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let vote = member.protocols.iter().map(|(name, _)| name.as_str()).find(|p| self.all_support(p));
            if let Some(vote) = vote {
                *votes.entry(vote).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, n)| *n).map(|(name, _)| name.to_owned()).unwrap_or_default()
    }

    /// Whether every member knows this protocol.
    #[must_use]
    pub fn all_support(&self, protocol: &str) -> bool {
        self.members.values().all(|m| m.protocols.iter().any(|(name, _)| name == protocol))
    }

    /// The answer to a member's join in the present generation.
    #[must_use]
    pub fn joined(&self, member_id: &str, skip_assignment: bool) -> Joined {
        let protocol = self.protocol.clone().unwrap_or_default();
        let leads = self.leader.as_deref() == Some(member_id);
        let members = if leads {
            self.members
                .iter()
                .map(|(id, m)| (id.clone(), m.instance_id.clone(), m.metadata(&protocol)))
                .collect()
        } else {
            Vec::new()
        };
        Joined {
            generation: self.generation,
            leader: self.leader.clone().unwrap_or_default(),
            member_id: member_id.to_owned(),
            protocol,
            skip_assignment,
            members,
        }
    }

    /// Takes a member out of the lists.
    pub fn forget(&mut self, member_id: &str) -> Option<Member> {
        let member = self.members.shift_remove(member_id)?;
        if let Some(instance) = &member.instance_id
            && self.instances.get(instance).is_some_and(|id| id == member_id)
        {
            self.instances.remove(instance);
        }
        Some(member)
    }

    /// A member is gone: rebalance those who are left.
    pub fn remove(&mut self, member_id: &str, now: Duration) {
        let Some(member) = self.forget(member_id) else { return };
        let refused = Refused { code: ResponseError::UnknownMemberId, member_id: member_id.to_owned() };
        if let Some(reply) = member.joining {
            let _ = reply.send(Err(refused));
        }
        if let Some(reply) = member.syncing {
            let _ = reply.send(Err(ResponseError::UnknownMemberId));
        }
        match self.phase {
            Phase::Stable | Phase::CompletingRebalance => {
                self.prepare_rebalance(now);
                self.complete_if_ready(now);
            }
            Phase::PreparingRebalance => self.complete_if_ready(now),
            Phase::Empty => {}
        }
    }

    /// Lets time pass.
    pub fn expire(&mut self, now: Duration) {
        let promised = self.promised.len();
        self.promised.retain(|_, expires| *expires > now);
        // Who waits for the answer to its join cannot send heartbeats and is not expected to.
        let gone: Vec<String> = self
            .members
            .iter()
            .filter(|(_, m)| m.expires <= now && m.joining.as_ref().is_none_or(|j| j.is_closed()))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            tracing::info!(
                group = self.id,
                member = id,
                "member was silent for its session time-out; removing it"
            );
            self.remove(&id, now);
        }
        if promised != self.promised.len() {
            self.complete_if_ready(now);
        }
        match self.phase {
            Phase::PreparingRebalance if self.deadline.is_some_and(|d| d <= now) => {
                self.promised.clear();
                self.complete_rebalance(now);
            }
            Phase::PreparingRebalance => self.complete_if_ready(now),
            Phase::CompletingRebalance if self.deadline.is_some_and(|d| d <= now) => {
                // Those who joined and never synced are stuck; the others shall not wait for them.
                let stuck: Vec<String> = self
                    .members
                    .iter()
                    .filter(|(_, m)| m.syncing.is_none())
                    .map(|(id, _)| id.clone())
                    .collect();
                for id in stuck {
                    self.remove(&id, now);
                }
            }
            _ => {}
        }
    }

    /// Someone asked for it, but nobody has joined or committed.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.generation == 0
            && self.members.is_empty()
            && self.offsets.committed.is_empty()
            && self.offsets.pending.is_empty()
    }

    /// The next moment after `now` at which [`expire`](Self::expire) has something to do.
    #[must_use]
    pub fn next_deadline(&self, now: Duration) -> Option<Duration> {
        let rebalance = match self.phase {
            Phase::PreparingRebalance => [self.deadline, Some(self.not_before)],
            Phase::CompletingRebalance => [self.deadline, None],
            _ => [None, None],
        };
        let members = self.members.values().map(|m| m.expires);
        let all = members.chain(self.promised.values().copied()).chain(rebalance.into_iter().flatten());
        all.filter(|deadline| *deadline > now).min()
    }
}
