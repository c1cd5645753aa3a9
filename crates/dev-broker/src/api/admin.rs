//! `CreateTopics`, `DeleteTopics`, `CreatePartitions`.

use std::collections::{BTreeMap, HashMap};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{
    BrokerId, CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse, TopicName,
};
use uuid::Uuid;

use super::{Context, offsets, text};
use crate::broker::NODE_ID;
use crate::config_keys::{KEYS, TopicConfig};
use crate::topics::{PARTITIONS_MAX, Refusal, Topic};

/// Answers `CreateTopics`.
pub fn create_topics(c: &Context, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let mut times: HashMap<String, usize> = HashMap::new();
    for topic in &request.topics {
        *times.entry(topic.name.to_string()).or_default() += 1;
    }
    let topics = request.topics.into_iter().map(|topic| {
        let name = topic.name.clone();
        let created = if times.get(name.as_str()).is_some_and(|n| *n > 1) {
            Err((
                ResponseError::InvalidRequest,
                format!("Duplicate topic '{}' in the request.", name.as_str()),
            ))
        } else {
            create_one(c, topic, request.validate_only)
        };
        let mut result = CreatableTopicResult::default().with_name(name).with_error_message(None);
        match created {
            Ok((id, partitions, config)) if c.version >= 5 => {
                if c.version >= 7 {
                    result.topic_id = id;
                }
                result.num_partitions = partitions;
                result.replication_factor = 1;
                result.configs = Some(effective(&config));
            }
            Ok(_) => {}
            Err((code, message)) => {
                result.error_code = code.code();
                result.error_message = Some(text(message));
                if c.version >= 5 {
                    result.configs = None;
                    result.num_partitions = -1;
                    result.replication_factor = -1;
                }
            }
        }
        result
    });
    CreateTopicsResponse::default().with_topics(topics.collect())
}

fn effective(config: &TopicConfig) -> Vec<CreatableTopicConfigs> {
    KEYS.iter()
        .map(|key| {
            let (value, set) = config.value(key);
            CreatableTopicConfigs::default()
                .with_name(text(key.name))
                .with_value(Some(text(value)))
                .with_config_source(if set { super::configs::TOPIC } else { super::configs::DEFAULT })
        })
        .collect()
}

fn create_one(
    c: &Context,
    topic: CreatableTopic,
    validate_only: bool,
) -> Result<(Uuid, i32, TopicConfig), Refusal> {
    let name = topic.name.to_string();
    let partitions = partitions_of(c, &topic)?;
    c.shared.topics.check_new(&name, partitions)?;
    let mut overrides = BTreeMap::new();
    for config in topic.configs {
        let Some(value) = config.value else {
            let text = format!("Null value not supported for topic configs: {}", config.name.as_str());
            return Err((ResponseError::InvalidConfig, text));
        };
        overrides.insert(config.name.to_string(), value.to_string());
    }
    let config = TopicConfig::new(overrides).map_err(|text| (ResponseError::InvalidConfig, text))?;
    if validate_only {
        return Ok((Uuid::nil(), partitions, config));
    }
    let created = c.shared.topics.create(&name, partitions, config.clone(), c.shared.clock.now_ms())?;
    Ok((created.id, partitions, config))
}

/// How many partitions, after the checks of replicas.
fn partitions_of(c: &Context, topic: &CreatableTopic) -> Result<i32, Refusal> {
    if !topic.assignments.is_empty() {
        if topic.num_partitions != -1 || topic.replication_factor != -1 {
            let text = "Both numPartitions or replicationFactor and replicasAssignments were set.".to_owned();
            return Err((ResponseError::InvalidRequest, text));
        }
        let mut indexes: Vec<i32> = topic.assignments.iter().map(|a| a.partition_index).collect();
        indexes.sort_unstable();
        let consecutive = indexes.iter().enumerate().all(|(i, index)| *index == i as i32);
        if !consecutive || topic.assignments.iter().any(|a| a.broker_ids != [BrokerId(NODE_ID)]) {
            let text = format!("Assignments must name partitions from 0 on, each on broker {NODE_ID} only.");
            return Err((ResponseError::InvalidReplicaAssignment, text));
        }
        return Ok(indexes.len() as i32);
    }
    if !matches!(topic.replication_factor, -1 | 1) {
        let text = format!(
            "Unable to replicate the partition {} time(s): the dev broker is a single node, so the replication factor must be 1 (or -1).",
            topic.replication_factor
        );
        return Err((ResponseError::InvalidReplicationFactor, text));
    }
    Ok(match topic.num_partitions {
        -1 => c.shared.options.default_partitions,
        n => n,
    })
}

/// Answers `DeleteTopics`, by name or (from v6 on) by id.
pub fn delete_topics(c: &Context, request: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let mut asked: Vec<(Option<TopicName>, Uuid)> =
        request.topic_names.into_iter().map(|name| (Some(name), Uuid::nil())).collect();
    asked.extend(request.topics.into_iter().map(|t| (t.name, t.topic_id)));
    let responses = asked.into_iter().map(|(name, id)| {
        let name = name.or_else(|| c.shared.topics.by_id(id).map(|t| TopicName(text(&t.name))));
        let deleted = match &name {
            Some(name) => c.shared.topics.delete(name),
            None => {
                Err((ResponseError::UnknownTopicId, "This server does not host this topic ID.".to_owned()))
            }
        };
        let mut result = DeletableTopicResult::default();
        match deleted {
            Ok(topic) => {
                offsets::forget_topic(&c.shared, &topic.name);
                if c.version >= 6 {
                    result.topic_id = topic.id;
                }
            }
            Err((code, message)) => {
                result.error_code = code.code();
                if c.version >= 5 {
                    result.error_message = Some(text(message));
                }
                if c.version >= 6 {
                    result.topic_id = id;
                }
            }
        }
        result.with_name(name)
    });
    DeleteTopicsResponse::default().with_responses(responses.collect())
}

/// Answers `CreatePartitions`.
pub fn create_partitions(c: &Context, request: CreatePartitionsRequest) -> CreatePartitionsResponse {
    let results = request.topics.into_iter().map(|asked| {
        let grown = grow(c, &asked, request.validate_only);
        let mut result = CreatePartitionsTopicResult::default().with_name(asked.name);
        if let Err((code, message)) = grown {
            result.error_code = code.code();
            result.error_message = Some(text(message));
        }
        result
    });
    CreatePartitionsResponse::default().with_results(results.collect())
}

fn grow(c: &Context, asked: &CreatePartitionsTopic, validate_only: bool) -> Result<(), Refusal> {
    let topic: std::sync::Arc<Topic> = c.shared.topics.get(&asked.name).ok_or_else(|| {
        (
            ResponseError::UnknownTopicOrPartition,
            format!("The topic '{}' does not exist.", asked.name.as_str()),
        )
    })?;
    let now = topic.partition_count();
    if asked.count <= now {
        let text = format!(
            "The topic {} currently has {now} partition(s); {} would not be an increase.",
            topic.name, asked.count
        );
        return Err((ResponseError::InvalidPartitions, text));
    }
    if asked.count > PARTITIONS_MAX {
        return Err((
            ResponseError::InvalidPartitions,
            format!("A topic can have at most {PARTITIONS_MAX} partitions."),
        ));
    }
    if let Some(assignments) = &asked.assignments {
        let fits = assignments.len() as i32 == asked.count - now
            && assignments.iter().all(|a| a.broker_ids == [BrokerId(NODE_ID)]);
        if !fits {
            let text = format!("Assignments must name broker {NODE_ID} for each new partition.");
            return Err((ResponseError::InvalidReplicaAssignment, text));
        }
    }
    if validate_only { Ok(()) } else { topic.grow(asked.count, c.shared.clock.now_ms()) }
}
