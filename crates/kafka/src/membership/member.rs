//! A member's own task: it finds the coordinator, joins, sends heartbeats, and tells the loop.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use bytes::Bytes;
use kafka_protocol::ResponseError as Code;

use super::coordinator::{Coordinator, JoinCall, Joined, SyncCall, Trouble};
use super::mailbox::Mailbox;
use super::remote::PROTOCOL_TYPE;
use super::{
    Assigned, GroupEvent, Lead, LossCause, Member as GroupMember, MemberSettings, Protocol, Subscription,
    decode_assignment, decode_subscription, encode_assignment, encode_subscription,
};
use crate::Error;
use crate::connection::error_name;

/// So long leaving waits for the coordinator: a session ends by itself, and a worker that ends must not hang.
const LEAVING: Duration = Duration::from_secs(5);

pub(super) struct Member<C> {
    settings: MemberSettings,
    coordinator: Arc<C>,
    clock: Arc<dyn Clock>,
    mailbox: Arc<Mailbox>,
    /// Given out by the coordinator; empty when there is none.
    member_id: String,
    /// While the worker is a member.
    generation: Option<Generation>,
    /// Whether it ever was one: until then a refusal of the credentials is a mistake, later it may be a passing one.
    was_member: bool,
    /// Why the group is to be joined; `None` while nothing is to be done but heartbeats.
    wants: Option<String>,
    /// When the coordinator last showed that it counts the worker among its members.
    heard: Duration,
    /// When the next heartbeat is due.
    due: Duration,
    /// Since when the coordinator has not answered, and whether the loop was told.
    silence: Option<(Duration, bool)>,
    /// Why it was silent the last time.
    trouble: String,
}

#[derive(Clone, Copy)]
struct Generation {
    id: i32,
    protocol: Protocol,
}

/// Why a step ended early.
enum Break {
    /// Begin again: find the coordinator if need be, and join if that is wanted.
    Again,
    /// The loop wants to leave.
    Leave(String),
    /// The member can never join.
    Fatal(Error),
}

/// What heartbeats are sent beside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Nothing: a rebalance is news.
    Stable,
    /// The member is asked to join, or waits for an answer of the coordinator: it knows that there is a rebalance.
    Rebalance,
    /// As above, and its generation may have ended already without an answer having come: every answer is a sign of
    /// life.
    Answer,
}

impl<C: Coordinator> Member<C> {
    pub(super) fn new(
        settings: MemberSettings,
        coordinator: C,
        clock: Arc<dyn Clock>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let now = clock.elapsed();
        Self {
            settings,
            coordinator: Arc::new(coordinator),
            clock,
            mailbox,
            member_id: String::new(),
            generation: None,
            was_member: false,
            wants: Some("the worker joins the group".to_owned()),
            heard: now,
            due: now,
            silence: Some((now, false)),
            trouble: "no broker has answered yet".to_owned(),
        }
    }

    /// Lives until it can never join.
    pub(super) async fn run(mut self) {
        loop {
            match self.step().await {
                Ok(()) | Err(Break::Again) => {}
                Err(Break::Leave(reason)) => {
                    self.leave(&reason).await;
                    self.wants = Some(self.outside().await);
                    self.silence = Some((self.clock.elapsed(), false));
                }
                Err(Break::Fatal(error)) => {
                    tracing::error!(group = self.settings.group_id, "{error}");
                    return self.mailbox.end(error);
                }
            }
        }
    }

    /// Waits outside of the group until the loop wants to come back, and why.
    async fn outside(&self) -> String {
        loop {
            self.mailbox.left();
            tokio::select! {
                reason = self.mailbox.rejoin_wanted() => return reason,
                _ = self.mailbox.leave_wanted() => {} // it has left already
            }
        }
    }

    async fn step(&mut self) -> Result<(), Break> {
        if self.silence.is_some() {
            self.find().await?;
        }
        match self.wants.clone() {
            Some(reason) => self.rebalance(reason).await,
            None => {
                let mailbox = Arc::clone(&self.mailbox);
                let reason = self.beating(Beside::Stable, mailbox.rejoin_wanted()).await?;
                self.wants = Some(reason);
                Ok(())
            }
        }
    }

    // -- the coordinator ---------------------------------------------------------------------------------------

    /// Looks for the coordinator until it is found. Tells the loop when that takes too long.
    async fn find(&mut self) -> Result<(), Break> {
        loop {
            let (since, told) = *self.silence.get_or_insert((self.clock.elapsed(), false));
            let silent = self.clock.elapsed().saturating_sub(since);
            let patience = self.settings.heartbeat_interval.saturating_sub(silent);
            let (coordinator, mailbox) = (Arc::clone(&self.coordinator), Arc::clone(&self.mailbox));
            let mut find = pin!(coordinator.find());
            let found = tokio::select! {
                found = &mut find => Some(found),
                reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                () = self.clock.sleep(patience), if !told => None,
            };
            let found = match found {
                Some(found) => found,
                None => {
                    self.unknown();
                    tokio::select! {
                        found = &mut find => found,
                        reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                    }
                }
            };
            match found {
                // It must also answer: until then it counts as silent.
                Ok(()) => {
                    self.due = self.clock.elapsed();
                    return Ok(());
                }
                Err(trouble) => {
                    let reason = self.not_fatal(trouble)?;
                    self.unanswered(&reason);
                    self.pause().await?;
                }
            }
        }
    }

    /// The coordinator did not answer, or is not the coordinator: it is looked for again.
    fn unanswered(&mut self, reason: &str) {
        self.coordinator.forget();
        let now = self.clock.elapsed();
        let (since, told) = *self.silence.get_or_insert((now, false));
        reason.clone_into(&mut self.trouble);
        tracing::warn!(group = self.settings.group_id, silent_ms = (now - since).as_millis(), "{reason}");
        if !told && now - since >= self.settings.heartbeat_interval {
            self.unknown();
        }
    }

    /// The coordinator has been silent for too long: told once.
    fn unknown(&mut self) {
        if let Some((_, told)) = &mut self.silence {
            *told = true;
        }
        let interval_ms = self.settings.heartbeat_interval.as_millis();
        let reason = &self.trouble;
        self.lose(
            LossCause::CoordinatorUnknown,
            format!(
                "the coordinator of the group was not to be reached for heartbeat.interval.ms ({interval_ms} ms): {reason}"
            ),
        );
    }

    /// Waits before the next try.
    async fn pause(&self) -> Result<(), Break> {
        tokio::select! {
            () = self.clock.sleep(self.settings.retry_backoff) => Ok(()),
            reason = self.mailbox.leave_wanted() => Err(Break::Leave(reason)),
        }
    }

    // -- heartbeats --------------------------------------------------------------------------------------------

    /// Sends heartbeats, while there is a generation, until something else is done.
    async fn beating<T>(&mut self, beside: Beside, until: impl Future<Output = T>) -> Result<T, Break> {
        let mut until = pin!(until);
        let mailbox = Arc::clone(&self.mailbox);
        loop {
            let Some(generation) = self.generation else {
                return tokio::select! {
                    done = &mut until => Ok(done),
                    reason = mailbox.leave_wanted() => Err(Break::Leave(reason)),
                };
            };
            let now = self.clock.elapsed();
            if now.saturating_sub(self.heard) >= self.settings.session_timeout {
                return Err(self.session_is_over());
            }
            if self.due > now {
                let session = self.heard + self.settings.session_timeout;
                tokio::select! {
                    biased;
                    done = &mut until => return Ok(done),
                    reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                    () = self.clock.sleep(self.due.min(session) - now) => {}
                }
                continue;
            }
            if mailbox.unpolled_for(now).is_some_and(|silent| silent >= self.settings.rebalance_timeout) {
                return Err(self.loop_is_gone().await);
            }
            self.due = now + self.settings.heartbeat_interval;
            let (coordinator, member_id) = (Arc::clone(&self.coordinator), self.member_id.clone());
            let answer = {
                let mut beat = pin!(coordinator.heartbeat(&member_id, generation.id));
                tokio::select! {
                    biased;
                    done = &mut until => return Ok(done),
                    answer = &mut beat => answer,
                    reason = mailbox.leave_wanted() => return Err(Break::Leave(reason)),
                    // A slow coordinator is waited for as long as it waits for us.
                    () = self.clock.sleep(self.heard + self.settings.session_timeout - now) => {
                        return Err(self.session_is_over());
                    }
                }
            };
            self.beat(beside, now, answer).await?;
        }
    }

    /// What a heartbeat that was sent at this moment says.
    async fn beat(
        &mut self,
        beside: Beside,
        sent: Duration,
        answer: Result<(), Trouble>,
    ) -> Result<(), Break> {
        let code = match answer {
            Ok(()) => None,
            Err(Trouble::Code { code, .. }) => Some(code),
            Err(trouble) => {
                let reason = self.not_fatal(trouble)?;
                self.silence.get_or_insert((sent, false));
                self.unanswered(&reason);
                return Err(Break::Again);
            }
        };
        match code {
            None => {}
            Some(Code::RebalanceInProgress) if beside == Beside::Stable => {
                self.wants = Some("the group rebalances".to_owned());
            }
            Some(Code::RebalanceInProgress) => {}
            Some(
                code @ (Code::NotCoordinator
                | Code::CoordinatorNotAvailable
                | Code::CoordinatorLoadInProgress),
            ) => {
                self.silence.get_or_insert((sent, false));
                self.unanswered(&format!("the coordinator answers a heartbeat with {}", said(code)));
                self.pause().await?;
                return Err(Break::Again);
            }
            // The next generation has begun, and the answer that says so is on its way. It is no reason to count on
            // the session any longer.
            Some(Code::IllegalGeneration) if beside == Beside::Answer => {
                self.silence = None;
                return Ok(());
            }
            Some(code @ (Code::UnknownMemberId | Code::IllegalGeneration | Code::FencedInstanceId)) => {
                return Err(self.not_a_member(code));
            }
            Some(code) => {
                let reason = self.not_fatal(Trouble::code(code))?;
                tracing::warn!(group = self.settings.group_id, "heartbeat: {reason}");
                return Ok(()); // the session ends if this goes on
            }
        }
        self.silence = None;
        self.heard = sent;
        match code {
            Some(_) if beside == Beside::Stable => Err(Break::Again),
            _ => Ok(()),
        }
    }

    fn session_is_over(&mut self) -> Break {
        let timeout_ms = self.settings.session_timeout.as_millis();
        self.lose(
            LossCause::SessionTimeout,
            format!(
                "no heartbeat was answered within session.timeout.ms ({timeout_ms} ms): the coordinator has given \
                 this worker up, or is about to"
            ),
        );
        self.coordinator.forget();
        self.silence = Some((self.clock.elapsed(), true));
        Break::Again
    }

    /// A loop that hangs cannot stop work when it must: the others get it, and this worker comes back when it can.
    async fn loop_is_gone(&mut self) -> Break {
        let timeout_ms = self.settings.rebalance_timeout.as_millis();
        let reason = format!(
            "the worker did not look for events of the group for rebalance.timeout.ms ({timeout_ms} ms), so it has \
             left it"
        );
        self.leave(&reason).await;
        self.lose(LossCause::PollTimeout, reason);
        Break::Again
    }

    /// The worker is no member any more.
    fn lose(&mut self, cause: LossCause, reason: String) {
        self.generation = None;
        self.wants = Some("the worker comes back to the group".to_owned());
        tracing::warn!(group = self.settings.group_id, member = self.member_id, ?cause, "{reason}");
        self.mailbox.tell(GroupEvent::Lost { cause, reason });
    }

    // -- joining -----------------------------------------------------------------------------------------------

    async fn rebalance(&mut self, reason: String) -> Result<(), Break> {
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

    // -- refusals ----------------------------------------------------------------------------------------------

    /// What to do when a join or a sync failed.
    async fn not_joined(&mut self, trouble: Trouble) -> Break {
        let broken = match trouble {
            Trouble::Code {
                code: code @ (Code::UnknownMemberId | Code::IllegalGeneration | Code::FencedInstanceId),
                ..
            } => self.not_a_member(code),
            Trouble::Code { code: Code::RebalanceInProgress, .. } => {
                self.wants = Some("the group rebalances once more".to_owned());
                return Break::Again; // it waits for the members, this one too
            }
            trouble => {
                let moved = match &trouble {
                    Trouble::Code { code, .. } => {
                        matches!(code, Code::NotCoordinator | Code::CoordinatorNotAvailable)
                    }
                    Trouble::Unreachable(_) | Trouble::Refused(_) => true,
                };
                match self.not_fatal(trouble) {
                    Err(fatal) => return fatal,
                    Ok(reason) if moved => self.unanswered(&reason),
                    Ok(reason) => tracing::info!(group = self.settings.group_id, "{reason}"),
                }
                Break::Again
            }
        };
        match self.pause().await {
            Err(leave) => leave,
            Ok(()) => broken,
        }
    }

    /// The coordinator says that the worker is no member, or none of this generation.
    fn not_a_member(&mut self, code: Code) -> Break {
        let cause = match code {
            Code::IllegalGeneration => LossCause::IllegalGeneration,
            _ => {
                self.member_id.clear();
                LossCause::UnknownMember
            }
        };
        self.silence = None;
        if self.generation.is_some() {
            self.lose(
                cause,
                format!(
                    "the coordinator says {}: this worker was silent for longer than session.timeout.ms, or missed a \
                     rebalance",
                    said(code)
                ),
            );
        }
        Break::Again
    }

    /// Why something failed that may be tried again.
    fn not_fatal(&self, trouble: Trouble) -> Result<String, Break> {
        let operation = self.operation();
        let (code, text) = match trouble {
            Trouble::Unreachable(reason) => return Ok(reason),
            Trouble::Refused(reason) if self.was_member => return Ok(reason),
            Trouble::Refused(reason) => return Err(Break::Fatal(Error::Fatal { operation, reason })),
            Trouble::Code { code, said: text, .. } => (code, text),
        };
        let group = &self.settings.group_id;
        let what = match text {
            Some(text) => format!("{}: {text}", said(code)),
            None => said(code),
        };
        let misconfigured = |key: &str, reason: String| Error::Misconfigured { key: key.to_owned(), reason };
        let session_ms = self.settings.session_timeout.as_millis();
        let error = match code {
            Code::GroupAuthorizationFailed => Error::Fatal {
                operation,
                reason: format!(
                    "{what}: Not authorized to access group: {group}; grant the worker's principal READ on the group \
                     in the cluster's ACLs"
                ),
            },
            Code::InconsistentGroupProtocol => Error::Fatal {
                operation,
                reason: format!(
                    "{what}: the group {group} has members that are no workers of Kafka Connect; give the workers a \
                     group.id of their own"
                ),
            },
            Code::InvalidSessionTimeout => misconfigured(
                "session.timeout.ms",
                format!(
                    "{what}: the brokers do not allow {session_ms} ms; it must be within their \
                     group.min.session.timeout.ms and group.max.session.timeout.ms"
                ),
            ),
            Code::InvalidGroupId => {
                misconfigured("group.id", format!("{what}: the brokers do not take {group} as a group's id"))
            }
            Code::GroupMaxSizeReached => Error::Fatal {
                operation,
                reason: format!(
                    "{what}: the group {group} has as many members as the brokers' group.max.size allows"
                ),
            },
            Code::UnsupportedVersion | Code::InvalidRequest | Code::ClusterAuthorizationFailed => {
                Error::Fatal { operation, reason: what }
            }
            _ => return Ok(format!("{operation}: the coordinator says {what}")),
        };
        Err(Break::Fatal(error))
    }

    fn operation(&self) -> String {
        format!("joining the group of workers {}", self.settings.group_id)
    }

    // -- leaving -----------------------------------------------------------------------------------------------

    async fn leave(&mut self, reason: &str) {
        if !self.member_id.is_empty() {
            let left = tokio::select! {
                left = self.coordinator.leave(&self.member_id, reason) => left,
                () = self.clock.sleep(LEAVING) => {
                    Err(Trouble::Unreachable(format!("no answer within {} s", LEAVING.as_secs())))
                }
            };
            let group = &self.settings.group_id;
            match left {
                Ok(()) => {
                    tracing::info!(group, member = self.member_id, "left the group of workers: {reason}")
                }
                Err(trouble) => {
                    let why = match trouble {
                        Trouble::Code { code, .. } => said(code),
                        Trouble::Unreachable(reason) | Trouble::Refused(reason) => reason,
                    };
                    tracing::warn!(
                        group,
                        member = self.member_id,
                        "the coordinator could not be told that this worker leaves; it will find out after \
                         session.timeout.ms: {why}"
                    );
                }
            }
        }
        self.coordinator.forget();
        self.member_id.clear();
        self.generation = None;
    }
}

fn said(code: Code) -> String {
    error_name(code.code())
}
