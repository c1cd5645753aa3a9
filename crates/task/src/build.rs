//! Makes what a task is made of: its plugins, its clients.

use std::sync::Arc;

use api::dynamic::{SinkClass, SourceClass};
use api::registry::ConnectorClass;
use api::{Error, Result};
use kafka::{Admin, Consumer, Producer, Subscription, TransactionalProducer};
use spec::SinkTopics;

use crate::chain::Chain;
use crate::decode::Decoder;
use crate::encode::Encoder;
use crate::scope::Scope;
use crate::settings;
use crate::topics::Topics;

pub(crate) fn source_class(scope: &Scope) -> Result<Arc<dyn SourceClass>> {
    let class = &scope.spec.connector.class;
    match scope.environment.registry.connector(class)? {
        ConnectorClass::Source(class) => Ok(class),
        ConnectorClass::Sink(_) => Err(Error::misconfigured(format!("{class} is a sink, not a source"))),
    }
}

pub(crate) fn sink_class(scope: &Scope) -> Result<Arc<dyn SinkClass>> {
    let class = &scope.spec.connector.class;
    match scope.environment.registry.connector(class)? {
        ConnectorClass::Sink(class) => Ok(class),
        ConnectorClass::Source(_) => Err(Error::misconfigured(format!("{class} is a source, not a sink"))),
    }
}

pub(crate) fn chain(scope: &Scope) -> Result<Chain> {
    Chain::build(&scope.environment.registry, &scope.spec.connector.pipeline)
}

pub(crate) fn encoder(scope: &Scope) -> Result<Encoder> {
    Encoder::build(&scope.environment.registry, &scope.spec.connector.pipeline)
}

pub(crate) fn decoder(scope: &Scope) -> Result<Decoder> {
    Decoder::build(&scope.environment.registry, &scope.spec.connector.pipeline)
}

pub(crate) fn producer(scope: &Scope) -> Result<Arc<dyn Producer>> {
    let settings = settings::producer(&scope.spec, scope.settings());
    Ok(scope.environment.clients.producer(&settings)?)
}

pub(crate) fn transactional_producer(scope: &Scope) -> Result<Arc<dyn TransactionalProducer>> {
    let settings = settings::transactional_producer(&scope.spec, scope.settings());
    Ok(scope.environment.clients.transactional_producer(&settings)?)
}

pub(crate) fn dead_letter_producer(scope: &Scope) -> Result<Arc<dyn Producer>> {
    let settings = settings::dead_letter_producer(&scope.spec, scope.settings());
    Ok(scope.environment.clients.producer(&settings)?)
}

pub(crate) fn dead_letter_admin(scope: &Scope) -> Result<Arc<dyn Admin>> {
    Ok(scope.environment.clients.admin(&settings::dead_letter_admin(&scope.spec, scope.settings()))?)
}

pub(crate) fn consumer(scope: &Scope) -> Result<Box<dyn Consumer>> {
    let sink = scope.spec.connector.sink.as_ref();
    let topics = sink
        .map(|sink| &sink.topics)
        .ok_or_else(|| Error::misconfigured("a sink needs topics").hint("set topics or topics.regex"))?;
    let subscription = match topics {
        SinkTopics::List(topics) => Subscription::Topics(topics.clone()),
        SinkTopics::Pattern(pattern) => Subscription::Pattern(pattern.clone()),
    };
    let settings = settings::consumer(&scope.spec, scope.settings());
    Ok(scope.environment.clients.consumer(&settings, &subscription)?)
}

/// The rules for topics that do not exist; without rules no admin client is made.
pub(crate) fn topics(scope: &Scope) -> Result<Topics> {
    let rules = scope.spec.connector.source.as_ref().and_then(|source| source.topic_creation.clone());
    match rules {
        Some(rules) if scope.settings().topic_creation_enabled => {
            let settings = settings::admin(&scope.spec, scope.settings());
            Ok(Topics::new(Some((rules, scope.environment.clients.admin(&settings)?))))
        }
        _ => Ok(Topics::new(None)),
    }
}
