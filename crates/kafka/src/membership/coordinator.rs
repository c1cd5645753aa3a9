//! What a member asks of the coordinator, whichever it is.

use std::future::Future;

use bytes::Bytes;
use kafka_protocol::ResponseError;

/// Requests of one member. They may be made beside each other; a heartbeat is answered while a join waits.
pub(crate) trait Coordinator: Send + Sync + 'static {
    /// Finds the coordinator and connects to it. Dropping the future is safe; so for all below.
    fn find(&self) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// `JoinGroup`: answered when all members have come, or `rebalance.timeout.ms` is over.
    fn join(&self, call: JoinCall) -> impl Future<Output = Result<Joined, Trouble>> + Send;

    /// `SyncGroup`: answered, with the member's part, when the leader has made its assignment.
    fn sync(&self, call: SyncCall) -> impl Future<Output = Result<Bytes, Trouble>> + Send;

    /// `Heartbeat`.
    fn heartbeat(&self, member_id: &str, generation: i32)
    -> impl Future<Output = Result<(), Trouble>> + Send;

    /// `LeaveGroup`, finding the coordinator first if need be.
    fn leave(&self, member_id: &str, reason: &str) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Where it was is forgotten, and so are requests that wait there.
    fn forget(&self);
}

/// A request to join.
#[derive(Debug, Clone)]
pub(crate) struct JoinCall {
    /// Empty when there is none yet.
    pub(crate) member_id: String,
    /// What is offered, best first, with the bytes of the subscription.
    pub(crate) protocols: Vec<(&'static str, Bytes)>,
    /// For the broker's log.
    pub(crate) reason: String,
}

/// Its answer.
#[derive(Debug, Clone)]
pub(crate) struct Joined {
    pub(crate) generation: i32,
    pub(crate) member_id: String,
    pub(crate) leader_id: String,
    /// The group's type, by newer brokers.
    pub(crate) protocol_type: Option<String>,
    /// The chosen protocol.
    pub(crate) protocol: String,
    /// For the leader: all members with their subscriptions.
    pub(crate) members: Vec<(String, Bytes)>,
}

/// A request for the assignment.
#[derive(Debug, Clone)]
pub(crate) struct SyncCall {
    pub(crate) member_id: String,
    pub(crate) generation: i32,
    pub(crate) protocol: String,
    /// From the leader: what each member gets.
    pub(crate) assignments: Vec<(String, Bytes)>,
}

/// Why a request did not do what it should.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// The coordinator says so, with the id that the member has from now on, if it gave one.
    Code { code: ResponseError, member_id: Option<String>, said: Option<String> },
    /// There is no answer, for a reason that may pass.
    Unreachable(String),
    /// This client is not let in; trying in the same way does not help.
    Refused(String),
}

impl Trouble {
    pub(crate) fn code(code: ResponseError) -> Self {
        Self::Code { code, member_id: None, said: None }
    }
}
