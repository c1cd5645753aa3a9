//! One root with every resource: made, changed, drifted, and taken away.

use fake_confluent_cloud::Options;
use serde_json::{Value as Json, json};

use crate::workspace::Workspace;

fn slow() -> Options {
    let mut options = Options::default();
    options.pending_reads = 2;
    options.delete_reads = 2;
    options
}

fn nothing() -> Vec<String> {
    Vec::new()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_made_and_a_second_plan_is_empty_and_a_destroy_leaves_nothing() {
    let Some(root) = Workspace::everything("terraform_stand_in::lifecycle", slow()).await else { return };
    root.apply(&[]);
    assert_eq!(root.plan(&[]), nothing());
    let counts = root.counts();
    for kind in ["kafka_cluster", "connector", "kafka_topic", "dns_record", "api_key", "schema"] {
        assert!(counts[kind].as_u64().unwrap_or(0) > 0, "{kind} is missing in {counts}");
    }
    let outputs = root.show("")["values"]["outputs"].clone();
    for name in ["principal_arn", "service_name", "organization", "external_id"] {
        assert!(outputs[name]["value"].as_str().is_some_and(|value| !value.is_empty()), "{name}: {outputs}");
    }
    root.destroy();
    assert_eq!(root.counts(), json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resize_of_the_cluster_changes_the_cluster_and_nothing_else() {
    let Some(root) = Workspace::everything("terraform_stand_in::resize", slow()).await else { return };
    root.apply(&[]);
    let resize = [("cku", "3")];
    assert_eq!(root.plan(&resize), ["confluent_kafka_cluster.this: update"]);
    root.apply(&resize);
    assert_eq!(root.plan(&resize), nothing());
    assert_eq!(root.state("confluent_kafka_cluster.this")["values"]["dedicated"][0]["cku"], json!(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_seen_where_it_is_drift_and_nowhere_else() {
    let Some(root) = Workspace::everything("terraform_stand_in::drift", Options::default()).await else {
        return;
    };
    root.apply(&[]);
    root.change("kafka_topic", "orders", &json!({"config": {"retention.ms": "1000"}}));
    root.change("connector", "orders-s3", &json!({"config": {"flush.size": "5000"}}));
    // The status is not in the configuration: a connector that is paused by hand is no drift.
    root.change("connector", "orders-cdc", &json!({"state": "PAUSED"}));
    root.change("service_account", "demo-connect", &json!({"description": "something else"}));
    assert_eq!(
        root.plan(&[]),
        [
            "confluent_connector.s3[0]: update",
            "confluent_kafka_topic.orders: update",
            "confluent_service_account.connect: update"
        ]
    );
    root.apply(&[]);
    assert_eq!(root.plan(&[]), nothing());
    root.change("kafka_topic", "orders", &Json::Null);
    assert_eq!(root.plan(&[]), ["confluent_kafka_topic.orders: create"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_the_state_and_in_no_log() {
    let Some(root) = Workspace::everything("terraform_stand_in::logs", Options::default()).await else {
        return;
    };
    let log = root.path().join("trace.log");
    let path = log.display().to_string();
    let run = root.terraform(
        &["apply", "-auto-approve"],
        &[],
        &[("TF_LOG", "TRACE"), ("TF_LOG_PATH", path.as_str())],
    );
    assert!(run.is_success, "{}", run.text);
    let cdc = root.state("confluent_connector.cdc[0]");
    let password = cdc["values"]["config_sensitive"]["database.password"].as_str().unwrap().to_owned();
    let secret = root.state("confluent_api_key.kafka")["values"]["secret"].as_str().unwrap().to_owned();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(!log.is_empty());
    for secret in [password.as_str(), secret.as_str(), "fake-cloud-secret"] {
        assert!(!secret.is_empty() && !log.contains(secret) && !run.text.contains(secret));
    }
}
