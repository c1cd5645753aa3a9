//! What the connectors of the simulation share: who lives where, which of their calls hang, and what arrived.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use api::Clock as _;
use api::data::TopicPartition;
use kafka::memory::Cluster;
use parking_lot::Mutex;

use super::clock::SimulatedClock;

thread_local! {
    static WORLD: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

/// How long what a worker runs may go on after it was frozen for longer than its session, cut off or the like: it must
/// notice, and stop.
pub const GRACE: Duration = Duration::from_millis(2_500);

/// Where a call of a connector hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A task starts.
    Start,
    /// A task is asked for records, or given some.
    Work,
    /// A task stops.
    Stop,
    /// The connector object starts.
    ObjectStart,
}

/// A connector object, or a task of it.
pub type Instance = (String, Option<u32>);

/// The world of the connectors.
pub struct World {
    /// The cluster that everything goes to.
    pub cluster: Cluster,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The worker that is turned.
    turned: usize,
    lives: BTreeMap<u64, Life>,
    last_life: u64,
    frozen: BTreeSet<usize>,
    /// Until when a worker may still run what it has lost.
    dazed: BTreeMap<usize, Duration>,
    hangs: BTreeMap<(String, Place), Duration>,
    trace: Vec<String>,
    violations: Vec<String>,
    put: BTreeMap<TopicPartition, Vec<i64>>,
    flushed: BTreeMap<TopicPartition, i64>,
}

struct Life {
    instance: Instance,
    worker: usize,
}

/// Something lives as long as this.
pub struct Alive {
    world: Arc<World>,
    life: u64,
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.world.state.lock().lives.remove(&self.life);
    }
}

impl World {
    /// A world, which is that of all connectors of this thread from now on.
    pub fn begin(cluster: Cluster) -> Arc<Self> {
        let world = Arc::new(Self { cluster, state: Mutex::default() });
        WORLD.set(Some(world.clone()));
        world
    }

    /// The world of this thread. All workers are turned by the thread that began it.
    ///
    /// # Panics
    /// It has not begun.
    pub fn here() -> Arc<Self> {
        WORLD.with_borrow(|world| world.clone().expect("connectors run on the thread of the simulation"))
    }

    /// Says which worker is turned.
    pub fn set_turned(&self, worker: usize) {
        self.state.lock().turned = worker;
    }

    /// Notes what happened.
    pub fn tell(&self, now: Duration, what: &str) {
        self.state.lock().trace.push(format!("{:>7.3} s  {what}", now.as_secs_f64()));
    }

    /// What happened.
    pub fn trace(&self) -> Vec<String> {
        self.state.lock().trace.clone()
    }

    /// Notes what must not be.
    pub fn violated(&self, now: Duration, what: String) {
        self.tell(now, &format!("VIOLATED: {what}"));
        self.state.lock().violations.push(what);
    }

    /// What should not have been.
    pub fn violations(&self) -> Vec<String> {
        self.state.lock().violations.clone()
    }

    // -- lives -------------------------------------------------------------------------------------------------

    /// Something begins to live on the worker that is turned. Another instance of it must not live, but on a worker that
    /// does not move, or has not had the time to notice that it did not.
    pub fn born(self: &Arc<Self>, connector: &str, task: Option<u32>) -> Alive {
        let now = SimulatedClock.elapsed();
        let instance: Instance = (connector.to_owned(), task);
        let mut state = self.state.lock();
        let worker = state.turned;
        let excused = |worker: usize| {
            state.frozen.contains(&worker) || state.dazed.get(&worker).is_some_and(|until| *until > now)
        };
        let other = state.lives.values().find(|life| life.instance == instance && !excused(life.worker));
        let other = other.filter(|_| !excused(worker)).map(|life| life.worker);
        state.last_life += 1;
        let life = state.last_life;
        state.lives.insert(life, Life { instance, worker });
        drop(state);
        if let Some(other) = other {
            let what = task.map_or_else(|| connector.to_owned(), |task| format!("{connector}-{task}"));
            self.violated(now, format!("{what} begins on w{worker} while it lives on w{other}"));
        }
        Alive { world: self.clone(), life }
    }

    /// What lives, with its worker.
    pub fn lives(&self) -> Vec<(Instance, usize)> {
        self.state.lock().lives.values().map(|life| (life.instance.clone(), life.worker)).collect()
    }

    /// A worker does not move from now on.
    pub fn froze(&self, worker: usize) {
        self.state.lock().frozen.insert(worker);
    }

    /// It moves again. When it was away for too long, it may go on for a moment with what it has lost.
    pub fn thawed(&self, worker: usize, dazed_until: Option<Duration>) {
        let mut state = self.state.lock();
        state.frozen.remove(&worker);
        if let Some(until) = dazed_until {
            state.dazed.insert(worker, until);
        }
    }

    // -- hanging -----------------------------------------------------------------------------------------------

    /// Calls of a connector hang there until then.
    pub fn hang(&self, connector: &str, place: Place, until: Duration) {
        self.state.lock().hangs.insert((connector.to_owned(), place), until);
    }

    /// Nothing hangs any more.
    pub fn release(&self) {
        self.state.lock().hangs.clear();
    }

    /// Hangs, if it is to.
    pub async fn maybe_hang(&self, connector: &str, place: Place) {
        let key = (connector.to_owned(), place);
        while self.state.lock().hangs.get(&key).is_some_and(|until| *until > SimulatedClock.elapsed()) {
            SimulatedClock.sleep(Duration::from_millis(50)).await;
        }
    }

    // -- sinks -------------------------------------------------------------------------------------------------

    /// A sink accepted records.
    pub fn accepted(&self, place: TopicPartition, offset: i64) {
        self.state.lock().put.entry(place).or_default().push(offset);
    }

    /// A sink made records below these durable.
    pub fn flushed(&self, offsets: &api::data::Offsets) {
        let mut state = self.state.lock();
        for (place, offset) in offsets {
            let flushed = state.flushed.entry(place.clone()).or_default();
            *flushed = (*flushed).max(*offset);
        }
    }

    /// What sinks accepted, by partition, in order.
    pub fn put(&self) -> BTreeMap<TopicPartition, Vec<i64>> {
        self.state.lock().put.clone()
    }

    /// Up to where sinks made records durable.
    pub fn durable(&self) -> BTreeMap<TopicPartition, i64> {
        self.state.lock().flushed.clone()
    }
}
