//! A run: the group begins, things go wrong, everything is healed, and what must hold is looked at.

mod harm;
mod judging;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use herder::View;
use kafka::memory::{Cluster, WorkerGroups};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::oneshot::Receiver;

use super::clock::SimulatedClock;
use super::faults::{CONNECTORS, Plan, Request, WORKERS, tasks_at_first};
use super::network::Network;
use super::node::{Life, Node, Site};
use super::operator::{Operator, sequences, topic};
use super::randomness;
use super::world::World;
use crate::verdict::{Kind, Verdict};

/// Time passes by this much at once.
const STEP: Duration = Duration::from_millis(5);
/// So long after everything was healed all must be well.
const HEALING: Duration = Duration::from_secs(240);
/// So long all workers may take to stop.
const STOPPING: Duration = Duration::from_secs(20);
/// The config topic.
const CONFIGS: &str = "configs";
/// A worker that has run for so long has looked at its topics.
const KNOWS: Duration = Duration::from_secs(20);
/// So long a worker may take to tell of its config topic: a look may fail, and another comes 15 s later.
const TELLING: Duration = Duration::from_secs(90);
/// The pause before a worker that did not begin is started again.
const AGAIN: Duration = Duration::from_secs(2);
/// The sink's consumer group.
const SINK_GROUP: &str = "connect-z";

/// Runs a seed.
pub fn run(seed: u64) -> Verdict {
    randomness::follow(seed);
    // A thread of its own: this one may have drawn the order of its hash maps before.
    let running = std::thread::spawn(move || run_here(seed));
    running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn run_here(seed: u64) -> Verdict {
    let mut run = Run::new(seed);
    run.suffer();
    run.heal();
    run.end();
    Verdict {
        kind: run.plan.kind,
        violations: run.site.world.violations(),
        trace: run.site.world.trace(),
        fingerprint: Some(run.fingerprint()),
        simulated: run.now,
    }
}

struct Run {
    plan: Plan,
    site: Site,
    nodes: [Option<Node>; WORKERS],
    operator: Operator,
    now: Duration,
    /// What ends or comes back, and when.
    later: Vec<(Duration, Later)>,
    /// The leader is to die between task configs and their commit, until then; and when it comes back after that.
    dying: Option<(Duration, Duration)>,
    /// Since when the config topic is not the one that was read first.
    lost: Option<Duration>,
    /// Since when its policy is wrong.
    policy: Option<Duration>,
    watched: Vec<(usize, Receiver<herder::Result<Vec<View>>>)>,
    seen: BTreeMap<usize, Vec<View>>,
}

/// What ends a fault.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Later {
    Start(usize),
    Thaw(usize),
    Reconnect(usize),
    Rejoin(usize),
    ReleaseAcks(&'static str),
    ReleaseSends,
}

impl Run {
    fn new(seed: u64) -> Self {
        let plan = Plan::draw(seed);
        let cluster = Cluster::new();
        for source in CONNECTORS.into_iter().filter(|name| sequences(name) > 0) {
            cluster.create_topic(&topic(source), sequences(source) as u32);
        }
        let site = Site {
            world: World::begin(cluster.clone()),
            cluster,
            groups: WorkerGroups::new(Arc::new(SimulatedClock)),
            network: Network::default(),
            exactly_once: plan.kind == Kind::ExactlyOnce,
        };
        let mut run = Self {
            operator: Operator::new(StdRng::seed_from_u64(seed ^ 0x5eed), site.network.clone()),
            plan,
            site,
            lost: None,
            policy: None,
            nodes: [const { None }; WORKERS],
            now: Duration::ZERO,
            later: Vec::new(),
            dying: None,
            watched: Vec::new(),
            seen: BTreeMap::new(),
        };
        for index in 0..WORKERS {
            run.start(index);
        }
        for connector in CONNECTORS {
            run.operator.ask(run.now, connector, Request::Put { tasks: tasks_at_first(connector), stamp: 0 });
        }
        run
    }

    fn tell(&self, what: &str) {
        self.site.world.tell(self.now, what);
    }

    fn start(&mut self, index: usize) {
        if self.nodes[index].is_none() {
            self.tell(&format!("w{index} starts"));
            self.nodes[index] = Some(Node::start(&self.site, index, self.now));
        }
    }

    // -- the three parts ---------------------------------------------------------------------------------------

    fn suffer(&mut self) {
        let mut faults = std::mem::take(&mut self.plan.faults).into_iter().peekable();
        while self.now < self.plan.end {
            while let Some((_, fault)) = faults.next_if(|(at, _)| *at <= self.now) {
                self.tell(&format!("{fault:?}"));
                self.begin(fault);
            }
            self.step();
        }
    }

    fn heal(&mut self) {
        self.tell("everything is healed");
        self.site.world.release();
        self.dying = None;
        self.operator.forget();
        let cluster = &self.site.cluster;
        cluster.release_all_acks();
        cluster.release_sends();
        for (_, later) in std::mem::take(&mut self.later) {
            self.end_fault(later);
        }
        self.site.network.lose_none();
        self.see_to_the_config_topic();
        for index in 0..WORKERS {
            self.start(index);
        }
        for connector in CONNECTORS {
            let tasks = tasks_at_first(connector);
            self.operator.ask(self.now, connector, Request::Put { tasks, stamp: 1_000 });
        }
        let healed = self.now;
        let (mut resumed, mut looked) = (false, self.now);
        loop {
            self.step();
            for index in 0..WORKERS {
                self.start(index); // one that was stopping has ended
            }
            if self.operator.is_idle() && !resumed {
                resumed = true;
                for connector in CONNECTORS {
                    self.operator.ask(self.now, connector, Request::Resume);
                }
            }
            if self.now < looked + Duration::from_millis(500) {
                continue;
            }
            looked = self.now;
            let trouble = match self.trouble() {
                None if resumed && self.operator.is_idle() => return,
                None => "requests are not answered".to_owned(),
                Some(trouble) => trouble,
            };
            if self.now > healed + HEALING {
                self.tell_statuses();
                self.site.world.violated(self.now, format!("it does not become well: {trouble}"));
                return;
            }
            self.watch();
        }
    }

    // Workers say what is wrong with it, and the operator does what they say.
    fn see_to_the_config_topic(&mut self) {
        let Some(since) = self.lost.or(self.policy) else { return };
        let begun = self.now;
        while let Some(index) = self.silent(since) {
            if self.now > begun + TELLING {
                self.site.world.violated(self.now, format!("w{index} does not tell of its config topic"));
                break;
            }
            self.step();
        }
        if self.lost.is_some() {
            self.tell("all workers are stopped, and the config topic is made anew");
            self.stop_all();
            self.site.cluster.delete_topic(CONFIGS);
        } else {
            self.site.cluster.set_topic_config(CONFIGS, "cleanup.policy", "compact");
        }
        (self.lost, self.policy) = (None, None);
    }

    // A worker that should know, and does not say: one that began later, or just before, knows no other topic.
    fn silent(&self, since: Duration) -> Option<usize> {
        let knows = |node: &&Node| node.answers() && !node.is_stopping() && node.started() + KNOWS <= since;
        self.nodes
            .iter()
            .flatten()
            .filter(knows)
            .find(|node| !node.complains_of(CONFIGS))
            .map(|node| node.index)
    }

    fn stop_all(&mut self) {
        let begun = self.now;
        // One that is starting is ended like a process that gets a signal then: it runs nothing yet.
        for index in 0..self.nodes.len() {
            if self.nodes[index].as_ref().is_some_and(|node| node.life() == Life::Starting) {
                self.drop_node(index);
            }
        }
        while self.nodes.iter().any(Option::is_some) && self.now < begun + STOPPING {
            let running = |node: &&Node| node.life() == Life::Running && !node.is_stopping();
            self.nodes.iter().flatten().filter(running).for_each(Node::stop);
            self.step();
        }
        if self.nodes.iter().any(Option::is_some) {
            let limit = STOPPING.as_secs();
            self.site.world.violated(self.now, format!("the workers do not stop within {limit} s"));
        }
    }

    fn end(&mut self) {
        self.stop_all();
        for (instance, worker) in self.site.world.lives() {
            self.site
                .world
                .violated(self.now, format!("{instance:?} of w{worker} lives on after all stopped"));
        }
        self.judge();
    }

    // -- what passes -------------------------------------------------------------------------------------------

    fn step(&mut self) {
        self.now += STEP;
        let due: Vec<Later> =
            self.later.extract_if(.., |(at, _)| *at <= self.now).map(|(_, later)| later).collect();
        for later in due {
            self.end_fault(later);
        }
        for node in self.nodes.iter().flatten().filter(|node| node.frozen_since.is_none()) {
            node.turn(&self.site.world, self.now);
        }
        self.operator.go_on(&self.site.world, &self.nodes, self.now);
        self.leader_may_die();
        self.notice_ends();
        self.committed_is_durable();
        self.watched.retain_mut(|(index, views)| match views.try_recv() {
            Ok(Ok(views)) => {
                self.seen.insert(*index, views);
                false
            }
            Err(tokio::sync::oneshot::error::TryRecvError::Empty) => true,
            _ => false,
        });
    }

    fn notice_ends(&mut self) {
        for node in &mut self.nodes {
            let Some(Life::Ended(why)) = node.as_ref().map(Node::life) else { continue };
            let Some(ended) = node.take() else { continue };
            let what = format!("w{} has ended", ended.index);
            match why {
                None => self.site.world.tell(self.now, &what),
                // As in Kafka Connect, it does not begin on a topic that does not keep what is written to it.
                Some(why) if self.policy.or(self.lost).is_some() && why.contains("cleanup.policy") => {
                    self.site
                        .world
                        .tell(self.now, &format!("{what}: {}", why.lines().next().unwrap_or_default()));
                    self.later.push((self.now + AGAIN, Later::Start(ended.index)));
                }
                Some(why) => self.site.world.violated(self.now, format!("{what} by itself: {why}")),
            }
        }
    }

    fn committed_is_durable(&self) {
        let durable = self.site.world.durable();
        for (place, committed) in self.site.cluster.committed(SINK_GROUP) {
            let flushed = durable.get(&place).copied().unwrap_or_default();
            if committed > flushed {
                let what =
                    format!("the sink has committed {place} up to {committed} and flushed up to {flushed}");
                self.site.world.violated(self.now, what);
            }
        }
    }
}
