//! The internal topics of a distributed worker, and the settings of the clients that read and write them.

use config::RawConfig;
use kafka::{ClientSettings, LogSettings, NewTopic};

use super::{DistributedKeys, client_layers};

/// The internal topics of a distributed worker.
#[derive(Debug, Clone)]
pub struct InternalTopics {
    /// `config.storage.topic`.
    pub config: LogSettings,
    /// `offset.storage.topic`.
    pub offsets: LogSettings,
    /// `status.storage.topic`.
    pub statuses: LogSettings,
    /// Of the leader's producer for the config topic, with `exactly.once.source.support` at `preparing` or `enabled`.
    pub leader: Option<ClientSettings>,
}

impl InternalTopics {
    /// The settings of the three topics.
    pub fn all(&self) -> [&LogSettings; 3] {
        [&self.config, &self.offsets, &self.statuses]
    }

    /// Their names as one text, by which workers of one group know that they are of one cluster.
    pub fn names(&self) -> String {
        self.all().map(|settings| settings.topic.name.as_str()).join(", ")
    }

    pub(super) fn new(keys: &DistributedKeys, raw: &RawConfig) -> Self {
        let log = |prefix: &str, key, topic: &String, partitions, replicas: i16, client: &str| {
            // Keys of the same prefix that are not the worker's own are settings of the topic.
            let own = ["topic", "partitions", "replication.factor", "cleanup.policy", "file.filename"];
            let configs = raw.with_prefix(prefix);
            let configs = configs.iter().filter(|(key, _)| !own.contains(key));
            let configs = configs.filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
            LogSettings {
                topic: NewTopic {
                    name: topic.clone(),
                    partitions,
                    replication_factor: i32::from(replicas),
                    configs: configs.collect(),
                },
                create: keys.create_topics,
                key,
                one_partition: prefix == "config.storage.",
                consumer: consumer(keys, raw, client),
                producer: producer(keys, raw, client),
                admin: client_layers::own_client(&keys.common, raw, &client_id(keys, raw, "shared-admin")),
            }
        };
        Self {
            config: log(
                "config.storage.",
                "config.storage.topic",
                &keys.config_topic,
                1,
                keys.config_replicas,
                "configs",
            ),
            offsets: log(
                "offset.storage.",
                "offset.storage.topic",
                &keys.offset_topic,
                keys.offset_partitions,
                keys.offset_replicas,
                "offsets",
            ),
            statuses: log(
                "status.storage.",
                "status.storage.topic",
                &keys.status_topic,
                keys.status_partitions,
                keys.status_replicas,
                "statuses",
            ),
            leader: keys.leader_fences().then(|| leader(keys, raw)),
        }
    }
}

/// What a member of the group is told.
pub(super) fn member(keys: &DistributedKeys, raw: &RawConfig) -> ClientSettings {
    let client_id = raw.get("client.id").map(str::trim).filter(|id| !id.is_empty());
    let client_id = client_id.unwrap_or("connect");
    let ClientSettings(mut settings) = client_layers::own_client(&keys.common, raw, client_id);
    settings.set("group.id", keys.group_id.as_str());
    settings.set("connect.protocol", keys.protocol.to_ascii_lowercase());
    for (key, time) in [
        ("session.timeout.ms", keys.session_timeout),
        ("heartbeat.interval.ms", keys.heartbeat_interval),
        ("rebalance.timeout.ms", keys.rebalance_timeout),
    ] {
        settings.set(key, time.as_millis().to_string());
    }
    ClientSettings(settings)
}

// As Kafka Connect names them.
fn client_id(keys: &DistributedKeys, raw: &RawConfig, client: &str) -> String {
    match raw.get("client.id").map(str::trim).filter(|id| !id.is_empty()) {
        Some(own) => format!("{}-{own}-{client}", keys.group_id),
        None => format!("{}-{client}", keys.group_id),
    }
}

fn consumer(keys: &DistributedKeys, raw: &RawConfig, client: &str) -> ClientSettings {
    let ClientSettings(mut settings) =
        client_layers::own_client(&keys.common, raw, &client_id(keys, raw, client));
    settings.set("group.id", keys.group_id.as_str()); // librdkafka wants one; nothing joins it
    settings.set("auto.offset.reset", "earliest");
    settings.set("enable.auto.commit", "false");
    if keys.exactly_once() {
        settings.set("isolation.level", "read_committed");
    }
    ClientSettings(settings)
}

fn producer(keys: &DistributedKeys, raw: &RawConfig, client: &str) -> ClientSettings {
    let ClientSettings(mut settings) =
        client_layers::own_client(&keys.common, raw, &client_id(keys, raw, client));
    settings.set("acks", "all");
    settings.set("max.in.flight.requests.per.connection", "1");
    settings.set("enable.idempotence", "false");
    settings.set("delivery.timeout.ms", i32::MAX.to_string());
    settings.set("linger.ms", "0"); // somebody waits for each of these records
    ClientSettings(settings)
}

// As Kafka Connect has it: an ACL must allow the id.
fn leader(keys: &DistributedKeys, raw: &RawConfig) -> ClientSettings {
    let ClientSettings(mut settings) = producer(keys, raw, "leader");
    settings.set("enable.idempotence", "true");
    settings.set("transactional.id", format!("connect-cluster-{}", keys.group_id));
    ClientSettings(settings)
}
