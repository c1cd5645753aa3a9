//! The herder's one loop: it owns the state, takes commands and events in turn, and never waits for a plugin.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::command::{Command, PutIf, Reply};
use crate::execute::Executor;
use crate::fencing::later;
use crate::group::{Group, GroupMember};
use crate::group_loop::next_of;
use crate::hand_in::HandIns;
use crate::rebalances::Rebalances;
use crate::restarts::{Restarts, failed_by};
use crate::startups::Startups;
use crate::view::View;
use crate::waiting::Waiting;
use crate::{
    Change, Effect, Error, Event, Fencing, Handle, Name, Owned, Parts, Result, State, Statuses, Store,
    Target, TaskId, plan,
};

/// Requests that may wait for the loop.
pub(crate) const COMMANDS_MAX: usize = 256;
/// The pause before a connector is asked for its tasks again when they could not be stored.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// The herder, to be run.
pub struct Herder {
    pub(crate) state: State,
    pub(crate) store: Box<dyn Store>,
    pub(crate) statuses: Box<dyn Statuses>,
    pub(crate) group: Option<Group>,
    pub(crate) parts: Arc<Parts>,
    pub(crate) executor: Executor,
    pub(crate) startups: Startups,
    pub(crate) rebalances: Rebalances,
    pub(crate) commands: mpsc::Receiver<Command>,
    /// Requests that came while the store worked.
    pub(crate) deferred: VecDeque<Command>,
    /// Nobody can send one any more.
    no_handles: bool,
    events: mpsc::UnboundedReceiver<Event>,
    pub(crate) waiting: Vec<Waiting>,
    /// Requests that are answered when it is known who leads the group.
    pub(crate) parked: Vec<Command>,
    /// Whoever waits until the group is ready for this worker's leave.
    pub(crate) rallies: Vec<Reply<()>>,
    pub(crate) restarts: Restarts,
    pub(crate) hand_ins: Option<HandIns>,
    /// Until when no session key is made, as [`api::Clock::elapsed`].
    pub(crate) key_pause: Option<Duration>,
    /// Until when the right to write as a leader is not claimed again, as [`api::Clock::elapsed`].
    pub(crate) claim_pause: Option<Duration>,
}

impl Herder {
    /// A herder and the handle to it. [`Herder::run`] must be awaited on a runtime that is not the plugins'.
    pub fn new(parts: Arc<Parts>, store: Box<dyn Store>, statuses: Box<dyn Statuses>) -> (Self, Handle) {
        let (sender, commands) = mpsc::channel(COMMANDS_MAX);
        let (reports, events) = mpsc::unbounded_channel();
        let handle = Handle::new(sender, parts.clone());
        let executor = Executor::new(parts.clone(), reports, handle.downgrade());
        let state = State::default();
        let waiting = Vec::new();
        let now = parts.clock.elapsed();
        let herder = Self {
            state,
            store,
            statuses,
            group: None,
            parts,
            executor,
            commands,
            events,
            waiting,
            parked: Vec::new(),
            deferred: VecDeque::new(),
            no_handles: false,
            rallies: Vec::new(),
            restarts: Restarts::default(),
            hand_ins: None,
            key_pause: None,
            claim_pause: None,
            startups: Startups::new(now),
            rebalances: Rebalances::new(now),
        };
        (herder, handle)
    }

    /// As one of a group: it runs what the group gives it, and nothing before it has joined.
    pub fn in_group(mut self, member: GroupMember) -> Self {
        let events = self.executor.events();
        self.executor.set_leader(member.leader.clone());
        self.hand_ins = Some(HandIns::new(member.leader.clone(), events, member.clock.clone()));
        self.group = Some(Group::new(member, self.executor.roster()));
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
            let key_due = self.key_due().map(|wait| self.parts.clock.sleep(wait));
            let claim_due = self.claim_due().map(|wait| self.parts.clock.sleep(wait));
            tokio::select! {
                biased;
                Some(event) = self.events.recv() => self.take(event).await,
                command = next_command(&mut self.deferred, &mut self.commands), if !self.no_handles => match command {
                    Some(command) => self.answer_or_park(command).await,
                    None => {
                        self.no_handles = true;
                        self.take(Event::ShutDown).await;
                    }
                },
                event = next_of(&mut self.group), if !self.state.closing => {
                    let taken = match event {
                        Ok(event) => self.take_group_event(event).await,
                        Err(error) => Err(error.to_string()),
                    };
                    if let Err(why) = taken {
                        tracing::error!("this worker cannot be one of its group: {why}");
                        refused = Err(Error::Failed(why));
                        self.take(Event::ShutDown).await;
                    }
                    self.answer_parked().await;
                }
                () = maybe(key_due) => self.renew_session_key().await,
                () = maybe(claim_due) => self.claim().await,
                change = self.store.next() => self.take(Event::Changed(change)).await,
            }
            self.go_on_in_group();
            self.answer_waiting();
            if self.state.closing && self.state.is_idle() {
                // Others get the work of this worker when it has left: not before it has stopped.
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

    // Plans, and begins what was planned. What a write brings is taken in at once, before anything else happens.
    pub(crate) async fn take(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let event = match event {
                Event::Changed(Change::Restart { name, include_tasks, only_failed }) => {
                    self.restart_here(name, include_tasks, only_failed)
                }
                Event::Changed(mut change) => {
                    if let Some(hand_ins) = &mut self.hand_ins {
                        hand_ins.mark(&mut change);
                    }
                    if let Change::Tasks { name, .. } = &change {
                        self.state.hold(name, self.store.offset());
                    }
                    Event::Changed(change)
                }
                event => event,
            };
            if !self.minds_restarts(&event) {
                continue;
            }
            let (touched, failed) = (event.connector().cloned(), failed_by(&event));
            self.publish_of(&event);
            let shared = matches!(&event, Event::Changed(change) if self.is_shared_out_anew(change));
            self.startups.note(self.parts.clock.elapsed(), &event);
            let effects = plan(&mut self.state, event);
            if let Some(group) = self.group.as_mut().filter(|_| shared) {
                group.configured_changed();
            }
            if let Some((name, task)) = failed {
                self.plan_restart(name, task);
            }
            self.publish(touched.as_ref());
            for effect in effects {
                self.startups.begin(&effect);
                match effect {
                    Effect::Write(change) => {
                        let name = change.name().clone();
                        match self.store_tasks(change).await {
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

    pub(crate) async fn write(&mut self, change: Change) -> Result<()> {
        for change in self.while_storing(|store| store.write(change)).await? {
            self.take(Event::Changed(change)).await;
        }
        Ok(())
    }

    pub(crate) fn view(&self, name: &str) -> Option<View> {
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
    pub(crate) async fn answer(&mut self, command: Command) {
        let Some(command) = self.answer_known(command) else { return };
        match command {
            Command::Ping(_)
            | Command::Metrics(_)
            | Command::Names(_)
            | Command::View(..)
            | Command::Views(_) => {} // answered above
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
            Command::PutTasks(name, configs, reply) => _ = reply.send(self.put_tasks(name, configs).await),
            Command::Lead(reply) => _ = reply.send(self.must_lead()),
            Command::Workers(reply) => {
                let outside = self.group.as_ref().and_then(Group::outside);
                let workers = self.must_lead().map_err(|error| match (error, outside) {
                    (Error::Conflict(_), Some(why)) => {
                        Error::Conflict(format!("this worker is not in its group now: {why}"))
                    }
                    (error, _) => error,
                });
                let known = |()| self.group.as_ref().map(Group::workers).unwrap_or_default();
                _ = reply.send(workers.map(known));
            }
            Command::Announce(announcement, reply) => _ = reply.send(self.announce(announcement).await),
            Command::ResetTopics(name, reply) => {
                self.take(Event::ResetTopics(name)).await;
                _ = reply.send(Ok(()));
            }
            Command::Fencing(name, reply) => {
                _ = reply.send(self.fencing(&name).await);
            }
            Command::Fenced { name, generation, reply } => {
                _ = reply.send(self.fenced(name, generation).await);
            }
            Command::Confirm(id, run, reply) => {
                let read = self.catch_up().await;
                let connector = self.state.connectors.get(&id.connector);
                let task = connector.and_then(|connector| connector.tasks.get(&id.task));
                _ = reply.send(read.map(|()| task.is_some_and(|task| task.is_current(run))));
            }
            Command::AtRest(name, reply) => self.waiting.push(Waiting::AtRest(name, reply)),
            Command::Rally(reply) => self.rally(reply),
            Command::ShutDown(reply) => {
                self.take(Event::ShutDown).await;
                self.waiting.push(Waiting::Idle(reply));
            }
        }
    }

    pub(crate) fn known(&self, name: &Name, text: &str) -> Result<()> {
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
        self.must_lead()?;
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

    // What cannot be read or written now is asked for again by the task that waits for it.
    async fn fencing(&mut self, name: &Name) -> Result<Fencing> {
        self.must_lead()?;
        self.catch_up().await.map_err(later)?;
        self.known(name, "Unknown connector: ")?;
        Ok(self.store.fencing(name))
    }

    // The tasks of earlier are fenced; those that were meant may begin.
    async fn fenced(&mut self, name: Name, generation: u64) -> Result<()> {
        self.must_lead()?;
        self.catch_up().await.map_err(later)?;
        let fencing = self.store.fencing(&name);
        if fencing.generation != generation {
            return Err(Error::Conflict(format!(
                "fencing earlier tasks of connector {name} is abandoned: other task configs were stored meanwhile; ask again"
            )));
        }
        let tasks = fencing.tasks;
        let written = self.while_storing(|store| store.write_task_count(name, tasks)).await;
        for change in written.map_err(later)? {
            self.take(Event::Changed(change)).await;
        }
        Ok(())
    }

    async fn delete(&mut self, name: &Name) -> Result<()> {
        self.must_lead()?;
        if self.state.connector(name).is_none() {
            return Err(Error::NotFound(format!("Connector {name} not found")));
        }
        self.write(Change::Deleted { name: name.clone() }).await
    }

    async fn set_target(&mut self, name: Name, target: Target) -> Result<()> {
        self.known(&name, "Unknown connector ")?;
        if target == Target::Stopped {
            self.must_lead()?;
            // A stopped connector has no tasks; they are made anew when it is started.
            self.write(Change::Tasks { name: name.clone(), configs: Vec::new(), applied: None }).await?;
        }
        self.write(Change::Target { name, target }).await
    }
}

// What came while the store worked comes first. Dropping the future loses nothing.
async fn next_command(
    deferred: &mut VecDeque<Command>,
    commands: &mut mpsc::Receiver<Command>,
) -> Option<Command> {
    match deferred.pop_front() {
        Some(command) => Some(command),
        None => commands.recv().await,
    }
}

async fn maybe(time: Option<api::BoxFuture<'static, ()>>) {
    match time {
        Some(time) => time.await,
        None => std::future::pending().await,
    }
}
