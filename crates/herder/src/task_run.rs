//! One run of a task, from start to stop.

use std::sync::Arc;
use std::time::Duration;

use api::{BoxFuture, Clock, Error};
use config::RawConfig;
use spec::{ConnectorKind, TaskSpec};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{mpsc, oneshot, watch};

use crate::command::Command;
use crate::handle::WeakHandle;
use crate::parts::{RunningEntry, RunningTask, TaskReports};
use crate::patience::Patience;
use crate::{Event, Leader, Parts, Run, TaskId};

/// What is wanted of a run; the newest wish counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Run,
    Pause,
    Stop,
}

/// What a run is made of.
pub(crate) struct TaskRun {
    pub(crate) parts: Arc<Parts>,
    pub(crate) id: TaskId,
    pub(crate) run: Run,
    /// The connector's config as it was sent.
    pub(crate) connector: RawConfig,
    /// The task's config as it is stored.
    pub(crate) config: RawConfig,
    pub(crate) wishes: watch::Receiver<Wish>,
    pub(crate) events: UnboundedSender<Event>,
    /// For what the herder is asked before the task begins.
    pub(crate) herder: WeakHandle,
    /// The way to the leader, in a group.
    pub(crate) leader: Option<Arc<dyn Leader>>,
    /// How long it may take to stop.
    pub(crate) patience: Patience,
}

/// The pause before fencing that failed is tried again.
const FENCE_AGAIN: Duration = Duration::from_secs(5);

impl TaskRun {
    /// Runs beside the herder's loop. Its last word is [`Event::TaskStopped`], said only after it was told to stop.
    pub(crate) async fn supervise(mut self) {
        let mut wishes = self.wishes.clone();
        let started = tokio::select! {
            biased;
            () = until_stop(&mut wishes) => None,
            started = self.start() => Some(started),
        };
        match started {
            None => {}
            Some(Err(trace)) => {
                tracing::error!(connector = %self.id.connector, task = self.id.task, "{}", trace.trim_end());
                self.say(Event::TaskFailed(self.id.clone(), self.run, trace));
                until_stop(&mut wishes).await;
            }
            Some(Ok((task, paused))) => {
                let entry = RunningEntry { run: self.run, task: task.clone() };
                self.parts.running.lock().insert(self.id.clone(), entry);
                self.follow(&*task, paused).await;
                self.stop(&*task).await;
            }
        }
        self.say(Event::TaskStopped(self.id.clone(), self.run));
    }

    // References are looked up anew at each start.
    async fn start(&self) -> Result<(Arc<dyn RunningTask>, bool), String> {
        let Parts { registry, defaults, policy, tasks, .. } = &*self.parts;
        let name = &self.id.connector;
        let resolve =
            async |raw: &RawConfig| self.parts.resolve(name, raw).await.map_err(|error| error.trace());
        let connector = resolve(&self.connector).await?;
        let config = resolve(&self.config).await?;
        let mut redactor = connector.redactor;
        redactor.merge(&config.redactor);
        let spec = spec::build(&connector.config, &**registry, defaults, policy)
            .map_err(|report| redactor.scrub(&Error::from(report).trace()).into_owned())?;
        if spec.kind == ConnectorKind::Source && defaults.exactly_once {
            self.fence().await.map_err(|error| redactor.scrub(&error.trace()).into_owned())?;
        }
        let spec = TaskSpec { task: self.id.task, connector: Arc::new(spec), config: config.config };
        let reports = Reports {
            id: self.id.clone(),
            run: self.run,
            events: self.events.clone(),
            clock: self.parts.clock.clone(),
            herder: self.herder.commands(),
        };
        let paused = *self.wishes.borrow() == Wish::Pause;
        Ok((tasks.start(spec, paused, redactor, Arc::new(reports)), paused))
    }

    // Tasks of an earlier generation can write no more when this returns. What may work later is tried again.
    async fn fence(&self) -> Result<(), Error> {
        loop {
            let fenced = match self.herder.upgrade() {
                Ok(herder) => herder.fence(&self.id.connector).await,
                Err(error) => Err(error),
            };
            let fenced = match (fenced, &self.leader) {
                (Err(crate::Error::Elsewhere { url, .. }), Some(leader)) => {
                    leader.fence(url, self.id.connector.clone()).await
                }
                (fenced, _) => fenced,
            };
            let error = match fenced {
                Ok(()) => return Ok(()),
                Err(error @ (crate::Error::TimedOut(_) | crate::Error::Conflict(_))) => error,
                Err(error) => return Err(Error::fatal(error.to_string())),
            };
            let (id, run, clock) = (self.id.clone(), self.run, &self.parts.clock);
            let trace = Error::retry(error.to_string()).trace();
            let retry_at_ms = clock.now_ms() + FENCE_AGAIN.as_millis() as i64;
            self.say(Event::TaskRetrying { id, run, trace, retry_at_ms });
            clock.sleep(FENCE_AGAIN).await;
        }
    }

    async fn follow(&mut self, task: &dyn RunningTask, mut paused: bool) {
        loop {
            let wish = *self.wishes.borrow_and_update();
            match (wish, paused) {
                (Wish::Stop, _) => return,
                (Wish::Pause, false) => {
                    paused = true;
                    task.pause();
                }
                (Wish::Run, true) => {
                    paused = false;
                    task.resume();
                }
                (Wish::Pause, true) | (Wish::Run, false) => {}
            }
            if self.wishes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn stop(&self, task: &dyn RunningTask) {
        let graceful = self.patience.left();
        // The task keeps to the time-out itself; the second limit is for one that blocks its thread.
        if tokio::time::timeout(graceful * 2, task.stop(graceful)).await.is_err() {
            tracing::warn!(
                connector = %self.id.connector,
                task = self.id.task,
                "the task did not stop within {} ms and is given up",
                (graceful * 2).as_millis()
            );
        }
        let mut running = self.parts.running.lock();
        if running.get(&self.id).is_some_and(|entry| entry.run == self.run) {
            running.remove(&self.id);
        }
    }

    fn say(&self, event: Event) {
        let _ = self.events.send(event); // the loop is gone: so is the worker
    }
}

async fn until_stop(wishes: &mut watch::Receiver<Wish>) {
    let _ = wishes.wait_for(|wish| *wish == Wish::Stop).await; // the executor is gone: as good as stop
}

/// Turns a task's word into events of its run.
struct Reports {
    id: TaskId,
    run: Run,
    events: UnboundedSender<Event>,
    clock: Arc<dyn Clock>,
    herder: mpsc::WeakSender<Command>,
}

impl std::fmt::Debug for Reports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reports").field(&self.id).field(&self.run).finish()
    }
}

impl Reports {
    fn say(&self, event: Event) {
        let _ = self.events.send(event); // the loop is gone: so is the worker
    }
}

impl TaskReports for Reports {
    fn running(&self) {
        self.say(Event::TaskRunning(self.id.clone(), self.run));
    }

    fn paused(&self) {
        self.say(Event::TaskPaused(self.id.clone(), self.run));
    }

    fn retrying(&self, trace: &str, wait: Duration) {
        let trace = trace.to_owned();
        let retry_at_ms = self.clock.now_ms() + wait.as_millis() as i64;
        self.say(Event::TaskRetrying { id: self.id.clone(), run: self.run, trace, retry_at_ms });
    }

    fn failed(&self, trace: &str) {
        self.say(Event::TaskFailed(self.id.clone(), self.run, trace.to_owned()));
    }

    fn confirm(&self) -> BoxFuture<'_, api::Result<()>> {
        Box::pin(async move {
            let gone = || Error::fatal("the worker shuts down");
            let (reply, answer) = oneshot::channel();
            let herder = self.herder.upgrade().ok_or_else(gone)?;
            let asked = herder.send(Command::Confirm(self.id.clone(), self.run, reply)).await;
            asked.map_err(|_| gone())?;
            match answer.await {
                Ok(Ok(true)) => Ok(()),
                Ok(Err(error)) => Err(Error::retry(format!(
                    "whether task {} is still wanted here is not known: {error}",
                    self.id
                ))),
                Ok(Ok(false)) => Err(Error::fatal(format!(
                    "task {} is not wanted here any more: it was given to another worker or has another config",
                    self.id
                ))),
                Err(_) => Err(gone()),
            }
        })
    }

    fn topic_used(&self, topic: &str) {
        self.say(Event::TopicUsed(self.id.clone(), topic.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_is_told_with_its_time() {
        let (events, mut told) = mpsc::unbounded_channel();
        let id = TaskId { connector: "a".into(), task: 1 };
        let herder = mpsc::channel(1).0.downgrade();
        let reports = Reports { id, run: 3, events, clock: api::ManualClock::at(1000), herder };
        reports.retrying("why", Duration::from_millis(250));
        let Ok(Event::TaskRetrying { run: 3, trace, retry_at_ms: 1250, .. }) = told.try_recv() else {
            panic!("not told")
        };
        assert_eq!(trace, "why");
    }
}
