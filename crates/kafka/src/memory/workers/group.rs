//! One group: Kafka's classic protocol, as far as workers use it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use kafka_protocol::ResponseError as Code;

use crate::membership::MemberSettings;
use crate::membership::coordinator::{JoinCall, Joined, SyncCall};

/// Where a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    /// Nobody, or everyone has an assignment.
    #[default]
    Stable,
    /// Waits for every member to join again.
    Joining,
    /// Waits for the leader's assignment.
    Syncing,
}

#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) generation: i32,
    pub(super) phase: Phase,
    /// In order of arrival.
    pub(super) members: IndexMap<String, Member>,
    leader: Option<String>,
    protocol: String,
    /// When a rebalance stops waiting.
    deadline: Option<Duration>,
    /// Ids that were given out and not used yet, with their end.
    promised: BTreeMap<String, Duration>,
    last_id: u64,
}

#[derive(Debug)]
pub(super) struct Member {
    session: Duration,
    rebalance: Duration,
    protocols: Vec<(&'static str, Bytes)>,
    expires: Duration,
    /// Its join waits for an answer.
    pub(super) joining: bool,
    /// The answer, until it is taken.
    pub(super) joined: Option<Joined>,
    synced: bool,
    pub(super) assignment: Bytes,
}

impl Group {
    pub(super) fn check_protocols(
        &self,
        own: Option<&str>,
        protocols: &[(&'static str, Bytes)],
    ) -> Result<(), Code> {
        let others = || self.members.iter().filter(|(id, _)| Some(id.as_str()) != own);
        let shared = |name: &str| others().all(|(_, other)| other.protocols.iter().any(|(n, _)| *n == name));
        match protocols.iter().any(|(name, _)| shared(name)) {
            true => Ok(()),
            false => Err(Code::InconsistentGroupProtocol),
        }
    }

    pub(super) fn promise(&mut self, settings: &MemberSettings, now: Duration) -> String {
        self.last_id += 1;
        let id = format!("{}-{:08}", settings.client_id, self.last_id);
        self.promised.insert(id.clone(), now + settings.session_timeout);
        id
    }

    pub(super) fn join(
        &mut self,
        call: &JoinCall,
        settings: &MemberSettings,
        now: Duration,
    ) -> Result<(), Code> {
        self.check_protocols(Some(&call.member_id), &call.protocols)?;
        if self.promised.remove(&call.member_id).is_none() && !self.members.contains_key(&call.member_id) {
            return Err(Code::UnknownMemberId);
        }
        let new = Member {
            session: settings.session_timeout,
            rebalance: settings.rebalance_timeout,
            protocols: call.protocols.clone(),
            expires: now + settings.session_timeout,
            joining: true,
            joined: None,
            synced: false,
            assignment: Bytes::new(),
        };
        let before = self.members.get(&call.member_id).map(|member| member.protocols == call.protocols);
        let leads = self.leader.as_ref() == Some(&call.member_id);
        match before {
            // Nothing is new with it: the generation stands.
            Some(true) if self.phase == Phase::Syncing || (self.phase == Phase::Stable && !leads) => {
                let answer = self.answer(&call.member_id);
                if let Some(member) = self.members.get_mut(&call.member_id) {
                    member.expires = new.expires;
                    member.joined = Some(answer);
                }
            }
            _ => {
                self.members.insert(call.member_id.clone(), new);
                if self.phase != Phase::Joining {
                    self.rebalance(now);
                }
            }
        }
        Ok(())
    }

    fn rebalance(&mut self, now: Duration) {
        self.phase = Phase::Joining;
        self.deadline = self.members.values().map(|member| now + member.rebalance).max();
    }

    pub(super) fn complete_if_ready(&mut self, now: Duration) {
        let late = self.deadline.is_some_and(|deadline| deadline <= now);
        let complete = self.members.values().all(|member| member.joining) && self.promised.is_empty();
        match self.phase {
            Phase::Joining if complete || late => self.complete(now),
            // Who joined and did not ask for its part is stuck.
            Phase::Syncing if late => {
                self.members.retain(|_, member| member.synced);
                self.rebalance(now);
                self.complete_if_ready(now);
            }
            _ => {}
        }
    }

    fn complete(&mut self, now: Duration) {
        self.members.retain(|_, member| member.joining);
        self.promised.clear();
        self.generation += 1;
        if self.members.is_empty() {
            *self = Self { generation: self.generation, last_id: self.last_id, ..Self::default() };
            return;
        }
        if !self.leader.as_ref().is_some_and(|leader| self.members.contains_key(leader)) {
            self.leader = self.members.keys().next().cloned();
        }
        let all = |name: &str| self.members.values().all(|m| m.protocols.iter().any(|(n, _)| *n == name));
        let first = self.members.values().flat_map(|member| &member.protocols).find(|(name, _)| all(name));
        self.protocol = first.map(|(name, _)| (*name).to_owned()).unwrap_or_default();
        self.phase = Phase::Syncing;
        self.deadline = self.members.values().map(|member| now + member.rebalance).max();
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            let answer = self.answer(&id);
            if let Some(member) = self.members.get_mut(&id) {
                member.joined = Some(answer);
                (member.joining, member.synced) = (false, false);
                member.assignment = Bytes::new();
                member.expires = now + member.session;
            }
        }
    }

    fn answer(&self, member_id: &str) -> Joined {
        let leads = self.leader.as_deref() == Some(member_id);
        let metadata = |member: &Member| {
            let found = member.protocols.iter().find(|(name, _)| *name == self.protocol);
            found.map(|(_, bytes)| bytes.clone()).unwrap_or_default()
        };
        let members =
            self.members.iter().filter(|_| leads).map(|(id, member)| (id.clone(), metadata(member)));
        Joined {
            generation: self.generation,
            member_id: member_id.to_owned(),
            leader_id: self.leader.clone().unwrap_or_default(),
            protocol_type: Some("connect".to_owned()),
            protocol: self.protocol.clone(),
            members: members.collect(),
        }
    }

    fn check(&self, member_id: &str, generation: i32) -> Result<(), Code> {
        match self.members.contains_key(member_id) {
            false => Err(Code::UnknownMemberId),
            true if generation != self.generation => Err(Code::IllegalGeneration),
            true => Ok(()),
        }
    }

    pub(super) fn sync(&mut self, call: &SyncCall, now: Duration) -> Result<(), Code> {
        self.check(&call.member_id, call.generation)?;
        if self.phase == Phase::Joining {
            return Err(Code::RebalanceInProgress);
        }
        self.heard_from(&call.member_id, now);
        if let Some(member) = self.members.get_mut(&call.member_id) {
            member.synced = true;
        }
        if self.phase == Phase::Syncing && self.leader.as_ref() == Some(&call.member_id) {
            for (id, bytes) in &call.assignments {
                if let Some(member) = self.members.get_mut(id) {
                    member.assignment = bytes.clone();
                }
            }
            self.phase = Phase::Stable;
            self.deadline = None;
            self.members.values_mut().for_each(|member| member.expires = now + member.session);
        }
        Ok(())
    }

    fn heard_from(&mut self, member_id: &str, now: Duration) {
        if let Some(member) = self.members.get_mut(member_id) {
            member.expires = now + member.session;
        }
    }

    pub(super) fn heartbeat(&mut self, member_id: &str, generation: i32, now: Duration) -> Result<(), Code> {
        self.check(member_id, generation)?;
        self.heard_from(member_id, now);
        if self.phase == Phase::Joining { Err(Code::RebalanceInProgress) } else { Ok(()) }
    }

    pub(super) fn leave(&mut self, member_id: &str, now: Duration) -> Result<(), Code> {
        if self.promised.remove(member_id).is_some() {
            return Ok(());
        }
        self.members.shift_remove(member_id).ok_or(Code::UnknownMemberId)?;
        self.rebalance(now);
        Ok(())
    }

    /// Lets time pass.
    pub(super) fn sweep(&mut self, now: Duration) {
        self.promised.retain(|_, end| *end > now);
        let before = self.members.len();
        // Who waits for an answer sends no heartbeats and need not.
        let waits = |phase, member: &Member| member.joining || (phase == Phase::Syncing && member.synced);
        let phase = self.phase;
        self.members.retain(|_, member| waits(phase, member) || member.expires > now);
        if self.members.len() != before && self.phase != Phase::Joining {
            self.rebalance(now);
        }
        self.complete_if_ready(now);
    }

    /// When [`Self::sweep`] has something to do.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        let sessions = self.members.values().filter(|member| !member.joining).map(|member| member.expires);
        sessions.chain(self.promised.values().copied()).chain(self.deadline).min()
    }
}
