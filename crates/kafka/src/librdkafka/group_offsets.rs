//! Committed offsets of consumer groups: calls of librdkafka's admin API that the wrapper crate does not have.
//!
//! Each call makes a queue, asks, waits for the one answer, and reads what became of the group. All of them block.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::ptr;
use std::time::Duration;

use api::data::{Offsets, TopicPartition};
use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;

use super::failure::{failed, with_code};
use crate::{Error, GroupChange, Result};

/// Asks about groups through a client.
pub(super) struct Groups<'a, C: ClientContext> {
    client: &'a Client<C>,
    limit: Duration,
}

/// What librdkafka says of one partition.
struct PartitionAnswer {
    partition: TopicPartition,
    offset: i64,
    code: RDKafkaRespErr,
}

/// What librdkafka says of a group.
struct GroupAnswer {
    code: RDKafkaRespErr,
    partitions: Vec<PartitionAnswer>,
}

impl<'a, C: ClientContext> Groups<'a, C> {
    /// The broker may take this long for each call.
    pub(super) fn new(client: &'a Client<C>, limit: Duration) -> Self {
        Self { client, limit }
    }

    /// All committed offsets.
    pub(super) fn offsets(&self, group: &str) -> Result<Offsets> {
        let operation = format!("asking for the offsets of group {group}");
        let name = c_name(&operation, group)?;
        let answer = self.ask(&operation, Operation::List, &|queue, options| {
            // SAFETY: the client, queue and options are alive during the call, which copies the request; the request is
            // ours and destroyed once. A null list asks for all partitions.
            unsafe {
                let mut request = sys::rd_kafka_ListConsumerGroupOffsets_new(name.as_ptr(), ptr::null());
                let client = self.client.native_ptr();
                sys::rd_kafka_ListConsumerGroupOffsets(client, &mut request, 1, options, queue);
                sys::rd_kafka_ListConsumerGroupOffsets_destroy(request);
            }
        })?;
        match Code::from(answer.code) {
            Code::NoError => {}
            Code::GroupIdNotFound => return Ok(Offsets::new()),
            code => return Err(with_code(operation, code)),
        }
        let mut offsets = Offsets::new();
        for PartitionAnswer { partition, offset, code } in answer.partitions {
            match Code::from(code) {
                Code::NoError if offset >= 0 => _ = offsets.insert(partition, offset),
                Code::NoError => {} // nothing is committed
                code => return Err(with_code(format!("{operation} in {partition}"), code)),
            }
        }
        Ok(offsets)
    }

    /// Commits offsets of a group without members.
    pub(super) fn alter(&self, group: &str, offsets: &Offsets) -> Result<GroupChange> {
        if offsets.is_empty() {
            return Ok(GroupChange::Done);
        }
        let operation = format!("altering the offsets of group {group}");
        let name = c_name(&operation, group)?;
        let mut list = TopicPartitionList::with_capacity(offsets.len());
        for (partition, offset) in offsets {
            let added =
                list.add_partition_offset(&partition.topic, partition.partition, Offset::Offset(*offset));
            added.map_err(|error| failed(format!("{operation} in {partition}"), &error))?;
        }
        let answer = self.ask(&operation, Operation::Alter, &|queue, options| {
            // SAFETY: as in `offsets`; the list is alive during the call, and copied.
            unsafe {
                let mut request = sys::rd_kafka_AlterConsumerGroupOffsets_new(name.as_ptr(), list.ptr());
                let client = self.client.native_ptr();
                sys::rd_kafka_AlterConsumerGroupOffsets(client, &mut request, 1, options, queue);
                sys::rd_kafka_AlterConsumerGroupOffsets_destroy(request);
            }
        })?;
        answer.change(&operation)
    }

    /// Forgets committed offsets.
    pub(super) fn forget(&self, group: &str, partitions: &[TopicPartition]) -> Result<GroupChange> {
        if partitions.is_empty() {
            return Ok(GroupChange::Done);
        }
        let operation = format!("forgetting offsets of group {group}");
        let name = c_name(&operation, group)?;
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions {
            list.add_partition(&partition.topic, partition.partition);
        }
        let answer = self.ask(&operation, Operation::Forget, &|queue, options| {
            // SAFETY: as in `offsets`; the list is alive during the call, and copied.
            unsafe {
                let mut request = sys::rd_kafka_DeleteConsumerGroupOffsets_new(name.as_ptr(), list.ptr());
                let client = self.client.native_ptr();
                sys::rd_kafka_DeleteConsumerGroupOffsets(client, &mut request, 1, options, queue);
                sys::rd_kafka_DeleteConsumerGroupOffsets_destroy(request);
            }
        })?;
        answer.change(&operation)
    }

    /// Deletes a group.
    pub(super) fn delete(&self, group: &str) -> Result<GroupChange> {
        let operation = format!("deleting group {group}");
        let name = c_name(&operation, group)?;
        let answer = self.ask(&operation, Operation::Delete, &|queue, options| {
            // SAFETY: as in `offsets`.
            unsafe {
                let mut request = sys::rd_kafka_DeleteGroup_new(name.as_ptr());
                sys::rd_kafka_DeleteGroups(self.client.native_ptr(), &mut request, 1, options, queue);
                sys::rd_kafka_DeleteGroup_destroy(request);
            }
        })?;
        answer.change(&operation)
    }

    fn ask(
        &self,
        operation: &str,
        kind: Operation,
        send: &dyn Fn(*mut sys::rd_kafka_queue_t, *const sys::rd_kafka_AdminOptions_t),
    ) -> Result<GroupAnswer> {
        let limit_ms = i32::try_from(self.limit.as_millis()).unwrap_or(i32::MAX);
        let client = self.client.native_ptr();
        // SAFETY: the client is alive; the queue, the options and the event are ours, alive until they are destroyed
        // once below, and not used after that. What the event holds is copied before.
        unsafe {
            let queue = sys::rd_kafka_queue_new(client);
            let options = sys::rd_kafka_AdminOptions_new(client, kind.code());
            // It fails for values below 0 and above an hour only; the default is a minute.
            let _ = sys::rd_kafka_AdminOptions_set_request_timeout(options, limit_ms, ptr::null_mut(), 0);
            send(queue, options);
            // librdkafka answers within the limit, if only that it is over; the margin is for its own timer.
            let event = sys::rd_kafka_queue_poll(queue, limit_ms.saturating_add(1000));
            let answer = match event.is_null() {
                true => Err(with_code(operation, Code::OperationTimedOut)),
                false => read(operation, kind, event),
            };
            if !event.is_null() {
                sys::rd_kafka_event_destroy(event);
            }
            sys::rd_kafka_AdminOptions_destroy(options);
            sys::rd_kafka_queue_destroy(queue);
            answer
        }
    }
}

#[derive(Clone, Copy)]
enum Operation {
    List,
    Alter,
    Forget,
    Delete,
}

impl Operation {
    fn code(self) -> sys::rd_kafka_admin_op_t {
        use sys::rd_kafka_admin_op_t::*;
        match self {
            Operation::List => RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
            Operation::Alter => RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
            Operation::Forget => RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS,
            Operation::Delete => RD_KAFKA_ADMIN_OP_DELETEGROUPS,
        }
    }
}

impl GroupAnswer {
    /// What a change came to: that a group or an offset is not there is no error.
    fn change(self, operation: &str) -> Result<GroupChange> {
        let of_partitions = self
            .partitions
            .into_iter()
            .map(|answer| (format!("{operation} in {}", answer.partition), answer.code));
        for (operation, code) in std::iter::once((operation.to_owned(), self.code)).chain(of_partitions) {
            match Code::from(code) {
                Code::NoError | Code::GroupIdNotFound => {}
                // A commit by who is no member, while there are members.
                Code::UnknownMemberId | Code::IllegalGeneration | Code::RebalanceInProgress => {
                    return Ok(GroupChange::InUse);
                }
                Code::NonEmptyGroup | Code::GroupSubscribedToTopic => return Ok(GroupChange::InUse),
                code => return Err(with_code(operation, code)),
            }
        }
        Ok(GroupChange::Done)
    }
}

fn c_name(operation: &str, group: &str) -> Result<CString> {
    CString::new(group).map_err(|_| Error::Fatal {
        operation: operation.escape_debug().to_string(),
        reason: "a group's name has no character 0".to_owned(),
    })
}

/// Reads the answer to one group.
///
/// # Safety
/// The event is alive.
unsafe fn read(operation: &str, kind: Operation, event: *mut sys::rd_kafka_event_t) -> Result<GroupAnswer> {
    // SAFETY: the event is alive, by the caller's promise, and so is all that belongs to it.
    unsafe {
        let code = sys::rd_kafka_event_error(event);
        if code != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            // For some calls the group's own error stands here.
            return Ok(GroupAnswer { code, partitions: Vec::new() });
        }
        let mut count = 0;
        let groups = match kind {
            Operation::List => {
                let result = sys::rd_kafka_event_ListConsumerGroupOffsets_result(event);
                (!result.is_null())
                    .then(|| sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &mut count))
            }
            Operation::Alter => {
                let result = sys::rd_kafka_event_AlterConsumerGroupOffsets_result(event);
                (!result.is_null())
                    .then(|| sys::rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &mut count))
            }
            Operation::Forget => {
                let result = sys::rd_kafka_event_DeleteConsumerGroupOffsets_result(event);
                (!result.is_null())
                    .then(|| sys::rd_kafka_DeleteConsumerGroupOffsets_result_groups(result, &mut count))
            }
            Operation::Delete => {
                let result = sys::rd_kafka_event_DeleteGroups_result(event);
                (!result.is_null()).then(|| sys::rd_kafka_DeleteGroups_result_groups(result, &mut count))
            }
        };
        let Some(groups) = groups.filter(|groups| !groups.is_null() && count == 1) else {
            let reason = "the broker did not answer for it".to_owned();
            return Err(Error::Fatal { operation: operation.to_owned(), reason });
        };
        let group = *groups;
        let error = sys::rd_kafka_group_result_error(group);
        let code = match error.is_null() {
            true => RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR,
            false => sys::rd_kafka_error_code(error),
        };
        Ok(GroupAnswer { code, partitions: partitions(sys::rd_kafka_group_result_partitions(group)) })
    }
}

/// Copies a list.
///
/// # Safety
/// The list is null or alive.
unsafe fn partitions(list: *const sys::rd_kafka_topic_partition_list_t) -> Vec<PartitionAnswer> {
    if list.is_null() {
        return Vec::new();
    }
    // SAFETY: the list is alive, by the caller's promise, and has `cnt` elements with zero-terminated topics.
    unsafe {
        let count = usize::try_from((*list).cnt).unwrap_or(0);
        let element = |index| {
            let element = &*(*list).elems.add(index);
            let topic = std::ffi::CStr::from_ptr(element.topic).to_string_lossy();
            PartitionAnswer {
                partition: TopicPartition::new(topic.as_ref(), element.partition),
                offset: element.offset,
                code: element.err,
            }
        };
        (0..count).map(element).collect()
    }
}
