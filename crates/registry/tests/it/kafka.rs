//! The log in a topic of the embedded broker.

use std::path::Path;
use std::sync::Arc;

use api::config::RawConfig;
use kafka::librdkafka::RdKafkaClients;
use kafka::{ClientSettings, Clients, NewTopic};
use serde_json::json;
use sluice_registry::Options;
use sluice_registry::log::{KafkaLog, KafkaLogOptions};
use tokio::runtime::Runtime;

use crate::restart::seen;
use crate::server::{Registry, avro, order};

fn broker(runtime: &Runtime, data: &Path) -> dev_broker::Broker {
    let options = dev_broker::Options { data_dir: Some(data.to_owned()), ..dev_broker::Options::default() };
    runtime.block_on(options.start()).unwrap()
}

fn start(bootstrap: &str) -> Registry {
    let runtime = Runtime::new().unwrap();
    let clients = Arc::new(RdKafkaClients::new());
    let log = runtime.block_on(KafkaLog::open(clients, KafkaLogOptions::new(bootstrap))).unwrap();
    // Larger than what a topic takes.
    let options = Options { body_bytes_max: 4 << 20, ..Options::default() };
    Registry::start_on_log(runtime, options, log)
}

#[test]
fn schemas_stay_when_registry_and_broker_are_restarted() {
    let runtime = Runtime::new().unwrap();
    let data = tempfile::tempdir().unwrap();
    let running = broker(&runtime, data.path());
    let registry = start(&running.bootstrap());
    for number in 0..3 {
        registry.register("s", order(number));
    }
    registry.register(":.c:s", order(0));
    registry.put("/config/s", json!({"compatibility": "NONE"})).ok();
    registry.delete("/subjects/s/versions/2").ok();
    registry.delete("/subjects/s/versions/2?permanent=true").ok();
    let before = seen(&registry);
    registry.stop();

    let registry = start(&running.bootstrap());
    assert_eq!(seen(&registry), before);
    assert_eq!(registry.register("s", order(3)), 4);
    let before = seen(&registry);
    registry.stop();
    runtime.block_on(running.shutdown());

    let running = broker(&runtime, data.path());
    let registry = start(&running.bootstrap());
    assert_eq!(seen(&registry), before);
    registry.stop();
    runtime.block_on(running.shutdown());
}

#[test]
fn a_topic_of_many_partitions_is_refused() {
    let runtime = Runtime::new().unwrap();
    let data = tempfile::tempdir().unwrap();
    let running = broker(&runtime, data.path());
    let bootstrap = running.bootstrap();
    let opened = runtime.block_on(async {
        let clients = RdKafkaClients::new();
        let settings = ClientSettings(RawConfig::new().with("bootstrap.servers", &bootstrap));
        let topic = NewTopic {
            name: "_schemas".to_owned(),
            partitions: 3,
            replication_factor: 1,
            configs: Default::default(),
        };
        clients.admin(&settings).unwrap().create_topic(&topic).await.unwrap();
        KafkaLog::open(Arc::new(clients), KafkaLogOptions::new(&bootstrap)).await
    });
    let error = opened.unwrap_err().to_string();
    assert!(error.contains("_schemas has 3 partitions"), "{error}");
    runtime.block_on(running.shutdown());
}

#[test]
fn a_schema_too_large_for_the_topic_is_told_so() {
    let runtime = Runtime::new().unwrap();
    let data = tempfile::tempdir().unwrap();
    let running = broker(&runtime, data.path());
    let registry = start(&running.bootstrap());
    let doc = "x".repeat(2_000_000);
    let message = registry
        .post("/subjects/s/versions", avro(&json!({"type": "fixed", "name": "F", "size": 1, "doc": doc})))
        .refused(42209);
    assert!(message.len() < 1000, "{}", message.len());
    registry.register("s", order(0));
    assert_eq!(registry.get("/subjects").ok(), json!(["s"]));
    registry.stop();
    runtime.block_on(running.shutdown());
}
