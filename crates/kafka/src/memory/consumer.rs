//! Reading from the cluster in memory as a member of a group.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use api::BoxFuture;
use api::data::{Offsets, TimestampType, Topic, TopicPartition};

use super::group::MemberId;
use super::log::TopicLog;
use super::{Cluster, State, retriable};
use crate::subscription::TopicMatcher;
use crate::{
    ClientSettings, Consumer, Error, FetchedBatch, FetchedRecord, Polled, Result, Subscription, Trouble,
};

pub(super) struct MemoryConsumer {
    cluster: Cluster,
    group: String,
    matcher: TopicMatcher,
    reset: Reset,
    records_max: usize,
    /// Set by the first poll.
    member: Option<MemberId>,
    positions: BTreeMap<TopicPartition, i64>,
    paused: BTreeSet<TopicPartition>,
    /// Revoked, and given back by the next poll.
    leaving: Vec<TopicPartition>,
}

#[derive(Clone, Copy)]
enum Reset {
    Earliest,
    Latest,
    None,
}

impl MemoryConsumer {
    pub(super) fn new(
        cluster: Cluster,
        settings: &ClientSettings,
        subscription: &Subscription,
    ) -> Result<Self> {
        let wrong =
            |key: &str, reason: &str| Error::Misconfigured { key: key.to_owned(), reason: reason.to_owned() };
        let group =
            settings.0.get("group.id").ok_or_else(|| wrong("group.id", "it is missing; name the group"))?;
        let reset = match settings.0.get("auto.offset.reset").unwrap_or("latest") {
            "earliest" => Reset::Earliest,
            "latest" => Reset::Latest,
            "none" => Reset::None,
            _ => return Err(wrong("auto.offset.reset", "it must be earliest, latest or none")),
        };
        let records_max = match settings.0.get("max.poll.records").map(str::parse::<usize>) {
            None => 500,
            Some(Ok(records)) if records > 0 => records,
            Some(_) => return Err(wrong("max.poll.records", "it must be a whole number above 0")),
        };
        Ok(Self {
            cluster,
            group: group.to_owned(),
            matcher: TopicMatcher::new(subscription)?,
            reset,
            records_max,
            member: None,
            positions: BTreeMap::new(),
            paused: BTreeSet::new(),
            leaving: Vec::new(),
        })
    }

    /// What there is now, or `None`.
    fn next(&mut self, state: &mut State) -> Result<Option<Polled>> {
        let group = state.groups.entry(self.group.clone()).or_default();
        let id = *self.member.get_or_insert_with(|| group.join());
        for partition in self.leaving.drain(..) {
            group.owners.remove(&partition);
        }
        let member = group.members.get_mut(&id).expect("it leaves only when it is dropped");
        member.wanted = wanted(&self.matcher, &state.topics);
        let lost: Vec<_> = member.lost.drain(..).collect();
        if !lost.is_empty() {
            self.forget(&lost);
            return Ok(Some(Polled::Lost(lost)));
        }

        let target = group.target();
        let revoked: Vec<_> = group.owned_by(id).filter(|p| target.get(*p) != Some(&id)).cloned().collect();
        if !revoked.is_empty() {
            self.forget(&revoked);
            self.leaving = revoked.clone();
            return Ok(Some(Polled::Revoked(revoked)));
        }
        let free = |(partition, member): &(&TopicPartition, &MemberId)| {
            **member == id && !group.owners.contains_key(*partition)
        };
        let assigned: Vec<_> = target.iter().filter(free).map(|(partition, _)| partition.clone()).collect();
        if !assigned.is_empty() {
            let committed: Vec<_> = assigned.iter().map(|p| group.committed.get(p).copied()).collect();
            group.owners.extend(assigned.iter().map(|partition| (partition.clone(), id)));
            for (partition, committed) in assigned.iter().zip(committed) {
                let start = self.start(state, partition, committed)?;
                self.positions.insert(partition.clone(), start);
            }
            return Ok(Some(Polled::Assigned(assigned)));
        }
        let batch = self.fetch(state);
        Ok((!batch.records.is_empty()).then_some(Polled::Records(batch)))
    }

    fn start(&self, state: &State, partition: &TopicPartition, committed: Option<i64>) -> Result<i64> {
        if let Some(offset) = committed {
            return Ok(offset);
        }
        match self.reset {
            Reset::Earliest => Ok(0),
            Reset::Latest => Ok(state.end_offset(partition)),
            Reset::None => Err(Error::Fatal {
                operation: format!("reading {partition}"),
                reason: "nothing is committed and auto.offset.reset is none".to_owned(),
            }),
        }
    }

    fn fetch(&mut self, state: &State) -> FetchedBatch {
        let mut records = Vec::new();
        for (partition, position) in &mut self.positions {
            if self.paused.contains(partition) {
                continue;
            }
            let Some((topic, log)) = state.topics.get_key_value(&partition.topic) else { continue };
            let Some(log) = log.partitions.get(partition.partition as usize) else { continue };
            let from = usize::try_from(*position).unwrap_or(0).min(log.len());
            let room = self.records_max - records.len();
            let part = &log[from..log.len().min(from + room)];
            *position = (from + part.len()) as i64;
            records.extend(part.iter().map(|stored| FetchedRecord {
                topic: Topic::clone(topic),
                partition: partition.partition,
                offset: stored.offset,
                timestamp: Some(stored.timestamp),
                timestamp_type: TimestampType::CreateTime,
                key: stored.key.clone(),
                value: stored.value.clone(),
                headers: stored.headers.clone(),
            }));
        }
        FetchedBatch { records }
    }

    fn forget(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.positions.remove(partition);
            self.paused.remove(partition);
            self.leaving.retain(|leaving| leaving != partition);
        }
    }

    fn check_assigned(&self, operation: &str, partitions: &[TopicPartition]) -> Result<()> {
        match partitions.iter().find(|partition| !self.positions.contains_key(partition)) {
            None => Ok(()),
            Some(partition) => Err(Error::Fatal {
                operation: format!("{operation} {partition}"),
                reason: "it is not assigned to this consumer".to_owned(),
            }),
        }
    }
}

/// The partitions that exist of the topics that are subscribed to.
fn wanted(matcher: &TopicMatcher, topics: &BTreeMap<Topic, TopicLog>) -> BTreeSet<TopicPartition> {
    let matching = topics.iter().filter(|(topic, _)| matcher.matches(topic));
    let partitions = matching.flat_map(|(topic, log)| {
        (0..log.partitions.len() as i32)
            .map(|partition| TopicPartition { topic: Topic::clone(topic), partition })
    });
    partitions.collect()
}

impl State {
    pub(super) fn end_offset(&self, partition: &TopicPartition) -> i64 {
        let log = self.topics.get(&partition.topic);
        let log = log.and_then(|log| log.partitions.get(usize::try_from(partition.partition).ok()?));
        log.map_or(0, |log| log.len() as i64)
    }
}

impl Consumer for MemoryConsumer {
    fn end(&self, partition: &TopicPartition) -> Option<i64> {
        self.positions.contains_key(partition).then(|| self.cluster.0.state.lock().end_offset(partition))
    }

    fn trouble(&self) -> Option<Trouble> {
        self.cluster.0.state.lock().trouble.clone()
    }

    fn poll(&mut self, max_wait: Duration) -> BoxFuture<'_, Result<Polled>> {
        Box::pin(async move {
            let cluster = self.cluster.clone();
            let brought = async {
                loop {
                    let changed = cluster.0.changed.notified();
                    let membership_changes = self.member.is_none() || !self.leaving.is_empty();
                    let next = self.next(&mut cluster.0.state.lock());
                    if membership_changes {
                        cluster.0.changed.notify_waiters(); // other members may get what was given back
                    }
                    if let Some(polled) = next? {
                        return Ok(polled);
                    }
                    if membership_changes {
                        continue; // our own notification is not one to wait behind
                    }
                    changed.await;
                }
            };
            tokio::time::timeout(max_wait, brought).await.unwrap_or(Ok(Polled::Nothing))
        })
    }

    fn commit<'a>(&'a mut self, offsets: &'a Offsets) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.cluster.change(|state| {
                if state.commit_faults > 0 {
                    state.commit_faults -= 1;
                    return Err(retriable("committing offsets", "the cluster was told to fail"));
                }
                let group = state.groups.entry(self.group.clone()).or_default();
                let foreign =
                    offsets.keys().find(|partition| group.owners.get(partition).copied() != self.member);
                if let Some(partition) = foreign {
                    let reason = "the group has been rebalanced and it belongs to another member";
                    return Err(retriable(format!("committing an offset of {partition}"), reason));
                }
                group.committed.extend(offsets.clone());
                Ok(())
            })
        })
    }

    fn committed<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Offsets>> {
        let all = self.cluster.committed(&self.group);
        let asked = all.into_iter().filter(|(partition, _)| partitions.contains(partition)).collect();
        Box::pin(std::future::ready(Ok(asked)))
    }

    fn seek<'a>(&'a mut self, partition: &'a TopicPartition, offset: i64) -> BoxFuture<'a, Result<()>> {
        let checked = self.check_assigned("seeking in", std::slice::from_ref(partition));
        if checked.is_ok() {
            self.positions.insert(partition.clone(), offset);
        }
        Box::pin(std::future::ready(checked))
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.check_assigned("pausing", partitions)?;
        self.paused.extend(partitions.iter().cloned());
        Ok(())
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.check_assigned("resuming", partitions)?;
        for partition in partitions {
            self.paused.remove(partition);
        }
        Ok(())
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        drop(self);
        Box::pin(std::future::ready(()))
    }
}

impl Drop for MemoryConsumer {
    fn drop(&mut self) {
        if let Some(member) = self.member {
            self.cluster.change(|state| state.group(&self.group).leave(member));
        }
    }
}
