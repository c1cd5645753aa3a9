//! The herder's one loop: it owns the state, takes commands and events in turn, and never waits for a plugin.

use std::collections::VecDeque;
use std::sync::Arc;

use config::{Catalog, PluginKind};
use tokio::sync::mpsc;

use crate::command::{Command, PutIf, Reply};
use crate::execute::Executor;
use crate::view::View;
use crate::{
    Change, Condition, Connector, Effect, Error, Event, Handle, Name, Parts, Result, State, StatusChange,
    Statuses, Store, Target, TaskId, plan,
};

/// Requests that may wait for the loop.
const COMMANDS_MAX: usize = 256;

/// The herder, to be run.
pub struct Herder {
    state: State,
    store: Box<dyn Store>,
    statuses: Box<dyn Statuses>,
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
        (Self { state, store, statuses, parts, executor, commands, events, waiting: Vec::new() }, handle)
    }

    /// Runs until [`Handle::shut_down`], or until no handle is left and nothing lives.
    pub async fn run(mut self) {
        self.take_stored().await;
        loop {
            tokio::select! {
                biased;
                Some(event) = self.events.recv() => self.take(event).await,
                command = self.commands.recv() => match command {
                    Some(command) => self.answer(command).await,
                    None => self.take(Event::ShutDown).await,
                },
                change = self.store.next() => self.take(Event::Changed(change)).await,
            }
            self.answer_waiting();
            if self.state.closing && self.state.is_idle() {
                self.statuses.flush().await;
                return;
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
            let touched = event.connector().cloned();
            self.publish_of(&event);
            let effects = plan(&mut self.state, event);
            self.publish(touched.as_ref());
            for effect in effects {
                match effect {
                    Effect::Write(change) => match self.store.write(change).await {
                        Ok(changes) => events.extend(changes.into_iter().map(Event::Changed)),
                        Err(error) => tracing::error!("cannot store the connector's tasks: {error}"),
                    },
                    other => self.executor.begin(other),
                }
            }
        }
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
        Some(View::of(name, connector, desired))
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
            Command::RestartObject(name, reply) => match self.known(&name, "Unknown connector: ") {
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
        let chosen = |state: &str| !only_failed || state == "FAILED";
        let object = chosen(view.object.state);
        let mut tasks = Vec::new();
        for (index, task) in (0..).zip(&mut view.tasks) {
            if include_tasks && chosen(task.state.state) {
                tasks.push(index);
                task.state.state = "RESTARTING";
            }
        }
        if object {
            view.object.state = "RESTARTING";
        }
        self.take(Event::Restart { name: name.clone(), object, tasks }).await;
        Ok(view)
    }

    async fn restart_task(&mut self, name: &Name, task: u32) -> Result<()> {
        self.known(name, "Unknown connector: ")?;
        let tasks = self.state.connector(name).map_or(0, |(_, desired)| desired.tasks.len());
        if task as usize >= tasks {
            return Err(Error::NotFound(format!("Unknown task: {name}-{task}")));
        }
        self.take(Event::Restart { name: name.clone(), object: false, tasks: vec![task] }).await;
        Ok(())
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
