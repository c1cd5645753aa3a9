//! `DeleteRecords` and `OffsetForLeaderEpoch`.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::messages::{
    DeleteRecordsRequest, DeleteRecordsResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
};

use super::Context;
use super::fetch::check_epoch;
use crate::log::batch::LEADER_EPOCH;
use crate::log::retention;

/// Answers `DeleteRecords`.
pub fn delete(c: &Context, request: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            let result = c
                .shared
                .topics
                .partition(&topic.name, part.partition_index)
                .ok_or(ResponseError::UnknownTopicOrPartition)
                .and_then(|p| retention::delete_records(&p, part.offset, c.shared.clock.now_ms()));
            let answer = DeleteRecordsPartitionResult::default().with_partition_index(part.partition_index);
            match result {
                Ok(start) => answer.with_low_watermark(start),
                Err(error) => answer.with_low_watermark(-1).with_error_code(error.code()),
            }
        });
        DeleteRecordsTopicResult::default().with_partitions(partitions.collect()).with_name(topic.name)
    });
    DeleteRecordsResponse::default().with_topics(topics.collect())
}

/// Answers `OffsetForLeaderEpoch`: the only epoch ends at the end of the log.
pub fn end_of_epoch(c: &Context, request: OffsetForLeaderEpochRequest) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            let end = check_epoch(part.current_leader_epoch).and_then(|()| {
                let partition = c.shared.topics.partition(&topic.topic, part.partition);
                partition.map(|p| p.with(|log| log.end_offset)).ok_or(ResponseError::UnknownTopicOrPartition)
            });
            let answer = EpochEndOffset::default().with_partition(part.partition);
            match end {
                Ok(end) if part.leader_epoch == LEADER_EPOCH => {
                    answer.with_leader_epoch(LEADER_EPOCH).with_end_offset(end)
                }
                Ok(_) => answer.with_leader_epoch(-1).with_end_offset(-1),
                Err(error) => answer.with_error_code(error.code()).with_leader_epoch(-1).with_end_offset(-1),
            }
        });
        OffsetForLeaderTopicResult::default().with_partitions(partitions.collect()).with_topic(topic.topic)
    });
    OffsetForLeaderEpochResponse::default().with_topics(topics.collect())
}
