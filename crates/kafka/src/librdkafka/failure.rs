//! From librdkafka's error codes to what a caller can do about them.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::types::RDKafkaRespErr;

use crate::Error;

/// The code behind an error, where there is one.
pub(super) fn code_of(error: &KafkaError) -> Option<Code> {
    match error {
        KafkaError::AdminOp(code) => Some(*code),
        error => error.rdkafka_error_code(),
    }
}

/// The error of an operation.
pub(super) fn failed(operation: impl Into<String>, error: &KafkaError) -> Error {
    match code_of(error) {
        Some(code) => with_code(operation, code),
        None => Error::Fatal { operation: operation.into(), reason: error.to_string() },
    }
}

/// The error of an operation that ended with this raw code.
pub(super) fn with_raw(operation: impl Into<String>, code: RDKafkaRespErr) -> Error {
    with_code(operation, Code::from(code))
}

/// The error of an operation that ended with this code.
pub(super) fn with_code(operation: impl Into<String>, code: Code) -> Error {
    let operation = operation.into();
    let reason = match hint(code) {
        Some(hint) => format!("{code}; {hint}"),
        None => code.to_string(),
    };
    match class(code) {
        Class::Retriable => Error::Retriable { operation, reason },
        Class::Unusable => Error::Unusable { operation, reason },
        Class::Fenced => Error::Fenced { operation, reason },
        Class::BadRecord => Error::BadRecord { operation, reason },
        Class::Fatal => Error::Fatal { operation, reason },
    }
}

/// The error of a record that was refused with others in its batch.
pub(super) fn in_batch(operation: impl Into<String>, code: Code) -> Error {
    match code {
        // The broker means the batch; to call each of its records bad would drop good ones.
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => Error::Fatal {
            operation: operation.into(),
            reason: format!(
                "{code}; the broker refused a batch of several records: set the producer's batch.size below the \
                 topic's max.message.bytes"
            ),
        },
        _ => with_code(operation, code),
    }
}

enum Class {
    Retriable,
    Unusable,
    Fenced,
    BadRecord,
    Fatal,
}

/// What is not named is fatal.
fn class(code: Code) -> Class {
    match code {
        Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::Resolve
        | Code::MessageTimedOut
        | Code::OperationTimedOut
        | Code::TimedOutQueue
        | Code::QueueFull
        | Code::WaitingForCoordinator
        | Code::WaitCache
        | Code::InProgress
        | Code::PreviousInProgress
        | Code::Retry
        | Code::State
        | Code::Partial
        | Code::Interrupted
        | Code::AssignmentLost
        | Code::PollExceeded
        | Code::BrokerDestroy
        | Code::DestroyBroker
        | Code::InvalidMessage
        | Code::InvalidDifferentRecord
        | Code::UnknownTopicOrPartition
        | Code::UnknownTopicId
        | Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::RequestTimedOut
        | Code::BrokerNotAvailable
        | Code::ReplicaNotAvailable
        | Code::NetworkException
        | Code::CoordinatorLoadInProgress
        | Code::CoordinatorNotAvailable
        | Code::NotCoordinator
        | Code::NotEnoughReplicas
        | Code::NotEnoughReplicasAfterAppend
        | Code::IllegalGeneration
        | Code::UnknownMemberId
        | Code::RebalanceInProgress
        | Code::NotController
        | Code::KafkaStorageError
        | Code::FetchSessionIdNotFound
        | Code::InvalidFetchSessionEpoch
        | Code::ListenerNotFound
        | Code::FencedLeaderEpoch
        | Code::UnknownLeaderEpoch
        | Code::StaleBrokerEpoch
        | Code::OffsetNotAvailable
        | Code::PreferredLeaderNotAvailable
        | Code::EligibleLeadersNotAvailable
        | Code::UnstableOffsetCommit
        | Code::ThrottlingQuotaExceeded
        | Code::ConcurrentTransactions
        | Code::ReassignmentInProgress
        | Code::RebootstrapRequired => Class::Retriable,
        Code::Fenced | Code::ProducerFenced => Class::Fenced,
        Code::Fatal
        | Code::PurgeQueue
        | Code::PurgeInflight
        | Code::GaplessGuarantee
        | Code::OutOfOrderSequenceNumber
        | Code::DuplicateSequenceNumber
        | Code::InvalidProducerEpoch
        | Code::InvalidProducerIdMapping
        | Code::UnknownProducerId => Class::Unusable,
        Code::MessageSizeTooLarge
        | Code::MessageBatchTooLarge
        | Code::InvalidMessageSize
        | Code::InvalidTimestamp
        | Code::InvalidRecord => Class::BadRecord,
        _ => Class::Fatal,
    }
}

/// What to do about it.
pub(super) fn hint(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => {
            "raise max.request.size of the producer and max.message.bytes of the topic, or send smaller records"
        }
        Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed => {
            "grant the client's principal the right in the cluster's ACLs"
        }
        Code::Authentication | Code::SaslAuthenticationFailed => {
            "check security.protocol, sasl.mechanism and the credentials in sasl.jaas.config"
        }
        Code::SSL => "check ssl.truststore.*, ssl.keystore.* and the host name in bootstrap.servers",
        Code::UnknownTopic => {
            "create the topic; this cluster or this client does not create topics by itself"
        }
        Code::InvalidTopic => "a topic's name is 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'",
        Code::InvalidReplicationFactor => {
            "there are fewer brokers than replicas: lower the replication factor, or -1 for the brokers' default"
        }
        Code::UnknownPartition => "the topic has fewer partitions",
        Code::AutoOffsetReset => {
            "there is no valid committed offset: set auto.offset.reset or commit an offset"
        }
        Code::MessageTimedOut => {
            "the brokers did not acknowledge in time; delivery.timeout.ms says how long to try"
        }
        Code::Fenced | Code::ProducerFenced => {
            "a newer instance writes with the same transactional.id, or the transaction took longer than \
             transaction.timeout.ms and the brokers aborted it: look for two workers that run this task, make \
             transactions shorter (fewer records a poll, a smaller transaction.boundary.interval.ms), or raise \
             producer.override.transaction.timeout.ms"
        }
        Code::Resolve => "check the host names in bootstrap.servers",
        Code::BrokerTransportFailure | Code::AllBrokersDown => {
            "check that the brokers run and that bootstrap.servers and security.protocol fit them"
        }
        _ => return None,
    })
}
