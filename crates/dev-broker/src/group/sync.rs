//! `SyncGroup`: the leader hands in the assignment, the others pick theirs up.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use tokio::sync::oneshot;

use super::join::Outcome;
use super::state::{Group, Phase};

/// A member's wish for its assignment.
#[derive(Debug, Clone)]
pub struct Sync {
    /// Who.
    pub member_id: String,
    /// Static id.
    pub instance_id: Option<String>,
    /// The generation that it joined.
    pub generation: i32,
    /// The group's kind, if the client says (v5 on).
    pub protocol_type: Option<String>,
    /// The chosen protocol, if the client says (v5 on).
    pub protocol: Option<String>,
    /// From the leader: what each member gets.
    pub assignments: Vec<(String, Bytes)>,
}

impl Group {
    /// Handles a sync.
    pub fn sync(&mut self, sync: Sync, now: Duration) -> Outcome<Result<Bytes, ResponseError>> {
        if let Err(code) = self.check_member(&sync.member_id, sync.instance_id.as_deref(), sync.generation) {
            return Outcome::Now(Err(code));
        }
        let differs =
            |said: &Option<String>, is: Option<&str>| said.as_deref().is_some_and(|s| Some(s) != is);
        if differs(&sync.protocol_type, Some(&self.protocol_type))
            || differs(&sync.protocol, self.protocol.as_deref())
        {
            return Outcome::Now(Err(ResponseError::InconsistentGroupProtocol));
        }
        self.heard_from(&sync.member_id, now);
        match self.phase {
            Phase::Empty => Outcome::Now(Err(ResponseError::UnknownMemberId)),
            Phase::PreparingRebalance => Outcome::Now(Err(ResponseError::RebalanceInProgress)),
            Phase::Stable => Outcome::Now(Ok(self
                .members
                .get(&sync.member_id)
                .map(|m| m.assignment.clone())
                .unwrap_or_default())),
            Phase::CompletingRebalance => {
                let (reply, later) = oneshot::channel();
                if let Some(member) = self.members.get_mut(&sync.member_id) {
                    member.syncing = Some(reply);
                }
                if self.leader.as_deref() == Some(&sync.member_id) {
                    self.assign(sync.assignments, now);
                }
                Outcome::Later(later)
            }
        }
    }

    fn assign(&mut self, assignments: Vec<(String, Bytes)>, now: Duration) {
        for (member_id, assignment) in assignments {
            if let Some(member) = self.members.get_mut(&member_id) {
                member.assignment = assignment;
            }
        }
        self.phase = Phase::Stable;
        self.deadline = None;
        for member in self.members.values_mut() {
            if let Some(reply) = member.syncing.take() {
                member.expires = now + member.session;
                let _ = reply.send(Ok(member.assignment.clone()));
            }
        }
    }
}
