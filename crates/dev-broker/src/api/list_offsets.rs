//! `ListOffsets`: the first, the last, the one at a time, the one with the largest time stamp.

use std::io;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

use super::Context;
use super::fetch::check_epoch;
use crate::log::batch::LEADER_EPOCH;
use crate::log::partition::Partition;
use crate::log::records::{decompress, walk};
use crate::log::segment::Segment;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;

/// An offset with its record's time stamp; -1 for neither.
type Found = (i64, i64);

/// Answers `ListOffsets`.
pub async fn handle(c: &Context, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let committed = request.isolation_level == 1;
    let mut topics = Vec::with_capacity(request.topics.len());
    for asked in request.topics {
        let topic = c.shared.topics.get(&asked.name);
        let mut partitions = Vec::with_capacity(asked.partitions.len());
        for part in asked.partitions {
            let partition = topic.as_ref().and_then(|t| t.partition(part.partition_index));
            let found = match (check_epoch(part.current_leader_epoch), partition) {
                (Err(error), _) => Err(error),
                (Ok(()), None) => Err(ResponseError::UnknownTopicOrPartition),
                (Ok(()), Some(partition)) => {
                    // A search by time reads and decompresses; not on the runtime.
                    tokio::task::spawn_blocking(move || search(&partition, part.timestamp, committed))
                        .await
                        .unwrap_or(Err(ResponseError::UnknownServerError))
                }
            };
            let mut answer =
                ListOffsetsPartitionResponse::default().with_partition_index(part.partition_index);
            match found {
                Ok((offset, timestamp)) => {
                    answer.offset = offset;
                    answer.timestamp = timestamp;
                    if c.version >= 4 {
                        answer.leader_epoch = if offset >= 0 { LEADER_EPOCH } else { -1 };
                    }
                }
                Err(error) => answer.error_code = error.code(),
            }
            partitions.push(answer);
        }
        topics.push(ListOffsetsTopicResponse::default().with_name(asked.name).with_partitions(partitions));
    }
    ListOffsetsResponse::default().with_topics(topics)
}

fn search(partition: &Partition, timestamp: i64, committed: bool) -> Result<Found, ResponseError> {
    let (segments, start, last_stable, end) =
        partition.with(|log| (log.segments.clone(), log.start_offset, log.last_stable(), log.end_offset));
    let below = if committed { last_stable } else { end };
    let found = match timestamp {
        LATEST => Ok((below, -1)),
        EARLIEST => Ok((start, -1)),
        MAX_TIMESTAMP => match newest(&segments, start, below) {
            Ok(Some(newest)) => first_at(&segments, start, below, newest),
            Ok(None) => Ok((-1, -1)),
            Err(error) => Err(error),
        },
        time if time >= 0 => first_at(&segments, start, below, time),
        _ => return Err(ResponseError::UnsupportedVersion),
    };
    found.map_err(|error| {
        tracing::error!(partition = partition.name, %error, "cannot search the log");
        ResponseError::KafkaStorageError
    })
}

fn newest(segments: &[Segment], start: i64, below: i64) -> io::Result<Option<i64>> {
    let mut newest = None;
    for segment in segments.iter().filter(|s| s.last_offset >= start && s.base_offset < below) {
        segment.slice(start, below).each_header(|header| {
            if !header.is_control() {
                newest = newest.max(Some(header.max_timestamp));
            }
            true
        })?;
    }
    Ok(newest)
}

/// The first record whose time stamp is not before `time`.
fn first_at(segments: &[Segment], start: i64, below: i64, time: i64) -> io::Result<Found> {
    for segment in segments.iter().filter(|s| s.last_offset >= start && s.max_timestamp >= time) {
        let mut found = None;
        segment.slice(start, below).each(|batch| {
            if batch.header.max_timestamp < time || batch.header.is_control() {
                return Ok(true);
            }
            let plain = decompress(&batch).map_err(io::Error::other)?;
            walk(&batch.header, &plain, |record| {
                if found.is_none() && record.timestamp >= time && record.offset >= start {
                    found = Some((record.offset, record.timestamp));
                }
            })
            .map_err(io::Error::other)?;
            Ok(found.is_none())
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Ok((-1, -1))
}
