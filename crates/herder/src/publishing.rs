//! What the herder tells others: how connectors and tasks are, and which topics they use.

use config::{Catalog, PluginKind};
use kafka::membership::{Task, Work};

use crate::{Change, Condition, Event, Herder, Name, StatusChange, TaskId};

impl Herder {
    /// Statuses of what is no longer wanted go.
    pub(crate) fn forget_stale_statuses(&mut self) {
        let state = &self.state;
        self.statuses.retain(&|name, task| match (state.connector(name), task) {
            (Some((_, desired)), Some(task)) => (task as usize) < desired.tasks.len(),
            (known, None) => known.is_some(),
            (None, Some(_)) => false,
        });
    }

    /// As a leader: what waits for a worker that is gone is shown UNASSIGNED, not as that worker told it last.
    pub(crate) fn tell_what_is_lost(&mut self) {
        let Some(group) = &self.group else { return };
        let unowned = group.unowned(&self.configured());
        let objects = unowned.connectors.into_iter().map(|name| (name, None));
        let tasks = unowned.tasks.into_iter().map(|task| (task.connector, Some(task.task)));
        for (name, task) in objects.chain(tasks) {
            let Some(seen) = self.statuses.seen(&name, task) else { continue };
            // Whoever lives tells how its own work ends.
            let gone = seen.worker_id.as_deref().is_some_and(|worker| !group.has_worker(worker));
            if gone && seen.state != Condition::Unassigned.name() {
                self.statuses.publish(StatusChange::Lost { name, task });
            }
        }
    }

    /// What this worker is given, and begins soon, is shown UNASSIGNED until it runs, not as another worker told it last.
    pub(crate) fn tell_what_is_gained(&mut self, owned: &Work) {
        let Some(before) = self.state.owned.as_ref().filter(|_| !self.state.closing) else { return };
        let id = |task: &Task| TaskId { connector: task.connector.clone(), task: task.task };
        let objects = owned.connectors.iter().filter(|name| !before.object(name));
        let tasks = owned.tasks.iter().map(id).filter(|id| !before.task(id));
        let gained: Vec<_> = objects
            .map(|name| (name.clone(), None))
            .chain(tasks.map(|id| (id.connector, Some(id.task))))
            .collect();
        let state = Condition::Unassigned.name();
        for (name, task) in gained {
            if self.statuses.seen(&name, task).is_none_or(|seen| seen.state == state) {
                continue;
            }
            let (trace, version) = (None, None);
            self.statuses.publish(match task {
                None => StatusChange::Object { name, state, trace, version },
                Some(task) => {
                    StatusChange::Task { id: TaskId { connector: name, task }, state, trace, version }
                }
            });
        }
    }

    /// What an event itself tells of.
    pub(crate) fn publish_of(&mut self, event: &Event) {
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

    /// How a connector is now; all of them when the event was about all.
    pub(crate) fn publish(&mut self, touched: Option<&Name>) {
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
}
