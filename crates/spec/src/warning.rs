//! Keys that are right but have no effect, or another one than one might think.

use api::config::RawConfig;

use crate::overrides::Client;
use crate::{ConnectorKind, WorkerDefaults, client_keys, converter, topic_creation};

/// Something to tell the operator; the config is accepted all the same, as by Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The key.
    pub key: String,
    /// Why it has no effect, and what would.
    pub text: String,
}

pub(crate) fn warnings(raw: &RawConfig, kind: ConnectorKind, defaults: &WorkerDefaults) -> Vec<Warning> {
    let mut found = converter::without_effect(raw);
    let mut add = |key: &str, text: String| found.push((key.to_owned(), text));
    let is =
        |key: &str, text: &str| raw.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case(text));
    for client in Client::ALL {
        for (setting, _) in raw.with_prefix(client.prefix()).iter() {
            let key = format!("{}{setting}", client.prefix());
            if !client.is_used(kind, raw) {
                add(&key, format!("this {} has no such client, so the key has no effect", kind.name()));
            } else if client_keys::is_jvm_only(setting) {
                add(
                    &key,
                    "it names a Java class, which this worker cannot run; the key has no effect".to_owned(),
                );
            }
        }
    }
    if is("tasks.max.enforce", "false") {
        add("tasks.max.enforce", "more task configs than 'tasks.max' will only be logged".to_owned());
    }
    match kind {
        ConnectorKind::Source => {
            for (key, _) in raw.iter().filter(|(key, _)| key.starts_with("errors.deadletterqueue.")) {
                add(key, "only sinks have a dead letter queue; the key has no effect".to_owned());
            }
            if !defaults.exactly_once
                && (is("transaction.boundary", "interval") || is("transaction.boundary", "connector"))
            {
                add(
                    "transaction.boundary",
                    "this worker does not have exactly-once source support enabled, so there are no transactions and \
                     the key has no effect"
                        .to_owned(),
                );
            }
            if raw.contains("transaction.boundary.interval.ms") && !is("transaction.boundary", "interval") {
                add(
                    "transaction.boundary.interval.ms",
                    "it counts only with 'transaction.boundary=interval'".to_owned(),
                );
            }
            if raw.contains("offsets.storage.topic") && defaults.group_id.is_none() {
                add(
                    "offsets.storage.topic",
                    "a standalone worker keeps all offsets in its own file; the key has no effect".to_owned(),
                );
            }
            if topic_creation::is_configured(raw) && !defaults.topic_creation {
                add(
                    "topic.creation.default.partitions",
                    "the worker has 'topic.creation.enable=false', so the keys 'topic.creation.*' have no effect"
                        .to_owned(),
                );
            } else {
                found.extend(topic_creation::without_effect(raw));
            }
        }
        ConnectorKind::Sink => {
            let dead_letters =
                raw.get("errors.deadletterqueue.topic.name").is_some_and(|topic| !topic.is_empty());
            if dead_letters && !is("errors.tolerance", "all") {
                add(
                    "errors.deadletterqueue.topic.name",
                    "with 'errors.tolerance=none' the first bad record is written there and then fails the task".to_owned(),
                );
            }
        }
    }
    found.into_iter().map(|(key, text)| Warning { key, text }).collect()
}
