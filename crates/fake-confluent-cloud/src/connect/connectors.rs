//! Connectors: create, read, change, pause, delete.

use serde_json::{Value, json};

use super::start::{check, launch, note_usage, start};
use super::state::{Connector, State};
use super::{Place, config};
use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::{at, text};

pub(crate) fn route(cloud: &mut Cloud, place: &Place, request: &Request, rest: &[&str]) -> Answer {
    match (request.method.as_str(), rest) {
        ("GET", []) => list(cloud, place, request.query("expand").is_some()),
        ("POST", []) => create(cloud, place, &request.body),
        ("PUT", [name, "config"]) => put_config(cloud, place, name, &request.body),
        ("DELETE", [name]) => {
            find(cloud, place, name)?;
            remove(cloud, place, name);
            Ok(Reply::ok(json!({"error": null})))
        }
        ("GET", [name]) => {
            find(cloud, place, name)?;
            Ok(Reply::ok(show(cloud, place, name)))
        }
        ("GET", [name, "config"]) => {
            let config = find(cloud, place, name)?.config.clone();
            Ok(Reply::ok(config::shown(cloud, place, name, &config)))
        }
        ("GET", [name, "status"]) => {
            let connector = find(cloud, place, name)?;
            connector.read();
            Ok(Reply::ok(connector.status(name)))
        }
        ("GET", [name, "tasks"]) => {
            let (config, count) = find(cloud, place, name).map(|it| (it.config.clone(), it.tasks()))?;
            let config = config::shown(cloud, place, name, &config);
            let tasks =
                (0..count).map(|task| json!({"id": {"connector": name, "task": task}, "config": config}));
            Ok(Reply::ok(tasks.collect()))
        }
        ("PUT", [name, "pause"]) => change_state(cloud, place, name, State::Paused),
        ("PUT", [name, "resume"]) => change_state(cloud, place, name, State::Running),
        ("POST", [name, "restart"]) => restart(cloud, place, name),
        _ => Err(Refusal::new(404, "resource not found")),
    }
}

pub(crate) fn find<'a>(
    cloud: &'a mut Cloud,
    place: &Place,
    name: &str,
) -> Result<&'a mut Connector, Refusal> {
    let connectors = cloud.connectors.entry(place.cluster.clone()).or_default();
    connectors.get_mut(name).ok_or_else(|| Refusal::new(404, format!("connector {name} was not found")))
}

fn list(cloud: &mut Cloud, place: &Place, expanded: bool) -> Answer {
    let connectors = cloud.connectors.entry(place.cluster.clone()).or_default();
    let names: Vec<String> = connectors.keys().cloned().collect();
    if !expanded {
        return Ok(Reply::ok(json!(names)));
    }
    connectors.values_mut().for_each(Connector::read);
    let mut shown = serde_json::Map::new();
    for name in names {
        let info = show(cloud, place, &name);
        let connector = find(cloud, place, &name)?;
        let entry = json!({
            "id": {"id": connector.id, "id_type": "ID"}, "info": info, "status": connector.status(&name),
            "extensions": {},
        });
        shown.insert(name, entry);
    }
    Ok(Reply::ok(Value::Object(shown)))
}

fn show(cloud: &Cloud, place: &Place, name: &str) -> Value {
    let Some(connector) = cloud.connectors.get(&place.cluster).and_then(|all| all.get(name)) else {
        return Value::Null;
    };
    json!({
        "name": name, "type": connector.kind(), "config": config::shown(cloud, place, name, &connector.config),
        "tasks": connector.task_ids(name),
    })
}

fn create(cloud: &mut Cloud, place: &Place, sent: &Value) -> Answer {
    let name = text(sent, "name").ok_or_else(|| Refusal::bad("name is required"))?;
    let config = config::read(at(sent, "config").unwrap_or(&Value::Null))?;
    if cloud.connectors.get(&place.cluster).is_some_and(|all| all.contains_key(name)) {
        return Err(Refusal::bad(format!("a connector with the name {name} exists already")));
    }
    let starting = at(sent, "offsets").and_then(Value::as_array).cloned().unwrap_or_default();
    start(cloud, place, name, config, starting.clone())?;
    let mut shown = show(cloud, place, name);
    if !starting.is_empty() {
        shown["offsets"] = json!(starting);
    }
    Ok(Reply::json(201, shown))
}

/// A full replacement: keys that are not sent are dropped. Makes the connector when it is not there.
fn put_config(cloud: &mut Cloud, place: &Place, name: &str, sent: &Value) -> Answer {
    let mut config = config::read(sent)?;
    let Ok(connector) = find(cloud, place, name) else {
        start(cloud, place, name, config, Vec::new())?;
        return Ok(Reply::ok(show(cloud, place, name)));
    };
    config::keep_masked(&mut config, &connector.config);
    check(cloud, place, name, &config)?;
    let mut connector = match cloud.connectors.entry(place.cluster.clone()).or_default().swap_remove(name) {
        Some(connector) => connector,
        None => return Err(Refusal::new(404, format!("connector {name} was not found"))),
    };
    connector.config = config;
    // A change restarts the tasks, unless it is paused.
    if connector.state != State::Paused {
        launch(cloud, name, &mut connector);
    }
    cloud.connectors.entry(place.cluster.clone()).or_default().insert(name.to_owned(), connector);
    note_usage(cloud, place, name);
    Ok(Reply::ok(show(cloud, place, name)))
}

/// Pause and resume take effect later; neither moves a connector that has failed.
fn change_state(cloud: &mut Cloud, place: &Place, name: &str, target: State) -> Answer {
    let reads = cloud.options.pending_reads;
    let connector = find(cloud, place, name)?;
    if connector.state != State::Failed {
        connector.await_reads(reads, target);
    }
    Ok(Reply::empty(202))
}

fn restart(cloud: &mut Cloud, place: &Place, name: &str) -> Answer {
    let reads = cloud.options.pending_reads;
    let connector = find(cloud, place, name)?;
    if connector.state != State::Running {
        return Err(Refusal::bad(format!(
            "connector {name} is {}: only a RUNNING one is restarted",
            connector.state.name()
        )));
    }
    connector.state = State::Provisioning;
    connector.await_reads(reads, State::Running);
    Ok(Reply::empty(202))
}

/// Removes a connector, if it is there.
pub(crate) fn remove(cloud: &mut Cloud, place: &Place, name: &str) {
    cloud.connectors.entry(place.cluster.clone()).or_default().shift_remove(name);
    note_usage(cloud, place, name);
}
