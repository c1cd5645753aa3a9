//! `OffsetCommit`, `OffsetFetch`, `OffsetDelete`.

use bytes::Buf;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest,
    OffsetFetchResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use super::{Context, text};
use crate::broker::Shared;
use crate::group::offsets::{Committed, TopicPartition};
use crate::group::state::{Group, Phase};
use crate::journal::Entry;

/// `offset.metadata.max.bytes`
const METADATA_MAX: usize = 4096;

/// Checks what can be wrong with one offset.
pub fn check_one(
    shared: &Shared,
    topic: &str,
    partition: i32,
    metadata: Option<&str>,
) -> Result<(), ResponseError> {
    if shared.topics.partition(topic, partition).is_none() {
        return Err(ResponseError::UnknownTopicOrPartition);
    }
    if metadata.is_some_and(|m| m.len() > METADATA_MAX) {
        return Err(ResponseError::OffsetMetadataTooLarge);
    }
    Ok(())
}

/// Makes entries durable, with the error that a client can make something of.
pub fn journal(shared: &Shared, entries: Vec<Entry>) -> Result<(), ResponseError> {
    shared.journal.append(entries).map_err(|error| {
        tracing::error!(%error, "cannot write the journal; check the disk under the data directory");
        ResponseError::CoordinatorNotAvailable
    })
}

/// Answers `OffsetCommit`.
pub fn commit(c: &Context, request: OffsetCommitRequest) -> OffsetCommitResponse {
    let id = request.group_id.to_string();
    let instance = request.group_instance_id.as_deref();
    let at_ms = c.shared.clock.now_ms();
    let mut codes = Vec::new();
    let mut accepted = Vec::new();
    for topic in &request.topics {
        for part in &topic.partitions {
            let metadata = part.committed_metadata.as_deref();
            let checked = check_one(&c.shared, &topic.name, part.partition_index, metadata);
            if checked.is_ok() {
                let committed = Committed {
                    offset: part.committed_offset,
                    leader_epoch: if c.version >= 6 { part.committed_leader_epoch } else { -1 },
                    metadata: metadata.unwrap_or_default().to_owned(),
                    at_ms,
                };
                accepted.push(((topic.name.to_string(), part.partition_index), committed));
            }
            codes.push(checked);
        }
    }
    let stored = if id.is_empty() {
        Err(ResponseError::InvalidGroupId)
    } else {
        let generation = request.generation_id_or_member_epoch;
        c.shared.groups.with(&id, |group| {
            group
                .check_commit(&request.member_id, instance, generation, c.now())
                .and_then(|()| store(&c.shared, group, accepted))
        })
    };
    let mut codes = codes.into_iter();
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            let own = codes.next().unwrap_or(Ok(()));
            OffsetCommitResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_error_code(super::code(&stored.and(own)))
        });
        OffsetCommitResponseTopic::default().with_partitions(partitions.collect()).with_name(topic.name)
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

fn store(
    shared: &Shared,
    group: &mut Group,
    accepted: Vec<(TopicPartition, Committed)>,
) -> Result<(), ResponseError> {
    let entries = accepted.iter().map(|(partition, committed)| Entry::Offset {
        group: group.id.clone(),
        partition: partition.clone(),
        committed: Some(committed.clone()),
    });
    journal(shared, entries.collect())?;
    group.offsets.committed.extend(accepted);
    Ok(())
}

struct Fetched {
    partition: TopicPartition,
    committed: Option<Committed>,
    unstable: bool,
}

/// The offsets of a group: of these partitions, or all.
fn look_up(c: &Context, id: &str, asked: Option<Vec<TopicPartition>>, stable: bool) -> Vec<Fetched> {
    let group = c.shared.groups.get(id);
    let group = group.as_ref().map(|g| g.lock());
    let asked = match (asked, &group) {
        (Some(asked), _) => asked,
        (None, Some(group)) => group.offsets.committed.keys().cloned().collect(),
        (None, None) => Vec::new(),
    };
    let one = |partition: TopicPartition| {
        let offsets = group.as_ref().map(|g| &g.offsets);
        Fetched {
            committed: offsets.and_then(|o| o.committed.get(&partition).cloned()),
            unstable: stable && offsets.is_some_and(|o| o.is_unstable(&partition)),
            partition,
        }
    };
    asked.into_iter().map(one).collect()
}

/// Groups what was found by topic, in the order it was asked for.
fn by_topic(found: Vec<Fetched>) -> Vec<(String, Vec<Fetched>)> {
    let mut topics: Vec<(String, Vec<Fetched>)> = Vec::new();
    for fetched in found {
        match topics.last_mut() {
            Some((name, all)) if *name == fetched.partition.0 => all.push(fetched),
            _ => topics.push((fetched.partition.0.clone(), vec![fetched])),
        }
    }
    topics
}

impl Fetched {
    /// Offset, leader epoch, metadata and error code for the answer.
    fn parts(self) -> (i64, i32, StrBytes, i16) {
        match self.committed {
            _ if self.unstable => (-1, -1, StrBytes::new(), ResponseError::UnstableOffsetCommit.code()),
            Some(c) => (c.offset, c.leader_epoch, text(c.metadata), 0),
            None => (-1, -1, StrBytes::new(), 0),
        }
    }
}

/// Answers `OffsetFetch`; from v8 on for several groups.
pub fn fetch(c: &Context, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let stable = request.require_stable;
    if c.version < 8 {
        let asked = request.topics.map(|topics| {
            let each =
                topics.iter().flat_map(|t| t.partition_indexes.iter().map(|p| (t.name.to_string(), *p)));
            each.collect()
        });
        let topics = by_topic(look_up(c, &request.group_id, asked, stable)).into_iter().map(|(name, all)| {
            let partitions = all.into_iter().map(|fetched| {
                let index = fetched.partition.1;
                let (offset, epoch, metadata, error) = fetched.parts();
                let part = OffsetFetchResponsePartition::default()
                    .with_partition_index(index)
                    .with_committed_offset(offset)
                    .with_metadata(Some(metadata))
                    .with_error_code(error);
                if c.version >= 5 { part.with_committed_leader_epoch(epoch) } else { part }
            });
            OffsetFetchResponseTopic::default()
                .with_partitions(partitions.collect())
                .with_name(TopicName(text(name)))
        });
        return OffsetFetchResponse::default().with_topics(topics.collect());
    }
    let groups = request.groups.into_iter().map(|group| {
        let asked = group.topics.map(|topics| {
            let each =
                topics.iter().flat_map(|t| t.partition_indexes.iter().map(|p| (t.name.to_string(), *p)));
            each.collect()
        });
        let topics = by_topic(look_up(c, &group.group_id, asked, stable)).into_iter().map(|(name, all)| {
            let partitions = all.into_iter().map(|fetched| {
                let index = fetched.partition.1;
                let (offset, epoch, metadata, error) = fetched.parts();
                OffsetFetchResponsePartitions::default()
                    .with_partition_index(index)
                    .with_committed_offset(offset)
                    .with_committed_leader_epoch(epoch)
                    .with_metadata(Some(metadata))
                    .with_error_code(error)
            });
            OffsetFetchResponseTopics::default()
                .with_partitions(partitions.collect())
                .with_name(TopicName(text(name)))
        });
        OffsetFetchResponseGroup::default().with_topics(topics.collect()).with_group_id(group.group_id)
    });
    OffsetFetchResponse::default().with_groups(groups.collect())
}

/// Answers `OffsetDelete`: offsets of topics that the group's members still read stay.
pub fn delete(c: &Context, request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    let Some(group) = c.shared.groups.get(&request.group_id) else {
        return OffsetDeleteResponse::default().with_error_code(ResponseError::GroupIdNotFound.code());
    };
    let mut group = group.lock();
    let consumers = group.protocol_type == "consumer";
    if group.phase != Phase::Empty && !consumers {
        return OffsetDeleteResponse::default().with_error_code(ResponseError::NonEmptyGroup.code());
    }
    let subscribed = subscriptions(&group);
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            let result = if subscribed.iter().any(|s| **s == **topic.name) {
                Err(ResponseError::GroupSubscribedToTopic)
            } else {
                remove(&c.shared, &mut group, (topic.name.to_string(), part.partition_index))
            };
            OffsetDeleteResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_error_code(super::code(&result))
        });
        OffsetDeleteResponseTopic::default().with_partitions(partitions.collect()).with_name(topic.name)
    });
    OffsetDeleteResponse::default().with_topics(topics.collect())
}

fn remove(shared: &Shared, group: &mut Group, partition: TopicPartition) -> Result<(), ResponseError> {
    let gone = Entry::Offset { group: group.id.clone(), partition: partition.clone(), committed: None };
    journal(shared, vec![gone])?;
    group.offsets.committed.remove(&partition);
    Ok(())
}

/// The topics in the members' metadata, as far as it is the consumers' format.
fn subscriptions(group: &Group) -> Vec<String> {
    let all = group.members.values().flat_map(|m| m.protocols.iter());
    all.filter_map(|(_, metadata)| topics_of(metadata)).flatten().collect()
}

fn topics_of(mut metadata: &[u8]) -> Option<Vec<String>> {
    metadata.try_get_i16().ok()?;
    let count = metadata.try_get_i32().ok()?;
    let mut topics = Vec::new();
    for _ in 0..count {
        let len = usize::try_from(metadata.try_get_i16().ok()?).ok()?;
        topics.push(String::from_utf8_lossy(metadata.get(..len)?).into_owned());
        metadata.advance(len);
    }
    Some(topics)
}

/// A deleted topic's offsets go from every group.
pub fn forget_topic(shared: &Shared, topic: &str) {
    for group in shared.groups.all() {
        let mut group = group.lock();
        let gone: Vec<TopicPartition> =
            group.offsets.committed.keys().filter(|(t, _)| t == topic).cloned().collect();
        for partition in gone {
            // Logged where it fails; the offset then stays for a topic that is gone, which does no harm.
            let _ = remove(shared, &mut group, partition);
        }
    }
}
