//! `Metadata` and `DescribeCluster`: one node, every partition on it.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    BrokerId, DescribeClusterRequest, DescribeClusterResponse, MetadataRequest, MetadataResponse, TopicName,
};
use uuid::Uuid;

use super::{Context, text};
use crate::broker::{NODE_ID, Shared};
use crate::config_keys::TopicConfig;
use crate::log::batch::LEADER_EPOCH;
use crate::topics::{Topic, check_name};

/// "Not asked for", where operations that a client is authorized for would be listed.
const NOT_ASKED: i32 = i32::MIN;

/// Answers `Metadata`; topics that are asked for by name may come into being here.
pub fn handle(c: &Context, request: MetadataRequest) -> MetadataResponse {
    let shared = &c.shared;
    let auto_create =
        shared.options.auto_create_topics && (c.version < 4 || request.allow_auto_topic_creation);
    let topics = match request.topics {
        None => all(shared),
        // Before v1 there was no null; an empty list meant all.
        Some(none) if none.is_empty() && c.version == 0 => all(shared),
        Some(asked) => asked
            .into_iter()
            .map(|topic| match topic.name {
                Some(name) => by_name(shared, name, auto_create),
                None => match shared.topics.by_id(topic.topic_id) {
                    Some(topic) => described(&topic),
                    None => missing(None, topic.topic_id, ResponseError::UnknownTopicId),
                },
            })
            .collect(),
    };
    let mut response = MetadataResponse::default()
        .with_brokers(vec![
            MetadataResponseBroker::default()
                .with_node_id(BrokerId(NODE_ID))
                .with_host(text(shared.address.ip().to_string()))
                .with_port(i32::from(shared.address.port())),
        ])
        .with_controller_id(BrokerId(NODE_ID))
        .with_topics(topics);
    if c.version >= 2 {
        response = response.with_cluster_id(Some(text(&shared.cluster_id)));
    }
    response
}

fn all(shared: &Shared) -> Vec<MetadataResponseTopic> {
    shared.topics.all().iter().map(|topic| described(topic)).collect()
}

fn by_name(shared: &Shared, name: TopicName, auto_create: bool) -> MetadataResponseTopic {
    if let Some(topic) = shared.topics.get(&name) {
        return described(&topic);
    }
    if let Err((code, _)) = check_name(&name) {
        return missing(Some(name), Uuid::nil(), code);
    }
    if !auto_create {
        return missing(Some(name), Uuid::nil(), ResponseError::UnknownTopicOrPartition);
    }
    let config =
        TopicConfig::new(Default::default()).unwrap_or_else(|e| unreachable!("defaults are valid: {e}"));
    match shared.topics.create(&name, shared.options.default_partitions, config, shared.clock.now_ms()) {
        Ok(topic) => described(&topic),
        // Someone else was quicker.
        Err((ResponseError::TopicAlreadyExists, _)) => match shared.topics.get(&name) {
            Some(topic) => described(&topic),
            None => missing(Some(name), Uuid::nil(), ResponseError::LeaderNotAvailable),
        },
        Err((code, _)) => missing(Some(name), Uuid::nil(), code),
    }
}

fn missing(name: Option<TopicName>, id: Uuid, code: ResponseError) -> MetadataResponseTopic {
    MetadataResponseTopic::default()
        .with_name(name)
        .with_topic_id(id)
        .with_error_code(code.code())
        .with_topic_authorized_operations(NOT_ASKED)
}

fn described(topic: &Topic) -> MetadataResponseTopic {
    let nodes = vec![BrokerId(NODE_ID)];
    let partitions = (0..topic.partition_count()).map(|index| {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(BrokerId(NODE_ID))
            .with_leader_epoch(LEADER_EPOCH)
            .with_replica_nodes(nodes.clone())
            .with_isr_nodes(nodes.clone())
    });
    MetadataResponseTopic::default()
        .with_name(Some(TopicName(text(&topic.name))))
        .with_topic_id(topic.id)
        .with_partitions(partitions.collect())
        .with_topic_authorized_operations(NOT_ASKED)
}

/// Answers `DescribeCluster`.
pub fn describe_cluster(c: &Context, request: DescribeClusterRequest) -> DescribeClusterResponse {
    let shared = &c.shared;
    let mut response = DescribeClusterResponse::default()
        .with_cluster_id(text(&shared.cluster_id))
        .with_controller_id(BrokerId(NODE_ID))
        .with_cluster_authorized_operations(NOT_ASKED)
        .with_brokers(vec![
            DescribeClusterBroker::default()
                .with_broker_id(BrokerId(NODE_ID))
                .with_host(text(shared.address.ip().to_string()))
                .with_port(i32::from(shared.address.port())),
        ]);
    if c.version >= 1 {
        // 1 is brokers, 2 would be controllers, which are not apart here.
        if request.endpoint_type == 1 {
            response = response.with_endpoint_type(1);
        } else {
            response = response.with_error_code(ResponseError::UnsupportedEndpointType.code());
        }
    }
    response
}
