//! The port for reading as a member of a group.

use std::time::Duration;

use api::BoxFuture;
use api::data::{Offsets, TopicPartition};

use crate::{FetchedBatch, Result, Trouble};

/// What a consumer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscription {
    /// These topics.
    Topics(Vec<String>),
    /// Topics whose whole name matches this (Java) regular expression.
    Pattern(String),
}

/// Reads as a member of a consumer group. Used by one loop; nothing happens between calls that the loop would not
/// be told.
pub trait Consumer: Send {
    /// The next records or the next change of assignment; waits at most `max_wait`. Must be called often enough to
    /// stay in the group (`max.poll.interval.ms`). Dropping the future loses no record.
    ///
    /// # Errors
    /// [`crate::Error::Retriable`] when the same may be tried again.
    fn poll(&mut self, max_wait: Duration) -> BoxFuture<'_, Result<Polled>>;

    /// Commits offsets (of the next records to read) and waits for the answer.
    ///
    /// # Errors
    /// Nothing, or not everything, was committed.
    fn commit<'a>(&'a mut self, offsets: &'a Offsets) -> BoxFuture<'a, Result<()>>;

    /// The committed offset of each partition; partitions without one are left out.
    ///
    /// # Errors
    /// The coordinator does not answer.
    fn committed<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Offsets>>;

    /// Goes on reading a partition at this offset; records of it that were fetched before are dropped.
    ///
    /// # Errors
    /// The partition is not assigned.
    fn seek<'a>(&'a mut self, partition: &'a TopicPartition, offset: i64) -> BoxFuture<'a, Result<()>>;

    /// Gives no more records of these partitions until they are resumed; membership is kept by polling.
    ///
    /// # Errors
    /// A partition is not assigned.
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()>;

    /// Gives records of these partitions again.
    ///
    /// # Errors
    /// A partition is not assigned.
    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<()>;

    /// What keeps the brokers from answering, as far as the client knows; cheap.
    fn trouble(&self) -> Option<Trouble>;

    /// The end of an assigned partition, as far as the client knows it from what it fetched; cheap: nobody is asked.
    fn end(&self, partition: &TopicPartition) -> Option<i64>;

    /// Leaves the group. Partitions are not announced as revoked: the loop has dealt with them.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// What a poll brought.
#[derive(Debug)]
pub enum Polled {
    /// Nothing in this time.
    Nothing,
    /// Records.
    Records(FetchedBatch),
    /// These partitions are ours from now on; with cooperative assignment only the new ones. Reading begins at the
    /// committed offset, or where `auto.offset.reset` says.
    Assigned(Vec<TopicPartition>),
    /// These partitions will be given back **by the next call of `poll`**: until then their offsets can be committed.
    Revoked(Vec<TopicPartition>),
    /// These partitions were taken away; their offsets can no longer be committed.
    Lost(Vec<TopicPartition>),
}
