//! What a worker does as the leader: it deals the group's work out.

use std::collections::{BTreeMap, BTreeSet};

use kafka::membership::{self, Assignment, AssignmentError, Member, Protocol, Subscription, Work};

use super::{Group, UNSYNCED_MAX};
use crate::assign::{self, Round, Worker};

impl Group {
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
        let newest = offsets.max().unwrap_or(config_offset);
        // One that cannot read must not keep the others waiting for good.
        let held = held.filter(|_| self.unsynced < UNSYNCED_MAX);
        let ours = members.iter().filter(|member| member.subscription.ours);
        let behind =
            held.is_some_and(|held| ours.clone().any(|member| member.subscription.config_offset < held));
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
        self.one_url = unreached.first().map(|member| self.about_one_url(&member.subscription.url));
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
            // Of workers of this cluster others get it later; those of another, and those with a place that is taken, are
            // told of as problems.
            if !self.is_stranger(member.subscription.topics.as_deref()) {
                configured = configured.without(&owned);
            }
            if !member.subscription.ours {
                tracing::warn!(
                    url = member.subscription.url,
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
}
