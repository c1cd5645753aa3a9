//! A run: the group begins, things go wrong, everything is healed, and what must hold is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use herder::View;
use kafka::memory::{Cluster, SendFault, WorkerGroups};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sluice_chaos::{Doubles, Tally};
use tokio::sync::oneshot::Receiver;

use super::clock::SimulatedClock;
use super::faults::{CONNECTORS, Fault, Plan, Request, WORKERS, tasks_at_first};
use super::network::Network;
use super::node::{HEARTBEAT, Life, Node, SESSION, Site, client_id, url};
use super::operator::{Operator, sequences, topic};
use super::randomness;
use super::source::{LENGTH, sequence};
use super::world::{GRACE, World};
use crate::verdict::{Kind, Verdict};

/// Time passes by this much at once.
const STEP: Duration = Duration::from_millis(5);
/// So long after everything was healed all must be well.
const HEALING: Duration = Duration::from_secs(240);
/// So long all workers may take to stop.
const STOPPING: Duration = Duration::from_secs(20);
/// The sink's consumer group.
const SINK_GROUP: &str = "connect-z";

/// Runs a seed.
pub fn run(seed: u64) -> Verdict {
    randomness::follow(seed);
    let mut run = Run::new(seed);
    run.suffer();
    run.heal();
    run.end();
    Verdict {
        kind: run.plan.kind,
        violations: run.site.world.violations(),
        trace: run.site.world.trace(),
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
            operator: Operator::new(StdRng::seed_from_u64(seed ^ 0x5eed)),
            plan,
            site,
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

    fn end(&mut self) {
        for node in self.nodes.iter().flatten() {
            node.stop();
        }
        let begun = self.now;
        while self.nodes.iter().any(Option::is_some) && self.now < begun + STOPPING {
            self.step();
        }
        if self.nodes.iter().any(Option::is_some) {
            let limit = STOPPING.as_secs();
            self.site.world.violated(self.now, format!("the workers do not stop within {limit} s"));
        }
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

    // -- faults ------------------------------------------------------------------------------------------------

    fn end_later(&mut self, after: Duration, later: Later) {
        self.later.push((self.now + after, later));
    }

    fn begin(&mut self, fault: Fault) {
        let cluster = self.site.cluster.clone();
        match fault {
            Fault::Stop(index, back) => {
                if let Some(node) = self.nodes[index].as_ref().filter(|node| node.answers()) {
                    node.stop();
                    self.end_later(back, Later::Start(index));
                }
            }
            Fault::Crash(index, back) => self.crash(index, back),
            Fault::Freeze(index, time) => {
                let now = self.now;
                if let Some(node) = self.nodes[index].as_mut().filter(|node| node.frozen_since.is_none()) {
                    node.frozen_since = Some(now);
                    self.site.world.froze(index);
                    self.end_later(time, Later::Thaw(index));
                }
            }
            Fault::CutOff(index, time) => {
                self.site.groups.cut_off(&client_id(index));
                self.end_later(time, Later::Rejoin(index));
            }
            Fault::Separate(index, time) => {
                self.site.network.cut_off(&url(index));
                self.end_later(time, Later::Reconnect(index));
            }
            Fault::HoldAcks(topic, time) => {
                for partition in 0..4 {
                    cluster.hold_acks(topic, partition);
                }
                self.end_later(time, Later::ReleaseAcks(topic));
            }
            Fault::HoldSends(time) => {
                cluster.hold_sends();
                self.end_later(time, Later::ReleaseSends);
            }
            Fault::RefuseSends(count) => cluster.fail_next_sends(count, SendFault::Retriable),
            Fault::TimeOutSends(count) => cluster.fail_next_sends(count, SendFault::TimedOut(vec![0])),
            Fault::RefuseCommits(count) => cluster.fail_next_commits(count),
            Fault::RefuseAdmin(count) => cluster.fail_next_admin_calls(count),
            Fault::Transactions(count, fault) => cluster.fail_next_transactions(count, fault),
            Fault::Hang(connector, place, time) => self.site.world.hang(connector, place, self.now + time),
            Fault::LeaderDies(back) => {
                self.dying = Some((self.now + Duration::from_secs(5), back));
                cluster.hold_acks("configs", 0);
                let stamp = 500 + self.now.as_millis() as u32;
                let request = Request::Put { tasks: 2, stamp };
                self.operator.ask(self.now, "a", request);
            }
            Fault::Ask(connector, request) => self.operator.ask(self.now, connector, request),
        }
    }

    fn crash(&mut self, index: usize, back: Duration) {
        if self.nodes[index].take().is_some() {
            self.site.network.remove(&url(index));
            self.site.world.thawed(index, None);
            self.end_later(back, Later::Start(index));
        }
    }

    fn end_fault(&mut self, later: Later) {
        match later {
            Later::Start(index) => {
                if self.nodes[index].is_some() {
                    self.end_later(Duration::from_millis(100), later); // it has not ended yet
                } else {
                    self.start(index);
                }
            }
            Later::Thaw(index) => {
                let Some(node) = &mut self.nodes[index] else { return };
                let Some(since) = node.frozen_since.take() else { return };
                let away = self.now - since;
                self.tell(&format!("w{index} goes on after {away:?}"));
                // Its last heartbeat may be older than its stand.
                let lost = away + HEARTBEAT >= SESSION;
                self.site.world.thawed(index, lost.then_some(self.now + GRACE));
            }
            Later::Reconnect(index) => self.site.network.reconnect(&url(index)),
            Later::Rejoin(index) => self.site.groups.reconnect(&client_id(index)),
            Later::ReleaseAcks(topic) => {
                for partition in 0..4 {
                    self.site.cluster.release_acks(topic, partition);
                }
            }
            Later::ReleaseSends => self.site.cluster.release_sends(),
        }
    }

    // Acknowledges everything up to task configs, and lets the leader die when it has written some.
    fn leader_may_die(&mut self) {
        let Some((until, back)) = self.dying else { return };
        let cluster = self.site.cluster.clone();
        let last = cluster.records("configs").pop().and_then(|record| record.key);
        if last.is_some_and(|key| key.starts_with(b"task-")) {
            self.dying = None;
            match self.operator.leader {
                Some(leader) => {
                    self.tell(&format!("w{leader} dies between task configs and their commit"));
                    self.crash(leader, back);
                }
                None => self.tell("nobody knows who leads"),
            }
            cluster.release_acks("configs", 0);
        } else if self.now > until {
            self.dying = None;
            cluster.release_acks("configs", 0);
        } else {
            cluster.release_next_acks("configs", 0, usize::MAX);
        }
    }

    // -- what must hold ----------------------------------------------------------------------------------------

    fn watch(&mut self) {
        self.watched.clear();
        for node in self.nodes.iter().flatten().filter(|node| node.answers()) {
            let views = node.ask(|herder| async move { herder.views().await });
            self.watched.extend(views.map(|views| (node.index, views)));
        }
    }

    // What is not well yet.
    fn trouble(&mut self) -> Option<String> {
        let seen = std::mem::take(&mut self.seen);
        let (tally, lengths) = (self.tally(), lengths());
        if !tally.is_complete(&lengths) {
            return self.ask_for_failed(&seen).or(Some("sequences are not complete".to_owned()));
        }
        let put = self.site.world.put();
        for source in CONNECTORS.into_iter().filter(|name| sequences(name) > 0) {
            for record in self.site.cluster.records(&topic(source)) {
                let place = api::data::TopicPartition::new(topic(source), record.partition);
                if !put.get(&place).is_some_and(|offsets| offsets.contains(&record.offset)) {
                    return self
                        .ask_for_failed(&seen)
                        .or_else(|| Some(format!("the sink has not got {place} at {}", record.offset)));
                }
            }
        }
        if seen.len() < WORKERS {
            return Some(format!("only {} workers tell how it is", seen.len()));
        }
        if let Some(failed) = self.ask_for_failed(&seen) {
            return Some(failed);
        }
        for (index, views) in &seen {
            for connector in CONNECTORS {
                let Some(view) = views.iter().find(|view| &*view.name == connector) else {
                    return Some(format!("w{index} does not know {connector}"));
                };
                let tasks = view.tasks.iter().map(|task| task.state.state);
                let states: Vec<_> = std::iter::once(view.object.state).chain(tasks).collect();
                if view.tasks.len() != tasks_at_first(connector) as usize
                    || states.iter().any(|state| *state != "RUNNING")
                {
                    return Some(format!("w{index} says of {connector}: {states:?}"));
                }
            }
        }
        None
    }

    // What was said last of each connector object and task.
    fn tell_statuses(&self) {
        let text = |bytes: Option<api::data::Bytes>| {
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
        };
        let mut last = BTreeMap::<String, Vec<String>>::new();
        for record in self.site.cluster.records("statuses") {
            last.entry(text(record.key)).or_default().push(text(record.value));
        }
        for (key, values) in last.into_iter().filter(|(key, _)| !key.contains("topic")) {
            for value in values.iter().rev().take(3).rev() {
                self.tell(&format!("{key} {value}"));
            }
        }
    }

    // What failed is started anew by whoever looks after it.
    fn ask_for_failed(&mut self, seen: &BTreeMap<usize, Vec<View>>) -> Option<String> {
        if !self.operator.is_idle() {
            return None;
        }
        for view in seen.values().flatten() {
            let mut instances =
                std::iter::once(&view.object).chain(view.tasks.iter().map(|task| &task.state));
            if let Some(instance) = instances.find(|instance| instance.state == "FAILED") {
                let trace = instance.trace.clone().unwrap_or_default();
                let why = trace.lines().next().unwrap_or_default();
                self.site.world.tell(self.now, &format!("{} has failed: {why}", view.name));
                let connector = CONNECTORS.into_iter().find(|name| **name == *view.name)?;
                self.operator.ask(self.now, connector, Request::RestartFailed);
                return Some(format!("{connector} has failed: {why}"));
            }
        }
        None
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for source in CONNECTORS.into_iter().filter(|name| sequences(name) > 0) {
            for record in self.site.cluster.records(&topic(source)) {
                let text = record.value.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                if let Err(why) = tally.add(&text) {
                    self.site.world.violated(self.now, why);
                }
            }
        }
        tally
    }

    fn judge(&self) {
        let world = &self.site.world;
        let doubles = match self.plan.kind {
            Kind::Rough => Doubles::Allowed,
            Kind::Clean | Kind::ExactlyOnce => Doubles::Forbidden,
        };
        for problem in self.tally().problems(&lengths(), doubles) {
            world.violated(self.now, problem);
        }
        for (place, offsets) in world.put() {
            let mut sorted = offsets.clone();
            sorted.sort_unstable();
            sorted.dedup();
            if self.plan.kind == Kind::Clean && sorted != offsets {
                let extra = offsets.len() - sorted.len();
                world.violated(self.now, format!("the sink got {extra} records of {place} twice"));
            }
        }
    }
}

fn lengths() -> BTreeMap<String, u64> {
    let sources = CONNECTORS.into_iter();
    sources
        .flat_map(|name| (0..sequences(name)).map(move |number| (sequence(name, number), LENGTH)))
        .collect()
}
