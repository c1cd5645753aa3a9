//! Many connectors on one worker.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value as Json, json};

use crate::worker::{Mode, Worker};

use super::kafka::Kafka;
use super::row::{Better, Comparison, Goal, Row};
use super::{Rival, USUAL_JAVA};

const CONNECTORS: usize = 200;
const PATIENCE: Duration = Duration::from_secs(300);

const PROPERTIES: &str = "key.converter=org.apache.kafka.connect.json.JsonConverter\n\
    value.converter=org.apache.kafka.connect.json.JsonConverter\n";

/// Measures.
///
/// # Errors
/// A worker does not start, refuses a connector, or a task does not come to run.
pub fn run(rival: &Rival, runs: usize) -> anyhow::Result<Comparison> {
    let folder = tempfile::tempdir()?;
    let kafka = Kafka::start(rival)?;
    let properties = format!("bootstrap.servers={}\n{PROPERTIES}", kafka.address);
    let input = folder.path().join("in.txt");
    std::fs::write(&input, "line\n")?;
    let mut rows = [
        Row::new(
            format!("{CONNECTORS} connectors to RUNNING"),
            "s",
            Better::Less,
            Goal { times: None, ours: Some(3.0) },
        ),
        Row::new("CPU of the worker until then", "s", Better::Less, Goal::default()),
        Row::new("resident memory then", "MB", Better::Less, Goal::default()),
    ];
    for run in 0..runs {
        let place = |name: &str| folder.path().join(format!("{name}-{run}"));
        for is_ours in [true, false] {
            let worker = match is_ours {
                true => Worker::ours(Mode::Standalone, &place("ours"), &properties)?,
                false => {
                    Worker::java(Mode::Standalone, USUAL_JAVA, &rival.jars, &place("java"), &properties)?
                }
            };
            let before = worker.cpu()?;
            let started = Instant::now();
            for n in 0..CONNECTORS {
                worker.create(&json!({"name": format!("source-{n}"), "config": {
                    "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
                    "tasks.max": "1", "file": input, "topic": "many",
                }}))?;
            }
            while running(&worker)? < CONNECTORS {
                ensure!(started.elapsed() < PATIENCE, "{} of {CONNECTORS} run", running(&worker)?);
                std::thread::sleep(Duration::from_millis(10));
            }
            let seconds = started.elapsed().as_secs_f64();
            let cpu = (worker.cpu()? - before).as_secs_f64();
            for (row, number) in rows.iter_mut().zip([seconds, cpu, worker.megabytes("VmRSS")?]) {
                row.push(is_ours, number);
            }
            eprintln!("{CONNECTORS} connectors, run {}: {seconds:.2} s", run + 1);
        }
    }
    Ok(Comparison::new(
        "java-connectors",
        format!(
            "{CONNECTORS} FileStream sources of one task each, created one after another by REST on a standalone worker \
             that was just started, until all tasks are RUNNING."
        ),
        "defaults; Java with the options of its own scripts, heap up to 2 GB",
        rows.into(),
    ))
}

// How many connectors' tasks run.
fn running(worker: &Worker) -> anyhow::Result<usize> {
    let all: Json = serde_json::from_str(&worker.get("/connectors?expand=status")?)?;
    let runs = |it: &&Json| it["status"]["tasks"][0]["state"] == "RUNNING";
    Ok(all.as_object().context("no list of connectors")?.values().filter(runs).count())
}
