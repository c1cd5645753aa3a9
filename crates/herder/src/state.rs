//! What the herder knows: what is wanted of each connector and what there is.

use std::collections::{BTreeMap, BTreeSet};

use config::RawConfig;

use crate::{Change, Name, Target, TaskId};

/// Tells one started object or task from the next of the same name: reports of an earlier run are of no interest.
pub type Run = u64;

/// All connectors.
#[derive(Debug, Default)]
pub struct State {
    pub(crate) connectors: BTreeMap<Name, Connector>,
    pub(crate) last_run: Run,
    /// The worker shuts down: nothing is wanted any more.
    pub(crate) closing: bool,
    /// What this worker runs of all that there is; `None` is everything.
    pub(crate) owned: Option<Owned>,
    /// Connectors whose tasks changed: see [`Held`].
    pub(crate) held: BTreeMap<Name, Held>,
    /// How often the group was joined.
    pub(crate) joins: u64,
}

/// Since when tasks of a connector wait for the group (invariant 3). New task configs may move work from one task to
/// another, and the task that had it may live on another worker: new tasks begin when each worker has joined the group
/// with its old ones stopped, as in Kafka Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// What [`State::joins`] was: a later join counts.
    joins: u64,
    /// As far as the config topic was read: members that have read less do not know of it.
    pub(crate) config_offset: i64,
}

/// Connector objects and tasks that a worker of a group owns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owned {
    objects: BTreeSet<Name>,
    tasks: BTreeSet<TaskId>,
}

impl Owned {
    /// These.
    pub fn new(objects: impl IntoIterator<Item = Name>, tasks: impl IntoIterator<Item = TaskId>) -> Self {
        Self { objects: objects.into_iter().collect(), tasks: tasks.into_iter().collect() }
    }

    /// Whether a connector object is among them.
    pub(crate) fn object(&self, name: &str) -> bool {
        self.objects.contains(name)
    }

    /// Whether a task is among them.
    pub(crate) fn task(&self, id: &TaskId) -> bool {
        self.tasks.contains(id)
    }
}

/// One connector.
#[derive(Debug, Default)]
pub struct Connector {
    /// What is stored; `None` once deleted, while something of it still stops.
    pub desired: Option<Desired>,
    /// The connector object.
    pub object: Instance,
    /// The tasks, also those that still stop.
    pub tasks: BTreeMap<u32, Instance>,
    /// Topics that its tasks used.
    pub topics: BTreeSet<String>,
    /// What was told of it.
    pub(crate) published: Published,
}

/// What was told of a connector's object and tasks.
#[derive(Debug, Default)]
pub(crate) struct Published {
    object: Option<Condition>,
    tasks: BTreeMap<u32, Condition>,
}

/// What is stored of a connector.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The config as it was sent.
    pub config: RawConfig,
    /// What is wanted.
    pub target: Target,
    /// The config of each task.
    pub tasks: Vec<RawConfig>,
    /// See [`Change::Tasks`].
    pub applied: Option<u64>,
    /// The config, as it was sent, when the tasks were stored; `None` as long as they never were.
    pub applied_config: Option<RawConfig>,
}

/// A connector object or a task: at most one of it lives at any time.
#[derive(Debug, Default)]
pub struct Instance {
    /// Goes up when a new one is needed: for another config, or because somebody asked for a restart.
    pub version: u64,
    /// The one that lives.
    pub live: Option<Live>,
    /// The version that failed: it is not started again by itself.
    pub failed: Option<u64>,
    /// What status answers show.
    pub condition: Condition,
    /// Why the start of the one that lives is tried again; tasks only.
    pub retrying: Option<Retrying>,
}

/// A start that will be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrying {
    /// What went wrong, in the form of a Java trace; no secrets.
    pub trace: String,
    /// When it is tried again, in milliseconds since the epoch.
    pub retry_at_ms: i64,
}

/// Something that was started and has not yet been reported as stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Which.
    pub run: Run,
    /// What it was started for.
    pub version: u64,
    /// It was told to stop.
    pub stopping: bool,
    /// It was told to pause; of no meaning for connector objects.
    pub paused: bool,
    /// It said by itself that it failed; of no meaning for tasks.
    pub raised: bool,
}

/// What status answers show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Condition {
    /// Not started yet, or stopped.
    #[default]
    Unassigned,
    /// Running.
    Running,
    /// Paused.
    Paused,
    /// Stopped on request; connector objects only.
    Stopped,
    /// About to be started anew on request.
    Restarting,
    /// Failed; the trace holds no secret. With `retry`, the runtime tries again by itself.
    Failed {
        /// What happened, in the form of a Java trace.
        trace: String,
        /// When the runtime tries again, in milliseconds since the epoch.
        retry_at_ms: Option<i64>,
    },
}

impl Condition {
    /// Kafka Connect's word.
    pub fn name(&self) -> &'static str {
        match self {
            Condition::Unassigned => "UNASSIGNED",
            Condition::Running => "RUNNING",
            Condition::Paused => "PAUSED",
            Condition::Stopped => "STOPPED",
            Condition::Restarting => "RESTARTING",
            Condition::Failed { .. } => "FAILED",
        }
    }

    /// The trace of a failure.
    pub fn trace(&self) -> Option<&str> {
        match self {
            Condition::Failed { trace, .. } => Some(trace),
            _ => None,
        }
    }

    /// Whether it failed.
    pub fn is_failed(&self) -> bool {
        matches!(self, Condition::Failed { .. })
    }
}

impl Instance {
    /// Whether this run is the one that lives.
    pub(crate) fn is_run(&self, run: Run) -> bool {
        self.live.as_ref().is_some_and(|live| live.run == run)
    }

    /// Whether this run lives, was not told to stop, and is of the newest version.
    pub(crate) fn is_current(&self, run: Run) -> bool {
        let current = |live: &Live| live.run == run && !live.stopping && live.version == self.version;
        self.live.as_ref().is_some_and(current)
    }

    /// Whether the one that lives said by itself that it failed.
    pub(crate) fn has_raised(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.raised)
    }

    /// Whether the newest version has failed, and stays so by itself.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed == Some(self.version)
            || self.live.as_ref().is_some_and(|live| live.raised && live.version == self.version)
    }

    /// Makes a new one necessary.
    pub(crate) fn renew(&mut self) {
        self.version += 1;
    }

    /// Forgets a failure of earlier.
    fn begin_anew(&mut self) {
        if self.failed.take().is_some() {
            self.renew();
            self.condition = Condition::Unassigned;
        }
    }

    /// Whether the newest version runs, failed, or is not going to be started: what a caller may wait for.
    pub(crate) fn is_settled(&self) -> bool {
        match &self.live {
            Some(live) => {
                live.version == self.version
                    && !matches!(self.condition, Condition::Unassigned | Condition::Restarting)
            }
            None => self.failed == Some(self.version) || self.condition != Condition::Restarting,
        }
    }
}

impl Desired {
    /// Whether the tasks are made of the connector config that this stands for. When they were made by an earlier
    /// process, its text has to do.
    pub(crate) fn are_of(&self, applied: u64) -> bool {
        match self.applied {
            Some(known) => known == applied,
            None => self.applied_config.as_ref() == Some(&self.config),
        }
    }
}

impl State {
    /// A connector that was not deleted.
    pub fn connector(&self, name: &str) -> Option<(&Connector, &Desired)> {
        let connector = self.connectors.get(name)?;
        Some((connector, connector.desired.as_ref()?))
    }

    /// Names of all connectors that were not deleted.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.connectors.iter().filter(|(_, connector)| connector.desired.is_some()).map(|(name, _)| name)
    }

    /// Takes over what this worker is to run. What it had before, and others since, begins anew: that it failed here once
    /// says nothing about now.
    pub(crate) fn own(&mut self, owned: Owned) {
        let before = self.owned.take().unwrap_or_default();
        for (name, connector) in &mut self.connectors {
            if owned.object(name) && !before.object(name) {
                connector.object.begin_anew();
            }
            for (&task, instance) in &mut connector.tasks {
                let id = TaskId { connector: name.clone(), task };
                if owned.task(&id) && !before.task(&id) {
                    instance.begin_anew();
                }
            }
        }
        self.owned = Some(owned);
    }

    /// New task configs of a connector came, read up to an offset of the config topic.
    pub(crate) fn hold(&mut self, name: &Name, config_offset: i64) {
        let had_some = |connector: &Connector| {
            connector.desired.as_ref().is_some_and(|desired| desired.applied_config.is_some())
        };
        if self.owned.is_some() && self.connectors.get(name).is_some_and(had_some) {
            self.held.insert(name.clone(), Held { joins: self.joins, config_offset });
        }
    }

    /// The group was joined, and whoever leads it had read the config topic to an offset: tasks of those that changed before
    /// may begin. Answers whether there are any.
    pub(crate) fn release(&mut self, config_offset: i64) -> bool {
        let before = self.held.len();
        let joins = self.joins;
        self.held.retain(|_, held| held.joins >= joins || held.config_offset > config_offset);
        self.held.len() < before
    }

    /// How far each member must have read before tasks that changed may begin.
    pub(crate) fn held_offset(&self) -> Option<i64> {
        self.held.values().map(|held| held.config_offset).max()
    }

    /// Whether nothing lives but what is owned, and no task of before its connector's tasks changed.
    pub(crate) fn is_at_rest(&self) -> bool {
        let Some(owned) = &self.owned else { return true };
        self.connectors.iter().all(|(name, connector)| {
            let task = |index: &u32| TaskId { connector: name.clone(), task: *index };
            let held = self.held.contains_key(name);
            let rests = |index: &u32, it: &Instance| match &it.live {
                None => true,
                Some(live) => owned.task(&task(index)) && !(held && live.version != it.version),
            };
            (connector.object.live.is_none() || owned.object(name))
                && connector.tasks.iter().all(|(index, it)| rests(index, it))
        })
    }

    /// Whether nothing lives.
    pub(crate) fn is_idle(&self) -> bool {
        self.connectors.values().all(Connector::is_idle)
    }
}

impl Connector {
    /// What changed since the last call: of the object (`None`) and of tasks; a task that is gone has no condition.
    pub(crate) fn unpublished(&mut self) -> Vec<(Option<u32>, Option<Condition>)> {
        let Self { desired, object, tasks, published, .. } = self;
        let mut changes = Vec::new();
        if desired.is_none() {
            return changes; // it is deleted: its end is of no interest
        }
        // What was never told and is not there is nothing to tell.
        let news = |now: &Condition, before: Option<&Condition>| match before {
            Some(before) => before != now,
            None => *now != Condition::Unassigned,
        };
        if news(&object.condition, published.object.as_ref()) {
            published.object = Some(object.condition.clone());
            changes.push((None, published.object.clone()));
        }
        for (&index, task) in tasks.iter() {
            if news(&task.condition, published.tasks.get(&index)) {
                published.tasks.insert(index, task.condition.clone());
                changes.push((Some(index), Some(task.condition.clone())));
            }
        }
        published.tasks.retain(|index, _| {
            let there = tasks.contains_key(index);
            if !there {
                changes.push((Some(*index), None));
            }
            there
        });
        changes
    }

    /// The object (`None`), or a task.
    pub(crate) fn instance_mut(&mut self, task: Option<u32>) -> Option<&mut Instance> {
        match task {
            None => Some(&mut self.object),
            Some(task) => self.tasks.get_mut(&task),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.object.live.is_none() && self.tasks.values().all(|task| task.live.is_none())
    }

    /// Takes in what was stored.
    pub(crate) fn change(&mut self, change: Change) {
        match change {
            Change::Config { config, target, .. } => {
                let known = self.desired.take();
                self.desired = Some(match known {
                    Some(desired) => Desired { config, target: target.unwrap_or(desired.target), ..desired },
                    None => Desired {
                        config,
                        target: target.unwrap_or(Target::Started),
                        tasks: Vec::new(),
                        applied: None,
                        applied_config: None,
                    },
                });
                self.object.renew();
            }
            Change::Target { target, .. } => {
                if let Some(desired) = &mut self.desired {
                    desired.target = target;
                }
                if target == Target::Stopped && self.object.failed.take().is_some() {
                    // A failed object leaves that state only by being stopped, as in Kafka Connect.
                    self.object.condition = Condition::Stopped;
                }
            }
            Change::Tasks { configs, applied, .. } => {
                let Some(desired) = &mut self.desired else { return };
                let all = applied.is_none() || desired.applied != applied;
                for (index, config) in (0_u32..).zip(&configs) {
                    let same = desired.tasks.get(index as usize) == Some(config);
                    let slot = self.tasks.entry(index).or_default();
                    if all || !same {
                        slot.renew();
                    }
                }
                desired.tasks = configs;
                desired.applied = applied;
                desired.applied_config = Some(desired.config.clone());
            }
            Change::Restart { .. } => {} // the herder knows what of it is here
            Change::Deleted { .. } => {
                self.desired = None;
                self.topics.clear();
                self.published = Published::default();
            }
        }
    }
}
