//! The worker's part of the settings of its tasks' clients.

use config::{RawConfig, Report};
use kafka::ClientSettings;
use spec::client_keys;
use task::WorkerSettings;

use super::CommonKeys;

// Settings of the worker's own clients that stand among its keys; `ssl.*`, `sasl.*` and `security.*` beside them.
const OWN: [&str; 18] = [
    "bootstrap.resolve.timeout.ms",
    "client.dns.lookup",
    "client.id",
    "client.rack",
    "connections.max.idle.ms",
    "metadata.max.age.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "receive.buffer.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "request.timeout.ms",
    "retries",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "send.buffer.bytes",
    "socket.connection.setup.timeout.max.ms",
    "socket.connection.setup.timeout.ms",
];

/// Whether a worker's key is a setting of its own clients.
pub(super) fn is_own(key: &str) -> bool {
    OWN.contains(&key) || ["ssl.", "sasl.", "security."].iter().any(|prefix| key.starts_with(prefix))
}

/// What tasks need. As in Java, producers and consumers of tasks get `bootstrap.servers` and what stands under their
/// prefix, and nothing of the worker's own security settings; admin clients get those too.
pub(super) fn settings(keys: &CommonKeys, raw: &RawConfig) -> WorkerSettings {
    let of = |prefix: &str| {
        let mut layer = RawConfig::new().with("bootstrap.servers", keys.bootstrap_servers.join(","));
        add(&mut layer, raw.with_prefix(prefix));
        layer
    };
    let mut admin = RawConfig::new().with("bootstrap.servers", keys.bootstrap_servers.join(","));
    let own = raw.iter().filter(|(key, _)| is_own(key)).filter_map(|(key, value)| Some((key, value?)));
    add(&mut admin, own.collect());
    // `admin.listeners` is about REST.
    let of_clients = raw.with_prefix("admin.");
    let of_clients =
        of_clients.iter().filter(|(key, _)| *key != "listeners" && !key.starts_with("listeners."));
    add(&mut admin, of_clients.filter_map(|(key, value)| Some((key, value?))).collect());
    WorkerSettings {
        offset_flush_interval: keys.flush_interval,
        offset_flush_timeout: keys.flush_timeout,
        graceful_timeout: keys.graceful_timeout,
        producer: of("producer."),
        consumer: of("consumer."),
        admin,
        topic_creation_enabled: keys.topic_creation,
        ..WorkerSettings::default()
    }
}

/// Settings of a client that is the worker's own: what stands among its keys.
pub(super) fn own_client(keys: &CommonKeys, raw: &RawConfig, client_id: &str) -> ClientSettings {
    let mut layer = RawConfig::new().with("bootstrap.servers", keys.bootstrap_servers.join(","));
    let own = raw.iter().filter(|(key, _)| is_own(key)).filter_map(|(key, value)| Some((key, value?)));
    add(&mut layer, own.collect());
    layer.set("client.id", client_id);
    ClientSettings(layer)
}

/// Refuses settings that no client has, before a task fails for them.
pub(super) fn refuse_unknown(raw: &RawConfig, report: &mut Report) {
    for prefix in ["producer.", "consumer."] {
        for (setting, _) in raw.with_prefix(prefix).iter().filter(|(key, _)| !client_keys::is_jvm_only(key)) {
            let Err(kafka::Error::Misconfigured { reason, .. }) = kafka::librdkafka::check_key(setting)
            else {
                continue;
            };
            let key = format!("{prefix}{setting}");
            match setting.strip_prefix("override.") {
                Some(own) => report.add(
                    &key,
                    format!("{key}: only connectors override settings of clients; the worker's own is {prefix}{own}"),
                ),
                None => report.add(&key, format!("{key}: {reason}")),
            }
        }
    }
}

// Settings that name Java classes are left out; they are warned of. What servers ask clients for is about REST.
fn add(layer: &mut RawConfig, settings: RawConfig) {
    let of_servers = |key: &str| matches!(key, "ssl.client.auth" | "ssl.client.authentication");
    for (key, value) in settings.iter().filter(|(key, _)| !client_keys::is_jvm_only(key) && !of_servers(key))
    {
        if let Some(value) = value {
            layer.set(key, value);
        }
    }
}
