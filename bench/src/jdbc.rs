//! PostgreSQL to Kafka: the table lineitem as JSON, one task, bulk.

use std::time::Instant;

use anyhow::Context;
use serde_json::json;

use super::lineitem;
use super::parts::Broker;
use super::report::{Figure, Report, machine};
use super::worker::Worker;

const TOPIC: &str = "bench.lineitem";

/// The connector's config, and the settings that are printed.
fn source(url: &str) -> serde_json::Value {
    json!({"name": "jdbc", "config": {
        "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
        "connection.url": url, "table.whitelist": "lineitem", "mode": "incrementing", "incrementing.column.name": "id",
        "numeric.mapping": "best_fit", "batch.max.rows": "5000", "topic.prefix": "bench.", "poll.interval.ms": "3600000",
    }})
}

/// Measures.
pub fn run(rows: u64, runs: usize) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir()?;
    let database = testkit::postgres::Server::start().map_err(anyhow::Error::msg)?;
    lineitem::fill(&database.url(), rows)?;
    let mut rate = Figure::new("rate", "rows/s", "≥ 250,000", "160,000");
    let mut cpu = Figure::new("worker CPU a row", "µs", "≤ 4", "9.3");
    let mut memory = Figure::new("worker peak memory", "MB", "≤ 100", "2,300");
    for run in 0..runs {
        let folder = folder.path().join(run.to_string());
        let broker = Broker::start(&folder.join("broker"), &[&format!("{TOPIC}:1")])?;
        let mut worker = Worker::start(&folder.join("worker"), &broker.address)?;
        let cpu_before = worker.cpu()?;
        worker.create(&source(&jdbc_url(&database.url())?))?;
        worker.wait("jdbc", || Ok(broker.end(TOPIC) > 0))?;
        let (started, first) = (Instant::now(), broker.end(TOPIC));
        worker.wait("jdbc", || Ok(broker.end(TOPIC) >= rows))?;
        let seconds = started.elapsed().as_secs_f64();
        let used = worker.cpu()? - cpu_before;
        anyhow::ensure!(broker.end(TOPIC) == rows, "{} records of {rows} rows", broker.end(TOPIC));
        rate.runs.push((rows - first) as f64 / seconds);
        cpu.runs.push(used.as_micros() as f64 / rows as f64);
        memory.runs.push(worker.megabytes("VmHWM")?);
        eprintln!("run {}: {:.0} rows/s", run + 1, rate.runs[run]);
    }
    Ok(Report {
        name: "jdbc".to_owned(),
        what: format!(
            "{rows} rows of TPC-H lineitem (18 columns) from PostgreSQL into one partition as JSON, one task."
        ),
        settings: [
            "acks=all",
            "idempotent",
            "no compression",
            "batch.max.rows=5000",
            "JsonConverter without schemas",
        ]
        .map(str::to_owned)
        .into(),
        machine: machine(),
        figures: vec![rate, cpu, memory],
    })
}

// `postgres://user:password@host:port/database` as JDBC writes it.
fn jdbc_url(url: &str) -> anyhow::Result<String> {
    let rest = url.split_once("://").context("no scheme")?.1;
    let (login, place) = rest.rsplit_once('@').context("no user")?;
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let separator = if place.contains('?') { '&' } else { '?' };
    Ok(format!("jdbc:postgresql://{place}{separator}user={user}&password={password}"))
}
