//! One worker of the simulation: a herder with tasks, on a runtime that runs only while it is turned.
//!
//! Dropping it is a crash: nothing of it goes on. Not turning it is SIGSTOP. What it is made of is what `worker::start`
//! makes a worker of, but for REST.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use api::{Clock as _, Registry};
use config::RawConfig;
use herder::distributed::{
    Announced, ConfigTopic, OffsetTopic, OffsetTopics, StatusTopic, WritePrivilege, watch_topics,
};
use herder::{
    Announcement, ChecksOn, GroupMember, Handle, Herder, Parts, Problems, SessionKeys, TaskRuntime,
};
use kafka::membership::Memberships as _;
use kafka::memory::{Cluster, WorkerGroups};
use kafka::{CompactedLog, LogSettings};
use parking_lot::Mutex;
use secrets::Providers;
use task::Environment;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;
use worker::config::{Storage, WorkerConfig};

use super::clock::{self, SimulatedClock, Turned};
use super::network::{Link, Network, Peer};
use super::world::World;
use super::{sink, source};

/// `session.timeout.ms`.
pub const SESSION: Duration = Duration::from_secs(6);
/// `heartbeat.interval.ms`.
pub const HEARTBEAT: Duration = Duration::from_secs(2);
/// `task.shutdown.graceful.timeout.ms`.
pub const GRACEFUL: Duration = Duration::from_secs(2);
/// The pause after brokers did not answer at the start.
const AGAIN: Duration = Duration::from_secs(5);

/// What all workers have in common.
#[derive(Clone)]
pub struct Site {
    /// Connectors' world.
    pub world: Arc<World>,
    /// Kafka.
    pub cluster: Cluster,
    /// Its coordinator of worker groups.
    pub groups: WorkerGroups,
    /// The way from one worker to the other.
    pub network: Network,
    /// Whether sources are exactly-once.
    pub exactly_once: bool,
}

/// Where a worker stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    /// It reads what is stored.
    Starting,
    /// It is one of the group, or tries to be.
    Running,
    /// It ended: by itself when there is a text.
    Ended(Option<String>),
}

struct Shared {
    life: Life,
    herder: Option<Handle>,
}

impl Shared {
    fn starting() -> Self {
        Self { life: Life::Starting, herder: None }
    }
}

/// A worker.
pub struct Node {
    /// 0, 1 or 2.
    pub index: usize,
    /// Whether it is not turned.
    pub frozen_since: Option<Duration>,
    stopping: Cell<bool>,
    runtime: Runtime,
    turned: Turned,
    shared: Arc<Mutex<Shared>>,
}

/// `client.id`, by which the coordinator knows a worker.
pub fn client_id(index: usize) -> String {
    format!("w{index}")
}

/// The URL of a worker.
pub fn url(index: usize) -> String {
    format!("http://w{index}:8083/")
}

impl Node {
    /// Starts a worker.
    ///
    /// # Panics
    /// There can be no runtime.
    pub fn start(site: &Site, index: usize, now: Duration) -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without threads");
        let begun = runtime.block_on(async { Instant::now() });
        let shared = Arc::new(Mutex::new(Shared::starting()));
        let life = live(site.clone(), index, shared.clone());
        runtime.spawn(life);
        Self {
            index,
            frozen_since: None,
            stopping: Cell::new(false),
            runtime,
            turned: Turned { worker: index, begun, at: now },
            shared,
        }
    }

    /// Lets it do what it has to until this moment.
    pub fn turn(&self, world: &World, now: Duration) {
        world.set_turned(self.index);
        clock::set_turned(Some(self.turned));
        let until = self.turned.begun + (now - self.turned.at);
        self.runtime.block_on(async {
            let behind = now.saturating_sub(SimulatedClock.elapsed());
            if behind > Duration::from_millis(100) {
                tokio::time::advance(behind).await; // it was frozen: all that is due is due at once
            }
            tokio::time::sleep_until(until).await;
        });
        clock::set_turned(None);
    }

    /// Where it stands.
    pub fn life(&self) -> Life {
        self.shared.lock().life.clone()
    }

    /// When it was started.
    pub fn started(&self) -> Duration {
        self.turned.at
    }

    /// Whether it says that something is wrong which has to do with this topic.
    pub fn complains_of(&self, topic: &str) -> bool {
        let problems = self.shared.lock().herder.as_ref().map(Handle::problems).unwrap_or_default();
        problems.iter().any(|problem| problem.contains(topic))
    }

    /// Whether it can be asked.
    pub fn answers(&self) -> bool {
        self.frozen_since.is_none() && self.life() == Life::Running
    }

    /// Does something with its herder, on its runtime, when it is turned; the answer comes by the line.
    pub fn ask<T, F>(&self, request: impl FnOnce(Handle) -> F) -> Option<tokio::sync::oneshot::Receiver<T>>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let herder = self.shared.lock().herder.clone()?;
        let (reply, answer) = tokio::sync::oneshot::channel();
        let asked = request(herder);
        self.runtime.spawn(async move {
            let _ = reply.send(asked.await); // nobody waits any more
        });
        Some(answer)
    }

    /// Has it stop as by SIGTERM; [`Self::life`] tells when it has.
    pub fn stop(&self) {
        self.stopping.set(true);
        self.ask(|herder| async move { herder.shut_down().await });
    }

    /// Whether it was told to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.get()
    }
}

fn properties(index: usize, exactly_once: bool) -> RawConfig {
    let millis = |duration: Duration| duration.as_millis().to_string();
    [
        ("bootstrap.servers", "memory:1".to_owned()),
        ("client.id", client_id(index)),
        ("group.id", "workers".to_owned()),
        ("config.storage.topic", "configs".to_owned()),
        ("offset.storage.topic", "offsets".to_owned()),
        ("offset.storage.partitions", "3".to_owned()),
        ("status.storage.topic", "statuses".to_owned()),
        ("status.storage.partitions", "2".to_owned()),
        ("session.timeout.ms", millis(SESSION)),
        ("heartbeat.interval.ms", millis(HEARTBEAT)),
        ("rebalance.timeout.ms", "20000".to_owned()),
        ("inter.worker.key.ttl.ms", "15000".to_owned()),
        ("task.shutdown.graceful.timeout.ms", millis(GRACEFUL)),
        ("offset.flush.interval.ms", "1000".to_owned()),
        ("offset.flush.timeout.ms", "1500".to_owned()),
        ("exactly.once.source.support", if exactly_once { "enabled" } else { "disabled" }.to_owned()),
        ("consumer.auto.offset.reset", "earliest".to_owned()),
        ("key.converter", "org.apache.kafka.connect.storage.StringConverter".to_owned()),
        ("value.converter", "org.apache.kafka.connect.storage.StringConverter".to_owned()),
        ("listeners", format!("http://w{index}:8083")),
        ("sluice.rest.insecure", "true".to_owned()),
    ]
    .into_iter()
    .collect()
}

fn registry() -> Registry {
    let mut registry = plugins::registry();
    registry.source::<source::SequenceSource>();
    registry.sink::<sink::CheckingSink>();
    registry
}

// From its start to its end.
async fn live(site: Site, index: usize, shared: Arc<Mutex<Shared>>) {
    let ended = match assemble(&site, index).await {
        Ok((herder, handle, keys)) => {
            let peer = Peer { herder: handle.clone(), runtime: tokio::runtime::Handle::current(), keys };
            site.network.add(&url(index), peer);
            *shared.lock() = Shared { life: Life::Running, herder: Some(handle) };
            herder.run().await.map_err(|error| error.to_string())
        }
        Err(why) => Err(why),
    };
    site.network.remove(&url(index));
    *shared.lock() = Shared { life: Life::Ended(ended.err()), herder: None };
}

async fn assemble(site: &Site, index: usize) -> Result<(Herder, Handle, SessionKeys), String> {
    let registry = Arc::new(registry());
    let raw = properties(index, site.exactly_once);
    let providers = Providers::from_worker(&raw).map_err(|report| report.to_string())?;
    let config = WorkerConfig::distributed(&raw, &*registry).map_err(|report| report.to_string())?;
    let Storage::Topics(group) = &config.storage else { return Err("no topics".to_owned()) };
    let keys = SessionKeys::new(group.signing.clone());
    let known = keys.clone();
    let announced: Announced = Arc::new(move |announcement| match announcement {
        Announcement::SessionKey(key) => known.learn(key),
        Announcement::Level { .. } | Announcement::ConnectorLevel { .. } => {}
    });
    let clients = site.cluster.clients();
    let settings = Arc::new(config.settings.clone());
    let text = |error: kafka::Error| error.to_string();
    let configs = opened(site, &group.topics.config).await?;
    let configs = ConfigTopic::open(configs, announced).await.map_err(|error| error.to_string())?;
    let configs = match &group.topics.leader {
        Some(leader) => configs.with_privilege(WritePrivilege::new(clients.clone(), leader.clone())),
        None => configs,
    };
    let offsets = OffsetTopic::open(opened(site, &group.topics.offsets).await?).await.map_err(text)?;
    let statuses = opened(site, &group.topics.statuses).await?;
    let statuses = StatusTopic::open(statuses, format!("w{index}:8083")).await.map_err(text)?;
    let offsets = OffsetTopics::new(offsets, clients.clone(), settings.clone(), group.topics.offsets.clone());
    let clock = Arc::new(SimulatedClock);
    let problems = Problems::default();
    let topics = group.topics.all().map(Clone::clone).into();
    tokio::spawn(watch_topics(clients.clone(), topics, clock.clone(), problems.clone()));
    let environment = Environment {
        registry: registry.clone(),
        clients,
        offsets: Arc::new(offsets.clone()),
        clock: clock.clone(),
        settings,
    };
    let work = tokio::runtime::Handle::current();
    let parts = Parts {
        registry,
        providers,
        log_secrets: Default::default(),
        offsets: Arc::new(offsets),
        tasks: Arc::new(TaskRuntime::new(environment, work.clone())),
        defaults: config.defaults.clone(),
        policy: config.override_policy.clone(),
        clock: clock.clone(),
        work,
        checks: ChecksOn::ThisThread,
        graceful: config.graceful_timeout,
        topic_tracking: config.topic_tracking,
        topic_reset: config.topic_tracking_reset,
        running: Default::default(),
        problems: problems.clone(),
    };
    let (herder, handle) = Herder::new(Arc::new(parts), Box::new(configs), Box::new(statuses));
    let link = Link { network: site.network.clone(), url: url(index), keys: keys.clone() };
    let herder = herder.in_group(GroupMember {
        membership: site.groups.member(&group.member).map_err(text)?,
        url: url(index),
        topics: group.topics.names(),
        delay_max: group.rebalance_delay,
        heartbeat_interval: group.heartbeat_interval,
        session_timeout: group.session_timeout,
        keys: keys.clone(),
        leader: Arc::new(link),
        clock,
    });
    handle.set_ready();
    Ok((herder, handle, keys))
}

// Brokers that do not answer are asked again, as by a worker.
async fn opened(site: &Site, settings: &LogSettings) -> Result<CompactedLog, String> {
    loop {
        match CompactedLog::open(&site.cluster.clients(), settings).await {
            Ok(log) => return Ok(log),
            Err(kafka::Error::Retriable { .. }) => tokio::time::sleep(AGAIN).await,
            Err(error) => return Err(format!("{}: {error}", settings.key)),
        }
    }
}
