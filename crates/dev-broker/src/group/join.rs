//! `JoinGroup`: how a client becomes, or stays, a member.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::state::{Group, Joined, Member, Phase, Refused};

/// A client's wish to join.
#[derive(Debug, Clone)]
pub struct Join {
    /// Empty the first time.
    pub member_id: String,
    /// Static id.
    pub instance_id: Option<String>,
    /// As the client calls itself.
    pub client_id: String,
    /// Where it connects from.
    pub host: String,
    /// How long it may be silent.
    pub session: Duration,
    /// How long a rebalance waits for it.
    pub rebalance: Duration,
    /// Kind of group.
    pub protocol_type: String,
    /// Supported protocols, best first.
    pub protocols: Vec<(String, Bytes)>,
    /// From v4 on, a new member first gets an id and joins again with it, so that a client that
    /// gives up before the answer leaves no member behind.
    pub needs_id_first: bool,
    /// From v9 on, a leader may be told that the assignment stands.
    pub can_skip_assignment: bool,
}

/// An answer that may have to wait for the others.
pub enum Outcome<T> {
    /// At once.
    Now(T),
    /// When the rebalance completes.
    Later(oneshot::Receiver<T>),
}

type Answer = Result<Joined, Refused>;

impl Group {
    /// Handles a join. `delay` is how long the first rebalance of an empty group waits for more.
    pub fn join(&mut self, join: Join, delay: Duration, now: Duration) -> Outcome<Answer> {
        let refuse = |code| Outcome::Now(Err(Refused { code, member_id: join.member_id.clone() }));
        if join.protocols.is_empty() || join.protocol_type.is_empty() {
            return refuse(ResponseError::InconsistentGroupProtocol);
        }
        let own = join.member_id.as_str();
        let others = self.members.iter().filter(|(id, m)| {
            id.as_str() != own && (join.instance_id.is_none() || m.instance_id != join.instance_id)
        });
        let others: Vec<&Member> = others.map(|(_, m)| m).collect();
        let shared = |(name, _): &(String, Bytes)| {
            others.iter().all(|m| m.protocols.iter().any(|(theirs, _)| theirs == name))
        };
        let fits = others.is_empty()
            || (self.protocol_type == join.protocol_type && join.protocols.iter().any(shared));
        if !fits {
            return refuse(ResponseError::InconsistentGroupProtocol);
        }
        if join.member_id.is_empty() {
            self.join_new(join, delay, now)
        } else {
            self.join_again(join, delay, now)
        }
    }

    fn join_new(&mut self, join: Join, delay: Duration, now: Duration) -> Outcome<Answer> {
        let stem = join.instance_id.as_deref().unwrap_or(&join.client_id);
        let member_id = format!("{stem}-{}", Uuid::new_v4());
        if let Some(instance) = join.instance_id.clone() {
            return match self.instances.get(&instance).cloned() {
                Some(old) => self.replace_static(&old, member_id, join, now),
                None => self.add(member_id, join, delay, now),
            };
        }
        if join.needs_id_first {
            self.promised.insert(member_id.clone(), now + join.session);
            return Outcome::Now(Err(Refused { code: ResponseError::MemberIdRequired, member_id }));
        }
        self.add(member_id, join, delay, now)
    }

    fn join_again(&mut self, join: Join, delay: Duration, now: Duration) -> Outcome<Answer> {
        let member_id = join.member_id.clone();
        let refuse = |code| Outcome::Now(Err(Refused { code, member_id: member_id.clone() }));
        if let Some(instance) = &join.instance_id {
            match self.instances.get(instance) {
                Some(current) if *current != member_id => return refuse(ResponseError::FencedInstanceId),
                None => return refuse(ResponseError::UnknownMemberId),
                Some(_) => {}
            }
        }
        if self.promised.remove(&member_id).is_some() {
            return self.add(member_id, join, delay, now);
        }
        let leads = self.leader.as_deref() == Some(&member_id);
        let Some(member) = self.members.get_mut(&member_id) else {
            return refuse(ResponseError::UnknownMemberId);
        };
        let same = member.protocols == join.protocols;
        member.protocols = join.protocols;
        member.session = join.session;
        member.rebalance = join.rebalance;
        member.expires = now + join.session;
        match self.phase {
            // The answer to its join was lost; it is still the right one.
            Phase::CompletingRebalance if same => Outcome::Now(Ok(self.joined(&member_id, false))),
            Phase::Stable if same && !leads => Outcome::Now(Ok(self.joined(&member_id, false))),
            Phase::PreparingRebalance => self.wait_for_rebalance(&member_id, now),
            _ => {
                self.prepare_rebalance(now);
                self.wait_for_rebalance(&member_id, now)
            }
        }
    }

    fn add(&mut self, member_id: String, join: Join, delay: Duration, now: Duration) -> Outcome<Answer> {
        if self.members.is_empty() {
            self.protocol_type.clone_from(&join.protocol_type);
        }
        if let Some(instance) = &join.instance_id {
            self.instances.insert(instance.clone(), member_id.clone());
        }
        let first = self.phase == Phase::Empty;
        self.members.insert(member_id.clone(), new_member(join, now));
        if first {
            self.not_before = now + delay;
        }
        if self.phase == Phase::PreparingRebalance {
            // The newcomer may have more time than the others.
            let longest = self.members.values().map(|m| m.rebalance).max().unwrap_or_default();
            self.deadline = Some(self.deadline.unwrap_or(now).max(now + longest));
        } else {
            self.prepare_rebalance(now);
        }
        self.wait_for_rebalance(&member_id, now)
    }

    /// A static member came back under a new member id and takes its predecessor's place.
    fn replace_static(&mut self, old: &str, member_id: String, join: Join, now: Duration) -> Outcome<Answer> {
        let instance = join.instance_id.clone().unwrap_or_default();
        let Some(mut before) = self.forget(old) else {
            return self.add(member_id, join, Duration::ZERO, now);
        };
        let fenced = Refused { code: ResponseError::FencedInstanceId, member_id: old.to_owned() };
        if let Some(reply) = before.joining.take() {
            let _ = reply.send(Err(fenced));
        }
        if let Some(reply) = before.syncing.take() {
            let _ = reply.send(Err(ResponseError::FencedInstanceId));
        }
        let led = self.leader.as_deref() == Some(old);
        if led {
            self.leader = Some(member_id.clone());
        }
        let can_skip = join.can_skip_assignment;
        let protocol = self.protocol.clone().unwrap_or_default();
        let mut member = new_member(join, now);
        let same = before.metadata(&protocol) == member.metadata(&protocol);
        member.assignment = before.assignment;
        self.members.insert(member_id.clone(), member);
        self.instances.insert(instance, member_id.clone());
        if self.phase == Phase::Stable && same && self.all_support(&protocol) {
            let mut answer = self.joined(&member_id, led && can_skip);
            if led && !can_skip {
                // An old client that is told it leads would assign anew; name its predecessor instead.
                old.clone_into(&mut answer.leader);
                answer.members.clear();
            }
            return Outcome::Now(Ok(answer));
        }
        if self.phase != Phase::PreparingRebalance {
            self.prepare_rebalance(now);
        }
        self.wait_for_rebalance(&member_id, now)
    }

    fn wait_for_rebalance(&mut self, member_id: &str, now: Duration) -> Outcome<Answer> {
        let (reply, later) = oneshot::channel();
        if let Some(member) = self.members.get_mut(member_id) {
            member.joining = Some(reply);
        }
        self.complete_if_ready(now);
        Outcome::Later(later)
    }
}

fn new_member(join: Join, now: Duration) -> Member {
    Member {
        instance_id: join.instance_id,
        client_id: join.client_id,
        host: join.host,
        session: join.session,
        rebalance: join.rebalance,
        protocols: join.protocols,
        assignment: Bytes::new(),
        expires: now + join.session,
        joining: None,
        syncing: None,
    }
}
