//! The planner: what to do about an event.
//!
//! It is the herder's whole judgement and does nothing itself: no I/O, no time, no randomness. What it decides comes
//! out as [`Effect`]s; what becomes of them comes back as [`Event`]s. It looks at one connector at a time, so that a
//! change to one cannot disturb another (invariant 6).
//!
//! The rule for a connector object or a task is the same, and is [`step`]: at most one of it lives; one that is not
//! wanted, or is of an older version, is stopped first; one that failed is not started again until its version goes
//! up.

use config::RawConfig;

use crate::state::{Condition, Connector, Instance, Live, Retrying, Run, State};
use crate::{Change, Name, Owned, Target, TaskId};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The store has something new.
    Changed(Change),
    /// A connector object was started.
    ConnectorStarted(Name, Run),
    /// A connector object gave the configs of its tasks; `applied` as in [`Change::Tasks`].
    TaskConfigs {
        /// Which connector.
        name: Name,
        /// Which object.
        run: Run,
        /// The configs, with references in place of secrets.
        configs: Vec<RawConfig>,
        /// Stands for the resolved connector config.
        applied: u64,
    },
    /// A connector object failed.
    ConnectorFailed {
        /// Which connector.
        name: Name,
        /// Which object.
        run: Run,
        /// What happened; no secrets.
        trace: String,
        /// When the executor tries again by itself, in milliseconds since the epoch.
        retry_at_ms: Option<i64>,
        /// Whether the object is of no more use; if not, it may recover or give task configs later.
        ended: bool,
    },
    /// A connector object says by itself that it failed; nothing but its end makes up for that.
    ErrorRaised {
        /// Which connector.
        name: Name,
        /// Which object.
        run: Run,
        /// What happened; no secrets.
        trace: String,
    },
    /// A connector object is gone.
    ConnectorStopped(Name, Run),
    /// A connector object wants to be asked for task configs again.
    ReconfigurationRequested(Name, Run),
    /// A task runs.
    TaskRunning(TaskId, Run),
    /// A task paused.
    TaskPaused(TaskId, Run),
    /// A task tries the same again.
    TaskRetrying {
        /// Which task.
        id: TaskId,
        /// Which run of it.
        run: Run,
        /// Why; no secrets.
        trace: String,
        /// When, in milliseconds since the epoch.
        retry_at_ms: i64,
    },
    /// A task failed; it moves no more records.
    TaskFailed(TaskId, Run, String),
    /// A task is gone.
    TaskStopped(TaskId, Run),
    /// A task used a topic.
    TopicUsed(TaskId, String),
    /// Somebody wants a connector's topics to be forgotten.
    ResetTopics(Name),
    /// Somebody wants instances to be started anew.
    Restart {
        /// Which connector.
        name: Name,
        /// Whether the connector object is among them.
        object: bool,
        /// Which tasks are.
        tasks: Vec<u32>,
    },
    /// What failed is going to be started anew by itself.
    RestartPlanned {
        /// Which connector.
        name: Name,
        /// Which task; `None` is the connector object.
        task: Option<u32>,
        /// When, in milliseconds since the epoch.
        retry_at_ms: i64,
    },
    /// It is time for that, if it has not been started, changed or given away meanwhile.
    RestartDue {
        /// Which connector.
        name: Name,
        /// Which task; `None` is the connector object.
        task: Option<u32>,
        /// The version that failed.
        version: u64,
    },
    /// What this worker is to run of all that there is, from now on.
    Owned(Owned),
    /// The worker shuts down.
    ShutDown,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Store a change; it comes back as [`Event::Changed`].
    Write(Change),
    /// Start a connector object and ask it for task configs.
    StartConnector {
        /// Which connector.
        name: Name,
        /// Which object.
        run: Run,
        /// The config as it was sent.
        config: RawConfig,
    },
    /// Ask a connector object for task configs again.
    Reconfigure(Name, Run),
    /// Stop a connector object.
    StopConnector(Name, Run),
    /// Start a task.
    StartTask {
        /// Which task.
        id: TaskId,
        /// Which run of it.
        run: Run,
        /// The connector's config as it was sent.
        connector: RawConfig,
        /// The task's config as it is stored.
        config: RawConfig,
        /// Whether it begins paused.
        paused: bool,
    },
    /// Pause a task.
    PauseTask(TaskId, Run),
    /// Let a paused task go on.
    ResumeTask(TaskId, Run),
    /// Stop a task, also one that failed: it must be gone before the next begins.
    StopTask(TaskId, Run),
}

impl Effect {
    /// The connector concerned.
    pub fn name(&self) -> &Name {
        match self {
            Effect::Write(change) => change.name(),
            Effect::StartConnector { name, .. }
            | Effect::Reconfigure(name, _)
            | Effect::StopConnector(name, _) => name,
            Effect::StartTask { id, .. }
            | Effect::PauseTask(id, _)
            | Effect::ResumeTask(id, _)
            | Effect::StopTask(id, _) => &id.connector,
        }
    }
}

/// Takes an event into the state and says what is to be done, in order.
pub fn plan(state: &mut State, event: Event) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(name) = event.connector().cloned() else {
        match event {
            Event::Owned(owned) => state.own(owned),
            _ => state.closing = true,
        }
        let names: Vec<Name> = state.connectors.keys().cloned().collect();
        for name in names {
            reconcile(state, &name, &mut effects);
        }
        return effects;
    };
    match event {
        Event::Changed(change @ Change::Config { .. }) => {
            state.connectors.entry(name.clone()).or_default().change(change);
        }
        other => {
            let Some(connector) = state.connectors.get_mut(&name) else { return effects };
            take_in(connector, &name, other, &mut effects);
        }
    }
    reconcile(state, &name, &mut effects);
    effects
}

impl Event {
    /// The connector concerned; `None` when it is about all.
    pub(crate) fn connector(&self) -> Option<&Name> {
        Some(match self {
            Event::Changed(change) => change.name(),
            Event::ConnectorStarted(name, _)
            | Event::TaskConfigs { name, .. }
            | Event::ConnectorFailed { name, .. }
            | Event::ErrorRaised { name, .. }
            | Event::ConnectorStopped(name, _)
            | Event::ReconfigurationRequested(name, _)
            | Event::ResetTopics(name)
            | Event::RestartPlanned { name, .. }
            | Event::RestartDue { name, .. }
            | Event::Restart { name, .. } => name,
            Event::TaskRunning(id, _)
            | Event::TaskPaused(id, _)
            | Event::TaskRetrying { id, .. }
            | Event::TaskFailed(id, ..)
            | Event::TaskStopped(id, _)
            | Event::TopicUsed(id, _) => &id.connector,
            Event::Owned(_) | Event::ShutDown => return None,
        })
    }
}

// What an event says about a connector. Reports of runs that are no longer the newest change nothing but their end.
fn take_in(connector: &mut Connector, name: &Name, event: Event, effects: &mut Vec<Effect>) {
    match event {
        Event::Changed(change) => connector.change(change),
        Event::ConnectorStarted(_, run) => {
            if connector.object.is_current(run) {
                runs(&mut connector.object);
            }
        }
        Event::TaskConfigs { run, configs, applied, .. } => {
            let wanted = connector.desired.as_mut().filter(|desired| desired.target == Target::Started);
            if let Some(desired) = wanted.filter(|_| connector.object.is_current(run)) {
                if desired.tasks == configs && desired.are_of(applied) {
                    desired.applied = Some(applied);
                } else {
                    let applied = Some(applied);
                    effects.push(Effect::Write(Change::Tasks { name: name.clone(), configs, applied }));
                }
                runs(&mut connector.object);
            }
        }
        Event::ConnectorFailed { run, trace, retry_at_ms, ended, .. } => {
            if connector.object.is_current(run) {
                // What it raised stays in sight: it is what the operator has to deal with.
                if ended || !connector.object.has_raised() {
                    connector.object.condition = Condition::Failed { trace, retry_at_ms };
                }
                if ended {
                    connector.object.failed = Some(connector.object.version);
                }
            }
        }
        Event::ErrorRaised { run, trace, .. } => {
            if connector.object.is_current(run) {
                connector.object.condition = Condition::Failed { trace, retry_at_ms: None };
                if let Some(live) = &mut connector.object.live {
                    live.raised = true;
                }
            }
        }
        Event::ConnectorStopped(_, run) => {
            if connector.object.is_run(run) {
                ended(&mut connector.object);
            }
        }
        Event::ReconfigurationRequested(_, run) => {
            if connector.object.is_current(run) {
                effects.push(Effect::Reconfigure(name.clone(), run));
            }
        }
        Event::TaskRunning(id, run) => show(connector, &id, run, Condition::Running),
        Event::TaskPaused(id, run) => show(connector, &id, run, Condition::Paused),
        Event::TaskRetrying { id, run, trace, retry_at_ms } => {
            // A task that moved records and tries again is RUNNING; its counters tell of the trouble.
            let starting = |task: &&mut Instance| {
                task.is_current(run)
                    && matches!(task.condition, Condition::Unassigned | Condition::Restarting)
            };
            if let Some(task) = connector.tasks.get_mut(&id.task).filter(starting) {
                task.retrying = Some(Retrying { trace, retry_at_ms });
            }
        }
        Event::TaskFailed(id, run, trace) => {
            show(connector, &id, run, Condition::Failed { trace, retry_at_ms: None });
            if let Some(task) = connector.tasks.get_mut(&id.task).filter(|task| task.is_current(run)) {
                task.failed = Some(task.version);
            }
        }
        Event::TaskStopped(id, run) => {
            if let Some(task) = connector.tasks.get_mut(&id.task).filter(|task| task.is_run(run)) {
                ended(task);
            }
        }
        Event::TopicUsed(_, topic) => {
            if connector.desired.is_some() {
                connector.topics.insert(topic);
            }
        }
        Event::ResetTopics(_) => connector.topics.clear(),
        Event::Restart { object, tasks, .. } => restart(connector, object, &tasks),
        Event::RestartPlanned { task, retry_at_ms, .. } => {
            let failed = connector.instance_mut(task).filter(|instance| instance.has_failed());
            if let Some(Condition::Failed { retry_at_ms: at, .. }) = failed.map(|it| &mut it.condition) {
                *at = Some(retry_at_ms);
            }
        }
        Event::RestartDue { task, version, .. } => {
            let due = |instance: &mut Instance| instance.has_failed() && instance.version == version;
            if connector.instance_mut(task).is_some_and(due) {
                restart(connector, task.is_none(), task.as_slice());
            }
        }
        Event::Owned(_) | Event::ShutDown => {}
    }
}

fn show(connector: &mut Connector, id: &TaskId, run: Run, condition: Condition) {
    if let Some(task) = connector.tasks.get_mut(&id.task).filter(|task| task.is_current(run)) {
        task.condition = condition;
        task.retrying = None;
    }
}

// The object works, unless it said itself that it does not.
fn runs(object: &mut Instance) {
    if !object.has_raised() {
        object.condition = Condition::Running;
    }
}

// It is gone. A failure stays in sight; so does a restart that is under way.
fn ended(instance: &mut Instance) {
    instance.live = None;
    instance.retrying = None;
    let failed = instance.failed == Some(instance.version);
    if !failed && instance.condition != Condition::Restarting {
        instance.condition = Condition::Unassigned;
    }
}

fn restart(connector: &mut Connector, object: bool, tasks: &[u32]) {
    let Some(desired) = &connector.desired else { return };
    if object {
        connector.object.renew();
        if desired.target == Target::Started {
            connector.object.condition = Condition::Restarting;
        }
    }
    for index in tasks.iter().filter(|index| (**index as usize) < desired.tasks.len()) {
        if let Some(task) = connector.tasks.get_mut(index) {
            task.renew();
            task.condition = Condition::Restarting;
        }
    }
}

/// What an instance needs next.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Start,
    Stop(Run),
    Pause(Run),
    Resume(Run),
}

fn step(instance: &Instance, wanted: bool, paused: bool) -> Option<Step> {
    match &instance.live {
        Some(live) if live.stopping => None,
        Some(live) => {
            let failed = instance.failed == Some(live.version);
            if !wanted || failed || live.version != instance.version {
                Some(Step::Stop(live.run))
            } else if live.paused != paused {
                Some(if paused { Step::Pause(live.run) } else { Step::Resume(live.run) })
            } else {
                None
            }
        }
        None => (wanted && instance.failed != Some(instance.version)).then_some(Step::Start),
    }
}

// Compares what is wanted of a connector with what there is.
fn reconcile(state: &mut State, name: &Name, effects: &mut Vec<Effect>) {
    let mut next_run = state.last_run;
    let closing = state.closing;
    let owned = state.owned.as_ref();
    let ours = owned.is_none_or(|owned| owned.object(name));
    let held = state.held.contains_key(name);
    let Some(connector) = state.connectors.get_mut(name) else { return };
    let Connector { desired, object, tasks, .. } = connector;
    let desired = desired.as_ref().filter(|_| !closing);

    let wanted = ours && desired.is_some_and(|desired| desired.target == Target::Started);
    match step(object, wanted, false) {
        Some(Step::Start) => {
            if let Some(desired) = desired {
                let run = begin(object, &mut next_run, false);
                let config = desired.config.clone();
                effects.push(Effect::StartConnector { name: name.clone(), run, config });
            }
        }
        Some(Step::Stop(run)) => {
            stop(object);
            effects.push(Effect::StopConnector(name.clone(), run));
        }
        Some(Step::Pause(_) | Step::Resume(_)) | None => {}
    }
    if let (None, Some(desired)) = (&object.live, desired)
        && !wanted
        && ours
        && object.failed != Some(object.version)
    {
        object.condition =
            if desired.target == Target::Paused { Condition::Paused } else { Condition::Stopped };
    }

    for (&index, task) in tasks.iter_mut() {
        let id = TaskId { connector: name.clone(), task: index };
        let config = desired
            .filter(|desired| desired.target != Target::Stopped)
            .filter(|_| owned.is_none_or(|owned| owned.task(&id)))
            .and_then(|desired| desired.tasks.get(index as usize));
        let paused = desired.is_some_and(|desired| desired.target == Target::Paused);
        match (step(task, config.is_some(), paused), config, desired) {
            (Some(Step::Start), Some(config), Some(desired)) if !held => {
                let run = begin(task, &mut next_run, paused);
                let (connector, config) = (desired.config.clone(), config.clone());
                effects.push(Effect::StartTask { id, run, connector, config, paused });
            }
            (Some(Step::Stop(run)), ..) => {
                stop(task);
                effects.push(Effect::StopTask(id, run));
            }
            (Some(Step::Pause(run)), ..) => {
                mark_paused(task, true);
                effects.push(Effect::PauseTask(id, run));
            }
            (Some(Step::Resume(run)), ..) => {
                mark_paused(task, false);
                effects.push(Effect::ResumeTask(id, run));
            }
            (Some(Step::Start) | None, ..) => {}
        }
    }
    let count = connector.desired.as_ref().map_or(0, |desired| desired.tasks.len());
    connector.tasks.retain(|index, task| task.live.is_some() || (*index as usize) < count);
    let forgotten = connector.desired.is_none() && connector.is_idle();
    state.last_run = next_run;
    if forgotten {
        state.connectors.remove(name);
        state.held.remove(name);
    }
}

fn begin(instance: &mut Instance, last_run: &mut Run, paused: bool) -> Run {
    *last_run += 1;
    instance.live =
        Some(Live { run: *last_run, version: instance.version, stopping: false, paused, raised: false });
    instance.retrying = None;
    *last_run
}

fn stop(instance: &mut Instance) {
    if let Some(live) = &mut instance.live {
        live.stopping = true;
    }
}

fn mark_paused(instance: &mut Instance, paused: bool) {
    if let Some(live) = &mut instance.live {
        live.paused = paused;
    }
}

#[cfg(test)]
mod simulator;
#[cfg(test)]
mod tests;
