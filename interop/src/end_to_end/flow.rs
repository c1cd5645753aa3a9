//! One pipeline on one side, from its input to what it leaves behind.

use std::time::Instant;

use anyhow::bail;
use serde_json::{Value as Json, json};

use super::pipeline::{Input, Pipeline, REGISTRY};
use super::site::Site;
use super::{normal, topic};

const SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
const SINK: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";

/// Runs a pipeline to its end and says what is left behind.
///
/// # Errors
/// It does not come to its end.
pub fn run(pipeline: &Pipeline, site: &Site) -> anyhow::Result<Json> {
    let seen = flow(pipeline, site);
    // However it ended, it is not in the way of what follows.
    let deleted = site.send("DELETE", &format!("/connectors/{}", pipeline.name), &json!({}), "")?;
    let mut seen = seen?;
    seen["deleted"] = deleted;
    Ok(seen)
}

fn flow(pipeline: &Pipeline, site: &Site) -> anyhow::Result<Json> {
    let name = pipeline.name;
    let (file, topic) = (format!("{name}.txt"), format!("{name}-out"));
    let mut config: Json =
        serde_json::from_str(&pipeline.config.to_string().replace(REGISTRY, site.registry()))?;
    let mut add = |key: &str, value: &str| {
        // What the pipeline says itself has the last word.
        if config.get(key).is_none() {
            config[key] = value.into();
        }
    };
    add("file", &file);
    match &pipeline.input {
        Input::Lines(lines) => {
            std::fs::write(site.file(&file), lines)?;
            add("connector.class", SOURCE);
            add("topic", &topic);
        }
        Input::Records(records) => {
            topic::write(&site.bootstrap, &topic, records)?;
            add("connector.class", SINK);
            if pipeline.config.get("topics.regex").is_none() {
                add("topics", &topic);
            }
        }
        Input::Of(source, _) => {
            add("connector.class", SINK);
            add("topics", &format!("{source}-out"));
        }
    }
    let mut seen = json!({});
    let mut created = site.create(name, &config)?;
    // Order of members is compared by nobody, and the rest comes again below.
    created["body"]["config"].take();
    seen["created"] = created;
    if pipeline.state == "RUNNING" {
        seen["offsets"] = wait_for_offsets(pipeline, site)?;
    }
    seen["status"] = normal::answer(site.wait_for_task(name, &[pipeline.state])?);
    seen["connector"] = site.get(&format!("/connectors/{name}"))?;
    seen["tasks"] = site.get(&format!("/connectors/{name}/tasks"))?;
    seen["topics"] = site.get(&format!("/connectors/{name}/topics"))?;
    match &pipeline.input {
        Input::Lines(_) if pipeline.out == 0 => {}
        Input::Lines(_) => {
            seen["topic"] = topic::read(&site.bootstrap, &topic, pipeline.out)?;
            by_partition(&mut seen["topic"]);
            seen["settings"] = topic::settings(&site.bootstrap, &topic)?;
            seen["subjects"] = subjects(site, &topic)?;
        }
        Input::Records(_) | Input::Of(..) => {
            let bytes = std::fs::read(site.file(&file)).unwrap_or_default();
            seen["file"] = String::from_utf8_lossy(&bytes).lines().map(Json::from).collect();
            if pipeline.dead > 0 {
                let dead = format!("{name}-dead");
                seen["dead"] = topic::read(&site.bootstrap, &dead, pipeline.dead)?;
                seen["dead settings"] = topic::settings(&site.bootstrap, &dead)?;
            }
        }
    }
    if pipeline.logs {
        let reports = normal::reports(&site.same_addresses(&site.log()), name);
        if reports[0].is_null() {
            bail!("the log of {name} has no line of a bad record");
        }
        seen["log"] = reports;
    }
    Ok(seen)
}

// Waits until the worker has stored that everything was read. A source's offsets are those that REST shows, a sink's those
// that its group has committed.
fn wait_for_offsets(pipeline: &Pipeline, site: &Site) -> anyhow::Result<Json> {
    let name = pipeline.name;
    let group = format!("connect-{name}");
    // While a group's coordinator is being found or loads the group, it does not say.
    let of_sink = |topic: &str| {
        topic::committed(&site.bootstrap, &group, topic)
            .unwrap_or_else(|error| json!({"error": format!("{error:#}")}))
    };
    let started = Instant::now();
    loop {
        let (offsets, ends) = match &pipeline.input {
            // Java's position in a file counts UTF-16 units, ours bytes.
            Input::Lines(lines) => {
                let end = pipeline.stored.unwrap_or(lines.len());
                let units = lines[..end].encode_utf16().count();
                let offsets = site.get(&format!("/connectors/{name}/offsets"))?;
                let position = &offsets["body"]["offsets"][0]["offset"];
                let ends = [end, units].iter().any(|it| *position == json!({"position": it}));
                (offsets, ends)
            }
            Input::Records(records) => {
                let offsets = of_sink(&format!("{name}-out"));
                let ends = offsets["offset"] == json!(records.len());
                (offsets, ends)
            }
            Input::Of(source, count) => {
                let offsets = of_sink(&format!("{source}-out"));
                let ends = offsets["offset"] == json!(count);
                (offsets, ends)
            }
        };
        if ends {
            return Ok(offsets);
        }
        let status = site.get(&format!("/connectors/{name}/status"))?;
        if status["body"]["tasks"][0]["state"] == "FAILED" {
            bail!("the task has failed: {}", normal::answer(status)["body"]["tasks"][0]["trace"]);
        }
        site.must_be_quick(started, &format!("the end of {name}, which is at {offsets},"))?;
    }
}

// Only within a partition is there an order.
fn by_partition(records: &mut Json) {
    if let Json::Array(records) = records {
        records.sort_by_key(|record| record["partition"].as_i64());
    }
}

fn subjects(site: &Site, topic: &str) -> anyhow::Result<Json> {
    let mut subjects = json!({});
    for usage in ["key", "value"] {
        let subject = format!("{topic}-{usage}");
        let mut latest = site.registered(&format!("/subjects/{subject}/versions/latest"))?;
        if latest.get("schema").is_some() {
            latest["ts"].take(); // when it was registered
            subjects[subject] = latest;
        }
    }
    Ok(subjects)
}
