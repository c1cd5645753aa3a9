//! From a config to the spec that tasks are made of.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

mod catalog;

use std::time::Duration;

use api::config::RawConfig;
use sluice_spec as spec;
use spec::{ConnectorKind, ConnectorSpec, OverridePolicy, SinkTopics, Tolerance, WorkerDefaults};

use catalog::catalog;

fn build(entries: &[(&str, &str)]) -> ConnectorSpec {
    let raw: RawConfig = entries.iter().copied().collect();
    let mut defaults = WorkerDefaults::default();
    defaults.value_converter.config.set("schemas.enable", "false");
    spec::build(&raw, &catalog(), &defaults, &OverridePolicy::default()).unwrap()
}

#[test]
fn a_source_is_typed() {
    let spec = build(&[
        ("name", "lines"),
        ("connector.class", "FileStreamSource"),
        ("tasks.max", " 3 "),
        ("topic", "t"),
        ("key.converter", "StringConverter"),
        ("transforms", "route"),
        ("transforms.route.type", "RegexRouter"),
        ("transforms.route.regex", "a"),
        ("transforms.route.replacement", "b"),
        ("transforms.route.predicate", "named"),
        ("transforms.route.negate", "TRUE"),
        ("predicates", "named"),
        ("predicates.named.type", "TopicNameMatches"),
        ("predicates.named.pattern", "x"),
        ("errors.tolerance", "all"),
        ("errors.retry.timeout", "-1"),
        ("errors.log.enable", "true"),
        ("topic.creation.default.partitions", "2"),
        ("topic.creation.default.replication.factor", "1"),
        ("sluice.errors.source.topic", "bad"),
        ("producer.override.linger.ms", "5"),
        ("consumer.override.max.poll.records", "5"),
        ("config.providers", "evil"),
        ("config.providers.evil.class", "x"),
    ]);
    assert_eq!((&*spec.name, spec.kind, spec.tasks_max), ("lines", ConnectorKind::Source, 3));
    assert_eq!(spec.class, "org.apache.kafka.connect.file.FileStreamSourceConnector");
    let pipeline = &spec.pipeline;
    assert_eq!(pipeline.key_converter.class, "org.apache.kafka.connect.storage.StringConverter");
    assert_eq!(pipeline.value_converter.config.get("schemas.enable"), Some("false"));
    let transform = &pipeline.transforms[0];
    assert_eq!(transform.plugin.class, "org.apache.kafka.connect.transforms.RegexRouter");
    let keys: Vec<&str> = transform.plugin.config.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["regex", "replacement"]);
    let predicate = transform.predicate.as_ref().unwrap();
    assert!(predicate.negate);
    assert_eq!(predicate.plugin.config.get("pattern"), Some("x"));
    assert_eq!(pipeline.errors.tolerance, Tolerance::All);
    assert_eq!((pipeline.errors.retry_timeout, pipeline.errors.log), (None, true));
    assert_eq!(pipeline.errors.retry_delay_max, Duration::from_secs(60));
    let creation = spec.source.as_ref().unwrap().topic_creation.as_ref().unwrap();
    assert_eq!(creation.group_of("any").unwrap().partitions, 2);
    let letters = spec.source.as_ref().unwrap().dead_letters.as_ref().unwrap();
    assert_eq!(
        (letters.topic.as_str(), letters.replication_factor, letters.context_headers),
        ("bad", -1, true)
    );
    assert_eq!(spec.overrides.producer.get("linger.ms"), Some("5"));
    assert!(spec.overrides.consumer.is_empty());
    assert!(!spec.config.contains("config.providers.evil.class"));
}

#[test]
fn a_sink_is_typed() {
    let spec = build(&[
        ("name", "out"),
        ("connector.class", "org.apache.kafka.connect.file.FileStreamSinkConnector"),
        ("topics.regex", "a.*"),
        ("errors.deadletterqueue.topic.name", "dead"),
        ("errors.deadletterqueue.topic.replication.factor", "1"),
        ("errors.deadletterqueue.context.headers.enable", "true"),
        ("producer.override.acks", "all"),
        ("consumer.override.max.poll.records", "5"),
    ]);
    let sink = spec.sink.as_ref().unwrap();
    assert_eq!(sink.topics, SinkTopics::Pattern("a.*".to_owned()));
    let dead = sink.dead_letters.as_ref().unwrap();
    assert_eq!((dead.topic.as_str(), dead.replication_factor, dead.context_headers), ("dead", 1, true));
    assert_eq!(spec.overrides.producer.get("acks"), Some("all"));
    assert_eq!(spec.overrides.consumer.get("max.poll.records"), Some("5"));
    assert!(spec.source.is_none());
    assert_eq!(spec.pipeline.errors.retry_timeout, Some(Duration::ZERO));
}

#[test]
fn an_invalid_config_makes_no_spec() {
    let raw: RawConfig = [("connector.class", "FileStreamSource")].into_iter().collect();
    let report =
        spec::build(&raw, &catalog(), &WorkerDefaults::default(), &OverridePolicy::default()).unwrap_err();
    let keys: Vec<&str> = report.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["name", "topic"]);
}
