//! The port for topics.

use std::collections::BTreeMap;
use std::fmt;

use api::BoxFuture;
use api::data::{Offsets, TopicPartition};

use crate::Result;

/// Looks at topics and makes them.
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

    /// The offset after the last record of each partition.
    fn end_offsets<'a>(&'a self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Offsets>>;
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
