//! `Produce`: the checks that need more than the partition, then append.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_request::PartitionProduceData;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{ProduceRequest, ProduceResponse, ResponseKind};

use super::{Context, Reply};
use crate::log::batch::Header;
use crate::log::partition::{Appended, Partition};
use crate::options::Fsync;
use crate::topics::Topic;
use crate::txn::Identity;

/// Answers `Produce`; with acks=0 there is no answer.
pub async fn handle(c: &Context, request: ProduceRequest) -> Reply {
    let acks = request.acks;
    let transactional_id = request.transactional_id.map(|id| id.0.to_string());
    let mut failed = false;
    let mut responses = Vec::with_capacity(request.topic_data.len());
    let mut written = Vec::new();
    for data in request.topic_data {
        let topic = c.shared.topics.get(&data.name);
        let mut partitions = Vec::with_capacity(data.partition_data.len());
        for part in data.partition_data {
            let index = part.index;
            let mut response =
                PartitionProduceResponse::default().with_index(index).with_log_append_time_ms(-1);
            match append(c, topic.as_deref(), part, acks, transactional_id.as_deref()) {
                Ok((partition, appended)) => {
                    response.base_offset = appended.base_offset;
                    response.log_append_time_ms = appended.log_append_ms;
                    if c.version >= 5 {
                        response.log_start_offset = appended.start_offset;
                    }
                    written.push((partition, appended.end_offset));
                }
                Err(error) => {
                    failed = true;
                    response.base_offset = -1;
                    response.log_start_offset = -1;
                    response.error_code = error.code();
                }
            }
            partitions.push(response);
        }
        responses
            .push(TopicProduceResponse::default().with_name(data.name).with_partition_responses(partitions));
    }
    if c.shared.options.fsync == Fsync::Always && !written.is_empty() {
        let flushed = tokio::task::spawn_blocking(move || {
            written.iter().try_for_each(|(partition, end)| partition.flush_to(*end))
        });
        let failure = match flushed.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = failure {
            // The data is in the log but perhaps not on the disk: the producer must not believe it is.
            return Reply::Close(format!("cannot flush what was produced: {error}"));
        }
    }
    match acks {
        // No answer can be given, but a client that closed connection sees is told something went wrong.
        0 if failed => Reply::Close("a produce request with acks=0 failed".to_owned()),
        0 => Reply::None,
        _ => Reply::Message(Box::new(ResponseKind::Produce(
            ProduceResponse::default().with_responses(responses),
        ))),
    }
}

fn append(
    c: &Context,
    topic: Option<&Topic>,
    part: PartitionProduceData,
    acks: i16,
    transactional_id: Option<&str>,
) -> Result<(Arc<Partition>, Appended), ResponseError> {
    if !matches!(acks, -1..=1) {
        return Err(ResponseError::InvalidRequiredAcks);
    }
    let topic = topic.ok_or(ResponseError::UnknownTopicOrPartition)?;
    let partition = topic.partition(part.index).ok_or(ResponseError::UnknownTopicOrPartition)?;
    if acks == -1 && topic.config().insync_replicas_min > 1 {
        return Err(ResponseError::NotEnoughReplicas);
    }
    let records = part.records.ok_or(ResponseError::InvalidRecord)?;
    let now_ms = c.shared.clock.now_ms();
    // Nothing but the header is needed to know whether a transaction must be checked; an
    // incomplete one is refused by the partition.
    let appended = match Header::parse(&records).filter(Header::is_transactional) {
        Some(header) => {
            let id = transactional_id.ok_or(ResponseError::InvalidTxnState)?;
            let who = Identity { id: header.producer_id, epoch: header.producer_epoch };
            let key = (topic.name.clone(), part.index);
            // Older producers see the code that they know for being fenced.
            c.shared
                .txns
                .within(id, who, |txn| txn.partitions.contains(&key), || partition.append(&records, now_ms))
                .map_err(|e| match e {
                    ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
                    other => other,
                })?
        }
        None => partition.append(&records, now_ms)?,
    };
    Ok((partition, appended))
}
