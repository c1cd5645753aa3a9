//! What the herder knows of metrics: how connectors and tasks of this worker are, its starts, its group.

use config::{Catalog, PluginKind};
use metrics::{Labels, Metric, Snapshot, list};

use crate::{Condition, Connector, Desired, Herder, Name, TaskId};

/// Tasks of one connector, by what they are.
#[derive(Default)]
struct Counted {
    running: u32,
    paused: u32,
    failed: u32,
    unassigned: u32,
    destroyed: u32,
    restarting: u32,
}

impl Counted {
    fn add(&mut self, condition: &Condition) {
        *match condition {
            Condition::Running => &mut self.running,
            Condition::Paused => &mut self.paused,
            Condition::Failed { .. } => &mut self.failed,
            Condition::Restarting => &mut self.restarting,
            Condition::Unassigned | Condition::Stopped => &mut self.unassigned,
        } += 1;
    }

    fn values(&self) -> [(&'static Metric, u32); 7] {
        let Self { running, paused, failed, unassigned, destroyed, restarting } = *self;
        [
            (&list::TASKS_TOTAL, running + paused + failed + unassigned + destroyed + restarting),
            (&list::TASKS_RUNNING, running),
            (&list::TASKS_PAUSED, paused),
            (&list::TASKS_FAILED, failed),
            (&list::TASKS_UNASSIGNED, unassigned),
            (&list::TASKS_DESTROYED, destroyed),
            (&list::TASKS_RESTARTING, restarting),
        ]
    }
}

impl Herder {
    /// All of it at this moment; what tasks measure themselves is not among it.
    pub(crate) fn collect(&self) -> Snapshot {
        let now = self.parts.clock.elapsed();
        let (mut snapshot, worker) = (Snapshot::default(), Labels::worker());
        let (mut objects, mut tasks) = (0, 0);
        for (name, connector) in &self.state.connectors {
            objects += usize::from(connector.object.live.is_some());
            tasks += connector.tasks.values().filter(|task| task.live.is_some()).count();
            if let Some(desired) = &connector.desired {
                self.collect_connector(name, connector, desired, &mut snapshot);
            }
        }
        snapshot.number(&list::CONNECTOR_COUNT, &worker, objects as f64);
        snapshot.number(&list::TASK_COUNT, &worker, tasks as f64);
        self.startups.report(now, &mut snapshot);
        if let Some(group) = &self.group {
            self.rebalances.report(now, &mut snapshot);
            let owned = group.owned();
            snapshot.number(&list::ASSIGNED_CONNECTORS, &worker, owned.connectors.len() as f64);
            snapshot.number(&list::ASSIGNED_TASKS, &worker, owned.tasks.len() as f64);
            snapshot.number(&list::EPOCH, &worker, group.generation().into());
            if let Some(url) = group.leader_url() {
                snapshot.text(&list::LEADER_NAME, &worker, url);
            }
        }
        snapshot
    }

    fn collect_connector(&self, name: &Name, connector: &Connector, desired: &Desired, into: &mut Snapshot) {
        let owned = self.state.owned.as_ref();
        let labels = Labels::connector(name);
        let has_object = connector.object.live.is_some() || owned.is_none_or(|owned| owned.object(name));
        if has_object {
            let status = connector.object.condition.name().to_lowercase();
            into.text(&list::CONNECTOR_STATUS, &labels, status);
            self.collect_plugin(desired, &labels, into);
        }
        let mut counted = Counted::default();
        let mut has_tasks = false;
        for index in (0_u32..).take(desired.tasks.len()) {
            let id = TaskId { connector: name.clone(), task: index };
            let task = connector.tasks.get(&index);
            let lives = task.is_some_and(|task| task.live.is_some());
            if lives || owned.is_none_or(|owned| owned.task(&id)) {
                let condition = task.map_or(&Condition::Unassigned, |task| &task.condition);
                counted.add(condition);
                has_tasks = true;
                into.text(&list::TASK_STATUS, &Labels::task(name, index), condition.name().to_lowercase());
            } else if has_object {
                // One of the group has to tell of what nobody runs: whoever has the object.
                let seen = self.statuses.seen(name, Some(index));
                if seen.is_none_or(|seen| seen.state == Condition::Unassigned.name()) {
                    counted.add(&Condition::Unassigned);
                }
            }
        }
        let wanted = desired.tasks.len();
        let gone =
            connector.tasks.iter().filter(|(index, task)| **index as usize >= wanted && task.live.is_some());
        counted.destroyed = u32::try_from(gone.count()).unwrap_or(u32::MAX);
        if has_object || has_tasks || counted.destroyed > 0 {
            for (metric, count) in counted.values() {
                into.number(metric, &labels, count.into());
            }
        }
    }

    fn collect_plugin(&self, desired: &Desired, labels: &Labels, into: &mut Snapshot) {
        let kinds = [PluginKind::Source, PluginKind::Sink];
        let class = desired.config.get("connector.class").map(str::trim);
        let Some(plugin) = class.and_then(|class| self.parts.registry.find(class, &kinds)) else { return };
        let kind = if plugin.kind == PluginKind::Sink { "sink" } else { "source" };
        into.text(&list::CONNECTOR_TYPE, labels, kind);
        into.text(&list::CONNECTOR_CLASS, labels, plugin.class);
        into.text(&list::CONNECTOR_VERSION, labels, plugin.version);
    }
}
