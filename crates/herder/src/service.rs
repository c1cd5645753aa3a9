//! The herder's one loop: it owns the state, takes commands and events in turn, and never waits for a plugin.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use config::{Catalog, PluginKind};
use kafka::membership::{GroupEvent, Task, Work};
use tokio::sync::mpsc;

use crate::command::{Command, PutIf, Reply};
use crate::execute::Executor;
use crate::group::{Group, GroupMember};
use crate::view::View;
use crate::{
    Change, Condition, Connector, Effect, Error, Event, Handle, Name, Owned, Parts, Result, State,
    StatusChange, Statuses, Store, Target, TaskId, plan,
};

/// Requests that may wait for the loop.
const COMMANDS_MAX: usize = 256;
/// The pause before a connector is asked for its tasks again when they could not be stored.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// The herder, to be run.
pub struct Herder {
    state: State,
    store: Box<dyn Store>,
    statuses: Box<dyn Statuses>,
    group: Option<Group>,
    parts: Arc<Parts>,
    executor: Executor,
    commands: mpsc::Receiver<Command>,
    events: mpsc::UnboundedReceiver<Event>,
    waiting: Vec<Waiting>,
}

/// An answer that is due once something has happened.
enum Waiting {
    /// Nothing of the connector lives.
    Gone(Name, Reply<Result<()>>),
    /// The connector object has started or failed.
    Settled(Name, Reply<Result<()>>),
    /// Nothing of the connector lives, which may be wanted again later.
    AtRest(Name, Reply<()>),
    /// Nothing lives at all.
    Idle(Reply<()>),
}

impl Herder {
    /// A herder and the handle to it. [`Herder::run`] must be awaited on a runtime that is not the plugins'.
    pub fn new(parts: Arc<Parts>, store: Box<dyn Store>, statuses: Box<dyn Statuses>) -> (Self, Handle) {
        let (sender, commands) = mpsc::channel(COMMANDS_MAX);
        let (reports, events) = mpsc::unbounded_channel();
        let executor = Executor::new(parts.clone(), reports);
        let handle = Handle::new(sender, parts.clone());
        let state = State::default();
        let waiting = Vec::new();
        let group = None;
        (Self { state, store, statuses, group, parts, executor, commands, events, waiting }, handle)
    }

    /// As one of a group: it runs what the group gives it, and nothing before it has joined.
    pub fn in_group(mut self, member: GroupMember) -> Self {
        self.group = Some(Group::new(member));
        self.state.owned = Some(Owned::default());
        self
    }

    /// Runs until [`Handle::shut_down`], or until no handle is left and nothing lives.
    ///
    /// # Errors
    /// It can never be one of its group; everything has been stopped.
    pub async fn run(mut self) -> Result<()> {
        let mut refused = Ok(());
        self.take_stored().await;
        loop {
            tokio::select! {
                biased;
                Some(event) = self.events.recv() => self.take(event).await,
                command = self.commands.recv() => match command {
                    Some(command) => self.answer(command).await,
                    None => self.take(Event::ShutDown).await,
                },
                event = next_of(&mut self.group) => match event {
                    Ok(event) => {
                        if let Err(why) = self.take_group_event(event).await {
                            refused = Err(self.give_up(why).await);
                        }
                    }
                    Err(error) => refused = Err(self.give_up(error.to_string()).await),
                },
                change = self.store.next() => self.take(Event::Changed(change)).await,
            }
            self.go_on_in_group();
            self.answer_waiting();
            if self.state.closing && self.state.is_idle() {
                self.statuses.flush().await;
                if let Some(group) = &mut self.group {
                    group.leave().await;
                }
                return refused;
            }
        }
    }

    // What was stored before this worker started. Statuses of what is no longer wanted are forgotten.
    async fn take_stored(&mut self) {
        for change in self.store.stored() {
            self.take(Event::Changed(change)).await;
        }
        for (connector, topic) in self.statuses.topics() {
            self.take(Event::TopicUsed(TaskId { connector, task: 0 }, topic)).await;
        }
        if self.group.is_none() {
            self.forget_stale_statuses();
        }
    }

    fn forget_stale_statuses(&mut self) {
        let state = &self.state;
        self.statuses.retain(&|name, task| match (state.connector(name), task) {
            (Some((_, desired)), Some(task)) => (task as usize) < desired.tasks.len(),
            (known, None) => known.is_some(),
            (None, Some(_)) => false,
        });
    }

    // Plans, and begins what was planned. What a write brings is taken in at once, before anything else happens.
    async fn take(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let event = match event {
                Event::Changed(Change::Restart { name, include_tasks, only_failed }) => {
                    self.restart_here(name, include_tasks, only_failed)
                }
                event => event,
            };
            let touched = event.connector().cloned();
            self.publish_of(&event);
            let shared = matches!(&event, Event::Changed(change) if self.is_shared_out_anew(change));
            let effects = plan(&mut self.state, event);
            if let Some(group) = self.group.as_mut().filter(|_| shared) {
                group.configured_changed();
            }
            self.publish(touched.as_ref());
            for effect in effects {
                match effect {
                    Effect::Write(change) => {
                        let name = change.name().clone();
                        match self.store.write(change).await {
                            Ok(changes) => events.extend(changes.into_iter().map(Event::Changed)),
                            Err(error) => self.ask_again(&name, &error),
                        }
                    }
                    other => self.executor.begin(other),
                }
            }
        }
    }

    // The connector's tasks could not be stored: it is asked for them again until they are.
    fn ask_again(&self, name: &Name, error: &Error) {
        tracing::error!(
            connector = %name,
            "cannot store the connector's tasks, tried again in {} s: {error}",
            STORE_AGAIN.as_secs()
        );
        let live = self.state.connectors.get(name).and_then(|connector| connector.object.live.as_ref());
        if let Some(live) = live {
            let event = Event::ReconfigurationRequested(name.clone(), live.run);
            self.executor.later(event, self.parts.clock.sleep(STORE_AGAIN));
        }
    }

    // Whether there are other connectors or tasks after it.
    fn is_shared_out_anew(&self, change: &Change) -> bool {
        match change {
            Change::Config { name, .. } => self.state.connector(name).is_none(),
            Change::Tasks { .. } | Change::Deleted { .. } => true,
            Change::Target { .. } | Change::Restart { .. } => false,
        }
    }

    // This worker can never be one of its group.
    async fn give_up(&mut self, why: String) -> Error {
        tracing::error!("this worker cannot be one of its group: {why}");
        if let Some(mut group) = self.group.take() {
            group.leave().await;
        }
        self.take(Event::ShutDown).await;
        Error::Failed(why)
    }

    async fn take_group_event(&mut self, event: GroupEvent) -> std::result::Result<(), String> {
        let Some(group) = &mut self.group else { return Ok(()) };
        match event {
            GroupEvent::Rebalance { reason, protocol } => {
                tracing::info!("the group of workers shares its work out anew: {reason}");
                group.rebalance(protocol);
            }
            GroupEvent::Lost { cause, reason } => {
                tracing::warn!(
                    ?cause,
                    "this worker is not one of its group any more, all its work stops: {reason}"
                );
                group.lost();
            }
            GroupEvent::Lead(lead) => {
                self.catch_up().await;
                let (configured, offset) = (self.configured(), self.store.offset());
                if let Some(group) = &mut self.group {
                    group.lead(&lead, &configured, offset);
                }
                return Ok(());
            }
            GroupEvent::Assigned(assigned) => {
                if assigned.assignment.config_offset > self.store.offset() {
                    self.catch_up().await;
                }
                let offset = self.store.offset();
                let Some(group) = &mut self.group else { return Ok(()) };
                group.assigned(&assigned, offset)?;
                let (generation, owned) = (group.generation(), group.owned());
                let (objects, tasks) = (owned.connectors.len(), owned.tasks.len());
                tracing::info!(generation, objects, tasks, "this worker has its part of the group's work");
                self.statuses.set_generation(generation);
                if assigned.is_leader() {
                    self.forget_stale_statuses();
                }
            }
        }
        let Some(group) = &self.group else { return Ok(()) };
        let owned = group.owned();
        let task = |task: &Task| TaskId { connector: task.connector.clone(), task: task.task };
        let owned = Owned::new(owned.connectors.iter().cloned(), owned.tasks.iter().map(task));
        if self.state.owned.as_ref() != Some(&owned) {
            self.take(Event::Owned(owned)).await;
        }
        Ok(())
    }

    fn go_on_in_group(&mut self) {
        let at_rest = self.state.is_at_rest();
        if let Some(group) = self.group.as_mut().filter(|_| !self.state.closing) {
            group.go_on(at_rest, self.store.offset());
        }
    }

    async fn catch_up(&mut self) {
        match self.store.catch_up().await {
            Ok(changes) => {
                for change in changes {
                    self.take(Event::Changed(change)).await;
                }
            }
            Err(error) => tracing::error!("{error}"),
        }
    }

    // Everything that should run somewhere: connector objects, also of connectors that do not move records now, and
    // tasks.
    fn configured(&self) -> Work {
        let mut configured = Work::default();
        for name in self.state.names() {
            let Some((_, desired)) = self.state.connector(name) else { continue };
            configured.connectors.push(name.clone());
            let tasks = (0_u32..).zip(&desired.tasks).map(|(index, _)| Task::new(name.clone(), index));
            configured.tasks.extend(tasks);
        }
        configured
    }

    // What an event itself tells of.
    fn publish_of(&mut self, event: &Event) {
        let known = |name: &Name| self.state.connector(name).is_some();
        let change = match event {
            Event::Changed(Change::Deleted { name }) => StatusChange::ConnectorGone(name.clone()),
            Event::ResetTopics(name) => StatusChange::TopicsForgotten(name.clone()),
            Event::TopicUsed(id, topic) if known(&id.connector) => StatusChange::TopicUsed {
                id: id.clone(),
                topic: topic.clone(),
                now_ms: self.parts.clock.now_ms(),
            },
            _ => return,
        };
        self.statuses.publish(change);
    }

    // How a connector is now; all of them when the event was about all.
    fn publish(&mut self, touched: Option<&Name>) {
        let names: Vec<Name> = match touched {
            Some(name) => vec![name.clone()],
            None => self.state.connectors.keys().cloned().collect(),
        };
        for name in names {
            let Some(connector) = self.state.connectors.get_mut(&name) else { continue };
            let changes = connector.unpublished();
            if changes.is_empty() {
                continue;
            }
            let class = connector.desired.as_ref().and_then(|desired| desired.config.get("connector.class"));
            let kinds = [PluginKind::Source, PluginKind::Sink];
            let plugin = class.and_then(|class| self.parts.registry.find(class.trim(), &kinds));
            let version = plugin.map(|plugin| plugin.version.to_owned());
            for (task, condition) in changes {
                let version = version.clone();
                let trace = condition.as_ref().and_then(Condition::trace).map(str::to_owned);
                let change = match (task, condition) {
                    (None, Some(now)) => {
                        StatusChange::Object { name: name.clone(), state: now.name(), trace, version }
                    }
                    (Some(task), Some(now)) => {
                        let id = TaskId { connector: name.clone(), task };
                        StatusChange::Task { id, state: now.name(), trace, version }
                    }
                    (Some(task), None) => StatusChange::TaskGone(TaskId { connector: name.clone(), task }),
                    (None, None) => continue,
                };
                self.statuses.publish(change);
            }
        }
    }

    async fn write(&mut self, change: Change) -> Result<()> {
        for change in self.store.write(change).await? {
            self.take(Event::Changed(change)).await;
        }
        Ok(())
    }

    fn view(&self, name: &str) -> Option<View> {
        let (name, _) = self.state.connectors.get_key_value(name)?;
        let (connector, desired) = self.state.connector(name)?;
        let mut view = View::of(name, connector, desired);
        if let Some(owned) = &self.state.owned {
            // What others run is as they say.
            if !owned.object(name) && connector.object.live.is_none() {
                view.object = self.statuses.seen(name, None).unwrap_or(view.object);
            }
            for (index, task) in (0_u32..).zip(&mut view.tasks) {
                let id = TaskId { connector: name.clone(), task: index };
                let lives = connector.tasks.get(&index).is_some_and(|task| task.live.is_some());
                if !owned.task(&id) && !lives {
                    task.state = self.statuses.seen(name, Some(index)).unwrap_or(task.state.clone());
                }
            }
            view.topics = self.statuses.topics_of(name);
        }
        Some(view)
    }

    // An answer that nobody waits for any more is not an error: the client went away.
    async fn answer(&mut self, command: Command) {
        match command {
            Command::Ping(reply) => _ = reply.send(()),
            Command::Names(reply) => _ = reply.send(self.state.names().cloned().collect()),
            Command::View(name, reply) => _ = reply.send(self.view(&name)),
            Command::Views(reply) => {
                _ = reply.send(self.state.names().filter_map(|name| self.view(name)).collect());
            }
            Command::Put { name, config, target, condition, reply } => {
                let change = Change::Config { name: name.clone(), config, target };
                _ = reply.send(self.put(&name, change, &condition).await);
            }
            Command::Delete(name, reply) => match self.delete(&name).await {
                Ok(()) => self.waiting.push(Waiting::Gone(name, reply)),
                Err(error) => _ = reply.send(Err(error)),
            },
            Command::SetTarget(name, target, reply) => {
                _ = reply.send(self.set_target(name, target).await);
            }
            Command::RestartObject(name, reply) => match self.known_here(&name) {
                Ok(()) => {
                    self.take(Event::Restart { name: name.clone(), object: true, tasks: Vec::new() }).await;
                    self.waiting.push(Waiting::Settled(name, reply));
                }
                Err(error) => _ = reply.send(Err(error)),
            },
            Command::Restart { name, include_tasks, only_failed, reply } => {
                _ = reply.send(self.restart(&name, include_tasks, only_failed).await);
            }
            Command::RestartTask(name, task, reply) => _ = reply.send(self.restart_task(&name, task).await),
            Command::ResetTopics(name, reply) => {
                self.take(Event::ResetTopics(name)).await;
                _ = reply.send(Ok(()));
            }
            Command::AtRest(name, reply) => self.waiting.push(Waiting::AtRest(name, reply)),
            Command::ShutDown(reply) => {
                self.take(Event::ShutDown).await;
                self.waiting.push(Waiting::Idle(reply));
            }
        }
    }

    fn known(&self, name: &Name, text: &str) -> Result<()> {
        match self.state.connector(name) {
            Some(_) => Ok(()),
            None => Err(Error::NotFound(format!("{text}{name}"))),
        }
    }

    fn known_here(&self, name: &Name) -> Result<()> {
        self.known(name, "Unknown connector: ")?;
        match self.state.owned.as_ref().is_none_or(|owned| owned.object(name)) {
            true => Ok(()),
            false => Err(self.elsewhere(name, None)),
        }
    }

    async fn put(&mut self, name: &Name, change: Change, condition: &PutIf) -> Result<(bool, View)> {
        if self.state.closing {
            return Err(Error::ShuttingDown);
        }
        let not_found = || Error::NotFound(format!("Connector {name} not found"));
        let known = self.state.connector(name).map(|(_, desired)| &desired.config);
        match (condition, known) {
            (PutIf::Absent, Some(_)) => {
                return Err(Error::Conflict(format!("Connector {name} already exists")));
            }
            (PutIf::Same(_), None) => return Err(not_found()),
            (PutIf::Same(config), Some(known)) if config != known => {
                return Err(Error::Conflict(format!(
                    "Connector {name} was changed by somebody else meanwhile; send the request again"
                )));
            }
            _ => {}
        }
        let created = known.is_none();
        self.write(change).await?;
        Ok((created, self.view(name).ok_or_else(not_found)?))
    }

    async fn delete(&mut self, name: &Name) -> Result<()> {
        if self.state.connector(name).is_none() {
            return Err(Error::NotFound(format!("Connector {name} not found")));
        }
        self.write(Change::Deleted { name: name.clone() }).await
    }

    async fn set_target(&mut self, name: Name, target: Target) -> Result<()> {
        self.known(&name, "Unknown connector ")?;
        if target == Target::Stopped {
            // A stopped connector has no tasks; they are made anew when it is started.
            self.write(Change::Tasks { name: name.clone(), configs: Vec::new(), applied: None }).await?;
        }
        self.write(Change::Target { name, target }).await
    }

    async fn restart(&mut self, name: &Name, include_tasks: bool, only_failed: bool) -> Result<View> {
        self.known(name, "Unknown connector: ")?;
        let Some(mut view) = self.view(name) else {
            return Err(Error::NotFound(format!("Unknown connector: {name}")));
        };
        let (object, tasks) = chosen(&view, include_tasks, only_failed);
        for index in tasks {
            view.tasks[index as usize].state.state = "RESTARTING";
        }
        if object {
            view.object.state = "RESTARTING";
        }
        self.write(Change::Restart { name: name.clone(), include_tasks, only_failed }).await?;
        Ok(view)
    }

    async fn restart_task(&mut self, name: &Name, task: u32) -> Result<()> {
        self.known(name, "Unknown connector: ")?;
        let tasks = self.state.connector(name).map_or(0, |(_, desired)| desired.tasks.len());
        if task as usize >= tasks {
            return Err(Error::NotFound(format!("Unknown task: {name}-{task}")));
        }
        let id = TaskId { connector: name.clone(), task };
        if self.state.owned.as_ref().is_some_and(|owned| !owned.task(&id)) {
            return Err(self.elsewhere(name, Some(task)));
        }
        self.take(Event::Restart { name: name.clone(), object: false, tasks: vec![task] }).await;
        Ok(())
    }

    // What only the worker can do that has it.
    fn elsewhere(&self, name: &Name, task: Option<u32>) -> Error {
        let seen = self.statuses.seen(name, task).and_then(|seen| seen.worker_id);
        let what = task.map_or_else(|| format!("connector {name}"), |task| format!("task {name}-{task}"));
        Error::Conflict(match seen {
            Some(worker) => format!("{what} runs on worker {worker}: send the request there"),
            None => format!(
                "{what} runs on no worker now; send the request again when the group has shared it out"
            ),
        })
    }

    // A restart that somebody asked for, as far as it concerns this worker.
    fn restart_here(&self, name: Name, include_tasks: bool, only_failed: bool) -> Event {
        let Some(view) = self.view(&name) else {
            return Event::Restart { name, object: false, tasks: Vec::new() };
        };
        let (object, mut tasks) = chosen(&view, include_tasks, only_failed);
        let owned = self.state.owned.as_ref();
        tasks.retain(|&task| owned.is_none_or(|owned| owned.task(&TaskId { connector: name.clone(), task })));
        let object = object && owned.is_none_or(|owned| owned.object(&name));
        Event::Restart { name, object, tasks }
    }

    fn answer_waiting(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting {
                Waiting::Gone(name, reply) => {
                    let lives = self
                        .state
                        .connectors
                        .get(&name)
                        .is_some_and(|connector| connector.desired.is_none() && !connector.is_idle());
                    match lives {
                        true => self.waiting.push(Waiting::Gone(name, reply)),
                        false => _ = reply.send(Ok(())),
                    }
                }
                Waiting::Settled(name, reply) => {
                    let settled = self.state.connector(&name).is_none_or(|(it, _)| it.object.is_settled());
                    match settled {
                        true => _ = reply.send(self.started(&name)),
                        false => self.waiting.push(Waiting::Settled(name, reply)),
                    }
                }
                Waiting::AtRest(name, reply) => {
                    match self.state.connectors.get(&name).is_none_or(Connector::is_idle) {
                        true => _ = reply.send(()),
                        false => self.waiting.push(Waiting::AtRest(name, reply)),
                    }
                }
                Waiting::Idle(reply) => match self.state.is_idle() {
                    true => _ = reply.send(()),
                    false => self.waiting.push(Waiting::Idle(reply)),
                },
            }
        }
        self.waiting.retain(|waiting| match waiting {
            Waiting::Gone(_, reply) | Waiting::Settled(_, reply) => !reply.is_closed(),
            Waiting::AtRest(_, reply) | Waiting::Idle(reply) => !reply.is_closed(),
        });
    }

    // What became of a restart.
    fn started(&self, name: &Name) -> Result<()> {
        let Some((connector, _)) = self.state.connector(name) else {
            return Err(Error::NotFound(format!("Unknown connector: {name}")));
        };
        match connector.object.condition.trace() {
            Some(trace) => {
                let first = trace.lines().next().unwrap_or_default();
                Err(Error::Failed(format!("Failed to start connector: {name}: {first}")))
            }
            None => Ok(()),
        }
    }
}

// The object, and the tasks, that a restart means.
fn chosen(view: &View, include_tasks: bool, only_failed: bool) -> (bool, Vec<u32>) {
    let chosen = |state: &str| !only_failed || state == "FAILED";
    let tasks = (0_u32..).zip(&view.tasks).filter(|(_, task)| include_tasks && chosen(task.state.state));
    (chosen(view.object.state), tasks.map(|(index, _)| index).collect())
}

async fn next_of(group: &mut Option<Group>) -> kafka::Result<GroupEvent> {
    match group {
        Some(group) => group.next().await,
        None => std::future::pending().await,
    }
}
