//! A group's worker is stopped and one of the other kind started on the same internal topics, and back: connectors,
//! states, task configs and offsets are there, and sources go on at the next line.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Map, Value as Json, json};

use super::pipeline::{all_of, plain};
use super::site::{Side, Site};
use super::topic;

/// What is on the disk before each worker starts.
const LINES: [&str; 3] = ["one\ntwo\nthree\n", "four\nfive\n", "six\n"];

/// Lets three workers work one after another, and says what each has shown.
///
/// # Errors
/// A worker does not start or stop, or something that must come does not.
pub fn run(site: &mut Site, workers: [Side; 3]) -> anyhow::Result<Json> {
    let [first, second, third] = workers;
    let mut seen = Map::new();
    let mut lines = String::new();
    let mut more = |site: &Site, part: &str| -> anyhow::Result<usize> {
        lines.push_str(part);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(site.file("lines.txt"));
        file?.write_all(part.as_bytes())?;
        Ok(lines.len())
    };

    let end = more(site, LINES[0])?;
    site.work_in_group_with(first)?;
    for name in ["source", "paused", "gone"] {
        site.create(name, &source(name))?;
    }
    let stopped = json!({"name": "stopped", "config": source("stopped"), "initial_state": "STOPPED"});
    let answer = site.send_json("POST", "/connectors", &stopped)?;
    ensure!(answer["status"] == 201, "POST stopped: {answer}");
    site.create("sink", &sink())?;
    settled(site, "source", "RUNNING", "RUNNING", Some(end))?;
    settled(site, "paused", "RUNNING", "RUNNING", Some(end))?;
    settled(site, "gone", "RUNNING", "RUNNING", Some(end))?;
    settled(site, "sink", "RUNNING", "RUNNING", None)?;
    uses(site, "sink", "source-out")?;
    accepted(site, "PUT", "/connectors/paused/pause")?;
    accepted(site, "DELETE", "/connectors/gone")?;
    settled(site, "paused", "PAUSED", "PAUSED", Some(end))?;
    settled(site, "stopped", "STOPPED", "", None)?;
    seen.insert("first".to_owned(), shown(site)?);

    let end = more(site, LINES[1])?;
    site.work_in_group_with(second)?;
    settled(site, "source", "RUNNING", "RUNNING", Some(end))?;
    settled(site, "paused", "PAUSED", "PAUSED", None)?;
    settled(site, "stopped", "STOPPED", "", None)?;
    settled(site, "sink", "RUNNING", "RUNNING", None)?;
    seen.insert("second".to_owned(), shown(site)?);
    accepted(site, "PUT", "/connectors/paused/resume")?;
    accepted(site, "PUT", "/connectors/stopped/resume")?;
    settled(site, "paused", "RUNNING", "RUNNING", Some(end))?;
    settled(site, "stopped", "RUNNING", "RUNNING", Some(end))?;
    accepted(site, "PUT", "/connectors/stopped/stop")?;
    settled(site, "stopped", "STOPPED", "", Some(end))?;
    let offsets = json!({"offsets": [{"partition": {"filename": "lines.txt"}, "offset": {"position": 4}}]});
    let answer = site.send_json("PATCH", "/connectors/stopped/offsets", &offsets)?;
    ensure!(answer["status"] == 200, "PATCH stopped/offsets: {answer}");
    site.create("late", &source("late"))?;
    settled(site, "late", "RUNNING", "RUNNING", Some(end))?;
    seen.insert("second, changed".to_owned(), shown(site)?);

    let end = more(site, LINES[2])?;
    site.work_in_group_with(third)?;
    for name in ["source", "paused", "late"] {
        settled(site, name, "RUNNING", "RUNNING", Some(end)).context("the third worker")?;
    }
    settled(site, "stopped", "STOPPED", "", Some(4)).context("the third worker")?;
    accepted(site, "PUT", "/connectors/stopped/resume")?;
    settled(site, "stopped", "RUNNING", "RUNNING", Some(end))?;
    seen.insert("third".to_owned(), shown(site)?);

    let written = wait_for_file(site, "out.txt", lines.lines().count())?;
    seen.insert("the sink's file".to_owned(), written.into());
    for (name, count) in [("source", 6), ("paused", 6), ("late", 6), ("stopped", 5 + 5)] {
        let records = topic::read(&site.bootstrap, &format!("{name}-out"), count)?;
        let values: Vec<Json> =
            records.as_array().into_iter().flatten().map(|record| record["value"].clone()).collect();
        seen.insert(format!("the topic of {name}"), values.into());
    }
    Ok(seen.into())
}

fn source(name: &str) -> Json {
    all_of([
        plain(),
        json!({"connector.class": "FileStreamSource", "file": "lines.txt", "topic": format!("{name}-out")}),
    ])
}

fn sink() -> Json {
    all_of([plain(), json!({"connector.class": "FileStreamSink", "file": "out.txt", "topics": "source-out"})])
}

fn accepted(site: &Site, method: &str, path: &str) -> anyhow::Result<()> {
    let answer = site.send(method, path, &json!({}), "")?;
    ensure!(answer["status"].as_u64().is_some_and(|status| status < 300), "{method} {path}: {answer}");
    Ok(())
}

// Waits for the states of a connector and its task (none, if empty), and for a source's position.
fn settled(site: &Site, name: &str, object: &str, task: &str, position: Option<usize>) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let status = site.get(&format!("/connectors/{name}/status"))?["body"].take();
        let tasks = status["tasks"].as_array().map_or(usize::MAX, Vec::len);
        let task_is = match task {
            "" => tasks == 0,
            state => tasks == 1 && status["tasks"][0]["state"] == state,
        };
        let offsets = site.get(&format!("/connectors/{name}/offsets"))?;
        let at = offsets["body"]["offsets"][0]["offset"]["position"].clone();
        let position_is = position.is_none_or(|position| at == json!(position));
        if status["connector"]["state"] == object && task_is && position_is {
            return Ok(());
        }
        site.must_be_quick(
            started,
            &format!("{object}, {task} and {position:?} of {name} ({status}, {at})"),
        )?;
    }
}

// Waits until a connector is known to use a topic: a sink is RUNNING before its first record.
fn uses(site: &Site, name: &str, topic: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let used = site.get(&format!("/connectors/{name}/topics"))?;
        if used["body"][name]["topics"] == json!([topic]) {
            return Ok(());
        }
        site.must_be_quick(started, &format!("topic {topic} of {name}"))?;
    }
}

// What REST shows of everything, but for what is a worker's own: versions of plugins.
fn shown(site: &Site) -> anyhow::Result<Json> {
    let names = site.get("/connectors")?["body"].take();
    let mut names: Vec<String> = serde_json::from_value(names)?;
    names.sort();
    let mut all = BTreeMap::new();
    for name in names {
        let get = |what: &str| -> anyhow::Result<Json> {
            Ok(site.get(&format!("/connectors/{name}{what}"))?["body"].take())
        };
        let mut status = get("/status")?;
        without_versions(&mut status);
        let topics = get("/topics")?;
        all.insert(
            name.clone(),
            json!({"info": get("")?, "status": status, "tasks": get("/tasks")?, "topics": topics}),
        );
    }
    Ok(serde_json::to_value(all)?)
}

fn without_versions(value: &mut Json) {
    match value {
        Json::Object(fields) => {
            fields.remove("version");
            fields.values_mut().for_each(without_versions);
        }
        Json::Array(items) => items.iter_mut().for_each(without_versions),
        _ => {}
    }
}

fn wait_for_file(site: &Site, name: &str, lines: usize) -> anyhow::Result<String> {
    let started = Instant::now();
    loop {
        let text = std::fs::read_to_string(site.file(name)).unwrap_or_default();
        if text.lines().count() >= lines {
            return Ok(text);
        }
        site.must_be_quick(started, &format!("{lines} lines in {name}"))?;
    }
}
