//! From what the herder shows to bodies.

use api::config::{Catalog, PluginDescription, PluginKind};
use herder::{InstanceView, View};
use rest_types::{ConfigMap, ConnectorInfo, ConnectorState, ConnectorTaskId, StateInfo, TaskInfo, TaskState};

use crate::Context;

fn plugin<'a>(context: &'a Context, view: &View) -> Option<&'a PluginDescription> {
    let class = view.config.get("connector.class")?.trim();
    context.herder.registry().find(class, &[PluginKind::Source, PluginKind::Sink])
}

fn kind(context: &Context, view: &View) -> String {
    plugin(context, view).map_or("unknown", |plugin| plugin.kind.name()).to_owned()
}

/// A connector; one that was just created has no tasks in Java's answer.
pub(crate) fn info(context: &Context, view: &View) -> ConnectorInfo {
    ConnectorInfo {
        name: view.name.to_string(),
        config: ConfigMap(view.config.clone()),
        tasks: (0..).zip(&view.tasks).map(|(index, _)| task_id(view, index)).collect(),
        kind: kind(context, view),
    }
}

fn task_id(view: &View, task: u32) -> ConnectorTaskId {
    ConnectorTaskId { connector: view.name.to_string(), task }
}

/// The tasks with their configs.
pub(crate) fn tasks(view: &View) -> Vec<TaskInfo> {
    let info = |(index, config)| TaskInfo { id: task_id(view, index), config: ConfigMap(config) };
    (0..).zip(view.tasks.iter().map(|task| task.config.clone())).map(info).collect()
}

/// The state of a connector and its tasks.
pub(crate) fn state(context: &Context, view: &View) -> StateInfo {
    let version = plugin(context, view).map(|plugin| plugin.version.to_owned());
    StateInfo {
        name: view.name.to_string(),
        connector: ConnectorState {
            state: view.object.state.to_owned(),
            worker_id: worker_id(context, &view.object),
            version: version.clone(),
            trace: view.object.trace.clone(),
        },
        tasks: (0..)
            .zip(&view.tasks)
            .map(|(index, task)| task_body(context, index, &task.state, version.clone()))
            .collect(),
        kind: kind(context, view),
    }
}

/// The state of one task, if there is one of this number.
pub(crate) fn task_state(context: &Context, view: &View, task: u32) -> Option<TaskState> {
    let version = plugin(context, view).map(|plugin| plugin.version.to_owned());
    let state = &view.tasks.get(task as usize)?.state;
    Some(task_body(context, task, state, version))
}

// The worker that has it: in a group it may be another one.
fn worker_id(context: &Context, state: &InstanceView) -> String {
    state.worker_id.clone().unwrap_or_else(|| context.about.worker_id.clone())
}

fn task_body(context: &Context, id: u32, state: &InstanceView, version: Option<String>) -> TaskState {
    TaskState {
        id,
        state: state.state.to_owned(),
        worker_id: worker_id(context, state),
        version,
        trace: state.trace.clone(),
    }
}
