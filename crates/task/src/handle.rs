//! Starting a task, and the worker's hold on it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::{Clock, Error};
use futures::FutureExt;
use metrics::{Labels, Snapshot};
use secrets::Redactor;
use spec::{ConnectorKind, TaskSpec};
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::commands::{self, Command, Commander};
use crate::scope::Scope;
use crate::spawner::TaskSpawner;
use crate::stats::{Counters, Stats};
use crate::{Environment, StatusListener, Target, TaskId, TaskState, sink_loop, source_loop};

/// Starts a task and returns at once; whatever goes wrong becomes its state. Must be called on a tokio runtime. The
/// task stops when it is told to, or when its handle is dropped. The redactor knows the config's secrets: no text that
/// leaves the task, by log, status, counters or dead letters, shows them (invariant 5).
pub fn start(
    spec: TaskSpec,
    target: Target,
    environment: Environment,
    redactor: Redactor,
    status: Arc<dyn StatusListener>,
) -> Handle {
    let id = TaskId { connector: spec.connector.name.clone(), task: spec.task };
    let kind = spec.connector.kind;
    let span = tracing::info_span!("task", connector = %id.connector, task = id.task);
    let (sender, receiver) = commands::channel(target);
    let clock = environment.clock.clone();
    let redactor = Arc::new(redactor);
    let scope = Scope {
        id: id.clone(),
        spec: Arc::new(spec),
        environment,
        commands: receiver,
        counters: Arc::new(Counters::new(redactor.clone(), clock.elapsed())),
        redactor,
        spawner: Arc::new(TaskSpawner::new(span.clone())),
        listener: status,
        told_topics: Arc::default(),
        cancelled: Arc::new(AtomicBool::new(false)),
    };
    let (counters, spawner, cancelled) =
        (scope.counters.clone(), scope.spawner.clone(), scope.cancelled.clone());
    let running = tokio::spawn(run(scope).instrument(span));
    Handle { id, kind, commands: sender, running, clock, counters, spawner, cancelled }
}

/// The worker's hold on a running task.
#[derive(Debug)]
pub struct Handle {
    id: TaskId,
    kind: ConnectorKind,
    commands: Commander,
    running: JoinHandle<()>,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    spawner: Arc<TaskSpawner>,
    cancelled: Arc<AtomicBool>,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// By itself: it stopped as it was told, or it had failed before.
    Clean,
    /// It did not answer in time and was dropped. Nothing that remains of it is seen outside.
    Cancelled,
}

impl Handle {
    /// The task.
    pub fn id(&self) -> &TaskId {
        &self.id
    }

    /// Lets the task wait; membership and offsets are kept up.
    pub fn pause(&self) {
        self.commands.tell(Command::Pause);
    }

    /// Lets the task go on.
    pub fn resume(&self) {
        self.commands.tell(Command::Run);
    }

    /// Whether the task's loop has ended, by failure or otherwise.
    pub fn is_finished(&self) -> bool {
        self.running.is_finished()
    }

    /// Tells the task to stop and waits for it; after the graceful time it is dropped (invariant 8).
    pub async fn stop(mut self, graceful: Duration) -> Stopped {
        self.commands.stop(self.clock.elapsed() + graceful);
        let time_out = self.clock.sleep(graceful);
        tokio::select! {
            biased;
            _ = &mut self.running => Stopped::Clean, // a panic was dealt with in `run`
            () = time_out => {
                self.cancelled.store(true, Ordering::SeqCst);
                self.running.abort();
                self.spawner.end();
                tracing::error!(connector = %self.id.connector, task = self.id.task,
                    "task {} did not stop within {} ms and was cancelled", self.id, graceful.as_millis());
                Stopped::Cancelled
            }
        }
    }

    /// Adds what is measured of the task to a snapshot of metrics.
    pub fn report(&self, into: &mut Snapshot) {
        let labels = Labels::task(&self.id.connector, self.id.task);
        self.counters.measures.report(self.clock.elapsed(), self.kind, &self.counters, &labels, into);
    }

    /// What the task has done so far.
    pub fn stats(&self) -> Stats {
        self.counters.snapshot()
    }
}

/// Runs the loop to its end and says how it ended. A plugin that panics takes its task down, not the worker.
async fn run(scope: Scope) {
    let _side_work = EndsSideWork(scope.spawner.clone());
    let work = async {
        match scope.spec.connector.kind {
            ConnectorKind::Source => source_loop::run(scope.clone()).await,
            ConnectorKind::Sink => sink_loop::run(scope.clone()).await,
        }
    };
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    let state = match ended {
        Ok(Ok(())) => TaskState::Unassigned,
        Ok(Err(error)) => failed(&scope, &error),
        Err(panic) => {
            let error = Error::fatal(format!("the task panicked: {}", text_of(panic.as_ref())))
                .hint("this is a defect of the plugin or of the framework; restart the task and report it");
            failed(&scope, &error)
        }
    };
    scope.tell(state);
}

fn failed(scope: &Scope, error: &Error) -> TaskState {
    let trace = scope.trace_of(error);
    scope.counters.error(error);
    scope.counters.recovered();
    tracing::error!(
        "Task threw an uncaught and unrecoverable exception. Task is being killed and will not recover \
                     until manually restarted: {}",
        trace.trim_end()
    );
    TaskState::Failed { trace }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text")
}

/// Side work ends with the loop, however the loop ends.
struct EndsSideWork(Arc<TaskSpawner>);

impl Drop for EndsSideWork {
    fn drop(&mut self) {
        self.0.end();
    }
}
