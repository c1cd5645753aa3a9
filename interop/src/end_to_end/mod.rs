//! The same connector files and the same input on Java's worker and on ours, each on a broker of Apache Kafka; topics,
//! offsets, sink files, dead letters and REST answers compared.

mod cases;
mod site;
mod topic;

use std::time::Instant;

use anyhow::Context;
use serde_json::{Value as Json, json};
use testkit::apache_kafka::artifacts::ConnectJars;

use crate::allowed::Allowed;
use crate::difference::{Difference, differences};
use crate::tally::Tally;
use cases::{Input, Pipeline};
use site::{Side, Site};

/// Runs all pipelines whose name contains `only`.
///
/// # Errors
/// A broker or worker does not start, or a pipeline does not come to its end.
pub fn run(
    only: Option<&str>,
    jars: &ConnectJars,
    allowed: &Allowed,
    tally: &mut Tally,
) -> anyhow::Result<usize> {
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only) || "end-to-end".contains(only));
    let pipelines: Vec<_> = cases::all().into_iter().filter(|it| wanted(it.name)).collect();
    let (java, ours) = std::thread::scope(|scope| {
        let ours = scope.spawn(|| Site::start(Side::Ours, jars));
        let java = Site::start(Side::Java, jars);
        (java, ours.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread has panicked"))))
    });
    let (java, ours) = (java.context("Java's side")?, ours.context("our side")?);
    for pipeline in &pipelines {
        let name = pipeline.name;
        let (left, right) = std::thread::scope(|scope| {
            let right = scope.spawn(|| flow(pipeline, &ours));
            (
                flow(pipeline, &java),
                right.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread has panicked"))),
            )
        });
        let (left, right) = match (left, right) {
            (Ok(left), Ok(right)) => (left, right),
            (left, right) => {
                // One pipeline that does not come to its end is a difference; the others go on.
                let said = |side: anyhow::Result<Json>| {
                    side.map_or_else(|why| format!("{why:#}"), |_| "done".to_owned())
                };
                let wrong = Difference { at: "flow".to_owned(), java: said(left), ours: said(right) };
                tally.add(allowed, &format!("{name} flow"), &|| pipeline.config.to_string(), &[wrong]);
                continue;
            }
        };
        // Each thing that was looked at counts for itself.
        for (what, java) in left.as_object().into_iter().flatten() {
            let ours = &right[what];
            tally.add(
                allowed,
                &format!("{name} {what}"),
                &|| pipeline.config.to_string(),
                &differences(java, ours),
            );
        }
    }
    if wanted("rest") {
        for (method, path, body) in cases::requests() {
            let ask = |site: &Site| match method {
                "GET" => site.get(path),
                _ => site.send(method, path, &body),
            };
            let (java, ours) = (normal(ask(&java)?), normal(ask(&ours)?));
            let group = format!("rest {method} {path}");
            tally.add(allowed, &group, &|| body.to_string(), &differences(&java, &ours));
        }
    }
    Ok(pipelines.len())
}

// Validate answers come as a list in hash order: by name they can be compared.
fn normal(mut answer: Json) -> Json {
    if let Some(configs) = answer["body"].get_mut("configs").map(Json::take) {
        let by_name = configs.as_array().into_iter().flatten().map(|config| {
            let name = config["value"]["name"].as_str().unwrap_or_default().to_owned();
            (name, config.clone())
        });
        answer["body"]["configs"] = Json::Object(by_name.collect());
    }
    answer
}

// Runs a pipeline to its end and says what is left behind.
fn flow(pipeline: &Pipeline, site: &Site) -> anyhow::Result<Json> {
    let name = pipeline.name;
    let mut config = pipeline.config.clone();
    let file = format!("{name}.txt");
    let topic = format!("{name}-out");
    config["file"] = file.as_str().into();
    match &pipeline.input {
        Input::Lines(lines) => {
            std::fs::write(site.file(&file), lines)?;
            config["connector.class"] = "org.apache.kafka.connect.file.FileStreamSourceConnector".into();
            config["topic"] = topic.as_str().into();
        }
        Input::Records(records) => {
            topic::write(&site.bootstrap, &topic, records)?;
            config["connector.class"] = "org.apache.kafka.connect.file.FileStreamSinkConnector".into();
            config["topics"] = topic.as_str().into();
        }
    }
    let mut seen = json!({});
    seen["created"] = site.send("POST", "/connectors", &json!({"name": name, "config": config}))?;
    let status = format!("/connectors/{name}/status");
    let offsets = format!("/connectors/{name}/offsets");
    if pipeline.state == "RUNNING" {
        // Java's position in a file counts UTF-16 units, ours bytes.
        let ends = match &pipeline.input {
            Input::Lines(lines) => {
                vec![json!({"position": lines.len()}), json!({"position": lines.encode_utf16().count()})]
            }
            Input::Records(records) => vec![json!({"kafka_offset": records.len()})],
        };
        let started = Instant::now();
        while !ends.contains(&site.get(&offsets)?["body"]["offsets"][0]["offset"]) {
            if site.get(&status)?["body"]["tasks"][0]["state"] == "FAILED" {
                break;
            }
            site.must_be_quick(started, &format!("the end of {name}"))?;
        }
        seen["offsets"] = site.get(&offsets)?;
    }
    let started = Instant::now();
    while site.get(&status)?["body"]["tasks"][0]["state"] != pipeline.state {
        site.must_be_quick(started, &format!("the state {} of {name}", pipeline.state))?;
    }
    seen["status"] = site.get(&status)?;
    seen["connector"] = site.get(&format!("/connectors/{name}"))?;
    seen["config"] = site.get(&format!("/connectors/{name}/config"))?;
    seen["tasks"] = site.get(&format!("/connectors/{name}/tasks"))?;
    seen["topics"] = site.get(&format!("/connectors/{name}/topics"))?;
    match &pipeline.input {
        Input::Lines(_) => seen["topic"] = topic::read(&site.bootstrap, &topic, pipeline.out)?,
        Input::Records(_) => {
            seen["file"] = std::fs::read_to_string(site.file(&file)).unwrap_or_default().into();
            if pipeline.dead > 0 {
                seen["dead"] = topic::read(&site.bootstrap, &format!("{name}-dead"), pipeline.dead)?;
            }
        }
    }
    seen["deleted"] = site.send("DELETE", &format!("/connectors/{name}"), &Json::Null)?;
    Ok(seen)
}
