//! The requests that are answered, one file per group of them.

pub mod admin;
pub mod configs;
pub mod coordinator;
pub mod fetch;
pub mod groups;
pub mod list_offsets;
pub mod membership;
pub mod metadata;
pub mod offsets;
pub mod produce;
pub mod records;
pub mod transactions;
pub mod versions;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};
use kafka_protocol::protocol::StrBytes;
use tokio::sync::mpsc;

use crate::broker::Shared;
use crate::connection::Closed;

/// An API with the versions that are offered.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// Which.
    pub key: ApiKey,
    /// Oldest version.
    pub min: i16,
    /// Newest version.
    pub max: i16,
}

const fn api(key: ApiKey, min: i16, max: i16) -> Api {
    Api { key, min, max }
}

/// What is offered. Produce, Fetch, TxnOffsetCommit and others stop before the versions that would
/// need topic ids, the newer group protocol or the newer transaction protocol.
pub const APIS: &[Api] = &[
    api(ApiKey::Produce, 3, 9),
    api(ApiKey::Fetch, 4, 12),
    api(ApiKey::ListOffsets, 1, 7),
    api(ApiKey::Metadata, 0, 12),
    api(ApiKey::OffsetCommit, 2, 8),
    api(ApiKey::OffsetFetch, 1, 8),
    api(ApiKey::FindCoordinator, 0, 4),
    api(ApiKey::JoinGroup, 0, 9),
    api(ApiKey::Heartbeat, 0, 4),
    api(ApiKey::LeaveGroup, 0, 5),
    api(ApiKey::SyncGroup, 0, 5),
    api(ApiKey::DescribeGroups, 0, 5),
    api(ApiKey::ListGroups, 0, 5),
    api(ApiKey::ApiVersions, 0, 3),
    api(ApiKey::CreateTopics, 2, 7),
    api(ApiKey::DeleteTopics, 1, 6),
    api(ApiKey::DeleteRecords, 0, 2),
    api(ApiKey::InitProducerId, 0, 4),
    api(ApiKey::OffsetForLeaderEpoch, 2, 4),
    api(ApiKey::AddPartitionsToTxn, 0, 3),
    api(ApiKey::AddOffsetsToTxn, 0, 3),
    api(ApiKey::EndTxn, 0, 3),
    api(ApiKey::TxnOffsetCommit, 0, 3),
    api(ApiKey::DescribeConfigs, 1, 4),
    api(ApiKey::AlterConfigs, 0, 2),
    api(ApiKey::CreatePartitions, 0, 3),
    api(ApiKey::DeleteGroups, 0, 2),
    api(ApiKey::IncrementalAlterConfigs, 0, 1),
    api(ApiKey::OffsetDelete, 0, 0),
    api(ApiKey::DescribeCluster, 0, 1),
    api(ApiKey::DescribeProducers, 0, 0),
    api(ApiKey::DescribeTransactions, 0, 0),
    api(ApiKey::ListTransactions, 0, 1),
];

/// The offered API with this number.
pub fn find(key: i16) -> Option<Api> {
    APIS.iter().find(|a| a.key as i16 == key).copied()
}

/// What a handler knows of the connection and the request.
pub struct Context {
    /// The broker.
    pub shared: Arc<Shared>,
    /// Where the client is.
    pub host: String,
    /// As the client calls itself.
    pub client_id: String,
    /// Version of the present request.
    pub version: i16,
    incoming: mpsc::Receiver<Result<Bytes, Closed>>,
    ahead: Option<Result<Bytes, Closed>>,
    hung_up: bool,
}

impl Context {
    /// The context of a new connection.
    pub fn new(
        shared: Arc<Shared>,
        peer: SocketAddr,
        incoming: mpsc::Receiver<Result<Bytes, Closed>>,
    ) -> Self {
        let host = format!("/{}", peer.ip());
        Self { shared, host, client_id: String::new(), version: 0, incoming, ahead: None, hung_up: false }
    }

    /// The next request; `None` when the client has closed its side.
    pub async fn next_frame(&mut self) -> Option<Result<Bytes, Closed>> {
        match self.ahead.take() {
            Some(frame) => Some(frame),
            None => self.incoming.recv().await,
        }
    }

    /// Ends when another request has come in behind the present one, or the client is gone.
    pub async fn interrupted(&mut self) {
        if self.ahead.is_some() || self.hung_up {
            return;
        }
        self.ahead = self.incoming.recv().await;
        self.hung_up = self.ahead.is_none();
    }

    /// Ends when the client is gone; requests that it sends meanwhile stay where they are.
    pub async fn gone(&mut self) {
        self.interrupted().await;
        if !self.hung_up {
            std::future::pending::<()>().await;
        }
    }

    /// Monotonic time for deadlines.
    pub fn now(&self) -> Duration {
        self.shared.clock.monotonic()
    }
}

/// What goes back.
pub enum Reply {
    /// A message for the codec.
    Message(Box<ResponseKind>),
    /// The body as it goes over the wire.
    Pieces(Vec<Bytes>),
    /// Nothing (a producer that wants no acknowledgement).
    None,
    /// The connection ends, for this reason.
    Close(String),
}

/// The number that stands for the outcome.
pub fn code<T>(result: &Result<T, ResponseError>) -> i16 {
    result.as_ref().err().map_or(0, ResponseError::code)
}

/// A text for the codec.
pub fn text(s: impl AsRef<str>) -> StrBytes {
    StrBytes::from_string(s.as_ref().to_owned())
}

#[cfg(test)]
mod tests;

/// Answers a request.
pub async fn handle(context: &mut Context, request: RequestKind) -> Reply {
    use RequestKind as Q;
    use ResponseKind as R;
    let c = context;
    Reply::Message(Box::new(match request {
        Q::Produce(q) => return produce::handle(c, q).await,
        Q::Fetch(q) => return fetch::handle(c, q).await,
        Q::ListOffsets(q) => R::ListOffsets(list_offsets::handle(c, q).await),
        Q::Metadata(q) => R::Metadata(metadata::handle(c, q)),
        Q::OffsetCommit(q) => R::OffsetCommit(offsets::commit(c, q)),
        Q::OffsetFetch(q) => R::OffsetFetch(offsets::fetch(c, q)),
        Q::OffsetDelete(q) => R::OffsetDelete(offsets::delete(c, q)),
        Q::FindCoordinator(q) => R::FindCoordinator(coordinator::find(c, q)),
        Q::JoinGroup(q) => R::JoinGroup(membership::join(c, q).await),
        Q::SyncGroup(q) => R::SyncGroup(membership::sync(c, q).await),
        Q::Heartbeat(q) => R::Heartbeat(membership::heartbeat(c, q)),
        Q::LeaveGroup(q) => R::LeaveGroup(membership::leave(c, q)),
        Q::DescribeGroups(q) => R::DescribeGroups(groups::describe(c, q)),
        Q::ListGroups(q) => R::ListGroups(groups::list(c, q)),
        Q::DeleteGroups(q) => R::DeleteGroups(groups::delete(c, q)),
        Q::ApiVersions(_) => R::ApiVersions(versions::response(c.version, 0)),
        Q::CreateTopics(q) => R::CreateTopics(admin::create_topics(c, q)),
        Q::DeleteTopics(q) => R::DeleteTopics(admin::delete_topics(c, q)),
        Q::CreatePartitions(q) => R::CreatePartitions(admin::create_partitions(c, q)),
        Q::DescribeCluster(q) => R::DescribeCluster(metadata::describe_cluster(c, q)),
        Q::DeleteRecords(q) => R::DeleteRecords(records::delete(c, q)),
        Q::OffsetForLeaderEpoch(q) => R::OffsetForLeaderEpoch(records::end_of_epoch(c, q)),
        Q::DescribeProducers(q) => R::DescribeProducers(transactions::describe_producers(c, q)),
        Q::DescribeConfigs(q) => R::DescribeConfigs(configs::describe(c, q)),
        Q::AlterConfigs(q) => R::AlterConfigs(configs::alter(c, q)),
        Q::IncrementalAlterConfigs(q) => R::IncrementalAlterConfigs(configs::alter_incrementally(c, q)),
        Q::InitProducerId(q) => R::InitProducerId(transactions::init_producer(c, q)),
        Q::AddPartitionsToTxn(q) => R::AddPartitionsToTxn(transactions::add_partitions(c, q)),
        Q::AddOffsetsToTxn(q) => R::AddOffsetsToTxn(transactions::add_offsets(c, q)),
        Q::TxnOffsetCommit(q) => R::TxnOffsetCommit(transactions::commit_offsets(c, q)),
        Q::EndTxn(q) => R::EndTxn(transactions::end(c, q)),
        Q::DescribeTransactions(q) => R::DescribeTransactions(transactions::describe(c, q)),
        Q::ListTransactions(q) => R::ListTransactions(transactions::list(c, q)),
        _ => return Reply::Close("an API that is not offered".to_owned()),
    }))
}
