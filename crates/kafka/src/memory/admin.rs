//! Looking at the cluster in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use api::BoxFuture;
use api::data::{Offsets, TopicPartition};

use super::{Cluster, State, retriable};
use crate::{Admin, Error, GroupChange, NewTopic, Result, TopicCreation};

#[derive(Debug)]
pub(super) struct MemoryAdmin(Cluster);

impl MemoryAdmin {
    pub(super) fn new(cluster: Cluster) -> Self {
        Self(cluster)
    }

    fn call<T>(&self, operation: &str, call: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        self.0.change(|state| {
            if state.admin_faults > 0 {
                state.admin_faults -= 1;
                return Err(retriable(operation, "the cluster was told to fail"));
            }
            call(state)
        })
    }
}

impl Admin for MemoryAdmin {
    fn cluster_id(&self) -> BoxFuture<'_, Result<String>> {
        let answer = self.call("asking for the cluster's id", |_| Ok("memory".to_owned()));
        Box::pin(std::future::ready(answer))
    }

    fn partitions<'a>(&'a self, topics: &'a [String]) -> BoxFuture<'a, Result<BTreeMap<String, u32>>> {
        let answer = self.call("describing topics", |state| {
            let known = |topic: &String| {
                let log = state.topics.get(topic.as_str())?;
                Some((topic.clone(), log.partitions.len() as u32))
            };
            Ok(topics.iter().filter_map(known).collect())
        });
        Box::pin(std::future::ready(answer))
    }

    fn create_topic<'a>(&'a self, topic: &'a NewTopic) -> BoxFuture<'a, Result<TopicCreation>> {
        let operation = format!("creating topic {}", topic.name);
        let answer = self.call(&operation.clone(), |state| {
            if state.topics.contains_key(topic.name.as_str()) {
                return Ok(TopicCreation::Existed);
            }
            let partitions = match topic.partitions {
                -1 => state.default_partitions,
                given => u32::try_from(given).ok().filter(|given| *given > 0).ok_or_else(|| {
                    Error::Fatal { operation, reason: format!("{given} partitions are not possible") }
                })?,
            };
            let log = state.topics.entry(topic.name.as_str().into()).or_default();
            log.grow_to(partitions);
            log.configs = topic.configs.clone();
            Ok(TopicCreation::Created)
        });
        Box::pin(std::future::ready(answer))
    }

    fn topic_configs<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<BTreeMap<String, String>>> {
        let operation = format!("describing topic {topic}");
        let answer = self.call(&operation.clone(), |state| match state.topics.get(topic) {
            Some(log) => {
                let mut configs = log.configs.clone();
                configs.entry("cleanup.policy".to_owned()).or_insert_with(|| "delete".to_owned());
                Ok(configs)
            }
            None => Err(retriable(operation, "there is no such topic")),
        });
        Box::pin(std::future::ready(answer))
    }

    fn end_offsets<'a>(&'a self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Offsets>> {
        let answer = self.call("asking for end offsets", |state| {
            Ok(partitions.iter().map(|partition| (partition.clone(), state.end_offset(partition))).collect())
        });
        Box::pin(std::future::ready(answer))
    }
    fn group_offsets<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<Offsets>> {
        let answer = self.call(&format!("asking for offsets of group {group}"), |state| {
            Ok(state.groups.get(group).map(|group| group.committed.clone()).unwrap_or_default())
        });
        Box::pin(std::future::ready(answer))
    }

    fn alter_group_offsets<'a>(
        &'a self,
        group: &'a str,
        offsets: &'a Offsets,
    ) -> BoxFuture<'a, Result<GroupChange>> {
        let answer = self.call(&format!("altering offsets of group {group}"), |state| {
            let missing = offsets.keys().find(|partition| !state.has(partition));
            if let Some(partition) = missing {
                let operation = format!("altering the offset of {partition} in group {group}");
                return Err(retriable(operation, "there is no such partition"));
            }
            let group = state.group(group);
            if !group.members.is_empty() {
                return Ok(GroupChange::InUse);
            }
            group.committed.extend(offsets.clone());
            Ok(GroupChange::Done)
        });
        Box::pin(std::future::ready(answer))
    }

    fn delete_group_offsets<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<GroupChange>> {
        let answer = self.call(&format!("forgetting offsets of group {group}"), |state| {
            let Some(group) = state.groups.get_mut(group) else { return Ok(GroupChange::Done) };
            let read =
                |topic| group.members.values().any(|member| member.wanted.iter().any(|p| p.topic == topic));
            if partitions.iter().any(|partition| read(partition.topic.clone())) {
                return Ok(GroupChange::InUse);
            }
            partitions.iter().for_each(|partition| _ = group.committed.remove(partition));
            Ok(GroupChange::Done)
        });
        Box::pin(std::future::ready(answer))
    }

    fn fence_producers<'a>(&'a self, ids: &'a [String], _: Duration) -> BoxFuture<'a, Result<()>> {
        let answer = self.call("fencing producers", |state| {
            ids.iter().for_each(|id| _ = state.transactions.take_over(id));
            Ok(())
        });
        Box::pin(std::future::ready(answer))
    }

    fn delete_group<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<GroupChange>> {
        let answer = self.call(&format!("deleting group {group}"), |state| {
            if state.groups.get(group).is_some_and(|group| !group.members.is_empty()) {
                return Ok(GroupChange::InUse);
            }
            state.groups.remove(group);
            Ok(GroupChange::Done)
        });
        Box::pin(std::future::ready(answer))
    }
}
