//! From what the herder shows to bodies.

use api::config::{Catalog, PluginDescription, PluginKind, RawConfig, Type};
use herder::{InstanceView, TaskView, View};
use rest_types::{ConfigMap, ConnectorInfo, ConnectorState, ConnectorTaskId, StateInfo, TaskInfo, TaskState};

use crate::Context;
use crate::identity::Secrets;

fn plugin<'a>(context: &'a Context, view: &View) -> Option<&'a PluginDescription> {
    let class = view.config.get("connector.class")?.trim();
    context.herder.registry().find(class, &[PluginKind::Source, PluginKind::Sink])
}

fn kind(context: &Context, view: &View) -> String {
    plugin(context, view).map_or("unknown", |plugin| plugin.kind.name()).to_owned()
}

/// How the plugin of a connector, or the framework, declares its keys.
fn declared(context: &Context, view: &View) -> impl Fn(&str) -> Option<Type> {
    let plugin = plugin(context, view);
    let framework = plugin.and_then(|plugin| match plugin.kind {
        PluginKind::Sink => Some(spec::ConnectorKind::Sink),
        PluginKind::Source => Some(spec::ConnectorKind::Source),
        _ => None,
    });
    let framework = framework.map(|kind| context.herder.framework_keys(kind));
    move |key| {
        let own = plugin.and_then(|plugin| plugin.definition.key(key));
        own.or_else(|| framework.as_ref()?.key(key)).map(|key| key.value_type)
    }
}

/// The config of a connector.
pub(crate) fn config(context: &Context, view: &View, secrets: Secrets) -> ConfigMap {
    ConfigMap(shown(&view.config, secrets, &declared(context, view)))
}

fn shown(config: &RawConfig, secrets: Secrets, declared: &dyn Fn(&str) -> Option<Type>) -> RawConfig {
    match secrets {
        Secrets::Shown => config.clone(),
        Secrets::Masked => secrets::masked(config, declared),
    }
}

/// A connector; one that was just created has no tasks in Java's answer.
pub(crate) fn info(context: &Context, view: &View, secrets: Secrets) -> ConnectorInfo {
    ConnectorInfo {
        name: view.name.to_string(),
        config: config(context, view, secrets),
        tasks: (0..).zip(&view.tasks).map(|(index, _)| task_id(view, index)).collect(),
        kind: kind(context, view),
    }
}

fn task_id(view: &View, task: u32) -> ConnectorTaskId {
    ConnectorTaskId { connector: view.name.to_string(), task }
}

/// The tasks with their configs.
pub(crate) fn tasks(context: &Context, view: &View, secrets: Secrets) -> Vec<TaskInfo> {
    let declared = declared(context, view);
    let config = |task: &TaskView| ConfigMap(shown(&task.config, secrets, &declared));
    let info = |(index, task)| TaskInfo { id: task_id(view, index), config: config(task) };
    (0..).zip(&view.tasks).map(info).collect()
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

/// The worker that has it: in a group it may be another one.
pub(crate) fn worker_id(context: &Context, state: &InstanceView) -> String {
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
