//! What the group decided, kept until the loop asks.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use api::data::TopicPartition;
use parking_lot::Mutex;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;

use super::context::Reports;

/// A change of assignment that librdkafka waits for us to make.
#[derive(Debug)]
pub(super) enum Change {
    Assign(Vec<TopicPartition>),
    Revoke { partitions: Vec<TopicPartition>, lost: bool },
}

/// The context of a consumer.
#[derive(Debug, Default)]
pub(super) struct Membership {
    pub(super) reports: Reports,
    changes: Mutex<VecDeque<Change>>,
    /// The consumer is closing: what is revoked is given back at once.
    closing: AtomicBool,
}

impl Membership {
    pub(super) fn next_change(&self) -> Option<Change> {
        self.changes.lock().pop_front()
    }

    pub(super) fn has_change(&self) -> bool {
        !self.changes.lock().is_empty()
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }
}

impl ClientContext for Membership {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.reports.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.reports.error(error, reason);
    }

    fn stats_raw(&self, _statistics: &[u8]) {
        self.reports.count();
    }
}

impl ConsumerContext for Membership {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        code: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        self.reports.count();
        self.reports.answered(); // a coordinator has spoken, or the member gave up on it
        let assigned = code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::Acquire) {
            let done = match (assigned, consumer.rebalance_protocol()) {
                (false, RebalanceProtocol::Cooperative) => consumer.incremental_unassign(partitions),
                _ => consumer.unassign(),
            };
            if let Err(error) = done {
                tracing::info!(%error, "giving partitions back while leaving the group");
            }
            return;
        }
        let partitions = named(partitions);
        let change = match assigned {
            true => Change::Assign(partitions),
            false => Change::Revoke { partitions, lost: consumer.assignment_lost() },
        };
        self.changes.lock().push_back(change);
    }

    fn commit_callback(&self, _result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        self.reports.count();
    }
}

/// The partitions of a list, in order.
pub(super) fn named(list: &TopicPartitionList) -> Vec<TopicPartition> {
    let mut named: Vec<_> = list
        .elements()
        .iter()
        .map(|element| TopicPartition::new(element.topic(), element.partition()))
        .collect();
    named.sort();
    named
}
