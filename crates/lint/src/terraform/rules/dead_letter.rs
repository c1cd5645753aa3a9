//! Dead letter topics.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::terraform::rule::Rule;

const TOPIC: &str = "errors.deadletterqueue.topic.name";
const HEADERS: &str = "errors.deadletterqueue.context.headers.enable";

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "dead-letter-topic",
    code: "SL1341",
    summary: "a dead letter topic that is shared, consumed by its own sink, set on a source, or without headers",
    help: "give every sink a dead letter topic of its own, such as dlq.<connector>, with headers switched on; sources have none",
    check: |tree, report| {
        let mut owners: BTreeMap<(PathBuf, String), String> = BTreeMap::new();
        for connector in &tree.connectors {
            let Some(topic) = connector.text(TOPIC).filter(|topic| !topic.is_empty()) else { continue };
            if !connector.is_sink() {
                report.key(connector, TOPIC, "a source has no dead letter topic");
                continue;
            }
            if connector.topics().contains(&topic) {
                report.key(
                    connector,
                    TOPIC,
                    format!("the sink would consume its own dead letters from {topic:?}"),
                );
            }
            // A managed connector always writes the headers, and has no such key.
            if !connector.is_managed() && connector.text(HEADERS).as_deref() != Some("true") {
                report.key(
                    connector,
                    TOPIC,
                    format!("dead letters in {topic:?} do not say why, {HEADERS} is off"),
                );
            }
            // Two places that hold the same file, such as source and rendered form, are one connector.
            let name = connector.name.clone().unwrap_or_default();
            let folder = connector.path.parent().map(PathBuf::from).unwrap_or_default();
            if !topic.contains("${") && !topic.contains("$(") {
                let owner = owners.entry((folder, topic.clone())).or_insert_with(|| name.clone());
                if *owner != name {
                    report.key(
                        connector,
                        TOPIC,
                        format!("{topic:?} is also the dead letter topic of {owner}"),
                    );
                }
            }
        }
    },
}];
