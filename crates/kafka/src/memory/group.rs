//! A consumer group: who owns which partition, and the committed offsets.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use api::data::{Offsets, TopicPartition};

pub(super) type MemberId = u64;

#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) committed: Offsets,
    pub(super) members: BTreeMap<MemberId, Member>,
    /// Who reads a partition now; it changes hands only when the owner has given it back.
    pub(super) owners: BTreeMap<TopicPartition, MemberId>,
    /// Partitions that a test keeps from all members.
    withheld: BTreeSet<TopicPartition>,
    next_member: MemberId,
}

#[derive(Debug, Default)]
pub(super) struct Member {
    /// Partitions of the topics that it subscribed to, as of its last poll.
    pub(super) wanted: BTreeSet<TopicPartition>,
    pub(super) lost: VecDeque<TopicPartition>,
}

impl Group {
    pub(super) fn join(&mut self) -> MemberId {
        self.next_member += 1;
        self.members.insert(self.next_member, Member::default());
        self.next_member
    }

    pub(super) fn leave(&mut self, member: MemberId) {
        self.members.remove(&member);
        self.owners.retain(|_, owner| *owner != member);
    }

    pub(super) fn withhold(&mut self, partitions: &[TopicPartition]) {
        self.withheld.extend(partitions.iter().cloned());
    }

    pub(super) fn release(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.withheld.remove(partition);
        }
    }

    pub(super) fn lose(&mut self, partitions: &[TopicPartition]) {
        self.withhold(partitions);
        for partition in partitions {
            let owner = self.owners.remove(partition);
            if let Some(member) = owner.and_then(|owner| self.members.get_mut(&owner)) {
                member.lost.push_back(partition.clone());
            }
        }
    }

    /// Who should read what: partitions in turn to the members that want them.
    pub(super) fn target(&self) -> BTreeMap<TopicPartition, MemberId> {
        let all: BTreeSet<&TopicPartition> = self
            .members
            .values()
            .flat_map(|member| &member.wanted)
            .filter(|p| !self.withheld.contains(p))
            .collect();
        let mut target = BTreeMap::new();
        for (index, partition) in all.into_iter().enumerate() {
            let willing: Vec<MemberId> = self
                .members
                .iter()
                .filter(|(_, m)| m.wanted.contains(partition))
                .map(|(id, _)| *id)
                .collect();
            target.insert(partition.clone(), willing[index % willing.len()]);
        }
        target
    }

    pub(super) fn owned_by(&self, member: MemberId) -> impl Iterator<Item = &TopicPartition> {
        self.owners.iter().filter(move |(_, owner)| **owner == member).map(|(partition, _)| partition)
    }
}
