//! What validation says to configs, valid and broken.

use serde_json::{Value as Json, json};

use super::super::pipeline::{CONVERTERS, JSON, T, all_of};
use super::{Conversation, Step, send};

/// Configs of both connectors.
pub fn conversation() -> Conversation {
    let mut steps = sources();
    steps.extend(sinks());
    steps.extend(parts());
    Conversation { name: "rest-validate", steps }
}

fn validate(plugin: &str, config: Json) -> Step {
    send("PUT", &format!("/connector-plugins/{plugin}/config/validate"), config)
}

fn source(more: Json) -> Step {
    let config = json!({"connector.class": "FileStreamSource", "topic": "t", "name": "v"});
    validate("FileStreamSource", all_of([config, more]))
}

fn sink(more: Json) -> Step {
    validate("FileStreamSink", all_of([json!({"connector.class": "FileStreamSink", "name": "v"}), more]))
}

fn sources() -> Vec<Step> {
    let class = "org.apache.kafka.connect.file.FileStreamSourceConnector";
    vec![
        source(json!({})),
        source(json!({"file": "  padded  ", "batch.size": " 7 ", "unknown": "x"})),
        validate(class, json!({"connector.class": class, "topic": "t", "name": "v"})),
        validate("FileStreamSourceConnector", json!({"connector.class": class, "topic": "t", "name": "v"})),
        validate("FileStreamSource", json!({"connector.class": "FileStreamSource"})),
        source(json!({"tasks.max": "none", "batch.size": "x", "topic": ""})),
        source(json!({"tasks.max": "0", "batch.size": "-1", "name": "", "errors.tolerance": "some"})),
        source(
            json!({"tasks.max": "99999999999", "errors.retry.timeout": "x", "errors.log.enable": "maybe"}),
        ),
        source(json!({"config.action.reload": "never", "tasks.max.enforce": "yes"})),
        source(json!({"topic": null, "file": null})),
        source(json!({"exactly.once.support": "required"})),
        source(json!({"transaction.boundary": "never", "transaction.boundary.interval.ms": "0"})),
        source(json!({"topic.creation.groups": "a,a"})),
        source(
            json!({"topic.creation.default.partitions": "0", "topic.creation.default.replication.factor": "0"}),
        ),
        source(json!({"topic.creation.groups": "a", "topic.creation.default.partitions": "1",
            "topic.creation.default.replication.factor": "1", "topic.creation.a.include": "("})),
        source(json!({"offsets.storage.topic": ""})),
        validate(
            "FileStreamSource",
            json!({"connector.class": "FileStreamSink", "topics": "t", "name": "v"}),
        ),
        validate("FileStreamSource", json!({"topic": "t", "name": "v"})),
        validate(
            "FileStreamSource",
            json!({"connector.class": "com.example.NopeFileStreamSource", "name": "v"}),
        ),
        validate("Nope", json!({"connector.class": "Nope", "name": "v"})),
    ]
}

fn sinks() -> Vec<Step> {
    let letters = "errors.deadletterqueue.topic.name";
    vec![
        sink(json!({"topics": "a,b"})),
        sink(json!({"topics": "a", letters: "dead", "errors.tolerance": "all"})),
        sink(json!({})),
        sink(json!({"topics": "a", "topics.regex": "b"})),
        sink(json!({"topics": "a,b", letters: "b"})),
        sink(json!({"topics.regex": "b.*", letters: "bad"})),
        sink(json!({"topics.regex": "("})),
        sink(json!({"topics": "a,,b"})),
        sink(json!({"topics": "a,a"})),
        sink(json!({"topics": "a", "errors.deadletterqueue.topic.replication.factor": "x"})),
    ]
}

// Converters, transforms, predicates, overrides.
fn parts() -> Vec<Step> {
    vec![
        source(json!({"value.converter": JSON, "value.converter.schemas.enable": "perhaps"})),
        source(json!({"value.converter": JSON, "value.converter.decimal.format": "ROMAN",
            "value.converter.schemas.cache.size": "-1"})),
        source(json!({"key.converter": "Nope", "value.converter": format!("{T}.Filter")})),
        source(json!({"key.converter": format!("{CONVERTERS}.LongConverter"), "header.converter": JSON})),
        source(json!({"transforms": "a", "transforms.a.type": format!("{T}.HoistField$Value"),
            "transforms.a.field": "x"})),
        source(json!({"transforms": "a,b", "transforms.a.type": format!("{T}.HoistField$Value"),
            "transforms.b.type": "Nope"})),
        source(json!({"transforms": "a"})),
        source(json!({"transforms": "a,a", "transforms.a.type": format!("{T}.Filter")})),
        source(json!({"transforms": "a", "transforms.a.type": format!("{T}.Cast$Value"),
            "transforms.a.spec": "x:nonsense"})),
        source(json!({"transforms": "a", "transforms.a.type": format!("{T}.HoistField")})),
        source(json!({"transforms": "a", "transforms.a.type": format!("{T}.DropHeaders"),
            "transforms.a.headers": "h", "transforms.a.predicate": "p"})),
        source(json!({"transforms": "a", "transforms.a.type": format!("{T}.DropHeaders"),
            "transforms.a.headers": "h", "transforms.a.negate": "true"})),
        source(json!({"transforms": "a", "transforms.a.type": format!("{T}.DropHeaders"),
            "transforms.a.headers": "h", "transforms.a.predicate": "p", "transforms.a.negate": "x",
            "predicates": "p", "predicates.p.type": format!("{T}.predicates.HasHeaderKey"),
            "predicates.p.name": "h"})),
        source(json!({"predicates": "p", "predicates.p.type": format!("{T}.predicates.TopicNameMatches"),
            "predicates.p.pattern": "("})),
        source(json!({"predicates": "p"})),
        source(json!({"producer.override.acks": "some", "producer.override.linger.ms": "5"})),
        source(json!({"producer.override.compression.type": "zip"})),
        sink(json!({"topics": "a", "consumer.override.max.poll.records": "x"})),
    ]
}
