//! Start to REST, idle memory, POST to first record.

use std::time::{Duration, Instant};

use serde_json::json;

use super::parts::Broker;
use super::report::{Figure, Report, machine};
use super::worker::Worker;

/// Measures.
pub fn run(runs: usize) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir()?;
    let mut start = Figure::new("start to first REST answer", "ms", "≤ 50", "2,200");
    let mut idle = Figure::new("idle worker's memory", "MB", "≤ 15", "203");
    // Clean pages of the program's file are taken back by the kernel when memory is short.
    let mut anonymous = Figure::new("of it not pages of files", "MB", "–", "–");
    let mut first = Figure::new("POST to first record in Kafka", "ms", "≤ 40", "147–288");
    for run in 0..runs {
        let folder = folder.path().join(run.to_string());
        let broker = Broker::start(&folder.join("broker"), &["lines:1"])?;
        let worker = Worker::start(&folder.join("worker"), &broker.address)?;
        start.runs.push(worker.start.as_secs_f64() * 1000.0);
        std::thread::sleep(Duration::from_secs(3)); // idle is what is left when nothing happens
        idle.runs.push(worker.megabytes("VmRSS")?);
        anonymous.runs.push(worker.megabytes("RssAnon")?);
        let file = folder.join("in.txt");
        std::fs::write(&file, "line\n")?;
        broker.end("lines"); // the observer's connection is not what is measured
        let posted = Instant::now();
        worker.create(&json!({"name": "lines", "config": {
            "connector.class": "FileStreamSource", "file": file, "topic": "lines",
        }}))?;
        while broker.end("lines") == 0 {
            anyhow::ensure!(posted.elapsed() < Duration::from_secs(30), "no record after 30 s");
        }
        first.runs.push(posted.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(Report {
        name: "start".to_owned(),
        what: "A standalone worker without connectors, then one FileStream source.".to_owned(),
        settings: vec!["defaults".to_owned()],
        machine: machine(),
        figures: vec![start, idle, anonymous, first],
    })
}
