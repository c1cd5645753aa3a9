//! The worker's own config: a property file that `connect-standalone` or `connect-distributed` would take.

mod authentication;
mod client_layers;
mod http;
mod internal_topics;
mod keys;
mod listener;
mod metric_lines;
mod no_effect;
mod passwords_in_clear;
mod rest_limits;
mod role_rules;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use config::{Catalog, Config, PluginKind, RawConfig, Report};
use herder::SigningRules;
use kafka::ClientSettings;
use kafka::membership::MemberSettings;
use metrics::Naming;
use rest::{Cors, HttpRules, Limits};
use spec::{OverridePolicy, PluginConfig, RestartPolicy, Warning, WorkerDefaults};
use task::WorkerSettings;

use self::tls::Listens;

pub use self::tls::RestTls;
pub use authentication::Authentication;
pub use internal_topics::InternalTopics;
pub use keys::{CommonKeys, DistributedKeys, StandaloneKeys};
pub use listener::Listener;
pub use metric_lines::MetricLines;

/// The config of a worker, checked.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Brokers to connect to first.
    pub bootstrap_servers: Vec<String>,
    /// Where it keeps what must outlive it.
    pub storage: Storage,
    /// Where REST listens; at least one.
    pub listeners: Vec<Listener>,
    /// Where `/admin` listens: `None` when the listeners above have it, no listener when nobody has.
    pub admin_listeners: Option<Vec<Listener>>,
    /// CORS, and headers of every answer.
    pub http: HttpRules,
    /// How REST speaks TLS.
    pub tls: RestTls,
    /// How much and how long clients of REST may take.
    pub limits: Limits,
    /// How REST knows who asks, and where changes are written down.
    pub authentication: Authentication,
    /// How metrics are written for CloudWatch; `None` when they are not.
    pub metric_lines: Option<MetricLines>,
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
    advertised_tls: bool,
    advertised_host: Option<String>,
    advertised_port: Option<u16>,
}

/// Where a worker keeps what must outlive it.
#[derive(Debug, Clone)]
pub enum Storage {
    /// Standalone: the offsets of sources in a file. Connectors come from files and REST, and are not kept.
    OffsetFile(PathBuf),
    /// Distributed: in topics.
    Topics(Box<GroupConfig>),
}

/// What a worker of a group needs beside what every worker does.
#[derive(Debug, Clone)]
pub struct GroupConfig {
    /// Where everything is kept.
    pub topics: InternalTopics,
    /// Settings of the place in the group; [`kafka::membership::MemberSettings`] reads them.
    pub member: ClientSettings,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval: Duration,
    /// `session.timeout.ms`.
    pub session_timeout: Duration,
    /// `scheduled.rebalance.max.delay.ms`.
    pub rebalance_delay: Duration,
    /// `inter.worker.*`.
    pub signing: SigningRules,
}

/// The keys of every worker; of one of a group, its id and whether its sources are exactly-once; and where it keeps things.
type OwnKeys = (CommonKeys, Option<(String, bool)>, Storage);

impl WorkerConfig {
    /// Reads the resolved config of a standalone worker. Pure: nothing is opened.
    ///
    /// # Errors
    /// Every problem, by key.
    pub fn standalone(raw: &RawConfig, catalog: &dyn Catalog) -> Result<Self, Report> {
        let mut report = Report::default();
        let keys = parsed(StandaloneKeys::parse(raw), &mut report);
        if raw.contains("group.id") && !raw.contains("offset.storage.file.filename") {
            report.add(
                "group.id",
                "this is the config of a distributed worker: start it without --standalone; or set \
                 offset.storage.file.filename, for a worker of its own that keeps offsets in this file",
            );
        }
        let storage =
            |keys: StandaloneKeys| (keys.common, None, Storage::OffsetFile(PathBuf::from(keys.offset_file)));
        let warnings = no_effect::standalone(raw);
        Self::read(raw, catalog, report, keys.map(storage), warnings)
    }

    /// Reads the resolved config of a distributed worker. Pure: nothing is opened.
    ///
    /// # Errors
    /// Every problem, by key.
    pub fn distributed(raw: &RawConfig, catalog: &dyn Catalog) -> Result<Self, Report> {
        let mut report = Report::default();
        let keys = parsed(DistributedKeys::parse(raw), &mut report);
        if raw.contains("offset.storage.file.filename") && !raw.contains("group.id") {
            report.add(
                "offset.storage.file.filename",
                "this is the config of a standalone worker: start it with --standalone",
            );
        }
        let storage = |keys: DistributedKeys| {
            let exactly_once = keys.exactly_once();
            let group = GroupConfig {
                topics: InternalTopics::new(&keys, raw),
                member: internal_topics::member(&keys, raw),
                heartbeat_interval: keys.heartbeat_interval,
                session_timeout: keys.session_timeout,
                rebalance_delay: keys.rebalance_delay,
                signing: SigningRules {
                    key_algorithm: keys.key_algorithm,
                    key_bits: keys.key_bits.and_then(|bits| u32::try_from(bits).ok()),
                    ttl: keys.key_ttl,
                    signature: keys.signature,
                    accepted: keys.accepted,
                },
            };
            (keys.common, Some((keys.group_id, exactly_once)), Storage::Topics(Box::new(group)))
        };
        if let Some(keys) = &keys
            && let Err(kafka::Error::Misconfigured { key, reason }) =
                MemberSettings::read(&internal_topics::member(keys, raw))
        {
            report.add(&key, format!("{key}: {reason}"));
        }
        let warnings = no_effect::distributed(raw);
        Self::read(raw, catalog, report, keys.map(storage), warnings)
    }

    fn read(
        raw: &RawConfig,
        catalog: &dyn Catalog,
        mut report: Report,
        keys: Option<OwnKeys>,
        mut warnings: Vec<Warning>,
    ) -> Result<Self, Report> {
        let (listeners, insecure) = listener::parse(raw, &mut report);
        let (admin_listeners, admin_insecure) = listener::parse_admin(raw, &mut report);
        let mut http = http::parse(raw, &mut report);
        let (mut tls, mut limits) = (RestTls::default(), Limits::default());
        if let Some((common, group, _)) = &keys {
            let listens =
                Listens { public: &listeners, admin: admin_listeners.as_deref(), asks: group.is_some() };
            tls = RestTls::read(raw, common, listens, &mut report);
            warnings.extend(tls.doubt.take());
            limits = rest_limits::read(common, &mut report);
            check_advertised(common, &listeners, &mut report);
        }
        let (authentication, doubts) = match &keys {
            Some((common, ..)) => Authentication::read(raw, common, &mut report),
            None => Default::default(),
        };
        let metric_lines = keys.as_ref().and_then(|(common, ..)| MetricLines::of(common, &mut report));
        let mut defaults = WorkerDefaults {
            key_converter: converter("key.converter", PluginKind::Converter, raw, catalog, &mut report),
            value_converter: converter("value.converter", PluginKind::Converter, raw, catalog, &mut report),
            header_converter: converter(
                "header.converter",
                PluginKind::HeaderConverter,
                raw,
                catalog,
                &mut report,
            ),
            topic_creation: true,
            group_id: None,
            exactly_once: false,
            restart: RestartPolicy::default(),
        };
        let override_policy = OverridePolicy::from_worker(raw).unwrap_or_else(|problems| {
            report.merge(problems);
            OverridePolicy::None
        });
        no_effect::refuse(raw, &mut report);
        client_layers::refuse_unknown(raw, &mut report);
        let Some((common, group, storage)) = keys.filter(|_| report.is_empty()) else {
            return Err(report);
        };
        warnings.extend(passwords_in_clear::warning(raw, &common.bootstrap_servers));
        warnings.extend(doubts);
        warnings.extend(insecure);
        warnings.extend(admin_insecure);
        let advertised_tls = advertises_tls(&common, &listeners);
        if authentication.is_set() {
            http.cors = http.cors.map(Cors::with_authorization);
        }
        http.metric_names = Naming::of_word(common.metric_names.trim()).unwrap_or_default();
        let mut settings = client_layers::settings(&common, raw);
        let (group_id, exactly_once) = group.unzip();
        settings.worker_group = group_id.as_deref().map(Into::into);
        settings.exactly_once = exactly_once.unwrap_or_default();
        defaults.exactly_once = settings.exactly_once;
        defaults.topic_creation = common.topic_creation;
        defaults.group_id = group_id;
        defaults.restart = RestartPolicy {
            attempts: RestartPolicy::attempts(common.restart_attempts),
            backoff: common.restart_backoff,
            backoff_max: common.restart_backoff_max,
            reset: common.restart_reset,
        };
        Ok(Self {
            settings,
            bootstrap_servers: common.bootstrap_servers,
            storage,
            listeners,
            admin_listeners,
            http,
            tls,
            limits,
            authentication,
            metric_lines,
            defaults,
            override_policy,
            graceful_timeout: common.graceful_timeout,
            topic_tracking: common.topic_tracking,
            topic_tracking_reset: common.topic_tracking_reset,
            warnings,
            advertised_tls,
            advertised_host: common.advertised_host.filter(|host| !host.is_empty()),
            advertised_port: common.advertised_port.and_then(|port| u16::try_from(port).ok()),
        })
    }

    /// The name under which the worker is known in status answers: the advertised host and port, else those of the first
    /// listener of the advertised scheme. `bound` is what each listener is bound to.
    pub fn worker_id(&self, bound: &[SocketAddr]) -> String {
        let same = |listener: &&(&Listener, &SocketAddr)| listener.0.tls == self.advertised_tls;
        let all: Vec<_> = self.listeners.iter().zip(bound).collect();
        let listener = all.iter().find(same).or(all.first());
        let listening = listener.map(|(listener, _)| listener.host.clone()).filter(|host| !host.is_empty());
        let host = self.advertised_host.clone().or(listening).unwrap_or_else(listener::host_name);
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        let port = self.advertised_port.or(listener.map(|(_, bound)| bound.port()));
        format!("{host}:{}", port.unwrap_or_default())
    }

    /// The warning of a worker of a group that tells others a name that only this machine reaches, while the brokers are on
    /// other machines, as the group's other workers may be.
    pub fn unreachable(&self, worker_id: &str) -> Option<String> {
        let Storage::Topics(_) = &self.storage else { return None };
        let local = |place: &str| {
            let host = place.trim().rsplit_once(':').map_or(place.trim(), |(host, _)| host);
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host.eq_ignore_ascii_case("localhost")
                || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        };
        (local(worker_id) && !self.bootstrap_servers.iter().all(|server| local(server))).then(|| {
            format!(
                "the other workers of the group are told to reach this one at {worker_id}, which means themselves on another \
                 machine: they could not hand work in. Set listeners (and authentication, as in the manual: REST over TLS) \
                 and, if that is not what others reach, rest.advertised.host.name; with one worker this can stay"
            )
        })
    }

    /// Where other workers of the group reach this one, as Kafka Connect makes it.
    pub fn advertised_url(&self, bound: &[SocketAddr]) -> String {
        let scheme = if self.advertised_tls { "https" } else { "http" };
        format!("{scheme}://{}/", self.worker_id(bound))
    }
}

// As Kafka Connect chooses it: what is said, else http if a listener has it.
fn advertises_tls(keys: &CommonKeys, listeners: &[Listener]) -> bool {
    match keys.advertised_listener.as_deref().map(str::trim).filter(|scheme| !scheme.is_empty()) {
        Some(scheme) => scheme.eq_ignore_ascii_case("https"),
        None => listeners.iter().all(|listener| listener.tls),
    }
}

// A scheme that no listener has can only be that of a proxy, whose host and port nobody but the config knows.
fn check_advertised(keys: &CommonKeys, listeners: &[Listener], report: &mut Report) {
    let tls = advertises_tls(keys, listeners);
    let elsewhere = keys.advertised_host.is_some() && keys.advertised_port.is_some();
    if !listeners.is_empty() && !elsewhere && !listeners.iter().any(|listener| listener.tls == tls) {
        report.invalid(
            "rest.advertised.listener",
            keys.advertised_listener.as_deref(),
            "no listener has this scheme; for a proxy before this worker, set rest.advertised.host.name and \
             rest.advertised.port, too",
        );
    }
}

fn parsed<T>(keys: Result<T, Report>, report: &mut Report) -> Option<T> {
    keys.map_err(|problems| report.merge(problems)).ok()
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
