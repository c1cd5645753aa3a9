//! A rebalance, from a member's side: asked by the loop, join, lead if need be, sync.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError as Code;

use super::{Beside, Break, Generation, Member};
use crate::Error;
use crate::membership::coordinator::{Coordinator, JoinCall, Joined, SyncCall, Trouble};
use crate::membership::remote::PROTOCOL_TYPE;
use crate::membership::{
    Assigned, GroupEvent, Lead, Member as GroupMember, Protocol, Subscription, decode_assignment,
    decode_subscription, encode_assignment, encode_subscription,
};

impl<C: Coordinator> Member<C> {
    pub(super) async fn rebalance(&mut self, reason: String) -> Result<(), Break> {
        let mailbox = Arc::clone(&self.mailbox);
        let protocol = self.generation.map(|generation| generation.protocol);
        let question = mailbox.ask(GroupEvent::Rebalance { reason: reason.clone(), protocol });
        let subscription = self.beating(Beside::Rebalance, mailbox.joined(question)).await?;
        let joined = self.join(&subscription, &reason).await?;
        let protocol = self.protocol_of(&joined)?;
        self.member_id.clone_from(&joined.member_id);
        self.generation = Some(Generation { id: joined.generation, protocol });
        self.was_member = true;
        let assignments = match joined.leader_id == joined.member_id {
            true => self.lead(&joined, protocol).await?,
            false => Vec::new(),
        };
        let call = SyncCall {
            member_id: joined.member_id.clone(),
            generation: joined.generation,
            protocol: joined.protocol.clone(),
            assignments,
        };
        let coordinator = Arc::clone(&self.coordinator);
        let bytes = match self.waiting(coordinator.sync(call)).await? {
            Ok(bytes) => bytes,
            Err(trouble) => return Err(self.not_joined(trouble).await),
        };
        let assignment = match decode_assignment(&bytes) {
            Ok(assignment) => assignment,
            Err(why) => {
                self.wants =
                    Some(format!("what the leader {} assigned means nothing: {why}", joined.leader_id));
                tracing::error!(
                    group = self.settings.group_id,
                    "{}",
                    self.wants.as_deref().unwrap_or_default()
                );
                self.pause().await?;
                return Err(Break::Again);
            }
        };
        self.wants = None;
        self.be_alert();
        mailbox.tell(GroupEvent::Assigned(Assigned {
            generation: joined.generation,
            member_id: joined.member_id,
            leader_id: joined.leader_id,
            protocol,
            assignment,
        }));
        Ok(())
    }

    async fn join(&mut self, subscription: &Subscription, reason: &str) -> Result<Joined, Break> {
        let mut protocols = Vec::new();
        for protocol in self.settings.protocol.offers() {
            let bytes = encode_subscription(subscription, *protocol).map_err(|why| {
                let reason = format!("what this worker tells the group cannot be written: {why}");
                Break::Fatal(Error::Fatal { operation: self.operation(), reason })
            })?;
            protocols.push((protocol.name(), bytes));
        }
        loop {
            let call = JoinCall {
                member_id: self.member_id.clone(),
                protocols: protocols.clone(),
                reason: reason.to_owned(),
            };
            let coordinator = Arc::clone(&self.coordinator);
            match self.waiting(coordinator.join(call)).await? {
                Ok(joined) => {
                    // What it answers to the next heartbeat is news again.
                    self.heard = self.clock.elapsed();
                    self.due = self.heard + self.settings.heartbeat_interval;
                    return Ok(joined);
                }
                Err(Trouble::Code { code: Code::MemberIdRequired, member_id: Some(id), .. })
                    if self.member_id.is_empty() =>
                {
                    self.member_id = id;
                }
                Err(trouble) => return Err(self.not_joined(trouble).await),
            }
        }
    }

    /// A request that may take as long as a rebalance, with heartbeats beside it while the worker is a member.
    async fn waiting<T>(
        &mut self,
        request: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<Result<T, Trouble>, Break> {
        let answer = self.beating(Beside::Answer, request).await?;
        if matches!(answer, Ok(_) | Err(Trouble::Code { .. })) {
            self.silence = None;
        }
        Ok(answer)
    }

    fn protocol_of(&self, joined: &Joined) -> Result<Protocol, Break> {
        let foreign = |what: String| {
            let reason = format!(
                "INCONSISTENT_GROUP_PROTOCOL: {what}; another application uses this group.id: give the workers one of \
                 their own"
            );
            Break::Fatal(Error::Fatal { operation: self.operation(), reason })
        };
        match joined.protocol_type.as_deref() {
            None | Some(PROTOCOL_TYPE) => {}
            Some(other) => {
                return Err(foreign(format!("the group is one of type {other}, not {PROTOCOL_TYPE}")));
            }
        }
        Protocol::named(&joined.protocol)
            .ok_or_else(|| foreign(format!("the group speaks {}, which no worker does", joined.protocol)))
    }

    async fn lead(&mut self, joined: &Joined, protocol: Protocol) -> Result<Vec<(String, Bytes)>, Break> {
        let mut members = Vec::with_capacity(joined.members.len());
        for (id, bytes) in &joined.members {
            match decode_subscription(bytes) {
                Ok(subscription) => members.push(GroupMember { id: id.clone(), subscription }),
                Err(why) => tracing::error!(
                    group = self.settings.group_id,
                    member = id,
                    "what this member says of itself means nothing, so it gets nothing: {why}"
                ),
            }
        }
        members.sort_by(|one, other| one.id.cmp(&other.id));
        let mailbox = Arc::clone(&self.mailbox);
        let question = mailbox.ask(GroupEvent::Lead(Lead {
            generation: joined.generation,
            member_id: joined.member_id.clone(),
            protocol,
            members,
        }));
        let assignments = self.beating(Beside::Stable, mailbox.assigned(question)).await?;
        let mut encoded = Vec::with_capacity(assignments.len());
        for (member, assignment) in assignments {
            let bytes = encode_assignment(&assignment, protocol).map_err(|why| {
                let reason = format!("the assignment cannot be written: {why}");
                Break::Fatal(Error::Fatal { operation: self.operation(), reason })
            })?;
            encoded.push((member, bytes));
        }
        Ok(encoded)
    }
}
