//! Reading whole partitions of the cluster in memory.

use std::collections::BTreeMap;

use api::BoxFuture;
use api::data::{Offsets, TimestampType, Topic, TopicPartition};

use super::{Cluster, State};
use crate::{FetchedRecord, LogReader, Result};

pub(super) struct MemoryLogReader {
    cluster: Cluster,
    positions: BTreeMap<TopicPartition, i64>,
}

impl MemoryLogReader {
    pub(super) fn new(cluster: Cluster, partitions: &[TopicPartition]) -> Self {
        Self { cluster, positions: partitions.iter().map(|partition| (partition.clone(), 0)).collect() }
    }

    fn take(&mut self, state: &State) -> Vec<FetchedRecord> {
        let mut read = Vec::new();
        for (place, position) in &mut self.positions {
            let Some((topic, log)) = state.topics.get_key_value(&place.topic) else { continue };
            let Some(log) = log.partitions.get(place.partition as usize) else { continue };
            // Of a topic that was made anew everything is read: auto.offset.reset is earliest.
            let from = usize::try_from(*position).unwrap_or(0);
            let from = if from > log.len() { 0 } else { from };
            *position = log.len() as i64;
            read.extend(log[from..].iter().map(|stored| FetchedRecord {
                topic: Topic::clone(topic),
                partition: place.partition,
                offset: stored.offset,
                timestamp: Some(stored.timestamp),
                timestamp_type: TimestampType::CreateTime,
                key: stored.key.clone(),
                value: stored.value.clone(),
                headers: stored.headers.clone(),
            }));
        }
        read
    }
}

impl LogReader for MemoryLogReader {
    fn next(&mut self) -> BoxFuture<'_, Result<Vec<FetchedRecord>>> {
        Box::pin(async move {
            let cluster = self.cluster.clone();
            loop {
                let changed = cluster.0.changed.notified();
                let read = self.take(&cluster.0.state.lock());
                if !read.is_empty() {
                    return Ok(read);
                }
                changed.await;
            }
        })
    }

    // Everything that is there, which is at least what was asked for.
    fn read_to<'a>(&'a mut self, _ends: &'a Offsets) -> BoxFuture<'a, Result<Vec<FetchedRecord>>> {
        let cluster = self.cluster.clone();
        let read = self.take(&cluster.0.state.lock());
        Box::pin(std::future::ready(Ok(read)))
    }

    // There are no transactions in memory.
    fn read_decided<'a>(&'a mut self, ends: &'a Offsets) -> BoxFuture<'a, Result<Vec<FetchedRecord>>> {
        self.read_to(ends)
    }
}
