//! The alerts of the blueprint and of the manual ask for metrics that a worker publishes.

use std::collections::BTreeSet;
use std::path::Path;

use sluice_metrics::{Naming, list::LIST};

const RULES: &str = "blueprint/monitoring/prometheus-rules.yaml";
const PAGE: &str = "docs/episodes/07-monitoring-and-logging/alerting.md";

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
    words.filter(|word| word.starts_with("kafka_connect_") || word.starts_with("sluice_")).collect()
}

#[test]
fn alerts_ask_for_metrics_that_there_are() {
    let published: BTreeSet<String> = LIST.iter().flat_map(|metric| Naming::Kafka.names(metric)).collect();
    let rules = text(RULES);
    let asked = names(&rules);
    assert!(asked.len() > 8, "{asked:?}");
    let unknown: Vec<_> = asked.iter().filter(|name| !published.contains(**name)).collect();
    assert!(unknown.is_empty(), "{RULES} asks for what no worker publishes: {unknown:?}");
}

#[test]
fn each_alert_is_explained() {
    let (rules, page) = (text(RULES), text(PAGE));
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 8, "{alerts:?}");
    for alert in alerts {
        assert!(page.contains(&format!("| `{alert}` |")), "{PAGE} does not explain {alert}");
    }
}
