//! The port for topics and for the offsets of consumer groups.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use api::BoxFuture;
use api::data::{Offsets, TopicPartition};

use crate::Result;

/// Looks at topics and makes them; looks at offsets of consumer groups and changes them.
pub trait Admin: Send + Sync + fmt::Debug {
    /// The cluster's id.
    ///
    /// # Errors
    /// No broker answers; so for all calls below.
    fn cluster_id(&self) -> BoxFuture<'_, Result<String>>;

    /// The number of partitions of each of these topics that exists; others are left out. Never creates a topic.
    fn partitions<'a>(&'a self, topics: &'a [String]) -> BoxFuture<'a, Result<BTreeMap<String, u32>>>;

    /// Creates a topic.
    fn create_topic<'a>(&'a self, topic: &'a NewTopic) -> BoxFuture<'a, Result<TopicCreation>>;

    /// The configs of a topic, defaults included, by name; those that hold a secret are left out.
    fn topic_configs<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<BTreeMap<String, String>>>;

    /// The offset after the last record, visible or not, of each partition.
    fn end_offsets<'a>(&'a self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Offsets>>;

    /// The committed offsets of a consumer group: none when there is no such group.
    fn group_offsets<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<Offsets>>;

    /// Commits offsets in the name of a group that has no members; the group is made when there is none.
    fn alter_group_offsets<'a>(
        &'a self,
        group: &'a str,
        offsets: &'a Offsets,
    ) -> BoxFuture<'a, Result<GroupChange>>;

    /// Forgets committed offsets of a group. A group, or an offset, that is not there is nothing to do.
    fn delete_group_offsets<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<GroupChange>>;

    /// Takes these transactional ids over, each within this time: whoever wrote with one can write no more, and its open
    /// transaction is aborted.
    fn fence_producers<'a>(&'a self, ids: &'a [String], limit: Duration) -> BoxFuture<'a, Result<()>>;

    /// Deletes a group with all its offsets. A group that is not there is nothing to do.
    fn delete_group<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<GroupChange>>;
}

/// What became of a change to a consumer group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum GroupChange {
    /// It is done.
    Done,
    /// Members read these partitions, or anything, in the group's name. What was asked for is not done, or not for all
    /// partitions.
    InUse,
}

/// A topic to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Partitions; -1 is the broker's default.
    pub partitions: i32,
    /// Replicas; -1 is the broker's default.
    pub replication_factor: i32,
    /// Topic configs.
    pub configs: BTreeMap<String, String>,
}

/// What became of a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicCreation {
    /// It is there now.
    Created,
    /// It was there.
    Existed,
}
