//! The coordinator of a Kafka cluster, by its protocol.
//!
//! A broker reads the next request of a connection when it has answered the one before, and a join may wait for a
//! minute: so heartbeats have a connection of their own. They tell within `heartbeat.interval.ms` that a coordinator
//! is gone, also while a join waits there.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    FindCoordinatorRequest, GroupId, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest,
};
use kafka_protocol::protocol::StrBytes;
use parking_lot::Mutex;

use super::coordinator::{Coordinator, JoinCall, Joined, SyncCall, Trouble};
use super::settings::MemberSettings;
use crate::connection::{Address, Brokers, CallError, Connection, error_name};

/// The group's type, for all versions of Kafka Connect.
pub(crate) const PROTOCOL_TYPE: &str = "connect";
/// A coordinator answers a join after `rebalance.timeout.ms` at the latest; so much later the answer is lost.
const LATE: Duration = Duration::from_secs(5);
/// A connection that the broker closes so soon, because its token expires, takes no new request.
const MARGIN: Duration = Duration::from_secs(2);

pub(crate) struct Remote {
    group_id: String,
    settings: MemberSettings,
    brokers: tokio::sync::Mutex<Brokers>,
    place: Mutex<Place>,
}

/// Where the coordinator is.
#[derive(Default)]
struct Place {
    address: Option<Address>,
    /// For joins and syncs.
    requests: Option<Arc<Connection>>,
    /// For heartbeats and leaving.
    pulse: Option<Arc<Connection>>,
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unreachable(reason) => Self::Unreachable(reason),
            // A broker that is too old stays so.
            CallError::Refused(reason) | CallError::Unsupported(reason) => Self::Refused(reason),
        }
    }
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn checked(code: i16) -> Result<(), Trouble> {
    match ResponseError::try_from_code(code) {
        None if code == 0 => Ok(()),
        Some(code) => Err(Trouble::code(code)),
        None => Err(Trouble::Unreachable(format!("the coordinator answers with {}", error_name(code)))),
    }
}

impl Remote {
    pub(crate) fn new(settings: MemberSettings, brokers: Brokers) -> Self {
        Self {
            group_id: settings.group_id.clone(),
            settings,
            brokers: tokio::sync::Mutex::new(brokers),
            place: Mutex::default(),
        }
    }

    fn group(&self) -> GroupId {
        GroupId(text(&self.group_id))
    }

    async fn locate(&self) -> Result<(), Trouble> {
        let mut brokers = self.brokers.lock().await;
        let seed = brokers.any().await?;
        let timeout = brokers.request_timeout();
        let request = |version| {
            let request = FindCoordinatorRequest::default();
            match version {
                4.. => request.with_coordinator_keys(vec![text(&self.group_id)]),
                _ => request.with_key(text(&self.group_id)),
            }
        };
        let mut answer = seed.call(1..=4, timeout, request).await?;
        let (code, said, host, port) = match answer.coordinators.pop() {
            Some(found) => (found.error_code, found.error_message, found.host, found.port),
            None => (answer.error_code, answer.error_message, answer.host, answer.port),
        };
        if let Some(code) = ResponseError::try_from_code(code) {
            let said = said.map(|said| said.to_string()).filter(|said| !said.is_empty());
            return Err(Trouble::Code { code, member_id: None, said });
        }
        let port = u16::try_from(port).map_err(|_| {
            Trouble::Unreachable(format!("the coordinator is said to be at port {port}, which is none"))
        })?;
        let address = Address { host: host.to_string(), port };
        let connection = brokers.dial(&address).await.map_err(|error| match error {
            CallError::Unreachable(reason) => CallError::Unreachable(format!(
                "the brokers say that the group's coordinator is at {address}: {reason}; the broker's \
                 advertised.listeners must be reachable from here"
            )),
            other => other,
        })?;
        *self.place.lock() =
            Place { address: Some(address), requests: Some(Arc::new(connection)), pulse: None };
        Ok(())
    }

    /// The connection for requests, or the one for heartbeats; made anew at the known place when it has ended.
    async fn connection(&self, pulse: bool) -> Result<Arc<Connection>, Trouble> {
        let address = {
            let place = self.place.lock();
            let connection = if pulse { &place.pulse } else { &place.requests };
            if let Some(connection) = connection.as_ref().filter(|connection| connection.is_usable(MARGIN)) {
                return Ok(Arc::clone(connection));
            }
            place.address.clone()
        };
        let Some(address) = address else {
            return Err(Trouble::Unreachable("the group's coordinator is not known".to_owned()));
        };
        let connection = Arc::new(self.brokers.lock().await.dial(&address).await?);
        let mut place = self.place.lock();
        if place.address.as_ref() == Some(&address) {
            let slot = if pulse { &mut place.pulse } else { &mut place.requests };
            *slot = Some(Arc::clone(&connection));
        }
        Ok(connection)
    }
}

impl Coordinator for Remote {
    fn find(&self) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.locate()
    }

    async fn join(&self, call: JoinCall) -> Result<Joined, Trouble> {
        let connection = self.connection(false).await?;
        let millis = |duration: Duration| i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
        let request = |version| {
            let protocols = call.protocols.iter().map(|(name, metadata)| {
                JoinGroupRequestProtocol::default().with_name(text(name)).with_metadata(metadata.clone())
            });
            let request = JoinGroupRequest::default()
                .with_group_id(self.group())
                .with_session_timeout_ms(millis(self.settings.session_timeout))
                .with_rebalance_timeout_ms(millis(self.settings.rebalance_timeout))
                .with_member_id(text(&call.member_id))
                .with_protocol_type(text(PROTOCOL_TYPE))
                .with_protocols(protocols.collect());
            match version {
                8.. => request.with_reason(Some(text(&shortened(&call.reason)))),
                _ => request,
            }
        };
        let answer = connection.call(2..=9, self.settings.rebalance_timeout + LATE, request).await?;
        let member_id = Some(answer.member_id.to_string()).filter(|id| !id.is_empty());
        checked(answer.error_code).map_err(|trouble| match trouble {
            Trouble::Code { code, said, .. } => Trouble::Code { code, member_id: member_id.clone(), said },
            other => other,
        })?;
        Ok(Joined {
            generation: answer.generation_id,
            member_id: answer.member_id.to_string(),
            leader_id: answer.leader.to_string(),
            protocol_type: answer.protocol_type.map(|kind| kind.to_string()),
            protocol: answer.protocol_name.map(|name| name.to_string()).unwrap_or_default(),
            members: answer
                .members
                .into_iter()
                .map(|member| (member.member_id.to_string(), member.metadata))
                .collect(),
        })
    }

    async fn sync(&self, call: SyncCall) -> Result<Bytes, Trouble> {
        let connection = self.connection(false).await?;
        let request = |version| {
            let assignments = call.assignments.iter().map(|(member, bytes)| {
                SyncGroupRequestAssignment::default()
                    .with_member_id(text(member))
                    .with_assignment(bytes.clone())
            });
            let request = SyncGroupRequest::default()
                .with_group_id(self.group())
                .with_generation_id(call.generation)
                .with_member_id(text(&call.member_id))
                .with_assignments(assignments.collect());
            match version {
                5.. => request
                    .with_protocol_type(Some(text(PROTOCOL_TYPE)))
                    .with_protocol_name(Some(text(&call.protocol))),
                _ => request,
            }
        };
        let answer = connection.call(1..=5, self.settings.rebalance_timeout + LATE, request).await?;
        checked(answer.error_code)?;
        Ok(answer.assignment)
    }

    async fn heartbeat(&self, member_id: &str, generation: i32) -> Result<(), Trouble> {
        let connection = self.connection(true).await?;
        let request = |_| {
            HeartbeatRequest::default()
                .with_group_id(self.group())
                .with_generation_id(generation)
                .with_member_id(text(member_id))
        };
        let answer = connection.call(1..=4, self.settings.request_timeout, request).await?;
        checked(answer.error_code)
    }

    async fn leave(&self, member_id: &str, reason: &str) -> Result<(), Trouble> {
        if self.place.lock().address.is_none() {
            self.locate().await?;
        }
        // Not where a join may be waiting.
        let connection = self.connection(true).await?;
        let request = |version| {
            let request = LeaveGroupRequest::default().with_group_id(self.group());
            if version < 3 {
                return request.with_member_id(text(member_id));
            }
            let member = MemberIdentity::default().with_member_id(text(member_id));
            request.with_members(vec![match version {
                5.. => member.with_reason(Some(text(&shortened(reason)))),
                _ => member,
            }])
        };
        let answer = connection.call(1..=5, self.settings.request_timeout, request).await?;
        checked(answer.error_code)?;
        answer.members.iter().try_for_each(|member| checked(member.error_code))
    }

    fn forget(&self) {
        *self.place.lock() = Place::default();
    }
}

/// A reason is for logs; brokers take 255 bytes of it.
fn shortened(reason: &str) -> String {
    let end = (0..=reason.len().min(255)).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
    reason[..end].to_owned()
}
