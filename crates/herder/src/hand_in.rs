//! Task configs that this worker has made and another one, the leader of the group, is to store.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use api::{BoxFuture, Clock};
use config::RawConfig;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::{Change, Event, Name, Result, Run};

/// The pause before a connector is asked for its tasks again when the leader did not take them.
const AGAIN: Duration = Duration::from_secs(1);

/// Asks the leader of a group for what only it does.
pub trait Leader: Send + Sync {
    /// Hands in the configs of a connector's tasks.
    ///
    /// # Errors
    /// They were not taken, or it is not known whether they were.
    fn put_task_configs(
        &self,
        leader_url: String,
        connector: Name,
        configs: Vec<RawConfig>,
    ) -> BoxFuture<'static, Result<()>>;

    /// Has it fence the tasks of earlier of a source ([`crate::Handle::fence`]).
    ///
    /// # Errors
    /// They are not known to be fenced. [`crate::Error::Conflict`] and [`crate::Error::TimedOut`] may be tried again.
    fn fence(&self, leader_url: String, connector: Name) -> BoxFuture<'static, Result<()>>;
}

/// Hands task configs in, one connector after another; of a connector only the newest.
pub(crate) struct HandIns {
    waiting: Arc<Waiting>,
    /// What was handed in, and what [`Change::Tasks::applied`] stands for it: the config topic does not say so.
    made: HashMap<Name, (Vec<RawConfig>, Option<u64>)>,
    sender: JoinHandle<()>,
}

#[derive(Default)]
struct Waiting {
    jobs: Mutex<BTreeMap<Name, Job>>,
    more: Notify,
}

struct Job {
    leader_url: String,
    run: Run,
    configs: Vec<RawConfig>,
}

impl HandIns {
    /// Begins with none. A connector whose tasks were not taken is asked for them again by an event.
    pub(crate) fn new(
        leader: Arc<dyn Leader>,
        events: UnboundedSender<Event>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let waiting = Arc::<Waiting>::default();
        let sender = tokio::spawn(send(waiting.clone(), leader, events, clock));
        Self { waiting, made: HashMap::new(), sender }
    }

    /// Hands in what the run of a connector object made.
    pub(crate) fn add(&mut self, leader_url: String, run: Run, change: Change) {
        let Change::Tasks { name, configs, applied } = change else { return };
        self.made.insert(name.clone(), (configs.clone(), applied));
        self.waiting.jobs.lock().insert(name, Job { leader_url, run, configs });
        self.waiting.more.notify_one();
    }

    /// Tasks that are stored now are known to be made of this config, if they are those that were handed in last.
    pub(crate) fn mark(&mut self, change: &mut Change) {
        if let Change::Tasks { name, configs, applied: applied @ None } = change
            && let Some((made, known)) = self.made.remove(name)
            && made == *configs
        {
            *applied = known;
        }
    }
}

impl Drop for HandIns {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

async fn send(
    waiting: Arc<Waiting>,
    leader: Arc<dyn Leader>,
    events: UnboundedSender<Event>,
    clock: Arc<dyn Clock>,
) {
    loop {
        let next = waiting.jobs.lock().pop_first();
        let Some((name, Job { leader_url, run, configs })) = next else {
            waiting.more.notified().await;
            continue;
        };
        let taken = leader.put_task_configs(leader_url.clone(), name.clone(), configs).await;
        if let Err(error) = taken {
            tracing::warn!(
                connector = %name,
                "the leader of the group, {leader_url}, has not taken the connector's tasks, tried again in {} s: {error}",
                AGAIN.as_secs()
            );
            let (events, pause) = (events.clone(), clock.sleep(AGAIN));
            tokio::spawn(async move {
                pause.await;
                let _ = events.send(Event::ReconfigurationRequested(name, run)); // the loop is gone: so is the worker
            });
        }
    }
}
