//! Keys that are here for a Java worker: those without effect, which are said, and those that would open a door if
//! they were passed over, which are refused.

use config::{Config, RawConfig, Report};
use spec::{Warning, client_keys, nearest_key};

use super::{DistributedKeys, StandaloneKeys, client_layers};

// What only a Java virtual machine can do; a prefix ends in a point.
const JVM_ONLY: [&str; 21] = [
    "auto.include.jmx.reporter",
    "confluent.",
    "cub.",
    "host.name",
    "internal.key.converter",
    "internal.key.converter.",
    "internal.value.converter",
    "internal.value.converter.",
    "kafka.metrics.",
    "log4j.",
    "metadataServerUrls",
    "metric.reporters",
    "metrics.",
    "plugin.discovery",
    "plugin.path",
    "plugin.url",
    "public.key.path",
    "rest.host.name",
    "rest.listeners",
    "rest.port",
    "zookeeper.connect",
];

// What only a distributed worker has.
const DISTRIBUTED: [&str; 17] = [
    "config.storage.",
    "connect.protocol",
    "exactly.once.source.support",
    "group.id",
    "heartbeat.interval.ms",
    "internal.topics.automatic.creation.enable",
    "inter.worker.",
    "offset.storage.topic",
    "offset.storage.partitions",
    "offset.storage.replication.factor",
    "rebalance.timeout.ms",
    "scheduled.rebalance.max.delay.ms",
    "session.timeout.ms",
    "status.storage.",
    "offset.storage.cleanup.policy",
    "worker.sync.timeout.ms",
    "worker.unsync.backoff.ms",
];

// What a worker of a group does not do yet.
const GROUP_NOT_YET: [&str; 4] = [
    "config.storage.partitions",
    "offset.storage.cleanup.policy",
    "worker.sync.timeout.ms",
    "worker.unsync.backoff.ms",
];

// Prefixes under which any key may stand.
const OPEN: [&str; 8] = [
    "key.converter.",
    "value.converter.",
    "header.converter.",
    "producer.",
    "consumer.",
    "admin.",
    "config.providers.",
    "listeners.https.",
];

/// Refuses what protects a Java worker and would not protect this one.
pub(super) fn refuse(raw: &RawConfig, report: &mut Report) {
    for key in ["rest.extension.classes", "rest.servlet.initializor.classes"] {
        let classes = raw.get(key).map(str::trim).filter(|classes| !classes.is_empty());
        if let Some(classes) = classes {
            report.invalid(
                key,
                Some(classes),
                "REST extensions are Java classes, which this worker cannot run; most ask who it is, so they are not \
                 passed over. Remove the key; in the place of BasicAuthSecurityRestExtension set \
                 sluice.rest.authentication=basic and sluice.rest.basic.file",
            );
        }
    }
}

/// Everything to tell the operator of a standalone worker.
pub(super) fn standalone(raw: &RawConfig) -> Vec<Warning> {
    let text = "these keys are for distributed workers and have no effect on a standalone one";
    let known: Vec<String> = StandaloneKeys::definition().keys().map(|key| key.name.clone()).collect();
    warnings(raw, &known, text, &is_distributed)
}

/// Everything to tell the operator of a distributed worker.
pub(super) fn distributed(raw: &RawConfig) -> Vec<Warning> {
    let text = "these keys have no effect on this worker";
    let known: Vec<String> = DistributedKeys::definition().keys().map(|key| key.name.clone()).collect();
    warnings(raw, &known, text, &|key| is_among(key, &GROUP_NOT_YET))
}

fn warnings(
    raw: &RawConfig,
    known: &[String],
    others: &str,
    is_others: &dyn Fn(&str) -> bool,
) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut named = |text: &str, wanted: &dyn Fn(&str) -> bool| {
        let keys: Vec<&str> = raw.iter().map(|(key, _)| key).filter(|key| wanted(key)).collect();
        if let Some(first) = keys.first() {
            found.push(Warning { key: (*first).to_owned(), text: format!("{text}: {}", keys.join(", ")) });
        }
    };
    named("these keys are for a Java worker and have no effect here", &is_jvm_only);
    named(others, is_others);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    for key in raw.iter().map(|(key, _)| key).filter(|key| is_unknown(key, &known)) {
        let also = ["plugin.path", "rest.extension.classes", "group.id"].into_iter();
        let text = match nearest_key(key, known.iter().copied().chain(also)) {
            Some(near) => format!("there is no such key, so it has no effect; did you mean {near}?"),
            None => "there is no such key, so it has no effect".to_owned(),
        };
        found.push(Warning { key: key.to_owned(), text });
    }
    found
}

fn is_unknown(key: &str, known: &[&str]) -> bool {
    !known.contains(&key)
        && !is_jvm_only(key)
        && !is_distributed(key)
        && !client_layers::is_own(key)
        && !OPEN.iter().any(|prefix| key.starts_with(prefix))
}

fn is_jvm_only(key: &str) -> bool {
    let client = ["producer.", "consumer.", "admin."].iter().find_map(|prefix| key.strip_prefix(prefix));
    client.is_some_and(client_keys::is_jvm_only) || client_keys::is_jvm_only(key) || is_among(key, &JVM_ONLY)
}

fn is_distributed(key: &str) -> bool {
    is_among(key, &DISTRIBUTED)
}

fn is_among(key: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| *entry == key || (entry.ends_with('.') && key.starts_with(entry)))
}
