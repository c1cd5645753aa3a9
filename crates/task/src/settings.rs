//! Settings of a task's clients, in Kafka Connect's layers: the framework's, the worker's, the connector's.
//!
//! One difference from Java, on purpose: producers are idempotent unless the user says otherwise. Several requests are
//! in flight at a time then, and order still holds (invariant 3); Java allows only one.

use api::config::RawConfig;
use kafka::ClientSettings;
use spec::{ConnectorSpec, TaskSpec};

use crate::{TaskId, WorkerSettings};

const IDEMPOTENCE: &str = "enable.idempotence";
const IN_FLIGHT: &str = "max.in.flight.requests.per.connection";

/// Settings of the producer of a source task.
pub(crate) fn producer(spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    producer_named(format!("connector-producer-{}", id(spec)), spec, worker)
}

/// Settings of the producer of an exactly-once source's task: those of [`producer`], and what transactions need whatever
/// anybody wrote.
pub(crate) fn transactional_producer(spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    let ClientSettings(mut settings) = producer(spec, worker);
    let group = worker.worker_group.as_deref().unwrap_or_default();
    let own = [&worker.producer, &spec.connector.overrides.producer].into_iter();
    if own
        .clone()
        .any(|layer| layer.get(IDEMPOTENCE).is_some_and(|text| text.trim().eq_ignore_ascii_case("false")))
    {
        tracing::warn!("{IDEMPOTENCE}=false has no effect: an exactly-once source writes in transactions");
        if own.clone().all(|layer| layer.get(IN_FLIGHT).is_none()) {
            settings.set(IN_FLIGHT, "5");
        }
    }
    settings.set(IDEMPOTENCE, "true");
    settings.set("transactional.id", transactional_id(group, &spec.connector.name, spec.task));
    ClientSettings(settings)
}

/// The `transactional.id` of a task's producer, as Kafka Connect names it.
pub fn transactional_id(group: &str, connector: &str, task: u32) -> String {
    format!("{group}-{connector}-{task}")
}

/// Settings of the admin client that fences the producers of a source's tasks, and opens its offsets topic.
pub fn source_admin(connector: &ConnectorSpec, worker: &WorkerSettings) -> ClientSettings {
    sink_group_admin(connector, worker)
}

/// Settings of the producer that writes a source's offsets to a topic of its own, without transactions.
pub fn offsets_producer(connector: &ConnectorSpec, worker: &WorkerSettings) -> ClientSettings {
    let base = RawConfig::new()
        .with("acks", "all")
        .with("delivery.timeout.ms", i32::MAX.to_string())
        .with("client.id", format!("connector-offsets-producer-{}", connector.name));
    let mut settings = layered([&base, &worker.producer, &connector.overrides.producer]);
    settings.set(IDEMPOTENCE, "false");
    settings.set(IN_FLIGHT, "1");
    settings.set("linger.ms", "0"); // somebody waits for each of these records
    ClientSettings(settings)
}

/// Settings of the consumer that reads a source's offsets, from the worker's topic or its own. Of what is written in
/// transactions it sees only what is committed.
pub fn offsets_consumer(connector: &ConnectorSpec, worker: &WorkerSettings) -> ClientSettings {
    let base = RawConfig::new()
        .with("client.id", format!("connector-offsets-consumer-{}", connector.name))
        .with("isolation.level", "read_committed");
    let mut settings = layered([&base, &worker.consumer, &connector.overrides.consumer]);
    if worker.exactly_once {
        settings.set("isolation.level", "read_committed");
    }
    settings.set("group.id", worker.worker_group.as_deref().unwrap_or("connect")); // nothing joins it
    settings.set("auto.offset.reset", "earliest");
    settings.set("enable.auto.commit", "false");
    ClientSettings(settings)
}

/// Settings of the producer of dead letters.
pub(crate) fn dead_letter_producer(spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    producer_named(format!("connector-dlq-producer-{}", id(spec)), spec, worker)
}

fn producer_named(client_id: String, spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    let base = RawConfig::new()
        .with("acks", "all")
        .with("max.block.ms", i64::MAX.to_string())
        .with("delivery.timeout.ms", i32::MAX.to_string())
        .with("batch.size", (512 << 10).to_string())
        .with("linger.ms", "5")
        .with("client.id", client_id);
    let mut settings = layered([&base, &worker.producer, &spec.connector.overrides.producer]);
    let weaker = !matches!(settings.get("acks").map(str::trim), Some("all" | "-1"));
    if settings.get(IDEMPOTENCE).is_none() {
        // As Java's own producer does: fewer acknowledgements switch it off.
        settings.set(IDEMPOTENCE, if weaker { "false" } else { "true" });
    }
    if settings.get(IN_FLIGHT).is_none() {
        let idempotent =
            settings.get(IDEMPOTENCE).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"));
        // Invariant 3: without idempotence a request that is sent again would overtake.
        settings.set(IN_FLIGHT, if idempotent { "5" } else { "1" });
    }
    ClientSettings(settings)
}

/// Settings of the consumer of a sink task.
pub(crate) fn consumer(spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    let base = group_base(&spec.connector)
        .with("client.id", format!("connector-consumer-{}", id(spec)))
        .with("auto.offset.reset", "earliest")
        .with("fetch.max.bytes", worker.sink_budget_bytes.to_string());
    let mut settings = layered([&base, &worker.consumer, &spec.connector.overrides.consumer]);
    // Invariant 2: only what `flush` returned is committed, whatever anybody wrote.
    settings.set("enable.auto.commit", "false");
    ClientSettings(settings)
}

fn group_base(connector: &ConnectorSpec) -> RawConfig {
    RawConfig::new().with("group.id", format!("connect-{}", connector.name))
}

/// The consumer group of a sink's tasks: `connect-NAME`, unless the worker or the connector says otherwise.
pub fn sink_group(connector: &ConnectorSpec, worker: &WorkerSettings) -> String {
    let layers = [&group_base(connector), &worker.consumer, &connector.overrides.consumer];
    layered(layers).get("group.id").unwrap_or_default().trim().to_owned()
}

/// Settings of the admin client that looks at and changes the offsets of a sink's group.
pub fn sink_group_admin(connector: &ConnectorSpec, worker: &WorkerSettings) -> ClientSettings {
    let base = RawConfig::new().with("client.id", format!("connector-worker-adminclient-{}", connector.name));
    ClientSettings(layered([&base, &worker.admin, &connector.overrides.admin]))
}

/// Settings of the admin client that creates a source's topics.
pub(crate) fn admin(spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    admin_named(format!("connector-adminclient-{}", id(spec)), spec, worker)
}

/// Settings of the admin client that creates the dead letter topic.
pub(crate) fn dead_letter_admin(spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    admin_named(format!("connector-dlq-adminclient-{}", id(spec)), spec, worker)
}

fn admin_named(client_id: String, spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    let base = RawConfig::new().with("client.id", client_id);
    ClientSettings(layered([&base, &worker.admin, &spec.connector.overrides.admin]))
}

fn id(spec: &TaskSpec) -> TaskId {
    TaskId { connector: spec.connector.name.clone(), task: spec.task }
}

fn layered<const N: usize>(layers: [&RawConfig; N]) -> RawConfig {
    let mut merged = RawConfig::new();
    for (key, value) in layers.into_iter().flat_map(RawConfig::iter) {
        match value {
            Some(value) => merged.set(key, value),
            None => merged.set_null(key),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use spec::{
        ClientOverrides, ConnectorKind, ConnectorSpec, ErrorPolicy, PipelineSpec, PluginConfig, Tolerance,
    };

    use super::*;

    fn spec(overrides: ClientOverrides) -> TaskSpec {
        let plugin = PluginConfig { class: String::new(), config: RawConfig::new() };
        let pipeline = PipelineSpec {
            key_converter: plugin.clone(),
            value_converter: plugin.clone(),
            header_converter: plugin,
            transforms: vec![],
            errors: ErrorPolicy {
                tolerance: Tolerance::None,
                retry_timeout: Some(Duration::ZERO),
                retry_delay_max: Duration::from_secs(60),
                log: false,
                log_messages: false,
            },
        };
        let connector = ConnectorSpec {
            name: "orders".into(),
            class: String::new(),
            kind: ConnectorKind::Source,
            tasks_max: 1,
            tasks_max_enforced: true,
            config: RawConfig::new(),
            pipeline: Arc::new(pipeline),
            source: None,
            sink: None,
            overrides,
        };
        TaskSpec { task: 3, connector: Arc::new(connector), config: RawConfig::new() }
    }

    fn producer_with(worker: RawConfig, connector: RawConfig) -> RawConfig {
        let worker = WorkerSettings { producer: worker, ..WorkerSettings::default() };
        producer(&spec(ClientOverrides { producer: connector, ..ClientOverrides::default() }), &worker).0
    }

    #[test]
    fn the_connector_wins_over_the_worker_and_the_worker_over_the_framework() {
        let worker = RawConfig::new().with("bootstrap.servers", "a:1").with("linger.ms", "1");
        let worker = worker.with("batch.size", "1");
        let merged = producer_with(worker, RawConfig::new().with("batch.size", "2"));
        assert_eq!(merged.get("bootstrap.servers"), Some("a:1"));
        assert_eq!(merged.get("linger.ms"), Some("1"));
        assert_eq!(merged.get("batch.size"), Some("2"));
        assert_eq!(merged.get("acks"), Some("all"));
        assert_eq!(merged.get("delivery.timeout.ms"), Some("2147483647"));
        assert_eq!(merged.get("client.id"), Some("connector-producer-orders-3"));
    }

    #[test]
    fn invariant_3_several_requests_are_in_flight_only_with_idempotence() {
        let check = |key: &str, value: &str, idempotence: &str, in_flight: &str| {
            let merged = producer_with(RawConfig::new(), RawConfig::new().with(key, value));
            assert_eq!(merged.get(IDEMPOTENCE), Some(idempotence), "{key}={value}");
            assert_eq!(merged.get(IN_FLIGHT), Some(in_flight), "{key}={value}");
        };
        check("linger.ms", "0", "true", "5");
        check("acks", "-1", "true", "5");
        check("acks", "1", "false", "1");
        check("enable.idempotence", "false", "false", "1");
        check("max.in.flight.requests.per.connection", "3", "true", "3");
    }

    #[test]
    fn invariant_2_no_one_can_switch_automatic_commits_on() {
        let overrides = RawConfig::new().with("enable.auto.commit", "true").with("group.id", "mine");
        let spec = spec(ClientOverrides { consumer: overrides, ..ClientOverrides::default() });
        let merged = consumer(&spec, &WorkerSettings::default()).0;
        assert_eq!(merged.get("enable.auto.commit"), Some("false"));
        assert_eq!(merged.get("group.id"), Some("mine"), "the group may be another one");
        assert_eq!(merged.get("auto.offset.reset"), Some("earliest"));
        assert_eq!(merged.get("client.id"), Some("connector-consumer-orders-3"));
    }

    #[test]
    fn admin_clients_have_names_of_their_own() {
        let worker = WorkerSettings {
            admin: RawConfig::new().with("security.protocol", "SSL"),
            ..WorkerSettings::default()
        };
        let spec = spec(ClientOverrides::default());
        assert_eq!(admin(&spec, &worker).0.get("client.id"), Some("connector-adminclient-orders-3"));
        let letters = dead_letter_admin(&spec, &worker).0;
        assert_eq!(letters.get("client.id"), Some("connector-dlq-adminclient-orders-3"));
        assert_eq!(letters.get("security.protocol"), Some("SSL"));
        let letters = dead_letter_producer(&spec, &worker).0;
        assert_eq!(letters.get("client.id"), Some("connector-dlq-producer-orders-3"));
    }
}
