//! One run of a task, from start to stop.

use std::sync::Arc;
use std::time::Duration;

use api::{Clock, Error};
use config::RawConfig;
use parking_lot::Mutex;
use secrets::Redactor;
use spec::TaskSpec;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::parts::{RunningEntry, RunningTask, TaskReports};
use crate::{Event, Parts, Run, TaskId};

/// How often the same causes of a retry are logged.
const LOG_AGAIN: Duration = Duration::from_secs(60);

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
}

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
            Some(Ok((task, redactor, paused))) => {
                let entry = RunningEntry { run: self.run, task: task.clone(), redactor };
                self.parts.running.lock().insert(self.id.clone(), entry);
                self.follow(&*task, paused).await;
                self.stop(&*task).await;
            }
        }
        self.say(Event::TaskStopped(self.id.clone(), self.run));
    }

    // References are looked up anew at each start.
    async fn start(&self) -> Result<(Arc<dyn RunningTask>, Redactor, bool), String> {
        let Parts { registry, providers, defaults, policy, tasks, .. } = &*self.parts;
        let resolve = async |raw: &RawConfig| providers.resolve(raw).await.map_err(|error| error.trace());
        let connector = resolve(&self.connector).await?;
        let config = resolve(&self.config).await?;
        let mut redactor = connector.redactor;
        redactor.merge(&config.redactor);
        let spec = spec::build(&connector.config, &**registry, defaults, policy)
            .map_err(|report| redactor.scrub(&Error::from(report).trace()).into_owned())?;
        let spec = TaskSpec { task: self.id.task, connector: Arc::new(spec), config: config.config };
        let reports = Reports {
            id: self.id.clone(),
            run: self.run,
            events: self.events.clone(),
            redactor: redactor.clone(),
            clock: self.parts.clock.clone(),
            logged: Mutex::default(),
        };
        let paused = *self.wishes.borrow() == Wish::Pause;
        Ok((tasks.start(spec, paused, Arc::new(reports)), redactor, paused))
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
        let graceful = self.parts.graceful;
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
    redactor: Redactor,
    clock: Arc<dyn Clock>,
    // The causes of a retry that were logged last, and when.
    logged: Mutex<Option<(String, Duration)>>,
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

impl Reports {
    // The task logs each retry on a line without its causes; they are added when they are new, or not logged lately.
    fn log_causes(&self, error: &Error, trace: &str) {
        if std::error::Error::source(error).is_none() {
            return;
        }
        let now = self.clock.elapsed();
        let mut logged = self.logged.lock();
        let known = |(text, at): &(String, Duration)| text == trace && now.saturating_sub(*at) < LOG_AGAIN;
        if !logged.as_ref().is_some_and(known) {
            tracing::warn!(connector = %self.id.connector, task = self.id.task,
                "the task tries again because of: {}", trace.trim_end());
            *logged = Some((trace.to_owned(), now));
        }
    }
}

impl TaskReports for Reports {
    fn running(&self) {
        self.say(Event::TaskRunning(self.id.clone(), self.run));
    }

    fn paused(&self) {
        self.say(Event::TaskPaused(self.id.clone(), self.run));
    }

    fn retrying(&self, error: &Error, wait: Duration) {
        let trace = self.redactor.scrub(&error.trace()).into_owned();
        self.log_causes(error, &trace);
        let retry_at_ms = self.clock.now_ms() + wait.as_millis() as i64;
        self.say(Event::TaskRetrying { id: self.id.clone(), run: self.run, trace, retry_at_ms });
    }

    fn failed(&self, trace: &str) {
        self.say(Event::TaskFailed(self.id.clone(), self.run, self.redactor.scrub(trace).into_owned()));
    }

    fn topic_used(&self, topic: &str) {
        self.say(Event::TopicUsed(self.id.connector.clone(), topic.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_is_told_with_its_causes_and_time_and_without_secrets() {
        let (events, mut told) = tokio::sync::mpsc::unbounded_channel();
        let redactor = crate::testing::redactor_of("hunter22");
        let clock = api::ManualClock::at(1000);
        let id = TaskId { connector: "a".into(), task: 1 };
        let reports =
            Reports { id, run: 3, events, redactor, clock: clock.clone(), logged: Mutex::default() };
        let error = || Error::retry("cannot connect as hunter22").caused_by("refused".to_owned());
        reports.retrying(&error(), Duration::from_millis(250));
        let Ok(Event::TaskRetrying { run: 3, trace, retry_at_ms: 1250, .. }) = told.try_recv() else {
            panic!("not told")
        };
        assert!(trace.contains("cannot connect as ") && trace.contains("\nCaused by: refused"), "{trace}");
        assert!(!trace.contains("hunter22"), "{trace}");
        // Logged once a while, told each time.
        let logged = |reports: &Reports| reports.logged.lock().as_ref().map(|(_, at)| *at);
        let first = logged(&reports);
        clock.advance(LOG_AGAIN / 2);
        reports.retrying(&error(), Duration::ZERO);
        assert_eq!(logged(&reports), first);
        clock.advance(LOG_AGAIN);
        reports.retrying(&error(), Duration::ZERO);
        assert!(logged(&reports) > first);
        assert!(told.try_recv().is_ok() && told.try_recv().is_ok());
    }
}
