//! Many connectors, created one after another.

use std::time::{Duration, Instant};

use crate::worker::Worker;

use super::connectors::{create, until_running};
use super::site::{Site, WORKERS};
use super::{CONNECTORS, DEFAULT_DELAY};

/// Java's takes half a minute.
const LIMIT: Duration = Duration::from_secs(180);

/// How long the third worker took to be healthy, and all connectors to run.
///
/// # Errors
/// A worker does not start or stop, or a task does not run.
pub fn measure(site: &Site<'_>) -> anyhow::Result<(Duration, Duration)> {
    let workers = site.trio("many", DEFAULT_DELAY)?;
    let start = workers[WORKERS - 1].start;
    let input = site.place.join("in.txt");
    std::fs::write(&input, "line\n")?;
    let started = Instant::now();
    for number in 0..CONNECTORS {
        create(&workers[0], &format!("source-{number}"), &input, "many")?;
    }
    until_running(&workers[0], CONNECTORS, None, LIMIT)?;
    let many = started.elapsed();
    workers.into_iter().try_for_each(Worker::stop)?;
    Ok((start, many))
}
