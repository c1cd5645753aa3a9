//! `DescribeConfigs`, `AlterConfigs`, `IncrementalAlterConfigs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse as IncrementalResponse;
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::{Context, text};
use crate::broker::NODE_ID;
use crate::config_keys::{KEYS, Kind, TopicConfig, find};
use crate::topics::{Refusal, Topic};

const TOPIC_RESOURCE: i8 = 2;
const BROKER_RESOURCE: i8 = 4;
/// The value was set for the topic.
pub const TOPIC: i8 = 1;
/// The value was given when the broker started.
const STATIC: i8 = 4;
/// Nobody set the value.
pub const DEFAULT: i8 = 5;

/// Answers `DescribeConfigs` for topics and for the broker.
pub fn describe(c: &Context, request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let results = request.resources.into_iter().map(|resource| {
        let described = match resource.resource_type {
            TOPIC_RESOURCE => topic(c, &resource.resource_name).map(|topic| {
                let config = topic.config();
                let keys = KEYS.iter().map(|key| {
                    let (value, set) = config.value(key);
                    let source = if set { TOPIC } else { DEFAULT };
                    Value {
                        name: key.name,
                        value,
                        source,
                        kind: key.kind,
                        doc: key.doc,
                        default: Some(key.default),
                    }
                });
                keys.collect::<Vec<_>>()
            }),
            BROKER_RESOURCE => broker(c, &resource.resource_name),
            other => Err(unknown_type(other)),
        };
        let result = DescribeConfigsResult::default()
            .with_error_message(None)
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match described {
            Ok(values) => {
                let chosen = values.into_iter().filter(|v| is_asked_for(&resource, v.name));
                let configs = chosen
                    .map(|v| v.result(c.version, request.include_synonyms, request.include_documentation));
                result.with_configs(configs.collect())
            }
            Err((code, message)) => {
                result.with_error_code(code.code()).with_error_message(Some(text(message)))
            }
        }
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn is_asked_for(resource: &DescribeConfigsResource, name: &str) -> bool {
    match &resource.configuration_keys {
        None => true,
        Some(keys) => keys.iter().any(|k| **k == *name),
    }
}

struct Value {
    name: &'static str,
    value: String,
    source: i8,
    kind: Kind,
    doc: &'static str,
    default: Option<&'static str>,
}

impl Value {
    fn result(self, version: i16, synonyms: bool, documentation: bool) -> DescribeConfigsResourceResult {
        let mut result = DescribeConfigsResourceResult::default()
            .with_name(text(self.name))
            .with_read_only(self.source == STATIC)
            .with_config_source(self.source);
        if synonyms {
            let synonym = |value: &str, source| {
                DescribeConfigsSynonym::default()
                    .with_name(text(self.name))
                    .with_value(Some(text(value)))
                    .with_source(source)
            };
            result.synonyms.push(synonym(&self.value, self.source));
            if let (TOPIC, Some(default)) = (self.source, self.default) {
                result.synonyms.push(synonym(default, DEFAULT));
            }
        }
        if version >= 3 {
            result.config_type = self.kind as i8;
            result.documentation = documentation.then(|| text(self.doc));
        }
        result.with_value(Some(text(self.value)))
    }
}

fn unknown_type(number: i8) -> Refusal {
    (
        ResponseError::InvalidRequest,
        format!("resource type {number} is not known here; topics (2) and the broker (4) are"),
    )
}

fn topic(c: &Context, name: &str) -> Result<Arc<Topic>, Refusal> {
    c.shared
        .topics
        .get(name)
        .ok_or_else(|| (ResponseError::UnknownTopicOrPartition, format!("Topic '{name}' does not exist.")))
}

fn broker(c: &Context, name: &str) -> Result<Vec<Value>, Refusal> {
    if !name.is_empty() && name != NODE_ID.to_string() {
        let text = format!("Unexpected broker id, expected {NODE_ID} or empty string, but received {name}");
        return Err((ResponseError::InvalidRequest, text));
    }
    let options = &c.shared.options;
    let value =
        |name, kind, value: String, doc| Value { name, value, source: STATIC, kind, doc, default: None };
    Ok(vec![
        value(
            "auto.create.topics.enable",
            Kind::Boolean,
            options.auto_create_topics.to_string(),
            "create topics that clients ask for",
        ),
        value("broker.id", Kind::Int, NODE_ID.to_string(), "the only node"),
        value("default.replication.factor", Kind::Int, "1".to_owned(), "there is one node"),
        value("fetch.max.bytes", Kind::Int, options.fetch_bytes_max.to_string(), "largest fetch response"),
        value(
            "group.initial.rebalance.delay.ms",
            Kind::Int,
            options.group_initial_rebalance_delay.as_millis().to_string(),
            "wait for more members of a new group",
        ),
        value(
            "group.max.session.timeout.ms",
            Kind::Int,
            options.session_timeout_max.as_millis().to_string(),
            "longest session time-out",
        ),
        value(
            "group.min.session.timeout.ms",
            Kind::Int,
            options.session_timeout_min.as_millis().to_string(),
            "shortest session time-out",
        ),
        value("max.connections", Kind::Int, options.connections_max.to_string(), "connections at a time"),
        value(
            "num.partitions",
            Kind::Int,
            options.default_partitions.to_string(),
            "partitions of topics whose creator does not say",
        ),
        value(
            "socket.request.max.bytes",
            Kind::Int,
            options.request_bytes_max.to_string(),
            "largest request",
        ),
        value(
            "transaction.max.timeout.ms",
            Kind::Int,
            options.transaction_timeout_max_ms.to_string(),
            "longest transaction",
        ),
    ])
}

/// Answers `AlterConfigs`: what is not named goes back to its default.
pub fn alter(c: &Context, request: AlterConfigsRequest) -> AlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| {
        let altered = (|| {
            let topic = changeable(c, resource.resource_type, &resource.resource_name)?;
            let mut overrides = BTreeMap::new();
            for config in &resource.configs {
                let value = config.value.as_ref().ok_or_else(|| no_value(&config.name))?;
                overrides.insert(config.name.to_string(), value.to_string());
            }
            apply(&topic, overrides, request.validate_only)
        })();
        let mut response = AlterConfigsResourceResponse::default()
            .with_error_message(None)
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name);
        if let Err((code, message)) = altered {
            response.error_code = code.code();
            response.error_message = Some(text(message));
        }
        response
    });
    AlterConfigsResponse::default().with_responses(responses.collect())
}

/// Answers `IncrementalAlterConfigs`: only what is named changes.
pub fn alter_incrementally(
    c: &Context,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| {
        let altered = (|| {
            let topic = changeable(c, resource.resource_type, &resource.resource_name)?;
            let mut overrides = topic.config().overrides.clone();
            for config in &resource.configs {
                change(&mut overrides, config.config_operation, &config.name, config.value.as_ref())?;
            }
            apply(&topic, overrides, request.validate_only)
        })();
        let mut response = IncrementalResponse::default()
            .with_error_message(None)
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name);
        if let Err((code, message)) = altered {
            response.error_code = code.code();
            response.error_message = Some(text(message));
        }
        response
    });
    IncrementalAlterConfigsResponse::default().with_responses(responses.collect())
}

fn change(
    overrides: &mut BTreeMap<String, String>,
    operation: i8,
    name: &StrBytes,
    value: Option<&StrBytes>,
) -> Result<(), Refusal> {
    const SET: i8 = 0;
    const DELETE: i8 = 1;
    const APPEND: i8 = 2;
    const SUBTRACT: i8 = 3;
    let invalid = |text: String| Err((ResponseError::InvalidConfig, text));
    let Some(key) = find(name) else {
        return invalid(format!("Unknown topic config name: {}", name.as_str()));
    };
    let value = || value.map(|v| v.to_string()).ok_or_else(|| no_value(name));
    match operation {
        SET => {
            overrides.insert(key.name.to_owned(), value()?);
        }
        DELETE => {
            overrides.remove(key.name);
        }
        APPEND | SUBTRACT if key.kind != Kind::List => {
            return invalid(format!("Config value append is not allowed for config key: {}", key.name));
        }
        APPEND | SUBTRACT => {
            let value = value()?;
            let named: Vec<&str> = value.split(',').map(str::trim).collect();
            let current = overrides.get(key.name).map_or(key.default, String::as_str).to_owned();
            let mut items: Vec<&str> = current.split(',').map(str::trim).filter(|i| !i.is_empty()).collect();
            items.retain(|item| !named.contains(item));
            if operation == APPEND {
                items.extend(named);
            }
            overrides.insert(key.name.to_owned(), items.join(","));
        }
        other => return Err((ResponseError::InvalidRequest, format!("unknown operation {other}"))),
    }
    Ok(())
}

fn no_value(name: &StrBytes) -> Refusal {
    (ResponseError::InvalidRequest, format!("Null value not supported for : {}", name.as_str()))
}

fn changeable(c: &Context, resource_type: i8, name: &str) -> Result<Arc<Topic>, Refusal> {
    match resource_type {
        TOPIC_RESOURCE => topic(c, name),
        BROKER_RESOURCE => {
            let text =
                "the dev broker's own settings are given when it starts and cannot be changed".to_owned();
            Err((ResponseError::InvalidRequest, text))
        }
        other => Err(unknown_type(other)),
    }
}

fn apply(topic: &Topic, overrides: BTreeMap<String, String>, validate_only: bool) -> Result<(), Refusal> {
    let config = TopicConfig::new(overrides).map_err(|text| (ResponseError::InvalidConfig, text))?;
    if validate_only { Ok(()) } else { topic.set_config(config) }
}
