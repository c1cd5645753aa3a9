//! The worker's own config: a property file that `connect-standalone` would take.

mod client_layers;
mod keys;
mod listener;
mod no_effect;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use config::{Catalog, Config, PluginKind, RawConfig, Report};
use spec::{OverridePolicy, PluginConfig, Warning, WorkerDefaults};
use task::WorkerSettings;

pub use keys::{CommonKeys, StandaloneKeys};
pub use listener::Listener;

/// The config of a standalone worker, checked.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Brokers to connect to first.
    pub bootstrap_servers: Vec<String>,
    /// The file of the sources' offsets.
    pub offset_file: PathBuf,
    /// Where REST listens; at least one.
    pub listeners: Vec<Listener>,
    /// What the worker decides for connectors that do not.
    pub defaults: WorkerDefaults,
    /// Which client settings connectors may override.
    pub override_policy: OverridePolicy,
    /// What tasks need.
    pub settings: WorkerSettings,
    /// How long stopping tasks may take.
    pub graceful_timeout: Duration,
    /// `topic.tracking.enable`.
    pub topic_tracking: bool,
    /// `topic.tracking.allow.reset`.
    pub topic_tracking_reset: bool,
    /// Keys that are accepted and have no effect, and what else the operator should know; to be logged at each start.
    pub warnings: Vec<Warning>,
    advertised_host: Option<String>,
    advertised_port: Option<u16>,
}

impl WorkerConfig {
    /// Reads a resolved worker config. Pure: nothing is opened.
    ///
    /// # Errors
    /// Every problem, by key.
    pub fn standalone(raw: &RawConfig, catalog: &dyn Catalog) -> Result<Self, Report> {
        let mut report = Report::default();
        let keys = match StandaloneKeys::parse(raw) {
            Ok(keys) => Some(keys),
            Err(problems) => {
                report.merge(problems);
                None
            }
        };
        if raw.contains("group.id") && !raw.contains("offset.storage.file.filename") {
            report.add(
                "group.id",
                "this is the config of a distributed worker; this version runs standalone workers only: set \
                 offset.storage.file.filename, and give the connectors' files on the command line",
            );
        }
        let (listeners, insecure) = listener::parse(raw, &mut report);
        let defaults = WorkerDefaults {
            key_converter: converter("key.converter", PluginKind::Converter, raw, catalog, &mut report),
            value_converter: converter("value.converter", PluginKind::Converter, raw, catalog, &mut report),
            header_converter: converter(
                "header.converter",
                PluginKind::HeaderConverter,
                raw,
                catalog,
                &mut report,
            ),
            topic_creation: keys.as_ref().is_none_or(|keys| keys.common.topic_creation),
            group_id: None,
        };
        let override_policy = OverridePolicy::from_worker(raw).unwrap_or_else(|problems| {
            report.merge(problems);
            OverridePolicy::None
        });
        no_effect::refuse(raw, &mut report);
        client_layers::refuse_unknown(raw, &mut report);
        let Some(StandaloneKeys { common, offset_file }) = keys.filter(|_| report.is_empty()) else {
            return Err(report);
        };
        let mut warnings = no_effect::warnings(raw);
        warnings.extend(insecure);
        Ok(Self {
            settings: client_layers::settings(&common, raw),
            bootstrap_servers: common.bootstrap_servers,
            offset_file: PathBuf::from(offset_file),
            listeners,
            defaults,
            override_policy,
            graceful_timeout: common.graceful_timeout,
            topic_tracking: common.topic_tracking,
            topic_tracking_reset: common.topic_tracking_reset,
            warnings,
            advertised_host: common.advertised_host.filter(|host| !host.is_empty()),
            advertised_port: common.advertised_port.and_then(|port| u16::try_from(port).ok()),
        })
    }

    /// The name under which the worker is known in status answers: the advertised host and port, else those of the
    /// first listener, which is bound to `bound`.
    pub fn worker_id(&self, bound: SocketAddr) -> String {
        let listening =
            self.listeners.first().map(|listener| listener.host.clone()).filter(|host| !host.is_empty());
        let host = self.advertised_host.clone().or(listening).unwrap_or_else(listener::host_name);
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        format!("{host}:{}", self.advertised_port.unwrap_or(bound.port()))
    }
}

// The worker's converter is used by every connector that names none, so it must work.
fn converter(
    key: &str,
    kind: PluginKind,
    raw: &RawConfig,
    catalog: &dyn Catalog,
    report: &mut Report,
) -> PluginConfig {
    let mut own = raw.with_prefix(&format!("{key}."));
    let version = own.remove("plugin.version");
    let default = (kind == PluginKind::HeaderConverter).then_some(keys::SIMPLE_HEADERS);
    let class = raw.get(key).map(str::trim).filter(|class| !class.is_empty()).or(default).unwrap_or_default();
    let config = PluginConfig { class: class.to_owned(), config: own };
    if class.is_empty() {
        return config; // reported as a required key
    }
    let Some(plugin) = catalog.find(class, &[kind]) else {
        let mut known: Vec<&str> = catalog
            .plugins()
            .iter()
            .filter(|plugin| plugin.kind == kind)
            .map(|plugin| plugin.class)
            .collect();
        known.sort_unstable();
        let why = format!("Class {class} could not be found. There are: {}", known.join(", "));
        report.invalid(key, Some(class), &why);
        return config;
    };
    if let Some(version) = version
        && spec::version::is_met(&version, plugin.version) != Ok(true)
    {
        let why = format!("there is version {} only", plugin.version);
        report.invalid(&format!("{key}.plugin.version"), Some(&version), &why);
    }
    for value in (plugin.validate)(&config.config) {
        for error in value.errors {
            report.add(format!("{key}.{}", value.name), error);
        }
    }
    PluginConfig { class: plugin.class.to_owned(), ..config }
}
