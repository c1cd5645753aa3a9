//! `JoinGroup`, `SyncGroup`, `Heartbeat`, `LeaveGroup`: from the wire to the group and back.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::{Context, code, text};
use crate::group::join::{Join, Outcome};
use crate::group::state::{Group, Joined, Refused};
use crate::group::sync::Sync;

fn millis(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn owned(id: Option<StrBytes>) -> Option<String> {
    id.map(|s| s.to_string())
}

/// Answers `JoinGroup`, when the rebalance completes.
pub async fn join(c: &mut Context, request: JoinGroupRequest) -> JoinGroupResponse {
    let protocol_type = request.protocol_type.to_string();
    let answer = match start_join(c, request) {
        Ok(Outcome::Now(answer)) => answer,
        // Dropped without an answer: the same member joined again elsewhere, and that one gets it.
        Ok(Outcome::Later(answer)) => tokio::select! {
            answer = answer => answer.unwrap_or_else(|_| refused(ResponseError::UnknownMemberId)),
            // With nobody to answer to, the member has its session time-out to come back.
            () = c.gone() => refused(ResponseError::UnknownMemberId),
        },
        Err(code) => refused(code),
    };
    match answer {
        Ok(joined) => joined_response(c.version, joined, &protocol_type),
        Err(Refused { code, member_id }) => JoinGroupResponse::default()
            .with_error_code(code.code())
            .with_generation_id(-1)
            .with_member_id(text(member_id))
            // Null is not possible before v7.
            .with_protocol_name(if c.version >= 7 { None } else { Some(StrBytes::new()) }),
    }
}

fn refused(code: ResponseError) -> Result<Joined, Refused> {
    Err(Refused { code, member_id: String::new() })
}

fn start_join(
    c: &Context,
    request: JoinGroupRequest,
) -> Result<Outcome<Result<Joined, Refused>>, ResponseError> {
    let options = &c.shared.options;
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let session = millis(request.session_timeout_ms);
    if session < options.session_timeout_min || session > options.session_timeout_max {
        return Err(ResponseError::InvalidSessionTimeout);
    }
    // Copies, for the group outlives the request whose buffer these are slices of.
    let protocols =
        request.protocols.iter().map(|p| (p.name.to_string(), Bytes::copy_from_slice(&p.metadata)));
    let join = Join {
        member_id: request.member_id.to_string(),
        instance_id: owned(request.group_instance_id),
        client_id: c.client_id.clone(),
        host: c.host.clone(),
        session,
        rebalance: if c.version >= 1 { millis(request.rebalance_timeout_ms) } else { session },
        protocol_type: request.protocol_type.to_string(),
        protocols: protocols.collect(),
        needs_id_first: c.version >= 4,
        can_skip_assignment: c.version >= 9,
    };
    let delay = options.group_initial_rebalance_delay;
    let outcome = c.shared.groups.with(&request.group_id, |group| group.join(join, delay, c.now()));
    c.shared.timer.notify_one();
    Ok(outcome)
}

fn joined_response(version: i16, joined: Joined, protocol_type: &str) -> JoinGroupResponse {
    let members = joined.members.into_iter().map(|(id, instance, metadata)| {
        let member = JoinGroupResponseMember::default().with_member_id(text(id)).with_metadata(metadata);
        if version >= 5 { member.with_group_instance_id(instance.map(text)) } else { member }
    });
    let mut response = JoinGroupResponse::default()
        .with_generation_id(joined.generation)
        .with_protocol_name(Some(text(joined.protocol)))
        .with_leader(text(joined.leader))
        .with_member_id(text(joined.member_id))
        .with_members(members.collect());
    if version >= 7 {
        response.protocol_type = Some(text(protocol_type));
    }
    if version >= 9 {
        response.skip_assignment = joined.skip_assignment;
    }
    response
}

/// Does something with a group that must be there.
fn with_group<T>(
    c: &Context,
    id: &str,
    act: impl FnOnce(&mut Group) -> Result<T, ResponseError>,
) -> Result<T, ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let group = c.shared.groups.get(id).ok_or(ResponseError::UnknownMemberId)?;
    let mut group = group.lock();
    act(&mut group)
}

/// Answers `SyncGroup`, when the leader has handed in the assignment.
pub async fn sync(c: &mut Context, request: SyncGroupRequest) -> SyncGroupResponse {
    let assignments =
        request.assignments.iter().map(|a| (a.member_id.to_string(), Bytes::copy_from_slice(&a.assignment)));
    let sync = Sync {
        member_id: request.member_id.to_string(),
        instance_id: owned(request.group_instance_id),
        generation: request.generation_id,
        protocol_type: owned(request.protocol_type),
        protocol: owned(request.protocol_name),
        assignments: assignments.collect(),
    };
    let now = c.now();
    let outcome = with_group(c, &request.group_id, |group| {
        Ok((group.sync(sync, now), group.protocol_type.clone(), group.protocol.clone()))
    });
    let (answer, protocol_type, protocol) = match outcome {
        Ok((Outcome::Now(answer), kind, name)) => (answer, Some(kind), name),
        Ok((Outcome::Later(answer), kind, name)) => {
            let answer = tokio::select! {
                answer = answer => answer.unwrap_or(Err(ResponseError::UnknownMemberId)),
                () = c.gone() => Err(ResponseError::UnknownMemberId),
            };
            (answer, Some(kind), name)
        }
        Err(code) => (Err(code), None, None),
    };
    let mut response = SyncGroupResponse::default().with_error_code(code(&answer));
    if let Ok(assignment) = answer {
        response.assignment = assignment;
        if c.version >= 5 {
            response.protocol_type = protocol_type.map(text);
            response.protocol_name = protocol.map(text);
        }
    }
    response
}

/// Answers `Heartbeat`.
pub fn heartbeat(c: &Context, request: HeartbeatRequest) -> HeartbeatResponse {
    let instance = request.group_instance_id.as_deref();
    let result = with_group(c, &request.group_id, |group| {
        group.heartbeat(&request.member_id, instance, request.generation_id, c.now())
    });
    HeartbeatResponse::default().with_error_code(code(&result))
}

/// Answers `LeaveGroup`; from v3 on for several members.
pub fn leave(c: &Context, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let now = c.now();
    let leave = |member: &str, instance: Option<&str>| {
        with_group(c, &request.group_id, |group| group.leave(member, instance, now))
    };
    if c.version < 3 {
        let result = leave(&request.member_id, None);
        c.shared.timer.notify_one();
        return LeaveGroupResponse::default().with_error_code(code(&result));
    }
    let members = request.members.iter().map(|member| {
        let result = leave(&member.member_id, member.group_instance_id.as_deref());
        MemberResponse::default()
            .with_member_id(member.member_id.clone())
            .with_group_instance_id(member.group_instance_id.clone())
            .with_error_code(code(&result))
    });
    let response = LeaveGroupResponse::default().with_members(members.collect());
    c.shared.timer.notify_one();
    response
}
