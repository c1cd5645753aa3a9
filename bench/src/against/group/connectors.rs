//! Connectors of a group, asked for by REST of one of its workers.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value as Json, json};

use crate::worker::Worker;

/// A request during a rebalance may be refused for the moment: so long it is sent again.
const REFUSED_MAX: Duration = Duration::from_secs(60);

/// Waits until nothing is missing, and answers how long that took.
///
/// # Errors
/// It takes longer than `limit`: what was waited for, and what was missing then.
pub fn until(
    what: &str,
    limit: Duration,
    mut missing: impl FnMut() -> anyhow::Result<Option<String>>,
) -> anyhow::Result<Duration> {
    let started = Instant::now();
    while let Some(missing) = missing()? {
        ensure!(started.elapsed() < limit, "{what}: not within {} s; {missing}", limit.as_secs());
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(started.elapsed())
}

/// Creates a FileStream source of one task.
///
/// # Errors
/// The worker refuses it for good.
pub fn create(worker: &Worker, name: &str, file: &Path, topic: &str) -> anyhow::Result<()> {
    let body = json!({"name": name, "config": {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasks.max": "1", "file": file, "topic": topic,
    }});
    let create = || match worker.create(&body) {
        Err(error) if error.to_string().contains(": 409 ") => Ok(Some(error.to_string())),
        answer => answer.map(|()| None),
    };
    until(&format!("creating {name}"), REFUSED_MAX, create).map(|_| ())
}

/// Waits until the tasks of so many connectors run, each on a worker that is not `gone`.
///
/// # Errors
/// As [`until`].
pub fn until_running(
    worker: &Worker,
    count: usize,
    gone: Option<&str>,
    limit: Duration,
) -> anyhow::Result<Duration> {
    until(&format!("{count} tasks RUNNING, by {}", worker.name()), limit, || {
        // A worker that rebalances may not answer.
        let statuses = match statuses(worker) {
            Ok(statuses) => statuses,
            Err(error) => return Ok(Some(format!("{error:#}"))),
        };
        let runs = |status: &&Json| {
            let task = &status["tasks"][0];
            task["state"] == "RUNNING" && task["worker_id"].as_str().is_some_and(|id| Some(id) != gone)
        };
        let running = statuses.iter().filter(runs).count();
        let other = statuses.iter().find(|status| !runs(status));
        let other = other.map(|status| format!("; one that does not: {status}")).unwrap_or_default();
        Ok((running < count).then(|| format!("{running} run{other}")))
    })
}

/// How many tasks a worker has, as another says.
///
/// # Errors
/// That one does not answer.
pub fn owned_by(worker: &Worker, name: &str) -> anyhow::Result<usize> {
    Ok(statuses(worker)?.iter().filter(|status| status["tasks"][0]["worker_id"] == name).count())
}

fn statuses(worker: &Worker) -> anyhow::Result<Vec<Json>> {
    let all: Json = serde_json::from_str(&worker.get("/connectors?expand=status")?)?;
    let all = all.as_object().context("no list of connectors")?.values();
    Ok(all.map(|connector| connector["status"].clone()).collect())
}
