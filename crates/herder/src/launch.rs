//! Tasks of crate [`task`], behind the herder's port.

use std::sync::Arc;
use std::time::Duration;

use api::{BoxFuture, OffsetReader, Result};
use data::OffsetMap;
use metrics::Snapshot;
use parking_lot::Mutex;
use secrets::Redactor;
use spec::{ConnectorSpec, TaskSpec};
use task::{Environment, OffsetStore, StatusListener, Target, TaskId, TaskState};
use tokio::runtime::Handle;

use crate::parts::{Counts, RunningTask, SinkGroup, TaskReports, Tasks};
use crate::{Name, SourceProducers};

/// Starts tasks on the work runtime.
pub struct TaskRuntime {
    environment: Environment,
    work: Handle,
}

impl TaskRuntime {
    /// Tasks with this environment, on this runtime.
    pub fn new(environment: Environment, work: Handle) -> Self {
        Self { environment, work }
    }
}

impl Tasks for TaskRuntime {
    fn start(
        &self,
        spec: TaskSpec,
        paused: bool,
        redactor: Redactor,
        reports: Arc<dyn TaskReports>,
    ) -> Arc<dyn RunningTask> {
        let _entered = self.work.enter();
        let target = if paused { Target::Paused } else { Target::Running };
        let handle =
            task::start(spec, target, self.environment.clone(), redactor, Arc::new(Listener(reports)));
        Arc::new(Started(Mutex::new(Some(handle))))
    }

    fn offset_reader(&self, connector: &Name) -> Arc<dyn OffsetReader> {
        Arc::new(Offsets { connector: connector.clone(), store: self.environment.offsets.clone() })
    }

    fn source_producers(&self, connector: &ConnectorSpec) -> Result<SourceProducers> {
        let Environment { clients, settings, .. } = &self.environment;
        let group = settings.worker_group.as_deref().unwrap_or_default().to_owned();
        Ok(SourceProducers { group, admin: clients.admin(&task::source_admin(connector, settings))? })
    }

    fn sink_group(&self, connector: &ConnectorSpec) -> Result<SinkGroup> {
        let Environment { clients, settings, .. } = &self.environment;
        let admin = clients.admin(&task::sink_group_admin(connector, settings))?;
        Ok(SinkGroup { id: task::sink_group(connector, settings), admin })
    }
}

struct Listener(Arc<dyn TaskReports>);

impl StatusListener for Listener {
    fn changed(&self, _: &TaskId, state: TaskState) {
        match state {
            TaskState::Running => self.0.running(),
            TaskState::Paused => self.0.paused(),
            TaskState::Failed { trace } => self.0.failed(&trace),
            TaskState::Unassigned => {} // its supervisor says so, once it is gone
        }
    }

    fn topic_used(&self, _: &TaskId, topic: &str) {
        self.0.topic_used(topic);
    }

    fn confirm<'a>(&'a self, _: &'a TaskId) -> BoxFuture<'a, Result<()>> {
        self.0.confirm()
    }

    fn retrying(&self, _: &TaskId, trace: &str, wait: Duration) {
        self.0.retrying(trace, wait);
    }
}

// Empty once it was told to stop.
struct Started(Mutex<Option<task::Handle>>);

impl RunningTask for Started {
    fn pause(&self) {
        if let Some(handle) = &*self.0.lock() {
            handle.pause();
        }
    }

    fn resume(&self) {
        if let Some(handle) = &*self.0.lock() {
            handle.resume();
        }
    }

    fn stop(&self, graceful: Duration) -> BoxFuture<'static, ()> {
        let handle = self.0.lock().take();
        Box::pin(async move {
            if let Some(handle) = handle {
                handle.stop(graceful).await; // a task that was cancelled says so in the log
            }
        })
    }

    fn report(&self, into: &mut Snapshot) {
        if let Some(handle) = &*self.0.lock() {
            handle.report(into);
        }
    }

    fn counts(&self) -> Counts {
        let Some(stats) = self.0.lock().as_ref().map(task::Handle::stats) else { return Counts::default() };
        Counts {
            read: stats.records_in,
            written: stats.records_out,
            failed: stats.tolerated + stats.dead_lettered,
            last_error: stats.last_error,
            failing_since: stats.failing_since,
            calling_since: stats.calling_since,
            next_attempt_at: stats.retry.map(|retry| retry.next_attempt_at),
        }
    }
}

#[derive(Debug)]
struct Offsets {
    connector: Name,
    store: Arc<dyn OffsetStore>,
}

impl OffsetReader for Offsets {
    fn offsets<'a>(&'a self, partitions: &'a [OffsetMap]) -> BoxFuture<'a, Result<Vec<Option<OffsetMap>>>> {
        self.store.load(&self.connector, partitions)
    }
}
