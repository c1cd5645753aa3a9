//! `ListGroups`, `DescribeGroups`, `DeleteGroups`.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse, GroupId,
    ListGroupsRequest, ListGroupsResponse,
};

use super::{Context, code, text};
use crate::group::state::{Group, Phase};
use crate::journal::Entry;

/// The only type of group that there is here.
const CLASSIC: &str = "classic";

/// Answers `ListGroups`.
pub fn list(c: &Context, request: ListGroupsRequest) -> ListGroupsResponse {
    let chosen = |filter: &[_], value: &str| {
        filter.is_empty()
            || filter.iter().any(|f: &kafka_protocol::protocol::StrBytes| f.eq_ignore_ascii_case(value))
    };
    let mut groups = Vec::new();
    for group in c.shared.groups.all() {
        let group = group.lock();
        let hidden = group.dead || group.is_unused();
        if hidden
            || !chosen(&request.states_filter, group.phase.name())
            || !chosen(&request.types_filter, CLASSIC)
        {
            continue;
        }
        let mut listed = ListedGroup::default()
            .with_group_id(GroupId(text(&group.id)))
            .with_protocol_type(text(&group.protocol_type));
        if c.version >= 4 {
            listed.group_state = text(group.phase.name());
        }
        if c.version >= 5 {
            listed.group_type = text(CLASSIC);
        }
        groups.push(listed);
    }
    ListGroupsResponse::default().with_groups(groups)
}

/// Answers `DescribeGroups`; a group that is not there is `Dead`, without an error, as in Kafka.
pub fn describe(c: &Context, request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let groups = request.groups.into_iter().map(|id| {
        let described = DescribedGroup::default().with_authorized_operations(i32::MIN);
        let found = c.shared.groups.get(&id);
        let described = match &found {
            Some(group) => {
                let group = group.lock();
                if group.is_unused() {
                    described.with_group_state(text("Dead"))
                } else {
                    fill(c.version, described, &group)
                }
            }
            None => described.with_group_state(text("Dead")),
        };
        described.with_group_id(id)
    });
    DescribeGroupsResponse::default().with_groups(groups.collect())
}

fn fill(version: i16, described: DescribedGroup, group: &Group) -> DescribedGroup {
    let settled = matches!(group.phase, Phase::Stable | Phase::CompletingRebalance);
    let protocol = group.protocol.clone().filter(|_| settled).unwrap_or_default();
    let members = group.members.iter().map(|(id, member)| {
        let mut described = DescribedGroupMember::default()
            .with_member_id(text(id))
            .with_client_id(text(&member.client_id))
            .with_client_host(text(&member.host))
            .with_member_metadata(member.metadata(&protocol))
            .with_member_assignment(member.assignment.clone());
        if version >= 4 {
            described.group_instance_id = member.instance_id.clone().map(text);
        }
        described
    });
    described
        .with_group_state(text(group.phase.name()))
        .with_protocol_type(text(&group.protocol_type))
        .with_members(members.collect())
        .with_protocol_data(text(&protocol))
}

/// Answers `DeleteGroups`.
pub fn delete(c: &Context, request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let results = request.groups_names.into_iter().map(|id| {
        let result = delete_one(c, &id);
        DeletableGroupResult::default().with_error_code(code(&result)).with_group_id(id)
    });
    DeleteGroupsResponse::default().with_results(results.collect())
}

fn delete_one(c: &Context, id: &str) -> Result<(), ResponseError> {
    let mut result = Err(ResponseError::GroupIdNotFound);
    c.shared.groups.remove_if(id, |group| {
        result = if group.is_unused() {
            Err(ResponseError::GroupIdNotFound)
        } else if group.phase != Phase::Empty || !group.offsets.pending.is_empty() {
            Err(ResponseError::NonEmptyGroup)
        } else {
            let gone = group.offsets.committed.keys().map(|partition| Entry::Offset {
                group: id.to_owned(),
                partition: partition.clone(),
                committed: None,
            });
            c.shared.journal.append(gone).map_err(|error| {
                tracing::error!(%error, "cannot write the journal; check the disk under the data directory");
                ResponseError::KafkaStorageError
            })
        };
        result.is_ok()
    });
    result
}
