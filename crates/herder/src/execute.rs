//! Does what the planner decided. Nothing is judged here, and nothing waits: each object and each task has a
//! supervisor of its own that reports back as events.

use std::collections::HashMap;
use std::sync::Arc;

use api::BoxFuture;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::handle::WeakHandle;
use crate::object::{self, ObjectSignals};
use crate::patience::Patience;
use crate::task_run::{TaskRun, Wish};
use crate::{Effect, Event, Leader, Parts, Roster, Run};

/// Keeps the lines to what was started.
pub(crate) struct Executor {
    parts: Arc<Parts>,
    // Not bounded, since the loop must never make a supervisor wait: there are only as many events as things happen
    // to objects and tasks, and none for records.
    events: UnboundedSender<Event>,
    objects: HashMap<Run, ObjectSignals>,
    tasks: HashMap<Run, watch::Sender<Wish>>,
    herder: WeakHandle,
    /// The way to the leader, in a group.
    leader: Option<Arc<dyn Leader>>,
    /// How long what is stopped may take.
    pub(crate) patience: Patience,
}

impl Executor {
    pub(crate) fn new(parts: Arc<Parts>, events: UnboundedSender<Event>, herder: WeakHandle) -> Self {
        let patience = Patience::new(parts.graceful, parts.clock.clone());
        let (objects, tasks) = (HashMap::new(), HashMap::new());
        Self { parts, events, objects, tasks, herder, leader: None, patience }
    }

    /// This worker is one of a group.
    pub(crate) fn set_leader(&mut self, leader: Arc<dyn Leader>) {
        self.leader = Some(leader);
    }

    /// Who is of the group.
    pub(crate) fn roster(&self) -> Roster {
        self.herder.roster()
    }

    /// Begins an effect. Writes are for the loop, which has the store.
    pub(crate) fn begin(&mut self, effect: Effect) {
        match effect {
            Effect::Write(_) => {}
            Effect::StartConnector { name, run, config } => {
                let signals = ObjectSignals::default();
                self.objects.insert(run, signals.clone());
                let (parts, events) = (self.parts.clone(), self.events.clone());
                let patience = self.patience.clone();
                tokio::spawn(object::supervise(parts, name, run, config, signals, events, patience));
            }
            Effect::Reconfigure(_, run) => {
                if let Some(signals) = self.objects.get(&run) {
                    signals.reconfigure.notify_one();
                }
            }
            Effect::StopConnector(_, run) => {
                if let Some(signals) = self.objects.remove(&run) {
                    signals.stop.notify_one();
                }
            }
            Effect::StartTask { id, run, connector, config, paused } => {
                let (sender, wishes) = watch::channel(if paused { Wish::Pause } else { Wish::Run });
                self.tasks.insert(run, sender);
                let (parts, events) = (self.parts.clone(), self.events.clone());
                let (herder, leader) = (self.herder.clone(), self.leader.clone());
                let patience = self.patience.clone();
                let task =
                    TaskRun { parts, id, run, connector, config, wishes, events, herder, leader, patience };
                tokio::spawn(task.supervise());
            }
            Effect::PauseTask(_, run) => self.wish(run, Wish::Pause),
            Effect::ResumeTask(_, run) => self.wish(run, Wish::Run),
            Effect::StopTask(_, run) => {
                self.wish(run, Wish::Stop);
                self.tasks.remove(&run);
            }
        }
    }

    /// The line on which events are reported.
    pub(crate) fn events(&self) -> UnboundedSender<Event> {
        self.events.clone()
    }

    /// Reports an event when this has passed.
    pub(crate) fn later(&self, event: Event, pause: BoxFuture<'static, ()>) {
        let events = self.events.clone();
        tokio::spawn(async move {
            pause.await;
            let _ = events.send(event); // the loop is gone: so is the worker
        });
    }

    fn wish(&self, run: Run, wish: Wish) {
        if let Some(wishes) = self.tasks.get(&run) {
            wishes.send_replace(wish);
        }
    }
}
