//! Producer ids and transactions, from the wire to the coordinator and back; and looking at them.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};
use kafka_protocol::messages::describe_transactions_response::{TopicData, TransactionState};
use kafka_protocol::messages::list_transactions_response::TransactionState as ListedTransaction;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    DescribeProducersRequest, DescribeProducersResponse, DescribeTransactionsRequest,
    DescribeTransactionsResponse, EndTxnRequest, EndTxnResponse, InitProducerIdRequest,
    InitProducerIdResponse, ListTransactionsRequest, ListTransactionsResponse, ProducerId, TopicName,
    TransactionalId, TxnOffsetCommitRequest, TxnOffsetCommitResponse,
};

use super::{Context, code, offsets, text};
use crate::group::offsets::{Committed, TopicPartition};
use crate::journal::{Entry, TxnPhase};
use crate::log::partition::Partition;
use crate::txn::Identity;

/// Producers that do not know `PRODUCER_FENCED` yet are told in the older way.
fn for_version<T>(result: Result<T, ResponseError>, knows_fenced: bool) -> Result<T, ResponseError> {
    result.map_err(|e| match e {
        ResponseError::ProducerFenced if !knows_fenced => ResponseError::InvalidProducerEpoch,
        other => other,
    })
}

/// Answers `InitProducerId`.
pub fn init_producer(c: &Context, request: InitProducerIdRequest) -> InitProducerIdResponse {
    let shared = &c.shared;
    let result = match &request.transactional_id {
        None => shared.txns.new_producer_id(shared).map(|id| Identity { id, epoch: 0 }),
        Some(id) if id.is_empty() => Err(ResponseError::InvalidRequest),
        Some(id) => {
            let current = Identity { id: request.producer_id.0, epoch: request.producer_epoch };
            let current = Some(current).filter(|p| c.version >= 3 && p.id >= 0);
            shared.txns.init(shared, id, request.transaction_timeout_ms, current)
        }
    };
    match for_version(result, c.version >= 4) {
        Ok(who) => InitProducerIdResponse::default()
            .with_producer_id(ProducerId(who.id))
            .with_producer_epoch(who.epoch),
        Err(error) => InitProducerIdResponse::default()
            .with_error_code(error.code())
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1),
    }
}

/// Answers `AddPartitionsToTxn`: all of the partitions or none.
pub fn add_partitions(c: &Context, request: AddPartitionsToTxnRequest) -> AddPartitionsToTxnResponse {
    let shared = &c.shared;
    let topics = request.v3_and_below_topics;
    let who = Identity { id: request.v3_and_below_producer_id.0, epoch: request.v3_and_below_producer_epoch };
    let all = || topics.iter().flat_map(|t| t.partitions.iter().map(|p| (t.name.to_string(), *p)));
    let unknown: Vec<TopicPartition> =
        all().filter(|(t, p)| shared.topics.partition(t, *p).is_none()).collect();
    let added = if unknown.is_empty() {
        shared.txns.add_partitions(shared, &request.v3_and_below_transactional_id, who, all())
    } else {
        Err(ResponseError::OperationNotAttempted)
    };
    let added = for_version(added, c.version >= 2);
    let results = topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|index| {
            let error = if unknown.contains(&(topic.name.to_string(), *index)) {
                ResponseError::UnknownTopicOrPartition.code()
            } else {
                code(&added)
            };
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(*index)
                .with_partition_error_code(error)
        });
        AddPartitionsToTxnTopicResult::default()
            .with_name(topic.name.clone())
            .with_results_by_partition(partitions.collect())
    });
    AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(results.collect())
}

/// Answers `AddOffsetsToTxn`.
pub fn add_offsets(c: &Context, request: AddOffsetsToTxnRequest) -> AddOffsetsToTxnResponse {
    let who = Identity { id: request.producer_id.0, epoch: request.producer_epoch };
    let result = c.shared.txns.add_group(&c.shared, &request.transactional_id, who, &request.group_id);
    AddOffsetsToTxnResponse::default().with_error_code(code(&for_version(result, c.version >= 2)))
}

/// Answers `TxnOffsetCommit`: the offsets count when the transaction commits.
pub fn commit_offsets(c: &Context, request: TxnOffsetCommitRequest) -> TxnOffsetCommitResponse {
    let shared = &c.shared;
    let who = Identity { id: request.producer_id.0, epoch: request.producer_epoch };
    let id = request.group_id.to_string();
    let at_ms = shared.clock.now_ms();
    let mut entries = Vec::new();
    let mut accepted: Vec<(TopicPartition, Committed)> = Vec::new();
    let mut own = Vec::new();
    for topic in &request.topics {
        for part in &topic.partitions {
            let metadata = part.committed_metadata.as_deref();
            let checked = offsets::check_one(shared, &topic.name, part.partition_index, metadata);
            if checked.is_ok() {
                let partition = (topic.name.to_string(), part.partition_index);
                let committed = Committed {
                    offset: part.committed_offset,
                    leader_epoch: if c.version >= 2 { part.committed_leader_epoch } else { -1 },
                    metadata: metadata.unwrap_or_default().to_owned(),
                    at_ms,
                };
                entries.push(Entry::Pending {
                    group: id.clone(),
                    producer_id: who.id,
                    partition: partition.clone(),
                    committed: committed.clone(),
                });
                accepted.push((partition, committed));
            }
            own.push(checked);
        }
    }
    let has_group = |txn: &crate::journal::TxnRecord| txn.groups.contains(&id);
    let stored = shared.txns.within(&request.transactional_id, who, has_group, || {
        shared.groups.with(&id, |group| {
            // From v3 on a member of a group says which generation it commits for.
            if c.version >= 3 && (request.generation_id >= 0 || !request.member_id.is_empty()) {
                let instance = request.group_instance_id.as_deref();
                group.check_commit(&request.member_id, instance, request.generation_id, c.now())?;
            }
            offsets::journal(shared, entries)?;
            group.offsets.pending.entry(who.id).or_default().extend(accepted);
            Ok(())
        })
    });
    let stored = for_version(stored, false);
    let mut own = own.into_iter();
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            let own = own.next().unwrap_or(Ok(()));
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code(&stored.and(own)))
        });
        TxnOffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    TxnOffsetCommitResponse::default().with_topics(topics.collect())
}

/// Answers `EndTxn`.
pub fn end(c: &Context, request: EndTxnRequest) -> EndTxnResponse {
    let who = Identity { id: request.producer_id.0, epoch: request.producer_epoch };
    let result = c.shared.txns.end(&c.shared, &request.transactional_id, who, request.committed);
    EndTxnResponse::default().with_error_code(code(&for_version(result, c.version >= 2)))
}

/// Answers `DescribeProducers`.
pub fn describe_producers(c: &Context, request: DescribeProducersRequest) -> DescribeProducersResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|index| {
            let answer = PartitionResponse::default().with_partition_index(*index);
            match c.shared.topics.partition(&topic.name, *index) {
                Some(partition) => answer.with_active_producers(producers(&partition)),
                None => answer.with_error_code(ResponseError::UnknownTopicOrPartition.code()),
            }
        });
        TopicResponse::default().with_partitions(partitions.collect()).with_name(topic.name)
    });
    DescribeProducersResponse::default().with_topics(topics.collect())
}

fn producers(partition: &Partition) -> Vec<ProducerState> {
    partition.with(|log| {
        let each = log.producers.by_id.iter().map(|(id, producer)| {
            ProducerState::default()
                .with_producer_id(ProducerId(*id))
                .with_producer_epoch(i32::from(producer.epoch))
                .with_last_sequence(producer.seen.back().map_or(-1, |s| s.last_sequence))
                .with_last_timestamp(producer.last_append_ms)
                .with_coordinator_epoch(0)
                .with_current_txn_start_offset(producer.txn_first_offset.unwrap_or(-1))
        });
        each.collect()
    })
}

/// Answers `DescribeTransactions`.
pub fn describe(c: &Context, request: DescribeTransactionsRequest) -> DescribeTransactionsResponse {
    let states = request.transactional_ids.into_iter().map(|id| {
        let answer = TransactionState::default().with_transactional_id(id.clone());
        let Some(record) = c.shared.txns.get(&id) else {
            return answer.with_error_code(ResponseError::TransactionalIdNotFound.code());
        };
        let txn = record.lock();
        let mut topics: Vec<TopicData> = Vec::new();
        for (topic, partition) in &txn.partitions {
            match topics.last_mut() {
                Some(last) if **last.topic == **topic => last.partitions.push(*partition),
                _ => topics.push(
                    TopicData::default().with_topic(TopicName(text(topic))).with_partitions(vec![*partition]),
                ),
            }
        }
        answer
            .with_transaction_state(text(txn.phase.name()))
            .with_transaction_timeout_ms(txn.timeout_ms)
            .with_transaction_start_time_ms(if txn.phase == TxnPhase::Ongoing { txn.started_ms } else { -1 })
            .with_producer_id(ProducerId(txn.producer_id))
            .with_producer_epoch(txn.epoch)
            .with_topics(topics)
    });
    DescribeTransactionsResponse::default().with_transaction_states(states.collect())
}

/// Answers `ListTransactions`.
pub fn list(c: &Context, request: ListTransactionsRequest) -> ListTransactionsResponse {
    let now_ms = c.shared.clock.now_ms();
    let mut states = Vec::new();
    for record in c.shared.txns.all() {
        let txn = record.lock();
        let state_fits = request.state_filters.is_empty()
            || request.state_filters.iter().any(|s| **s == *txn.phase.name());
        let producer_fits = request.producer_id_filters.is_empty()
            || request.producer_id_filters.contains(&ProducerId(txn.producer_id));
        let long_enough = c.version < 1
            || request.duration_filter < 0
            || (txn.phase == TxnPhase::Ongoing && now_ms - txn.started_ms >= request.duration_filter);
        if state_fits && producer_fits && long_enough {
            states.push(
                ListedTransaction::default()
                    .with_transactional_id(TransactionalId(text(&txn.transactional_id)))
                    .with_producer_id(ProducerId(txn.producer_id))
                    .with_transaction_state(text(txn.phase.name())),
            );
        }
    }
    ListTransactionsResponse::default().with_transaction_states(states)
}
