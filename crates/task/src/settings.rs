//! Settings of a task's clients, in Kafka Connect's layers: the framework's, the worker's, the connector's.
//!
//! One difference from Java, on purpose: producers are idempotent unless the user says otherwise. Several requests are
//! in flight at a time then, and order still holds (invariant 3); Java allows only one.

use api::config::RawConfig;
use kafka::ClientSettings;
use spec::TaskSpec;

use crate::{TaskId, WorkerSettings};

const IDEMPOTENCE: &str = "enable.idempotence";
const IN_FLIGHT: &str = "max.in.flight.requests.per.connection";

/// Settings of the producer of a source task.
pub(crate) fn producer(spec: &TaskSpec, worker: &WorkerSettings) -> ClientSettings {
    producer_named(format!("connector-producer-{}", id(spec)), spec, worker)
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
    let base = RawConfig::new()
        .with("group.id", format!("connect-{}", spec.connector.name))
        .with("client.id", format!("connector-consumer-{}", id(spec)))
        .with("auto.offset.reset", "earliest")
        .with("fetch.max.bytes", worker.sink_budget_bytes.to_string());
    let mut settings = layered([&base, &worker.consumer, &spec.connector.overrides.consumer]);
    // Invariant 2: only what `flush` returned is committed, whatever anybody wrote.
    settings.set("enable.auto.commit", "false");
    ClientSettings(settings)
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
