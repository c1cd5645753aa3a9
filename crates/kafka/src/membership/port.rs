//! The port: what a member is told, and what it says.

use std::fmt;

use api::BoxFuture;

use super::{Assignment, Protocol, Subscription, Work};
use crate::{ClientSettings, Result};

/// What happened to a member.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupEvent {
    /// The group is to be joined, the first time or again. Answer with [`Membership::join`]; until then the member
    /// stays in its generation and its heartbeats go on, so that work can be stopped first, within
    /// `rebalance.timeout.ms` of this event.
    Rebalance {
        /// Why, for the log.
        reason: String,
        /// The protocol of the generation that ends; `None` when the worker is no member. With [`Protocol::Eager`] all
        /// work is given back before the join; with the others it goes on.
        protocol: Option<Protocol>,
    },
    /// This member leads the new generation. Answer with [`Membership::assign`]; heartbeats go on meanwhile.
    Lead(Lead),
    /// The new generation is complete, and this is the member's part.
    Assigned(Assigned),
    /// The worker is no longer a member, or cannot know whether it still is: others may get its work, so **all of it
    /// must be stopped at once**, and the next [`Subscription`] owns nothing. It goes on by itself: a
    /// [`GroupEvent::Rebalance`] follows as soon as there is a coordinator.
    Lost {
        /// What kind of loss.
        cause: LossCause,
        /// Why, for the log: what the broker said, and what to do.
        reason: String,
    },
}

/// Why a membership was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossCause {
    /// No coordinator could be reached for `heartbeat.interval.ms`. Told once an outage.
    CoordinatorUnknown,
    /// No heartbeat was answered for `session.timeout.ms`: the coordinator has given the member up, or is about to.
    SessionTimeout,
    /// The coordinator does not know the member (any more): it was silent for too long, or missed a rebalance.
    UnknownMember,
    /// The group has gone on to another generation without it.
    IllegalGeneration,
    /// The loop did not call [`Membership::poll`] for `rebalance.timeout.ms`, so that the member has left the group.
    PollTimeout,
}

/// What a leader is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Lead {
    /// The generation that begins.
    pub generation: i32,
    /// The leader's own id.
    pub member_id: String,
    /// The protocol that the coordinator chose.
    pub protocol: Protocol,
    /// All members, this one too, in the order of their ids. One whose bytes mean nothing is left out and gets nothing.
    pub members: Vec<Member>,
}

/// A member, as its leader sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its id, given out by the coordinator.
    pub id: String,
    /// What it said when it joined.
    pub subscription: Subscription,
}

/// A member's part in a generation.
#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    /// The generation.
    pub generation: i32,
    /// The member's own id.
    pub member_id: String,
    /// Id of the leader, by the coordinator.
    pub leader_id: String,
    /// The protocol that the coordinator chose. With [`Protocol::Eager`] the assignment is complete, with the others it
    /// is what is new and what is revoked: see [`Self::owned_after`].
    pub protocol: Protocol,
    /// What the leader gave it.
    pub assignment: Assignment,
}

impl Assigned {
    /// Whether this member leads.
    pub fn is_leader(&self) -> bool {
        self.member_id == self.leader_id
    }

    /// What the member owns from now on when it owned `before`.
    pub fn owned_after(&self, before: &Work) -> Work {
        match self.protocol {
            Protocol::Eager => self.assignment.assigned.clone(),
            Protocol::Compatible | Protocol::Sessioned => {
                before.without(&self.assignment.revoked).with(&self.assignment.assigned)
            }
        }
    }
}

/// One worker's place in the group. Used by one loop. Dropping it is like a crash: the coordinator waits for the
/// session to end; [`Membership::leave`] is the orderly way.
pub trait Membership: Send + fmt::Debug {
    /// The next event. **Dropping the future is safe**: no event is lost.
    ///
    /// # Errors
    /// The member can never join, and why: it is not authorized, the group is of another kind, a setting is wrong, or
    /// the brokers refuse the credentials of a member that has never joined. It is of no more use then. What may pass
    /// is no error: it is tried again, and [`GroupEvent::Lost`] says so.
    fn poll(&mut self) -> BoxFuture<'_, Result<GroupEvent>>;

    /// Answers the [`GroupEvent::Rebalance`] that was polled last, with what is true now. Without one it does nothing;
    /// when it comes too late for that rebalance, another `Rebalance` asks anew.
    fn join(&mut self, subscription: Subscription);

    /// Answers the [`GroupEvent::Lead`] that was polled last: what each member gets, by its id. Who is left out gets
    /// nothing. When it comes too late, another `Rebalance` follows.
    fn assign(&mut self, assignments: Vec<(String, Assignment)>);

    /// Wants a new rebalance (or to come back after [`Self::leave`]): a [`GroupEvent::Rebalance`] follows, one however
    /// often this is called before it.
    fn request_rejoin(&mut self, reason: &str);

    /// Leaves the group, and waits until the coordinator knows or cannot be told (at most `request.timeout.ms`; a
    /// member of no group leaves at once). No event follows until [`Self::request_rejoin`]. Dropping the future is
    /// safe: the member leaves nevertheless.
    fn leave(&mut self, reason: &str) -> BoxFuture<'_, ()>;
}

/// Makes members.
pub trait Memberships: Send + Sync + fmt::Debug {
    /// A member of the group that the settings name, by the keys of a distributed worker (see
    /// [`MemberSettings`](super::MemberSettings)); other keys are not looked at. It must be called on a tokio runtime,
    /// where the heartbeats will run. The first event is a [`GroupEvent::Rebalance`], when the coordinator is found.
    ///
    /// # Errors
    /// A setting is wrong or not supported; brokers are not contacted.
    fn member(&self, settings: &ClientSettings) -> Result<Box<dyn Membership>>;
}
