//! Topics and their settings.

use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{DescribeClusterRequest, IncrementalAlterConfigsRequest, MetadataRequest};

use super::codes::*;
use crate::clients::raw::{Raw, s, topic};
use crate::clients::{Client, Record};
use crate::stage::{Stage, eventually};

pub async fn create_and_describe_topics<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    let config = [("cleanup.policy", "compact"), ("retention.ms", "1000")];
    client.create_topic("orders", 3, &config).await.unwrap();
    assert_eq!(client.create_topic("orders", 3, &[]).await, Err(TOPIC_ALREADY_EXISTS));
    assert_eq!(client.partitions("orders").await, Ok(3));
    assert_eq!(client.partitions("nowhere").await, Err(UNKNOWN_TOPIC));
    assert_eq!(client.config("orders", "cleanup.policy").await.as_deref(), Some("compact"));
    assert_eq!(client.config("orders", "retention.ms").await.as_deref(), Some("1000"));
    assert_eq!(client.config("orders", "max.message.bytes").await.as_deref(), Some("1048588"), "a default");
}

pub async fn refuse_invalid_topics<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    for (key, value) in [("retention.ms", "soon"), ("cleanup.policy", "burn"), ("no.such.key", "1")] {
        assert_eq!(
            client.create_topic("bad", 1, &[(key, value)]).await,
            Err(INVALID_CONFIG),
            "{key}={value}"
        );
    }
    assert_eq!(client.create_replicated("bad", 3).await, Err(INVALID_REPLICATION_FACTOR));
    assert_eq!(client.partitions("bad").await, Err(UNKNOWN_TOPIC), "nothing is left of it");
}

pub async fn add_partitions<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("growing", 2, &[]).await.unwrap();
    client.add_partitions("growing", 5).await.unwrap();
    assert_eq!(client.partitions("growing").await, Ok(5));
    assert_eq!(client.add_partitions("growing", 5).await, Err(INVALID_PARTITIONS));
    assert_eq!(client.add_partitions("nowhere", 5).await, Err(UNKNOWN_TOPIC));
    assert_eq!(client.produce("growing", 4, vec![Record::value("x")], "none").await, Ok(vec![0]));
}

pub async fn delete_topics<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("doomed", 1, &[]).await.unwrap();
    client.produce("doomed", 0, vec![Record::value("x")], "none").await.unwrap();
    client.commit("reader", "doomed", 0, 1).await.unwrap();
    client.delete_topic("doomed").await.unwrap();
    assert_eq!(client.delete_topic("doomed").await, Err(UNKNOWN_TOPIC));
    assert_eq!(client.partitions("doomed").await, Err(UNKNOWN_TOPIC));
    // A new topic of the same name has nothing of the old one.
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("doomed", 1, &[]).await.unwrap();
    assert_eq!(client.watermarks("doomed", 0).await, (0, 0));
    assert_eq!(client.committed("reader", "doomed", 0).await, None);
}

pub async fn alter_configs<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("changing", 1, &[]).await.unwrap();
    client.alter_config("changing", "retention.ms", "12345").await.unwrap();
    assert_eq!(client.config("changing", "retention.ms").await.as_deref(), Some("12345"));
    let refused = client.alter_config("changing", "retention.ms", "never").await;
    assert!(!C::REPORTS_ALTER_ERRORS || refused == Err(INVALID_CONFIG), "{refused:?}");
    assert_eq!(client.config("changing", "retention.ms").await.as_deref(), Some("12345"));
    let refused = client.alter_config("nowhere", "retention.ms", "1").await;
    assert!(!C::REPORTS_ALTER_ERRORS || refused == Err(UNKNOWN_TOPIC), "{refused:?}");
}

pub async fn delete_records<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("trimmed", 1, &[]).await.unwrap();
    for i in 0..10 {
        client.produce("trimmed", 0, vec![Record::value(&i.to_string())], "none").await.unwrap();
    }
    client.delete_records("trimmed", 0, 4).await.unwrap();
    assert_eq!(client.watermarks("trimmed", 0).await, (4, 10));
    let left: Vec<String> = client.read("trimmed", 0, 4, false).await.iter().map(Record::text).collect();
    assert_eq!(left, ["4", "5", "6", "7", "8", "9"]);
    assert_eq!(client.delete_records("trimmed", 0, 11).await, Err(OFFSET_OUT_OF_RANGE));
    client.delete_records("trimmed", 0, 10).await.unwrap();
    assert_eq!(client.watermarks("trimmed", 0).await, (10, 10));
    assert_eq!(client.produce("trimmed", 0, vec![Record::value("next")], "none").await, Ok(vec![10]));
    stage.restart_with(|_| {}).await;
    if stage.storage == crate::stage::Storage::Directory {
        let client = C::connect(&stage.bootstrap()).await;
        assert_eq!(client.watermarks("trimmed", 0).await, (10, 11), "deleted records stay deleted");
    }
}

pub async fn automatic_topics<C: Client>(stage: &mut Stage) {
    let ask = async |stage: &Stage| {
        let mut raw = Raw::connect(&stage.bootstrap()).await;
        let asked = MetadataRequestTopic::default().with_name(Some(topic("by-itself")));
        let request =
            MetadataRequest::default().with_topics(Some(vec![asked])).with_allow_auto_topic_creation(true);
        raw.call(request, 9).await.topics.remove(0)
    };
    stage.restart_with(|options| options.default_partitions = 2).await;
    assert_eq!(ask(stage).await.error_code, 0);
    let client = C::connect(&stage.bootstrap()).await;
    assert_eq!(client.partitions("by-itself").await, Ok(2));
    client.delete_topic("by-itself").await.unwrap();
    stage.restart_with(|options| options.auto_create_topics = false).await;
    assert_eq!(ask(stage).await.error_code, UNKNOWN_TOPIC);
    let client = C::connect(&stage.bootstrap()).await;
    let gone =
        eventually("the client sees that it is gone", async || client.partitions("by-itself").await.err())
            .await;
    assert_eq!(gone, UNKNOWN_TOPIC);
}

pub async fn change_configs_incrementally(stage: &mut Stage) {
    let client = <crate::clients::Krafka as Client>::connect(&stage.bootstrap()).await;
    client.create_topic("changing", 1, &[("retention.ms", "5"), ("segment.bytes", "1000")]).await.unwrap();
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let mut change = async |resource: i8, name: &str, operation: i8, key: &str, value: Option<&str>| {
        let config = AlterableConfig::default()
            .with_name(s(key))
            .with_config_operation(operation)
            .with_value(value.map(s));
        let resource = AlterConfigsResource::default()
            .with_resource_type(resource)
            .with_resource_name(s(name))
            .with_configs(vec![config]);
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        raw.call(request, 1).await.responses.remove(0).error_code
    };
    let (set, delete, append, subtract) = (0, 1, 2, 3);
    assert_eq!(change(2, "changing", append, "cleanup.policy", Some("compact")).await, 0);
    assert_eq!(client.config("changing", "cleanup.policy").await.as_deref(), Some("delete,compact"));
    assert_eq!(change(2, "changing", subtract, "cleanup.policy", Some("delete")).await, 0);
    assert_eq!(client.config("changing", "cleanup.policy").await.as_deref(), Some("compact"));
    assert_eq!(change(2, "changing", delete, "retention.ms", None).await, 0);
    assert_eq!(client.config("changing", "retention.ms").await.as_deref(), Some("604800000"));
    assert_eq!(client.config("changing", "segment.bytes").await.as_deref(), Some("1000"), "was not named");
    assert_eq!(change(2, "changing", append, "retention.ms", Some("1")).await, INVALID_CONFIG, "not a list");
    assert_eq!(change(2, "changing", set, "retention.ms", None).await, INVALID_REQUEST);
    assert_eq!(change(2, "nowhere", set, "retention.ms", Some("1")).await, UNKNOWN_TOPIC);
    assert_eq!(
        change(4, "1", set, "num.partitions", Some("1")).await,
        INVALID_REQUEST,
        "the broker's are fixed"
    );

    let cluster = raw.call(DescribeClusterRequest::default(), 0).await;
    assert_eq!(cluster.cluster_id.as_str(), stage.broker().cluster_id());
    assert_eq!(cluster.brokers.len(), 1);
}
