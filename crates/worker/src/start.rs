//! Starts a worker, and ends it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::config::RawConfig;
use api::{Clock, Registry, SystemClock};
use herder::distributed::{Announced, watch_topics};
use herder::{
    Announcement, ChecksOn, GroupMember, Handle, Herder, Parts, Problems, SessionKeys, TaskRuntime,
};
use kafka::ClientSettings;
use rest::logs::Level;
use rest::{About, Context, Listening, Logs, Measure, Peers, Starting, Surface};
use secrets::{Providers, Redactor};
use task::Environment;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Storage, WorkerConfig};
use crate::guards::guards;
use crate::rest_tls::OpenTls;
use crate::runtimes::Runtimes;
use crate::storage::Opened;
use crate::{ConnectorFile, Error, Options, cluster, group_connectors, metric_lines, offset_file, storage};

/// The version of Kafka Connect whose REST API this is. Java clients read it, so it comes first in ours.
const COMPATIBLE: &str = "4.3.1";

/// Others hear of a leave at their next heartbeat; so much later they have joined again, unless something is wrong.
const LEAVE_MARGIN: Duration = Duration::from_millis(500);

/// Starts workers.
#[derive(Debug)]
pub struct Worker;

/// A worker that runs. Dropping it ends it without grace.
pub struct Running {
    herder: Handle,
    addresses: Vec<SocketAddr>,
    admin_addresses: Vec<SocketAddr>,
    end: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    herder_loop: JoinHandle<()>,
    failed: watch::Receiver<Option<String>>,
    runtimes: Runtimes,
    /// How long others of its group may take to be ready for its leave.
    leave_limit: Duration,
    /// After the runtimes, on which offsets are stored.
    _offset_lock: Option<offset_file::Lock>,
}

impl Worker {
    /// Starts a worker and creates the connectors of its files. For a standalone one brokers need not be reachable.
    ///
    /// # Errors
    /// All problems of worker config and connectors; or what failed while starting.
    pub async fn start(options: Options) -> Result<Running, Error> {
        let runtimes = Runtimes::new()?;
        let control = runtimes.control().clone();
        let started = control.spawn(start(options, runtimes));
        started
            .await
            .unwrap_or_else(|error| Err(Error::Failed(format!("starting the worker failed: {error}"))))
    }
}

async fn start(options: Options, runtimes: Runtimes) -> Result<Running, Error> {
    let Options {
        properties,
        source,
        connectors,
        registry,
        clients,
        logs,
        distributed,
        memberships,
        metric_lines: metric_output,
        rest_clock,
    } = options;
    let log_secrets = logs.secrets().clone();
    let wrong = |report: ::config::Report| wrong(&source, &report);
    let providers = Providers::from_worker(&properties).map_err(wrong)?;
    let mut resolved = providers
        .resolve(&properties)
        .await
        .map_err(|error| Error::Wrong(vec![format!("{source}: {error}")]))?;
    hide_passwords(&resolved.config, &mut resolved.redactor);
    log_secrets.remember(None, &resolved.redactor);
    let read = if distributed { WorkerConfig::distributed } else { WorkerConfig::standalone };
    let config = read(&resolved.config, &*registry).map_err(|report| {
        let Error::Wrong(problems) = wrong(report) else { return Error::Wrong(Vec::new()) };
        let scrubbed = problems.iter().map(|problem| resolved.redactor.scrub(problem).into_owned());
        Error::Wrong(scrubbed.collect())
    })?;
    for warning in &config.warnings {
        tracing::warn!("{source}: {}: {}", warning.key, warning.text);
    }
    check_connectors(&connectors, &registry, &providers, &config).await?;
    let mut rest_tls = OpenTls::open(&config.tls).map_err(|problems| {
        Error::Wrong(problems.iter().map(|problem| format!("{source}: {problem}")).collect())
    })?;
    let (authentication, audit) = guards(&config.authentication, &source)?;
    let mut listeners = Vec::new();
    for listener in &config.listeners {
        listeners.push(bind(listener.bind_host(), listener.port).await?);
    }
    let mut admin_listeners = Vec::new();
    for listener in config.admin_listeners.iter().flatten() {
        admin_listeners.push(bind(listener.bind_host(), listener.port).await?);
    }
    let addresses = addresses_of(&listeners)?;
    let admin_addresses = addresses_of(&admin_listeners)?;
    if addresses.is_empty() {
        return Err(Error::Wrong(vec![format!("{source}: listeners: there must be at least one")]));
    }
    let worker_id = config.worker_id(&addresses);
    let url = config.advertised_url(&addresses);
    if let Some(warning) = config.unreachable(&worker_id) {
        tracing::warn!("{source}: {warning}");
    }
    let logs: Arc<dyn Logs> = Arc::new(logs);
    let keys = match &config.storage {
        Storage::OffsetFile(_) => SessionKeys::default(),
        Storage::Topics(group) => SessionKeys::new(group.signing.clone()),
    };
    let announced = announced(keys.clone(), logs.clone());
    let settings = Arc::new(config.settings.clone());
    let speaks_tls = config.listeners.iter().chain(config.admin_listeners.iter().flatten());
    let speaks_tls: Vec<_> = speaks_tls.map(|listener| listener.tls).collect();
    let public = listeners.len();
    let starting = Starting::begin(listeners.into_iter().chain(admin_listeners).zip(speaks_tls));
    let Opened { store, statuses, task_offsets, offsets, lock } =
        storage::open(&config.storage, &clients, &settings, &worker_id, announced).await?;

    let clock: Arc<dyn Clock> = SystemClock::new();
    let problems = Problems::default();
    let environment = Environment {
        registry: registry.clone(),
        clients: clients.clone(),
        offsets: task_offsets,
        clock: clock.clone(),
        settings: settings.clone(),
    };
    let parts = Parts {
        registry,
        providers,
        log_secrets,
        offsets,
        tasks: Arc::new(TaskRuntime::new(environment, runtimes.work().clone())),
        defaults: config.defaults.clone(),
        policy: config.override_policy.clone(),
        clock,
        work: runtimes.work().clone(),
        checks: ChecksOn::AnotherThread,
        graceful: config.graceful_timeout,
        topic_tracking: config.topic_tracking,
        topic_reset: config.topic_tracking_reset,
        running: Default::default(),
        problems: problems.clone(),
    };
    let (herder, handle) = Herder::new(Arc::new(parts), store, statuses);
    let (herder, peers) = match &config.storage {
        Storage::OffsetFile(_) => (herder, None),
        Storage::Topics(group) => {
            let membership = memberships.member(&group.member);
            // Half of what other workers, whose config is the same, wait for: no request meets a closing connection.
            let idle = config.limits.idle / 2;
            let peers = Peers::new(keys.clone(), handle.roster(), rest_tls.peers.take(), idle)
                .map_err(Error::Failed)?;
            let herder = herder.in_group(GroupMember {
                membership: membership.map_err(|error| Error::Failed(error.to_string()))?,
                url: url.clone(),
                topics: group.topics.names(),
                delay_max: group.rebalance_delay,
                heartbeat_interval: group.heartbeat_interval,
                session_timeout: group.session_timeout,
                keys,
                leader: Arc::new(peers.clone()),
                clock: SystemClock::new(),
            });
            let topics = group.topics.all().map(Clone::clone).into();
            tokio::spawn(watch_topics(clients.clone(), topics, SystemClock::new(), problems));
            (herder, Some(peers))
        }
    };
    let (failure, failed) = watch::channel(None);
    let herder_loop = tokio::spawn(async move {
        if let Err(error) = herder.run().await {
            failure.send_replace(Some(error.to_string()));
        }
    });

    let (id, cluster_id) = watch::channel(None);
    let admin = settings.admin.clone().with("client.id", "connect-shared-admin");
    tokio::spawn(cluster::find_id(clients, ClientSettings(admin), id));

    let version = format!("{COMPATIBLE}-sluice-{}", env!("CARGO_PKG_VERSION"));
    let commit = option_env!("SLUICE_COMMIT").unwrap_or("unknown").to_owned();
    let (end, ended) = watch::channel(false);
    let about = About { version, commit, url, worker_id };
    let measure = Measure::new(config.limits.clone(), rest_clock.clone());
    rest_tls.tell(&measure);
    let context =
        Context::new(handle.clone(), about, cluster_id, logs, ended.clone(), config.http, measure.clone());
    let context = context.guarded(authentication, audit).in_group(peers.clone());
    let mut listeners = starting.end().await;
    let admin_listeners = listeners.split_off(public);
    let surface = if config.admin_listeners.is_some() { Surface::Public } else { Surface::Everything };
    let public = listeners.into_iter().zip(&config.listeners);
    let public = public.map(|(socket, listener)| (socket, listener, surface, &rest_tls.public));
    let admin = admin_listeners.into_iter().zip(config.admin_listeners.iter().flatten());
    let admin = admin.map(|(socket, listener)| (socket, listener, Surface::Admin, &rest_tls.admin));
    let servers = public.chain(admin).map(|(socket, listener, surface, tls)| {
        let mut ended = ended.clone();
        let end = async move { _ = ended.wait_for(|end| *end).await };
        let listening = Listening { socket, surface, tls: tls.clone().filter(|_| listener.tls) };
        tokio::spawn(rest::serve(listening, context.clone(), end))
    });
    let mut servers: Vec<_> = servers.collect();
    if let Some(lines) = config.metric_lines {
        let written =
            metric_lines::run(handle.clone(), SystemClock::new(), lines, metric_output, ended.clone());
        servers.push(tokio::spawn(written));
    }
    let mut stop = ended.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = rest_tls.keep_new(peers, rest_clock, measure) => {}
            _ = stop.wait_for(|end| *end) => {}
        }
    });
    for (listener, address) in config.listeners.iter().zip(&addresses) {
        tracing::info!("REST listens on {}://{address}", listener.scheme());
    }
    for (listener, address) in config.admin_listeners.iter().flatten().zip(&admin_addresses) {
        tracing::info!("REST's /admin listens on {}://{address}", listener.scheme());
    }
    let running = Running {
        herder: handle,
        addresses,
        admin_addresses,
        end,
        servers,
        herder_loop,
        failed,
        runtimes,
        leave_limit: match &config.storage {
            Storage::OffsetFile(_) => Duration::ZERO,
            Storage::Topics(group) => group.heartbeat_interval + LEAVE_MARGIN,
        },
        _offset_lock: lock,
    };
    if distributed {
        let bring = group_connectors::bring(running.herder.clone(), connectors, SystemClock::new(), ended);
        tokio::spawn(bring);
        running.herder.set_ready();
        return Ok(running);
    }
    for file in connectors {
        if let Err(error) = running.herder.create(&file.name, file.config, file.target).await {
            let error = Error::Failed(format!("{}: {error}", file.path.display()));
            running.shutdown().await;
            return Err(error);
        }
    }
    running.herder.set_ready();
    Ok(running)
}

// What another worker of the group tells all.
fn announced(keys: SessionKeys, logs: Arc<dyn Logs>) -> Announced {
    Arc::new(move |announcement| match announcement {
        Announcement::SessionKey(key) => keys.learn(key),
        Announcement::Level { logger, level } => {
            let set = match Level::parse(&level) {
                Some(level) => logs.set_logger(&logger, level).map(drop),
                None => Err("there is no such level".to_owned()),
            };
            match set {
                Ok(()) => tracing::info!(logger, level, "the level of a logger was set for all workers"),
                Err(why) => tracing::warn!(logger, level, "the level of a logger was not set: {why}"),
            }
        }
        Announcement::ConnectorLevel { connector, level } => {
            let set = match level.as_deref().map(|level| (level, Level::parse(level))) {
                Some((level, None)) => Err(format!("there is no level {level}")),
                Some((_, level)) => logs.set_connector_level(&connector, level),
                None => logs.set_connector_level(&connector, None),
            };
            if let Err(why) = set {
                tracing::warn!(%connector, "the log level of a connector was not set: {why}");
            }
        }
    })
}

// Client settings are not declared: their names tell.
fn hide_passwords(properties: &RawConfig, redactor: &mut Redactor) {
    for (key, value) in properties.iter() {
        let Some(value) = value else { continue };
        match is_secret(key) {
            true => redactor.hide(value),
            false => redactor.hide_inside(value),
        }
    }
}

fn is_secret(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    // A provider may be called `secrets`; what counts is its parameter.
    let name = match lower.strip_prefix("config.providers.") {
        Some(rest) => rest.split_once(".param.").map_or("", |(_, param)| param),
        None => lower.as_str(),
    };
    spec::sensitive::is_secret(name)
}

fn wrong(source: &str, report: &::config::Report) -> Error {
    Error::Wrong(report.to_string().lines().map(|line| format!("{source}: {line}")).collect())
}

async fn bind(host: &str, port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((host, port)).await.map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program, perhaps another worker, has this port: stop it, or set another one in listeners"
            }
            std::io::ErrorKind::PermissionDenied => "choose a port above 1023 in listeners",
            _ => "set an address of this machine in listeners",
        };
        Error::Failed(format!("cannot listen on {host}:{port}: {error}; {hint}"))
    })
}

fn addresses_of(listeners: &[TcpListener]) -> Result<Vec<SocketAddr>, Error> {
    let addresses = listeners.iter().map(TcpListener::local_addr).collect::<std::io::Result<_>>();
    addresses.map_err(|error| Error::Failed(format!("cannot listen: {error}")))
}

// Every problem of every file, before anything is started.
async fn check_connectors(
    files: &[ConnectorFile],
    registry: &Registry,
    providers: &Providers,
    config: &WorkerConfig,
) -> Result<(), Error> {
    let mut problems = Vec::new();
    for file in files {
        let found = check_connector(&file.config, registry, providers, config).await;
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", file.path.display())));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Wrong(problems)) }
}

async fn check_connector(
    sent: &RawConfig,
    registry: &Registry,
    providers: &Providers,
    config: &WorkerConfig,
) -> Vec<String> {
    if let Err(problem) = spec::connector_plugin(sent, registry) {
        return vec![problem.to_string()];
    }
    match providers.resolve(sent).await {
        Ok(resolved) => {
            let validation =
                spec::validate(&resolved.config, registry, &config.defaults, &config.override_policy);
            let validation = validation.with_references(sent, &resolved.config);
            let report =
                validation.scrubbed(sent, |text| resolved.redactor.scrub(text).into_owned()).report();
            report.to_string().lines().map(str::to_owned).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

impl Running {
    /// Where REST listens.
    pub fn rest_address(&self) -> SocketAddr {
        self.addresses[0] // there is at least one: `start` sees to it
    }

    /// Where REST listens, in the order of `listeners`.
    pub fn rest_addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where `/admin` listens, if it has listeners of its own.
    pub fn admin_addresses(&self) -> &[SocketAddr] {
        &self.admin_addresses
    }

    /// The way to the herder.
    pub fn herder(&self) -> &Handle {
        &self.herder
    }

    /// Waits until the worker cannot go on by itself, and says why; it is to be shut down then.
    pub async fn failed(&self) -> String {
        let mut failed = self.failed.clone();
        match failed.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await, // it ended as it should
        }
    }

    /// Ends the worker: first the others of its group are made ready to take its work over, within
    /// `heartbeat.interval.ms`; then REST ends, then connectors and tasks, each with the time that the config gives it.
    /// Sinks flush and commit, sources store what is durable.
    pub async fn shutdown(self) {
        tracing::info!("the worker stops");
        if tokio::time::timeout(self.leave_limit, self.herder.rally()).await.is_err() {
            tracing::info!(
                "not all workers of the group are ready to take this one's work over: it may stand still for a while"
            );
        }
        self.end.send_replace(true);
        for server in self.servers {
            if let Err(error) = server.await {
                tracing::error!("the REST server failed: {error}");
            }
        }
        self.herder.shut_down().await;
        if let Err(error) = self.herder_loop.await {
            tracing::error!("the herder failed: {error}");
        }
        drop(self.runtimes);
        tracing::info!("the worker has stopped");
    }
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn names_tell_what_is_a_secret() {
        for key in [
            "producer.sasl.jaas.config",
            "ssl.key.password",
            "config.providers.v.param.vault.token",
            "config.providers.v.param.app.role.secret.id",
            "config.providers.secrets.param.aws.secret.key",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in [
            "config.providers.secretsmanager.class",
            "config.providers.secretsmanager.param.region",
            "config.providers.v.param.secret.default.ttl",
            "sasl.oauthbearer.token.endpoint.url",
        ] {
            assert!(!is_secret(key), "{key}");
        }
    }
}
